"""Comments taken out of source text."""

from __future__ import annotations

import re

from signet_lint.finding import Edit
from signet_lint.fixes.text import Source

_COMMENT = re.compile(r"\s*(?:\{\{-?\s*/\*.*?\*/\s*-?\}\}|(?<!\S)#.*|//.*)\s*\Z")


def drop(source: Source, line: int) -> tuple[Edit, ...] | None:
    """The comment that ends a line goes, and the line where nothing else stands on it; None where there is none."""
    text = source.line(line)
    found = next((m for m in _COMMENT.finditer(text) if "signet-lint" in m.group()), None)
    if found is None:
        return None
    if not text[: found.start()].strip():
        return (source.without_lines(line, line),)
    return (source.replaced(line, found.start(), len(text), ""),)
