"""Names that get values, members of values, and variables of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signet_lint.k6.evaluator import Evaluator
from signet_lint.k6.scope import Scope, Special
from signet_lint.k6.tree import key_of, text_of
from signet_lint.k6.value import HOLE, UNKNOWN, Val

if TYPE_CHECKING:
    from tree_sitter import Node


class Names(Evaluator):
    """Binds names and looks members up."""

    def bind(self, target: Node, value: Val, scope: Scope) -> None:  # noqa: PLR0912 - one branch a pattern of the grammar
        if target.type == "identifier":
            scope.names[text_of(target)] = value
        elif target.type == "object_pattern":
            for one in target.named_children:
                key, name, default = one, one, None
                if one.type == "pair_pattern":
                    key, name = one.named_children[0], one.named_children[1]
                if one.type == "object_assignment_pattern":
                    key = name = one.named_children[0]
                    default = one.named_children[1]
                if name.type == "assignment_pattern":
                    name, default = name.named_children[0], name.named_children[1]
                found = self.member(value, key_of(key), key, scope)
                if default is not None:
                    found = self.either(found, self.eval(default, scope))
                if name.type == "shorthand_property_identifier_pattern":
                    scope.names[text_of(name)] = found
                else:
                    self.bind(name, found, scope)
        elif target.type == "array_pattern":
            for at, one in enumerate(target.named_children):
                items = value.value if isinstance(value.value, list) else []
                self.bind(one, items[at] if at < len(items) else Val(is_random=value.is_random), scope)
        elif target.type == "assignment_pattern":
            default = target.named_children[1]
            given = value if value.value is not None else self.eval(default, scope)
            self.bind(target.named_children[0], given, scope)
        else:
            for one in target.named_children:
                if one.type in ("identifier", "object_pattern", "assignment_pattern"):
                    self.bind(one, value, scope)

    def member(self, owner: Val, name: str, node: Node, scope: Scope) -> Val:
        if isinstance(owner.value, Special):
            if owner.value.kind == "env":
                return self.variable(name, node, scope)
            if owner.value.kind == "http":
                return Val(Special("http", name))
            if owner.value.kind == "k6all":
                return Val(Special("sleep" if name == "sleep" else "k6"))
            return owner
        if isinstance(owner.value, dict):
            found: Val = owner.value.get(name, Val() if HOLE in owner.value else Val(None))
            return found
        return Val(names=owner.names, is_random=owner.is_random)

    def variable(self, name: str, node: Node, scope: Scope) -> Val:
        given = self.environment.get(name, None if not self.open_ended else HOLE)
        if name in self.environment and given is None:
            given = HOLE
        value = UNKNOWN if given == HOLE else given
        found = Val(value, node.start_point[0] + 1, scope.file, frozenset((name,)))
        self.script.reads.setdefault(name, found)
        return found
