"""The report for programs, version 1: `schemas/report-v1.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from signet_lint import __version__
from signet_lint.finding import Coverage, Finding, Fix, Point, Report


def render(
    report: Report,
    sources: Callable[[str], str | None],  # noqa: ARG001 - every format is called alike
    **_options: object,
) -> str:
    """The report as JSON, in ASCII, the same bytes for the same report."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "version": 1,
        "tool": {"name": "signet-lint", "version": __version__},
        "root": ".",
        "profile": report.profile,
        "summary": {
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "notes": report.count("note"),
            "suppressed": len(report.suppressed),
            "baselined": len(report.baselined),
            "fixable": report.fixable,
        },
        "coverage": _coverage(report.coverage),
        "findings": [finding_document(finding) for finding in sorted(report.findings, key=lambda f: f.sort_key)],
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "charts": coverage.charts,
        "environments": list(coverage.environments),
        "applications": coverage.applications,
        "resources": coverage.resources,
        "not_examined": [
            {"what": left.what, "why": left.why, "path": left.path, "line": left.line}
            for left in sorted(coverage.not_examined)
        ],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding as plain data."""
    at, subject = finding.location, finding.subject
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "path": at.path,
        "line": at.line,
        "column": at.column,
        "end_line": at.end_line,
        "end_column": at.end_column,
        "precision": finding.origin.precision,
        "envs": list(finding.envs),
        "application": finding.application,
        "resource": subject and {"kind": subject.kind, "namespace": subject.namespace, "name": subject.name},
        "field": finding.field,
        "trail": [
            {"path": hop.location.path, "line": hop.location.line, "column": hop.location.column, "note": hop.note}
            for hop in finding.origin.trail
        ],
        "help": finding.help,
        "url": finding.url,
        "fingerprint": finding.fingerprint,
        "fix": _fix(finding.fix) if finding.fix else None,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "safety": fix.safety,
        "edits": [
            {"path": edit.path, "start": _point(edit.start), "end": _point(edit.end), "text": edit.text}
            for edit in sorted(fix.edits)
        ],
    }


def _point(point: Point) -> dict[str, int]:
    return {"line": point.line, "column": point.column}
