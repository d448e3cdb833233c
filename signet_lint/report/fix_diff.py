"""What a fix would change, as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator

from signet_lint.finding import Edit, Fix, Point

CONTEXT = 1


def diff(fix: Fix, sources: Callable[[str], str | None]) -> list[str]:
    """The lines of a unified diff of the fix (`--- path`, `@@ ...`, ` `, `-`, `+`), file by file."""
    lines: list[str] = []
    for path in sorted({edit.path for edit in fix.edits}):
        before = sources(path) or ""
        after = edited(before, (edit for edit in fix.edits if edit.path == path))
        old, new = before.splitlines(), after.splitlines()
        lines += difflib.unified_diff(old, new, path, path, lineterm="", n=CONTEXT)
    return lines


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
