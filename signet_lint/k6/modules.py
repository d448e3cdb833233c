"""Modules: the files of a script, what they import and export, and where k6 begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from signet_lint.k6.evaluator import RANDOM
from signet_lint.k6.record import Script
from signet_lint.k6.scope import Function, Scope, Special
from signet_lint.k6.statements import Statements
from signet_lint.k6.tree import parsed, resolved, string_of, text_of
from signet_lint.k6.value import Val

if TYPE_CHECKING:
    from tree_sitter import Node


class Reader(Statements):
    """Reads a script, module by module."""

    def __init__(
        self,
        script: Script,
        load: Callable[[str], str | None],
        environment: Mapping[str, str | None],
        *,
        open_ended: bool,
    ) -> None:
        super().__init__(script, load, environment, open_ended=open_ended)
        self.modules: dict[str, Scope | None] = {}

    def module(self, file: str) -> Scope | None:
        if file in self.modules:
            return self.modules[file]
        self.modules[file] = None
        text = self.load(file)
        if text is None:
            self.script.unread.append(file)
            return None
        root = parsed(file, text)
        if root.has_error:
            self.script.problem = self.script.problem or f"`{file}` is no JavaScript that can be read"
        scope = self.modules[file] = Scope(file)
        self.block(root, scope)
        return scope

    def enter(self, module: Scope) -> None:
        self.script.options = module.exports.get("options")
        scenarios = self.script.options.get("scenarios") if self.script.options else None
        named = {"default", "setup"}
        if scenarios is not None and isinstance(scenarios.value, dict):
            runs = [one.get("exec") for one in scenarios.value.values()]
            named = {run.text if run else "default" for run in runs} | {"setup"}
        for name, value in list(module.exports.items()):
            if name in named and isinstance(value.value, Function):
                self.call(value.value, [])

    def s_import_statement(self, node: Node, scope: Scope) -> None:
        source = string_of(node.child_by_field_name("source"))
        clause = next((c for c in node.named_children if c.type == "import_clause"), None)
        exports = self.imported(source, scope)
        for part in clause.named_children if clause else ():
            if part.type == "identifier":
                scope.names[text_of(part)] = exports("default")
            elif part.type == "namespace_import":
                scope.names[text_of(part.named_children[0])] = exports("*")
            else:
                for one in part.named_children:
                    name = text_of(one.child_by_field_name("name"))
                    alias = one.child_by_field_name("alias")
                    scope.names[text_of(alias) if alias else name] = exports(name)

    def s_export_statement(self, node: Node, scope: Scope) -> None:
        source = node.child_by_field_name("source")
        exports = self.imported(string_of(source), scope) if source else None
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        is_default = any(child.type == "default" for child in node.children)
        if declaration is not None:
            self.statement(declaration, scope)
            names = [text_of(declaration.child_by_field_name("name"))] + [
                text_of(one.child_by_field_name("name"))
                for one in declaration.named_children
                if one.type == "variable_declarator"
            ]
            for name in filter(None, names):
                found = scope.find(name)
                if found is not None:
                    scope.exports["default" if is_default else name] = found
        if value is not None:
            scope.exports["default"] = self.eval(value, scope)
        for clause in node.named_children:
            for one in clause.named_children if clause.type == "export_clause" else ():
                name = text_of(one.child_by_field_name("name"))
                alias = one.child_by_field_name("alias")
                known = exports(name) if exports else scope.find(name)
                scope.exports[text_of(alias) if alias else name] = known or Val()

    def imported(self, source: str, scope: Scope) -> Callable[[str], Val]:
        if source == "k6/http":
            return lambda name: Val(Special("http", "" if name in ("default", "*") else name))
        if source == "k6":
            return lambda name: (
                Val(Special("sleep" if name == "sleep" else "k6", "")) if name != "*" else Val(Special("k6all"))
            )
        if source.startswith((".", "/")):
            module = self.module(resolved(scope.file, source))
            if module is None:
                return lambda name: Val(is_random=bool(RANDOM.search(name)))
            return lambda name: Val(dict(module.exports)) if name == "*" else module.exports.get(name, Val())
        return lambda name: Val(Special("random")) if RANDOM.search(f"{name} {source}") else Val()
