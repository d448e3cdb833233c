"""Statements, a method for each kind of the grammar that is more than what it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from signet_lint.k6.evaluator import FUNCTIONS
from signet_lint.k6.expressions import Expressions
from signet_lint.k6.scope import Function, Scope
from signet_lint.k6.tree import text_of
from signet_lint.k6.value import Val, joined

if TYPE_CHECKING:
    from tree_sitter import Node


class Statements(Expressions):
    """Walks statements; gives a value where one is returned."""

    def block(self, node: Node, scope: Scope) -> Val:
        for child in node.named_children:  # functions are known before they are written
            inner = child.child_by_field_name("declaration") if child.type == "export_statement" else child
            if inner is not None and inner.type in ("function_declaration", "generator_function_declaration"):
                name = text_of(inner.child_by_field_name("name"))
                scope.names[name] = self.at(inner, scope, Function(inner, scope))
        result: list[Val] = []
        for child in node.named_children:
            found = self.statement(child, scope)
            if found is not None:
                result.append(found)
        return joined(result)

    def statement(self, node: Node, scope: Scope) -> Val | None:
        self.step()
        kind = node.type
        if kind == "comment" or (kind in FUNCTIONS and kind == "function_declaration"):
            return None
        handler: Callable[[Node, Scope], Val | None] | None = getattr(self, f"s_{kind}", None)
        if handler is not None:
            return handler(node, scope)
        if kind.endswith("_statement") or kind in (
            "statement_block",
            "else_clause",
            "catch_clause",
            "finally_clause",
            "switch_body",
            "switch_case",
            "switch_default",
        ):
            returned = [found for child in node.named_children if (found := self.statement(child, scope)) is not None]
            return joined(returned) if returned else None
        self.eval(node, scope)
        return None

    def s_return_statement(self, node: Node, scope: Scope) -> Val:
        return self.eval(node.named_children[0], scope) if node.named_children else Val(None)

    def s_statement_block(self, node: Node, scope: Scope) -> Val | None:
        result = [found for child in node.named_children if (found := self.statement(child, scope)) is not None]
        return joined(result) if result else None

    def s_lexical_declaration(self, node: Node, scope: Scope) -> None:
        for one in node.named_children:
            if one.type == "variable_declarator":
                value = one.child_by_field_name("value")
                target = one.child_by_field_name("name")
                if target is not None:
                    self.bind(target, self.eval(value, scope) if value is not None else Val(None), scope)

    s_variable_declaration = s_lexical_declaration
