"""Which files of a chart Helm leaves out: `.helmignore` [helm/helm v3.18, pkg/ignore/rules.go]."""

from __future__ import annotations

import fnmatch
import re

from msgspec import Struct


class _Pattern(Struct, frozen=True):
    expression: re.Pattern[str]
    negated: bool
    folders_only: bool
    whole_path: bool


def without_ignored(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files that remain; Helm always leaves out dot files in `templates/`."""
    patterns = [_pattern(line) for line in _lines(files.get(".helmignore", b""))]
    patterns.append(_pattern("templates/.?*"))
    return {path: text for path, text in files.items() if not _ignored(path, patterns)}


def _lines(text: bytes) -> list[str]:
    lines = [line.strip() for line in text.decode("utf-8-sig", "replace").splitlines()]
    # Helm refuses "**"; such a line is left out here and fails there.
    return [line for line in lines if line and not line.startswith("#") and "**" not in line]


def _pattern(line: str) -> _Pattern:
    negated, line = line.startswith("!"), line.removeprefix("!")
    folders_only, line = line.endswith("/"), line.removesuffix("/")
    whole_path = "/" in line
    return _Pattern(re.compile(fnmatch.translate(line.removeprefix("/"))), negated, folders_only, whole_path)


def _ignored(path: str, patterns: list[_Pattern]) -> bool:
    steps = path.split("/")
    for depth in range(1, len(steps) + 1):
        if _matches(steps[:depth], is_folder=depth < len(steps), patterns=patterns):
            return True
    return False


def _matches(steps: list[str], *, is_folder: bool, patterns: list[_Pattern]) -> bool:
    for pattern in patterns:
        if pattern.folders_only and not is_folder:
            continue
        matched = bool(pattern.expression.match("/".join(steps) if pattern.whole_path else steps[-1]))
        # Upstream: a negated pattern ignores everything that does not match it.
        if matched != pattern.negated:
            return True
    return False
