"""Source text and edits of it: places, line ends, insertion of whole lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from msgspec import Struct

from signet_lint.finding import Edit, Point


class Source(Struct, frozen=True, dict=True):
    """A file's path and text, from which edits of it are made."""

    path: str
    text: str

    @property
    def eol(self) -> str:
        """How its lines end."""
        first, found, _ = self.text.partition("\n")
        return "\r\n" if found and first.endswith("\r") else "\n"

    @cached_property
    def lines(self) -> list[str]:
        """Its lines without their ends."""
        return [line.rstrip("\r") for line in self.text.split("\n")]

    def line(self, number: int) -> str:
        """A line (from 1), empty past the end."""
        lines = self.lines
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def replaced(self, line: int, start: int, end: int, text: str) -> Edit:
        """The characters from `start` up to `end` (from 0) of a line become another text."""
        return Edit(self.path, Point(line, start + 1), Point(line, end + 1), text)

    def inserted_after(self, line: int, new: Sequence[str]) -> Edit:
        """Whole lines after a line (0: at the top)."""
        lines = self.lines
        if line >= len(lines):  # the last line has no end
            end = Point(len(lines), len(lines[-1]) + 1)
            lead = self.eol if lines[-1] else ""
            return Edit(self.path, end, end, lead + self.eol.join(new) + ("" if lead else self.eol))
        at = Point(line + 1, 1)
        return Edit(self.path, at, at, "".join(f"{one}{self.eol}" for one in new))

    def without_lines(self, first: int, last: int) -> Edit:
        """Whole lines go."""
        count = len(self.lines)
        end = Point(last + 1, 1) if last < count else Point(count, len(self.lines[-1]) + 1)
        return Edit(self.path, Point(first, 1), end, "")


def merged(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits in order, those that insert at one place made one; an edit made twice counts once."""
    inserted: dict[tuple[str, Point], list[str]] = {}
    others: list[Edit] = []
    for edit in edits:
        if edit.start != edit.end:
            others.append(edit)
        elif edit.text not in inserted.setdefault((edit.path, edit.start), []):
            inserted[edit.path, edit.start].append(edit.text)
    joined = [Edit(path, at, at, "".join(texts)) for (path, at), texts in inserted.items()]
    return tuple(sorted({*others, *joined}))


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits touch the same text, or insert at the same place."""
    if one.path != other.path:
        return False
    if one.start == other.start:
        return True
    first, second = sorted((one, other), key=lambda edit: edit.start)
    return second.start < first.end


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made, from the last to the first so that places stay right."""
    for edit in sorted(edits, reverse=True):
        start, end = _offset(text, edit.start), _offset(text, edit.end)
        text = text[:start] + edit.text + text[end:]
    return text


def _offset(text: str, point: Point) -> int:
    """The index of a place in a text; one past the end is the end."""
    at = 0
    for number, line in enumerate(_lines(text), 1):
        if number == point.line:
            return min(at + point.column - 1, at + len(line))
        at += len(line)
    return len(text)


def _lines(text: str) -> Iterator[str]:
    """The lines with their breaks, where an editor sees breaks."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    yield text[start:]
