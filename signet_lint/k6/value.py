"""What is known of a value in a script."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

HOLE = "\ufffc"
"""Stands in a text for a part that is not known."""


class Unknown:
    """The value of what cannot be told."""


UNKNOWN = Unknown()


class Val(Struct, frozen=True):
    """A value: text, number, mapping (of `Val`), list (of `Val`), a function, or `UNKNOWN`.

    `line` and `file` are where it is written; `names` the variables of the environment it is made of; `is_random`
    says that it differs between iterations.
    """

    value: Any = UNKNOWN
    line: int = 0
    file: str = ""
    names: frozenset[str] = frozenset()
    is_random: bool = False

    @property
    def text(self) -> str:
        """As JavaScript writes it into a text, a hole for what is not known."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        if self.value is None:
            return "undefined"
        return str(self.value) if isinstance(self.value, (str, int, float)) else HOLE

    def get(self, key: str) -> Val | None:
        """The value of a key, None where it has none."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    @property
    def varies(self) -> bool:
        """Whether it, or something in it, is random."""
        inner: list[Val] = []
        if isinstance(self.value, dict):
            inner = list(self.value.values())
        elif isinstance(self.value, list):
            inner = self.value
        return self.is_random or any(one.varies for one in inner)


def joined(values: list[Val]) -> Val:
    """One value for several that are possible."""
    if len(values) == 1:
        return values[0]
    names = frozenset(name for one in values for name in one.names)
    known = values[0].value if values and all(one.value == values[0].value for one in values) else UNKNOWN
    first = values[0] if values else Val()
    # Which of them it is differs, or would not be several.
    return Val(known, first.line, first.file, names, any(one.varies for one in values))


def arithmetic(operator: str, left: float, right: float) -> Any:
    """What an operator makes of two numbers."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return left / right if operator == "/" and right else UNKNOWN
