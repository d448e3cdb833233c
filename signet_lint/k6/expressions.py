"""Expressions, a method for each kind of the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from signet_lint.k6.calls import Calls
from signet_lint.k6.evaluator import FUNCTIONS, RANDOM
from signet_lint.k6.scope import Function, Scope, Special
from signet_lint.k6.tree import child_of, key_of, string_of, text_of, unescaped
from signet_lint.k6.value import HOLE, UNKNOWN, Val, arithmetic, joined

if TYPE_CHECKING:
    from tree_sitter import Node

_BODY_KEYS = frozenset(("messages", "input", "prompt", "max_tokens", "max_completion_tokens", "stream"))


class Expressions(Calls):
    """Evaluates what can be known without running it."""

    def eval(self, node: Node, scope: Scope) -> Val:
        self.step()
        if node.type in FUNCTIONS:
            return self.at(node, scope, Function(node, scope))
        handler: Callable[[Node, Scope], Val] | None = getattr(self, f"e_{node.type}", None)
        if handler is not None:
            return handler(node, scope)
        parts = [self.used(child, scope) for child in node.named_children if child.type != "comment"]
        return (
            parts[0]
            if len(parts) == 1 and node.type.endswith(("parenthesized_expression", "as_expression", "await_expression"))
            else self.at(node, scope, UNKNOWN, *parts)
        )

    def e_as_expression(self, node: Node, scope: Scope) -> Val:
        return self.eval(node.named_children[0], scope)

    e_satisfies_expression = e_non_null_expression = e_as_expression

    def e_string(self, node: Node, scope: Scope) -> Val:
        found = self.at(node, scope, string_of(node))
        for match in re.finditer(r'"model"\s*:\s*"([^"]+)"', found.value):
            self.script.models.append(Val(match.group(1), found.line, found.file))
        return found

    def e_number(self, node: Node, scope: Scope) -> Val:
        try:
            number: Any = float(text_of(node).replace("_", ""))
        except ValueError:
            number = UNKNOWN
        return self.at(node, scope, number)

    def e_true(self, node: Node, scope: Scope) -> Val:
        return self.at(node, scope, True)

    def e_false(self, node: Node, scope: Scope) -> Val:
        return self.at(node, scope, False)

    def e_undefined(self, node: Node, scope: Scope) -> Val:
        return self.at(node, scope, None)

    e_null = e_undefined

    def e_identifier(self, node: Node, scope: Scope) -> Val:
        name = text_of(node)
        if name == "__ENV":
            return Val(Special("env"))
        found = scope.find(name)
        if found is None:
            return self.at(node, scope, UNKNOWN) if not RANDOM.search(name) else Val(is_random=True)
        return found

    def e_template_string(self, node: Node, scope: Scope) -> Val:
        text, parts = "", []
        for child in node.named_children:
            if child.type == "template_substitution":
                part = self.used(child.named_children[0], scope) if child.named_children else Val()
                parts.append(part)
                text += part.text
            else:
                text += unescaped(child)
        return self.at(node, scope, text, *parts)

    def e_binary_expression(self, node: Node, scope: Scope) -> Val:
        left, right = (self.eval(child_of(node, name), scope) for name in ("left", "right"))
        operator = text_of(node.child_by_field_name("operator"))
        if operator in ("||", "??"):
            return self.either(left, right)
        value: Any = UNKNOWN
        numbers = isinstance(left.value, (int, float)) and isinstance(right.value, (int, float))
        if (
            operator == "+"
            and not numbers
            and (isinstance(left.value, str) or isinstance(right.value, str) or left.names or right.names)
        ):
            value = left.text + right.text
        elif numbers:
            value = arithmetic(operator, left.value, right.value)
        return self.at(node, scope, value, left, right)

    def either(self, left: Val, right: Val) -> Val:
        self.script.defaulted |= left.names
        if left.value is UNKNOWN:
            return Val(UNKNOWN, left.line, left.file, left.names | right.names, left.is_random or right.is_random)
        return left if left.value not in (None, "", 0, False) else right

    def e_ternary_expression(self, node: Node, scope: Scope) -> Val:
        condition = self.eval(child_of(node, "condition"), scope)
        first, second = (self.eval(child_of(node, name), scope) for name in ("consequence", "alternative"))
        both = joined([first, second])
        return Val(both.value, both.line, both.file, both.names, both.is_random or condition.is_random)

    def e_member_expression(self, node: Node, scope: Scope) -> Val:
        owner = self.eval(child_of(node, "object"), scope)
        if RANDOM.search(text_of(node)) and not isinstance(owner.value, dict):
            return Val(Special("random"), is_random=True)
        return self.member(owner, text_of(node.child_by_field_name("property")), node, scope)

    def e_subscript_expression(self, node: Node, scope: Scope) -> Val:
        owner, index = self.eval(child_of(node, "object"), scope), self.eval(child_of(node, "index"), scope)
        if isinstance(index.value, str) and HOLE not in index.value:
            return self.member(owner, index.value, node, scope)
        if (
            isinstance(owner.value, list)
            and isinstance(index.value, (int, float))
            and int(index.value) < len(owner.value)
        ):
            found: Val = owner.value[int(index.value)]
            return found
        items = (
            owner.value
            if isinstance(owner.value, list)
            else list(owner.value.values())
            if isinstance(owner.value, dict)
            else []
        )
        for item in items:
            self.used_value(item)
        return self.at(node, scope, UNKNOWN, owner, index)

    def e_array(self, node: Node, scope: Scope) -> Val:
        items: list[Val] = []
        for child in node.named_children:
            if child.type == "spread_element":
                spread = self.eval(child.named_children[0], scope)
                items += spread.value if isinstance(spread.value, list) else [Val(is_random=spread.is_random)]
            elif child.type != "comment":
                items.append(self.eval(child, scope))
        return self.at(node, scope, items)

    def e_object(self, node: Node, scope: Scope) -> Val:
        entries: dict[str, Val] = {}
        for child in node.named_children:
            if child.type == "spread_element":
                spread = self.eval(child.named_children[0], scope)
                entries.update(spread.value if isinstance(spread.value, dict) else {HOLE: spread})
            elif child.type == "pair":
                entries[key_of(child_of(child, "key"))] = self.eval(child_of(child, "value"), scope)
            elif child.type == "shorthand_property_identifier":
                entries[text_of(child)] = self.e_identifier(child, scope)
            elif child.type == "method_definition":
                entries[text_of(child.child_by_field_name("name"))] = self.at(child, scope, Function(child, scope))
        if _BODY_KEYS & entries.keys():
            self.body(entries)
        return self.at(node, scope, entries)

    def body(self, entries: Mapping[str, Val]) -> None:
        if "model" in entries:
            self.script.models.append(entries["model"])
        self.script.limits += [entries[k] for k in ("max_tokens", "max_completion_tokens") if k in entries]
        self.script.sizes += [entries[k] for k in ("messages", "input", "prompt") if k in entries]

    def e_assignment_expression(self, node: Node, scope: Scope) -> Val:
        target, value = child_of(node, "left"), self.eval(child_of(node, "right"), scope)
        if target.type == "identifier":
            name = text_of(target)
            owner = scope.owner(name)
            before = owner.names.get(name)
            owner.names[name] = value if before is None or before.value is None else joined([before, value])
        elif target.type == "member_expression":
            key = text_of(target.child_by_field_name("property"))
            holder = self.eval(child_of(target, "object"), scope)
            if isinstance(holder.value, dict):
                holder.value[key] = value
            self.body({key: value})
        return value

    e_augmented_assignment_expression = e_assignment_expression
