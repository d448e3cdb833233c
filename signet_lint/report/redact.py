"""A report with its secrets hidden, before a format escapes them beyond recognition."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from msgspec.structs import replace

from signet_lint.finding import Coverage, Finding, Fix, Report

Hide = Callable[[str], str]
Sources = Callable[[str], str | None]
_VALUE = re.compile(r"(?P<key>\s*(?:-\s+)?(?:[\w.\"'/-]+\s*:(?=\s))?\s*)(?P<value>.*)", re.DOTALL)


def redacted_sources(sources: Sources, report: Report, hide: Hide) -> Sources:
    """The source files, by their paths, as they may be shown; each is gone through once."""

    @cache
    def shown(path: str) -> str | None:
        text = sources(path)
        return text if text is None else _redacted_source(path, text, report, hide)

    return shown


def hide_in(value: Any, hide: Hide) -> Any:
    """A value with `hide` applied to each text in it, keys excepted."""
    if isinstance(value, Mapping):
        return {key: hide_in(item, hide) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [hide_in(item, hide) for item in value]
    return hide(value) if isinstance(value, str) else value


def _redacted_source(path: str, text: str, report: Report, hide: Hide) -> str:
    """A source file as it may be shown.

    Where a secret is spelt otherwise than it is meant (escapes, base64, a part of it), its line has nothing to find:
    the whole value is hidden then.
    """
    shown = hide(text)
    lines = {line for place, line in report.secret_lines if place == path}
    if not lines:
        return shown
    before, after = text.splitlines(keepends=True), shown.splitlines(keepends=True)
    for line in lines:
        if line <= len(after) and before[line - 1] == after[line - 1]:
            after[line - 1] = _without_value(after[line - 1])
    return "".join(after)


def _without_value(line: str) -> str:
    match = _VALUE.fullmatch(line)
    return line if match is None else match["key"] + re.sub(r"\S", "*", match["value"])


def redacted(report: Report, hide: Hide) -> Report:
    """The report with `hide` applied to every text that comes from the repository."""
    return replace(
        report,
        findings=tuple(_finding(finding, hide) for finding in report.findings),
        coverage=_coverage(report.coverage, hide),
        incomplete=tuple(map(hide, report.incomplete)),
        suppressed=tuple(
            replace(one, finding=_finding(one.finding, hide), reason=hide(one.reason)) for one in report.suppressed
        ),
        baselined=tuple(_finding(finding, hide) for finding in report.baselined),
    )


def _finding(finding: Finding, hide: Hide) -> Finding:
    trail = tuple(replace(hop, note=hide(hop.note)) for hop in finding.origin.trail)
    return replace(
        finding,
        message=hide(finding.message),
        help=hide(finding.help),
        origin=replace(finding.origin, trail=trail),
        fix=finding.fix and _fix(finding.fix, hide),
    )


def _fix(fix: Fix, hide: Hide) -> Fix:
    edits = tuple(replace(edit, text=hide(edit.text)) for edit in fix.edits)
    return replace(fix, title=hide(fix.title), edits=edits)


def _coverage(coverage: Coverage, hide: Hide) -> Coverage:
    left = tuple(replace(one, what=hide(one.what), why=hide(one.why)) for one in coverage.not_examined)
    return replace(coverage, not_examined=left)
