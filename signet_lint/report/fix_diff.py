"""What a fix would change, as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from signet_lint.finding import Fix
from signet_lint.fixes.text import edited

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
