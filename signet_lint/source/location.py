"""A place in a source file."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr


class Location(Struct, frozen=True, order=True):
    """A span of a file: `path` relative to the root with forward slashes; lines and columns start at 1.

    `end_column` is the column after the last character.
    """

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __post_init__(self) -> None:
        if self.end_line < self.line:
            force_setattr(self, "end_line", self.line)
        if self.end_line == self.line and self.end_column < self.column:
            force_setattr(self, "end_column", self.column)
