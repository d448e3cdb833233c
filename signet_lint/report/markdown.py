"""The report as Markdown, for a comment or a job summary."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from signet_lint.finding import Finding, Report
from signet_lint.report import summary
from signet_lint.report.escape import lines_of, visible
from signet_lint.report.fix_diff import diff
from signet_lint.report.place import manifest_name
from signet_lint.report.snippet import source_line

Sources = Callable[[str], str | None]

MAX_SOURCE = 200
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$]|^\s*[-+#]|(?<=\d)[.)](?=\s)")


def render(
    report: Report,
    sources: Sources,
    *,
    prefix: str = "",
    quiet: bool = False,
    statistics: bool = False,
    **_options: object,
) -> str:
    """The report as blocks of Markdown, parted by blank lines."""
    title = summary.severity_counts(report)
    if report.incomplete:
        title = f"not fully analysed, {title}"
    blocks = [f"## signet-lint: {title}"]
    blocks += [f"**Not fully analysed:** {prose(reason)}" for reason in report.incomplete]
    if report.findings:
        blocks.append("\n".join(_table(report)))
    for finding in sorted(report.findings, key=lambda f: f.sort_key):
        blocks += _finding(finding, sources, prefix)
    if statistics and report.findings:
        blocks.append(_fenced(summary.statistics(report.findings)))
    if not quiet:
        left = summary.not_examined(report.coverage, verbose=True)
        if left:
            listed = "\n".join(f"- {prose(line)}" for line in left)
            blocks.append(f"<details><summary>Not examined ({len(left)})</summary>\n\n{listed}\n\n</details>")
        blocks.append(prose(summary.verdict(report) + "."))
    return "\n\n".join(blocks) + "\n"


def _table(report: Report) -> Iterator[str]:
    yield "| severity | rule | where | in |"
    yield "| --- | --- | --- | --- |"
    for finding in sorted(report.findings, key=lambda f: f.sort_key):
        at = finding.location
        where = code(f"{at.path}:{at.line}").replace("|", "\\|")
        envs = prose(", ".join(finding.envs))
        yield f"| {finding.severity} | [{finding.rule} {finding.name}]({finding.url}) | {where} | {envs} |"


def _finding(finding: Finding, sources: Sources, prefix: str) -> Iterator[str]:
    at = finding.location
    yield f"### {finding.severity}: {finding.name} ({finding.rule})"
    yield "<br>\n".join(prose(line) for line in lines_of(finding.message))
    parts = [code(f"{prefix}{at.path}:{at.line}:{at.column}")]
    if finding.envs:
        parts.append("in " + ", ".join(map(code, finding.envs)))
    if finding.application:
        parts.append(f"Application {code(finding.application)}")
    if finding.subject:
        parts.append(f"{finding.subject.kind} {code(manifest_name(finding))}")
    yield " · ".join(parts)
    line = source_line(sources(at.path), at.line) if finding.origin.precision != "chart" else None
    if line is not None and line.strip():
        yield _fenced([f"{at.line} | {visible(line.expandtabs(4))[:MAX_SOURCE]}"], "yaml")
    if finding.origin.trail:
        yield "\n".join(
            f"{number}. {code(f'{prefix}{hop.location.path}:{hop.location.line}')} {prose(hop.note)}"
            for number, hop in enumerate(finding.origin.trail, 1)
        )
    if finding.help:
        yield f"**Help:** {' '.join(prose(line) for line in lines_of(finding.help))} ([{finding.rule}]({finding.url}))"
    if finding.fix:
        unsafe = " (unsafe: look at it before you apply it)" if finding.fix.safety == "unsafe" else ""
        yield f"**Fix{unsafe}:** {prose(finding.fix.title)}"
        yield _fenced([visible(line) for line in diff(finding.fix, sources)], "diff")


def prose(text: str) -> str:
    """A text in which nothing but its own code spans is Markdown."""
    shown = visible(text)
    parts, at = [], 0
    for match in _CODE.finditer(shown):
        parts += [_escaped(shown[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*parts, _escaped(shown[at:])])


def _escaped(text: str) -> str:
    escaped = _SPECIAL.sub(lambda match: match[0][:-1] + "\\" + match[0][-1], text.replace("&", "&amp;"))
    escaped = escaped.replace("\\<", "&lt;").replace("\\>", "&gt;")
    return escaped.replace("@", "@&#8203;")  # no mention of a person


def code(text: str) -> str:
    """A text as a code span, whatever it holds."""
    shown = visible(text) or " "
    marks = fence(shown, 1)
    return f"{marks} {shown} {marks}" if "`" in shown else f"{marks}{shown}{marks}"


def _fenced(lines: list[str], language: str = "") -> str:
    marks = fence("\n".join(lines))
    return "\n".join([f"{marks}{language}", *lines, marks])


def fence(text: str, least: int = 3) -> str:
    """So many backquotes, `least` of them at least, that no run of them in the text ends what they begin."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    return "`" * max(least, longest + 1)
