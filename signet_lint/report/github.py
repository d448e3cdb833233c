"""The report for GitHub Actions: workflow commands, which become annotations on the changed lines.

GitHub makes annotations of the first ten errors, warnings and notices of a step and drops the others, so that the
others are printed as plain lines of the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from signet_lint.finding import Finding, Report, Severity
from signet_lint.report import summary
from signet_lint.report.escape import lines_of, visible
from signet_lint.report.place import context

COMMAND: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}
MAX_EACH = 10
MAX_MESSAGE = 4096


def render(
    report: Report,
    sources: Callable[[str], str | None],  # noqa: ARG001 - every format is called alike
    *,
    prefix: str = "",
    quiet: bool = False,
    statistics: bool = False,
    **_options: object,
) -> str:
    """The report as lines of a log; `prefix` is the way from the repository's top folder to the root."""
    lines = list(_annotations(report, prefix))
    if statistics:
        lines += [_plain(line) for line in summary.statistics(report.findings)]
    if not quiet:
        lines += [_plain(f"not examined: {line}") for line in summary.not_examined(report.coverage, verbose=True)]
        lines.append(_plain(f"{summary.verdict(report)}."))
    return "".join(f"{line}\n" for line in lines)


def _annotations(report: Report, prefix: str) -> Iterator[str]:
    shown: Counter[str] = Counter()
    beyond: list[Finding] = []
    for reason in report.incomplete:
        shown["error"] += 1
        yield _command("error", {"title": "not fully analysed"}, visible(reason))
    for finding in sorted(report.findings, key=lambda f: f.sort_key):
        kind = COMMAND[finding.severity]
        if shown[kind] >= MAX_EACH:
            beyond.append(finding)
            continue
        shown[kind] += 1
        yield _command(kind, _properties(finding, prefix), _message(finding))
    if beyond:
        yield _plain(f"GitHub annotates {MAX_EACH} findings of a severity at most; {len(beyond)} more:")
        yield from (_plain(_line(finding, prefix)) for finding in beyond)


def _properties(finding: Finding, prefix: str) -> dict[str, str]:
    at = finding.location
    properties = {"file": prefix + at.path, "line": str(at.line), "endLine": str(at.end_line)}
    # Columns count only within one line, and only where the place is sure.
    if at.end_line == at.line and finding.origin.precision == "exact":
        properties |= {"col": str(at.column), "endColumn": str(at.end_column)}
    return {**properties, "title": f"{finding.rule} {finding.name}"}


def _message(finding: Finding) -> str:
    parts = [finding.message, context(finding), f"Help: {finding.help}" if finding.help else "", finding.url]
    return "\n".join(line for part in parts for line in lines_of(part) if line)


def _line(finding: Finding, prefix: str) -> str:
    at = finding.location
    return f"{prefix}{at.path}:{at.line}:{at.column}: {finding.severity} {finding.rule} {finding.message}"


def _command(kind: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{name}={_property(visible(value))}" for name, value in properties.items() if value)
    return f"::{kind} {listed}::{_data(_cut(message))}"


def _cut(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 3] + "..."


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _plain(text: str) -> str:
    """A line of the log that is no command, whatever is in it."""
    shown = visible(text).replace("##[", "# #[")
    return f"- {shown}" if shown.lstrip().startswith("::") else shown
