"""A report with its secrets hidden, before a format escapes them beyond recognition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from signet_lint.finding import Coverage, Finding, Fix, Report

Hide = Callable[[str], str]


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
