"""One line of source as a terminal can show it: tabs expanded, controls spelt out, cut around the span."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from signet_lint.report.escape import spelled

TAB = 4
CUT = "..."

_BREAK = re.compile(r"\r\n|\n|\r")
# A file may be one line of megabytes: nothing further than this from the span is looked at.
_REACH = 400


class Snippet(Struct, frozen=True):
    """A line to print, and the cells of it to underline (start, length)."""

    text: str
    start: int
    length: int


class _Cell(Struct, frozen=True):
    """One character of the source as shown: its text and its width in terminal cells."""

    text: str
    width: int


def source_line(text: str | None, number: int) -> str | None:
    """A line of a file's text by its number from 1, None where there is no such line."""
    lines = _lines(text) if text is not None else []
    return lines[number - 1] if 0 < number <= len(lines) else None


@lru_cache(maxsize=64)
def _lines(text: str) -> list[str]:
    # Several findings, and the hops of each, are in the same few files.
    return _BREAK.split(text)


def snippet(line: str, column: int, end_column: int, width: int) -> Snippet:
    """A source line in at most `width` cells, with the span from `column` up to `end_column` (from 1) in view.

    An empty span is one cell wide; one past the end of the line stands behind its last character.
    """
    start = max(0, min(column - 1, len(line)))
    end = max(start, min(end_column - 1, len(line)))
    if len(line) <= min(width, _REACH) and line.isascii() and line.isprintable():
        return Snippet(line.rstrip(), start, max(1, end - start))
    first = max(0, start - _REACH)
    last = min(len(line), start + _REACH)
    cells = _cells(line[first:last])
    left = sum(cell.width for cell in cells[: start - first])
    length = max(1, sum(cell.width for cell in cells[start - first : min(end, last) - first]))
    whole = Snippet("".join(cell.text for cell in cells), left, length)
    if first == 0 and last == len(line) and sum(cell.width for cell in cells) <= width:
        return Snippet(whole.text.rstrip(), left, length)
    return _cut(cells, whole, width, is_cut_left=first > 0)


def _cut(cells: list[_Cell], whole: Snippet, width: int, *, is_cut_left: bool) -> Snippet:
    """The part of the cells that shows as much of the span as fits, with some text before it."""
    room = max(10, width - 2 * len(CUT))
    skip = 0
    if is_cut_left or whole.start + whole.length > room:
        context = max(room // 4, (room - whole.length) // 2)
        skip = max(0, min(whole.start - context, sum(cell.width for cell in cells) - room))
    shown: list[str] = []
    at = used = skipped = 0
    for cell in cells:
        if at < skip:
            skipped = at + cell.width
        elif used + cell.width > room:
            break
        else:
            shown.append(cell.text)
            used += cell.width
        at += cell.width
    before = CUT if skipped or is_cut_left else ""
    start = max(0, whole.start - skipped)
    length = max(1, min(whole.length, used - start))
    after = CUT if skipped + used < sum(cell.width for cell in cells) else ""
    return Snippet(before + "".join(shown) + after, start + len(before), length)


def _cells(line: str) -> list[_Cell]:
    cells: list[_Cell] = []
    at = 0
    for character in line:
        if character == "\t":
            text, width = " " * (TAB - at % TAB), TAB - at % TAB
        else:
            text = spelled(character)
            width = cell_length(text)
        cells.append(_Cell(text, width))
        at += width
    return cells


def cell_length(text: str) -> int:
    """How many terminal cells a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
