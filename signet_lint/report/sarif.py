"""The report as SARIF 2.1.0, within what GitHub code scanning accepts.

Columns count characters, and an end column is the one after the last, as SARIF has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from signet_lint import __version__
from signet_lint.explain import plain
from signet_lint.finding import Edit, Finding, Fix, Hop, NotExamined, Report, Severity, Suppressed
from signet_lint.pages import RulePage, pages
from signet_lint.report.place import context, manifest_name
from signet_lint.report.snippet import source_line
from signet_lint.source.location import Location

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/signet-lint/signet-lint"
ROOT = "SRCROOT"

# GitHub refuses a run with more results, a result with more locations, a description that is longer.
MAX_RESULTS = 25_000
MAX_LOCATIONS = 100
MAX_TEXT = 1024

_TAGS = {
    "0": "repository",
    "1": "wiring",
    "2": "access",
    "3": "operators",
    "4": "openshift-ai",
    "5": "gpu-scheduling",
    "6": "model-serving",
    "7": "security",
    "8": "load-test",
    "9": "capacity",
}
_PROBLEM: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "recommendation"}

Object = dict[str, Any]


def render(
    report: Report,
    sources: Callable[[str], str | None],
    *,
    prefix: str = "",
    **_options: object,
) -> str:
    """The report as SARIF, in ASCII; `prefix` is the way from the repository's top folder to the root."""
    writer = _Writer(prefix, sources)
    return json.dumps(writer.log(report), indent=2) + "\n"


class _Writer:
    """Writes the parts of a log; URIs are relative to the repository's top folder."""

    def __init__(self, prefix: str, sources: Callable[[str], str | None]) -> None:
        self.prefix = prefix
        self.sources = sources

    def log(self, report: Report) -> Object:
        state = "new" if report.baselined else ""
        results = [(finding, None, state) for finding in report.findings]
        results += [(one.finding, one, state) for one in report.suppressed]  # type: ignore[misc]
        results += [(finding, None, "unchanged") for finding in report.baselined]
        results.sort(key=lambda result: result[0].sort_key)
        dropped = max(0, len(results) - MAX_RESULTS)
        rules = _rules(finding for finding, _, _ in results)
        index = {rule["id"]: number for number, rule in enumerate(rules)}
        run = {
            "tool": {
                "driver": {
                    "name": "signet-lint",
                    "version": __version__,
                    "semanticVersion": __version__,
                    "informationUri": HOME,
                    "rules": rules,
                }
            },
            "invocations": [
                {
                    "executionSuccessful": not report.incomplete,
                    "toolExecutionNotifications": list(self._notifications(report, dropped)),
                }
            ],
            "originalUriBaseIds": {ROOT: {"description": {"text": "The top folder of the repository."}}},
            "columnKind": "unicodeCodePoints",
            "results": [
                self._result(finding, index[finding.rule], kept, state)
                for finding, kept, state in results[:MAX_RESULTS]
            ],
            "properties": {
                "profile": report.profile,
                "charts": report.coverage.charts,
                "environments": list(report.coverage.environments),
                "applications": report.coverage.applications,
                "resources": report.coverage.resources,
            },
        }
        return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}

    def _notifications(self, report: Report, dropped: int) -> Iterator[Object]:
        for reason in report.incomplete:
            yield {"level": "error", "message": {"text": _text(f"not fully analysed: {reason}")}}
        if dropped:
            said = f"{dropped} results are left out: a run may have {MAX_RESULTS}"
            yield {"level": "error", "message": {"text": said}}
        for left in sorted(report.coverage.not_examined):
            yield self._left_out(left)

    def _left_out(self, left: NotExamined) -> Object:
        said: Object = {"level": "note", "message": {"text": _text(f"not examined: {left.what}: {left.why}")}}
        if left.path:
            place: Object = {"artifactLocation": self._file(left.path)}
            if left.line:
                place["region"] = {"startLine": left.line}
            said["locations"] = [{"physicalLocation": place}]
        return said

    def _result(self, finding: Finding, index: int, kept: Suppressed | None, state: str) -> Object:
        result: Object = {
            "ruleId": finding.rule,
            "ruleIndex": index,
            "kind": "fail",
            "level": finding.severity,
            "message": {"text": _message(finding)},
            "locations": [self._primary(finding)],
            "partialFingerprints": {
                "primaryLocationLineHash": finding.fingerprint,
                "signetLint/v1": finding.fingerprint,
            },
        }
        trail = finding.origin.trail[:MAX_LOCATIONS]
        if trail:
            result["relatedLocations"] = [{"id": number, **self._hop(hop)} for number, hop in enumerate(trail, 1)]
            result["codeFlows"] = [{"threadFlows": [{"locations": self._flow(trail, finding)}]}]
        if kept:
            result["suppressions"] = [self._suppression(kept)]
        if state:
            result["baselineState"] = state
        if finding.fix:
            result["fixes"] = [self._fix(finding.fix)]
        result["properties"] = {
            "envs": list(finding.envs),
            "application": finding.application,
            "precision": finding.origin.precision,
            "help": finding.help,
        }
        return result

    def _primary(self, finding: Finding) -> Object:
        location = self._location(finding.location)
        line = source_line(self.sources(finding.location.path), finding.location.line)
        if line and finding.origin.precision != "chart":
            location["physicalLocation"]["region"]["snippet"] = {"text": _text(line[:MAX_TEXT])}
        if finding.subject:
            name = f"{finding.subject.kind} {manifest_name(finding)}"
            full = f"{name}{finding.field}" if finding.field else name
            location["logicalLocations"] = [{"name": _text(name), "fullyQualifiedName": _text(full), "kind": "object"}]
        return location

    def _flow(self, trail: Sequence[Hop], finding: Finding) -> list[Object]:
        """The road, which ends at the finding."""
        steps = [{"location": self._hop(hop)} for hop in trail]
        if trail[-1].location != finding.location:
            steps.append(
                {"location": {**self._location(finding.location), "message": {"text": _text(finding.message)}}}
            )
        return steps

    def _hop(self, hop: Hop) -> Object:
        return {**self._location(hop.location), "message": {"text": _text(hop.note)}}

    def _location(self, at: Location) -> Object:
        return {"physicalLocation": {"artifactLocation": self._file(at.path), "region": _region(at)}}

    def _file(self, path: str) -> Object:
        return {"uri": quote((self.prefix + path).encode("utf-8", "surrogateescape")), "uriBaseId": ROOT}

    def _suppression(self, kept: Suppressed) -> Object:
        said: Object = {
            "kind": "inSource" if kept.in_source else "external",
            "status": "accepted",
            "justification": _text(kept.reason),
        }
        return {**said, "location": self._location(kept.at)}

    def _fix(self, fix: Fix) -> Object:
        changes = []
        for path in sorted({edit.path for edit in fix.edits}):
            edits = sorted(edit for edit in fix.edits if edit.path == path)
            changes.append(
                {"artifactLocation": self._file(path), "replacements": [_replacement(edit) for edit in edits]}
            )
        title = fix.title if fix.safety == "safe" else f"{fix.title} (unsafe: look at it before you apply it)"
        return {"description": {"text": _text(title)}, "artifactChanges": changes}


def _replacement(edit: Edit) -> Object:
    region = {
        "startLine": edit.start.line,
        "startColumn": edit.start.column,
        "endLine": edit.end.line,
        "endColumn": edit.end.column,
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


def _region(at: Location) -> Object:
    region: Object = {"startLine": at.line, "startColumn": at.column}
    if (at.end_line, at.end_column) > (at.line, at.column):
        region |= {"endLine": at.end_line, "endColumn": max(1, at.end_column)}
    return region


def _message(finding: Finding) -> str:
    """The message as a sentence of its own (GitHub shows the first one), then where it holds and what to do."""
    parts = [finding.message.rstrip(". ") + ".", context(finding), f"Help: {finding.help}" if finding.help else ""]
    return _text("\n".join(part for part in parts if part))


def _text(text: str) -> str:
    """A text that a message may hold: never empty, and no text of the repository makes a link."""
    safe = text.encode("utf-8", "backslashreplace").decode().replace("](", "]\u200b(")
    return safe if safe.strip() else "(no text)"


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= MAX_TEXT else joined[: MAX_TEXT - 3] + "..."


def _rules(findings: Iterator[Finding]) -> list[Object]:
    """The rules that the results name, by id."""
    named = {finding.rule: finding for finding in findings}
    known = {page.id: page for page in pages()}
    return [_rule(known[id_]) if id_ in known else _unlisted(named[id_]) for id_ in sorted(named)]


def _rule(page: RulePage) -> Object:
    tags = ["gpu-inference", "gitops", _TAGS[page.id[3]]]
    properties: Object = {
        "tags": tags if not page.plan_only else [*tags, "plan"],
        "precision": "very-high" if page.severity == "error" else "high",
        "problem.severity": _PROBLEM[page.severity],  # type: ignore[index]
    }
    if "security" in tags:
        properties["security-severity"] = "8.0" if page.severity == "error" else "5.0"
    return {
        "id": page.id,
        "name": page.name,
        "shortDescription": {"text": _short(page.summary)},
        "fullDescription": {"text": _short(page.detail["rationale"])},
        "helpUri": page.url,
        "help": {"text": plain(page.page), "markdown": page.page},
        "defaultConfiguration": {"level": page.severity},
        "properties": properties,
    }


def _unlisted(finding: Finding) -> Object:
    """A rule without a page (one of a plug-in, or of a newer version's report)."""
    text = {"text": finding.name}
    return {
        "id": finding.rule,
        "name": finding.name,
        "shortDescription": text,
        "fullDescription": text,
        "helpUri": finding.url,
        "help": {"text": _text(finding.help)},
        "defaultConfiguration": {"level": finding.severity},
    }
