"""The report for editors and grep: one line a finding."""

from __future__ import annotations

from collections.abc import Callable

from signet_lint.finding import Finding, Report
from signet_lint.report import summary
from signet_lint.report.escape import visible


def render(
    report: Report,
    sources: Callable[[str], str | None],  # noqa: ARG001 - every format is called alike
    *,
    statistics: bool = False,
    **_options: object,
) -> str:
    """The report as lines `path:line:column: severity rule message [env,env]`."""
    lines = [_line(finding) for finding in sorted(report.findings, key=lambda f: f.sort_key)]
    if statistics:
        lines += summary.statistics(report.findings)
    return "".join(f"{line}\n" for line in lines)


def _line(finding: Finding) -> str:
    at = finding.location
    envs = f" [{','.join(visible(env) for env in finding.envs)}]" if finding.envs else ""
    place = f"{visible(at.path)}:{at.line}:{at.column}"
    mark = " [fixable]" if finding.fix else ""
    return f"{place}: {finding.severity} {finding.rule}{mark} {visible(finding.message)}{envs}"
