"""Which template line a rendered line came from, measured: a chart is rendered again with marked template lines.

A mark stands after the last visible character of a line, outside of multi-line actions and where no `-}}` would trim it.
The result counts only if the text without its marks is the clean rendering.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

_OPEN, _CLOSE = "⟦", "⟧"  # printable, so that `quote` and `toYaml` let them pass
_MARK = re.compile(f"{_OPEN}(\\d+):(\\d+){_CLOSE}")
_ACTION = re.compile(
    r"\{\{-?\s*/\*.*?\*/\s*-?\}\}|\{\{(?:`[^`]*`|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|.)*?\}\}", re.DOTALL
)
_WORD = re.compile(r"\{\{-?\s*(\w+)")
_BLOCKS = frozenset(("if", "range", "with", "block", "define"))


class Mark(Struct, frozen=True):
    """A line of a template: the file by its number, the line from 1."""

    file: int
    line: int


def actions(text: str) -> Iterator[re.Match[str]]:
    """Every template action of a text, comments included."""
    return _ACTION.finditer(text)


def marked(text: str, file: int, *, inside_defines: bool) -> str:
    """The template with a mark at the end of each line that can bear one."""
    if _OPEN in text:
        return text
    closed = _ending_in_actions(text) | (set() if inside_defines else _define_lines(text))
    out: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        visible = line.rstrip()
        if visible and number not in closed and not visible.endswith("-}}"):
            line = f"{visible}{_OPEN}{file}:{number}{_CLOSE}{line[len(visible) :]}"  # noqa: PLW2901
        out.append(line)
    return "\n".join(out)


def _ending_in_actions(text: str) -> set[int]:
    """Lines whose end stands inside an action: of one over several lines, all but the last."""
    inside: set[int] = set()
    for match in actions(text):
        more = match.group().count("\n")
        if more:
            first = text.count("\n", 0, match.start()) + 1
            inside.update(range(first, first + more))
    return inside


def _define_lines(text: str) -> set[int]:
    """Lines inside `define` blocks, whose output a caller may compute with."""
    inside: set[int] = set()
    depth, opened_at, opened_line = 0, 0, 0
    for match in actions(text):
        word = _WORD.match(match.group())
        name = word.group(1) if word else ""
        if name in _BLOCKS:
            depth += 1
            if name == "define" and not opened_at:
                opened_at, opened_line = depth, text.count("\n", 0, match.start()) + 1
        elif name == "end":
            if depth == opened_at:
                inside.update(range(opened_line, text.count("\n", 0, match.end()) + 2))
                opened_at = 0
            depth = max(depth - 1, 0)
    return inside


def unmarked(text: str) -> str:
    """The text without its marks."""
    return _MARK.sub("", text)


@lru_cache(maxsize=16)  # the fields of a long output are looked up one by one
def _lines(text: str) -> list[str]:
    return text.split("\n")


def marks_at(text: str, line: int) -> list[Mark]:
    """The marks on a line (from 0) of a marked rendering, or the first one after it."""
    lines = _lines(text)
    for number in range(line, len(lines)):
        candidate = lines[number]
        found = [Mark(int(m.group(1)), int(m.group(2))) for m in _MARK.finditer(candidate)]
        if found:
            return found
    return []


def marked_files(files: Mapping[str, bytes], order: list[str], *, only: str = "") -> dict[str, bytes]:
    """A chart's files with marks in every template, or outside `define` in the template `only`."""
    out = dict(files)
    for number, path in enumerate(order):
        if only and path != only:
            continue
        try:
            text = files[path].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        out[path] = marked(text, number, inside_defines=not only).encode()
    return out
