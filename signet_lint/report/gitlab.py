"""The report for GitLab: a Code Quality artifact (`artifacts:reports:codequality`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from signet_lint.finding import Finding, Report, Severity
from signet_lint.report.escape import visible
from signet_lint.report.place import context

SEVERITY: dict[Severity, str] = {"error": "critical", "warning": "minor", "note": "info"}


def render(
    report: Report,
    sources: Callable[[str], str | None],  # noqa: ARG001 - every format is called alike
    *,
    prefix: str = "",
    **_options: object,
) -> str:
    """The findings as a JSON array; `prefix` is the way from the repository's top folder to the root."""
    findings = sorted(report.findings, key=lambda f: f.sort_key)
    return json.dumps([_issue(finding, prefix) for finding in findings], indent=2) + "\n"


def _issue(finding: Finding, prefix: str) -> dict[str, Any]:
    at = finding.location
    where = context(finding)
    return {
        "description": visible(finding.message + (f" ({where})" if where else "")),
        "check_name": f"{finding.rule} {finding.name}",
        "fingerprint": finding.fingerprint,
        "severity": SEVERITY[finding.severity],
        "location": {"path": prefix + at.path, "lines": {"begin": at.line, "end": at.end_line}},
    }
