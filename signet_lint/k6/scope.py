"""Names and what they stand for: variables, functions, and the things of k6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from signet_lint.k6.value import Val

if TYPE_CHECKING:
    from tree_sitter import Node


class Function(Struct, frozen=True, eq=False):
    """A function and the names that it sees."""

    node: Node
    scope: Scope


class Special(Struct, frozen=True):
    """A thing of k6: `env`, `http`, `sleep`, `random`."""

    kind: str
    member: str = ""


class Scope:
    """Names and their values, within those of another scope."""

    def __init__(self, file: str, parent: Scope | None = None) -> None:
        self.file, self.parent, self.names = file, parent, {}  # type: ignore[var-annotated]
        self.exports: dict[str, Val] = parent.exports if parent else {}

    def find(self, name: str) -> Val | None:
        """The value of a name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                found: Val = scope.names[name]
                return found
            scope = scope.parent
        return None

    def owner(self, name: str) -> Scope:
        """The scope that a name belongs to; this one where none has it yet."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope
            scope = scope.parent
        return self
