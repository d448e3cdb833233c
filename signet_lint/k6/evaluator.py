"""What every part of the reader shares: its state, its bounds, and the ways from one part to another."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from signet_lint.k6.record import Script
from signet_lint.k6.scope import Function, Scope
from signet_lint.k6.value import Val

if TYPE_CHECKING:
    from tree_sitter import Node

RANDOM = re.compile(r"random|faker|uuid|crypto|__ITER|__VU|Date\.now|shuffle", re.IGNORECASE)
FUNCTIONS = frozenset(
    ("function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function")
)
_MAX_STEPS = 40_000


class TooLongError(Exception):
    """A script takes more steps than are followed."""


class Evaluator(ABC):
    """A script in the reading; `script` is what has been found so far."""

    def __init__(
        self,
        script: Script,
        load: Callable[[str], str | None],
        environment: Mapping[str, str | None],
        *,
        open_ended: bool,
    ) -> None:
        self.script, self.load, self.environment, self.open_ended = script, load, environment, open_ended
        self.depth = self.steps = 0
        self.walked: set[int] = set()

    def at(self, node: Node, scope: Scope, value: Any, *parts: Val) -> Val:
        """A value that stands at a node and is made of parts."""
        names = frozenset(name for part in parts for name in part.names)
        return Val(value, node.start_point[0] + 1, scope.file, names, any(part.varies for part in parts))

    def step(self) -> None:
        """One more step; raises `TooLongError` where there are too many."""
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise TooLongError

    @abstractmethod
    def eval(self, node: Node, scope: Scope) -> Val:
        """The value of an expression."""

    @abstractmethod
    def either(self, left: Val, right: Val) -> Val:
        """The value of a name that has a default."""

    @abstractmethod
    def block(self, node: Node, scope: Scope) -> Val:
        """What a block of statements returns."""

    @abstractmethod
    def call(self, function: Function, given: list[Val]) -> Val:
        """What a function returns."""

    @abstractmethod
    def imported(self, source: str, scope: Scope) -> Callable[[str], Val]:
        """What a module exports under a name."""
