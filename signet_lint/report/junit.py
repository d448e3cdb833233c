"""The report for CI systems that show tests: JUnit XML.

A finding at or over `--fail-on` is a failed test, one under it a passed test with its text; what was suppressed,
baselined or not examined is skipped, an incomplete analysis an error. Each environment looked at is a passed test, so
that a clean run is not an empty one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.finding import SEVERITIES, Finding, NotExamined, Report, Severity
from signet_lint.report.place import context

# What XML 1.0 has no way to write.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(Struct, frozen=True):
    """A test: `outcome` is the child element ("" for a passed one), `kind` and `message` its attributes."""

    group: str
    name: str
    outcome: str = ""
    kind: str = ""
    message: str = ""
    text: str = ""
    file: str = ""
    line: int = 0


def render(
    report: Report,
    sources: Callable[[str], str | None],  # noqa: ARG001 - every format is called alike
    *,
    fail_on: Severity = "error",
    prefix: str = "",
    **_options: object,
) -> str:
    """The report as JUnit XML; the same report gives the same bytes, so there are no times."""
    suites = {
        "findings": [replace(case, file=prefix + case.file) for case in _findings(report, fail_on)],
        "analysis": list(_analysis(report)),
    }
    total = _counts([case for cases in suites.values() for case in cases])
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="signet-lint" {total}>']
    for name, cases in suites.items():
        lines.append(f'  <testsuite name="signet-lint {name}" {_counts(cases)}>')
        lines += [line for case in _unique(cases) for line in _written(case)]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _findings(report: Report, fail_on: Severity) -> Iterator[_Case]:
    failing = SEVERITIES[: [*SEVERITIES].index(fail_on) + 1]
    for finding in sorted(report.findings, key=lambda f: f.sort_key):
        case = _case(finding)
        yield case if finding.severity in failing else replace(case, outcome="system-out", kind="", message="")
    for kept in sorted(report.suppressed, key=lambda one: one.finding.sort_key):
        yield replace(_case(kept.finding), outcome="skipped", kind="", message=f"suppressed: {kept.reason}", text="")
    for finding in sorted(report.baselined, key=lambda f: f.sort_key):
        yield replace(_case(finding), outcome="skipped", kind="", message="in the baseline", text="")


def _case(finding: Finding) -> _Case:
    at = finding.location
    place = f"{at.path}:{at.line}:{at.column}"
    lines = [f"{place}: {finding.severity}: {finding.message}", context(finding), f"help: {finding.help}", finding.url]
    return _Case(
        group=f"{finding.rule} {finding.name}",
        name=f"{finding.message} ({place})",
        outcome="failure",
        kind=finding.severity,
        message=finding.message,
        text="\n".join(line for line in lines if line),
        file=at.path,
        line=at.line,
    )


def _analysis(report: Report) -> Iterator[_Case]:
    for env in report.coverage.environments:
        yield _Case("environment", env)
    for reason in report.incomplete:
        yield _Case("analysis", "complete", "error", "incomplete", reason)
    for left in sorted(report.coverage.not_examined):
        yield _left_out(left)
    if not report.coverage.environments and not report.incomplete:
        yield _Case("analysis", "complete")


def _left_out(left: NotExamined) -> _Case:
    return _Case(
        "not examined", left.what, "skipped", message=f"not examined: {left.why}", file=left.path, line=left.line
    )


def _counts(cases: Sequence[_Case]) -> str:
    counts = Counter(case.outcome for case in cases)
    return (
        f'tests="{len(cases)}" failures="{counts["failure"]}" errors="{counts["error"]}" skipped="{counts["skipped"]}"'
    )


def _unique(cases: Sequence[_Case]) -> Iterator[_Case]:
    """The tests with a number behind a name that was there before: readers take equal names for one test."""
    seen: Counter[tuple[str, str]] = Counter()
    for case in cases:
        seen[case.group, case.name] += 1
        count = seen[case.group, case.name]
        yield replace(case, name=f"{case.name} #{count}") if count > 1 else case


def _written(case: _Case) -> Iterator[str]:
    place = f" file={_quoted(case.file)} line={_quoted(str(case.line))}" if case.file and case.line else ""
    head = f"    <testcase classname={_quoted(case.group)} name={_quoted(case.name)}{place}"
    if not case.outcome:
        yield f"{head}/>"
        return
    yield f"{head}>"
    kind = f" type={_quoted(case.kind)}" if case.kind else ""
    message = f" message={_quoted(case.message)}" if case.message else ""
    yield f"      <{case.outcome}{kind}{message}>{escape(_clean(case.text))}</{case.outcome}>"
    yield "    </testcase>"


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)
