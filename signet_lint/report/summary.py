"""The sentences that end a report: how many findings, what was looked at, what was not."""

from __future__ import annotations

from collections import Counter

from signet_lint.finding import SEVERITIES, Coverage, Finding, NotExamined, Report
from signet_lint.report.escape import visible

SHORT_LIST = 5


def counted(number: int, noun: str) -> str:
    """A count with its noun ("1 chart", "2 charts")."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def severity_counts(report: Report) -> str:
    """The findings by severity ("2 errors, 1 note"), or "no findings"."""
    parts = [counted(report.count(severity), severity) for severity in SEVERITIES if report.count(severity)]
    return ", ".join(parts) or "no findings"


def looked_at(coverage: Coverage) -> str:
    """What a run looked at, with the environments by name."""
    envs = counted(len(coverage.environments), "environment")
    if coverage.environments:
        envs += f" ({', '.join(visible(env) for env in coverage.environments)})"
    charts, applications = counted(coverage.charts, "chart"), counted(coverage.applications, "Application")
    return f"{charts}, {envs}, {applications}, {counted(coverage.resources, 'manifest')}"


def verdict(report: Report) -> str:
    """The last line: the counts and what they were counted in; never reassuring beyond what was examined."""
    findings = severity_counts(report)
    start = f"Not fully analysed: {findings}" if report.incomplete else findings[0].upper() + findings[1:]
    sentence = f"{start} in {looked_at(report.coverage)}"
    left = len(report.coverage.not_examined)
    extra = [
        f"{counted(left, 'thing')} not examined" if left else "",
        f"{len(report.suppressed)} suppressed" if report.suppressed else "",
        f"{len(report.baselined)} in the baseline" if report.baselined else "",
        *fixable(report.findings),
    ]
    return "; ".join([sentence, *filter(None, extra)])


def fixable(findings: tuple[Finding, ...]) -> list[str]:
    """How many findings carry a fix, and which option applies it."""
    safe = sum(finding.fix is not None and finding.fix.safety == "safe" for finding in findings)
    unsafe = sum(finding.fix is not None and finding.fix.safety == "unsafe" for finding in findings)
    parts = [f"{safe} fixable with --fix"] if safe else []
    if unsafe:
        parts.append(f"{unsafe} {'more ' if safe else ''}fixable with --unsafe-fixes")
    return parts


def not_examined(coverage: Coverage, *, verbose: bool) -> list[str]:
    """One line for each thing that was not looked at; the first few unless `verbose`."""
    left = sorted(coverage.not_examined)
    shown = left if verbose or len(left) <= SHORT_LIST else left[: SHORT_LIST - 1]
    lines = [_left_out(one) for one in shown]
    if len(shown) < len(left):
        lines.append(f"and {len(left) - len(shown)} more (-v lists them all)")
    return lines


def _left_out(one: NotExamined) -> str:
    place = f" ({visible(one.path)}{f':{one.line}' if one.line else ''})" if one.path else ""
    return f"{visible(one.what)}: {visible(one.why)}{place}"


def statistics(findings: tuple[Finding, ...]) -> list[str]:
    """A line for each rule with findings and severity, the most frequent first."""
    counts = Counter((finding.rule, finding.name, finding.severity) for finding in findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"{count:>5}  {rule} {severity:<7} {name}" for (rule, name, severity), count in ordered]
