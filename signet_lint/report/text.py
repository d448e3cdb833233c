"""The report for people: each fault with its source line, the road its value travelled, and what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from msgspec import Struct

from signet_lint.finding import Finding, Fix, Hop, Precision, Report
from signet_lint.report import summary
from signet_lint.report.escape import lines_of, visible
from signet_lint.report.fix_diff import diff
from signet_lint.report.snippet import cell_length, snippet, source_line
from signet_lint.report.style import Style
from signet_lint.source.location import Location

Sources = Callable[[str], str | None]

# Where the width of the terminal is not known, lines of source are still cut somewhere.
DEFAULT_WIDTH = 120
MIN_WIDTH = 30

_PRECISION: dict[Precision, str] = {
    "exact": "",
    "line": "line: the line is sure, the place in it is not",
    "template": "template: the file is sure, the line is the nearest known",
    "chart": "chart: only the chart is sure, not the file or line in it",
}


def render(
    report: Report,
    sources: Sources,
    *,
    color: bool = False,
    width: int | None = None,
    verbose: bool = False,
    quiet: bool = False,
    statistics: bool = False,
    **_options: object,
) -> str:
    """The report as text; `sources` gives a file's text (None: unreadable), `width` is the terminal's in cells.

    Without a width, text is not wrapped. `quiet` leaves only the findings and why the analysis is incomplete.
    """
    page = _Page(sources, Style(color=color), width)
    blocks = ["\n".join(page.finding(finding)) for finding in sorted(report.findings, key=lambda f: f.sort_key)]
    if statistics and report.findings:
        blocks.append("\n".join(summary.statistics(report.findings)))
    ending = list(page.incomplete(report)) if quiet else list(page.ending(report, verbose=verbose))
    if ending:
        blocks.append("\n".join(ending))
    return "\n\n".join(blocks) + "\n" if blocks else ""


class _Page(Struct, frozen=True):
    """Where the source lines come from, and how lines are laid out."""

    sources: Sources
    style: Style
    width: int | None

    def finding(self, finding: Finding) -> Iterator[str]:
        """The lines of one finding."""
        at = finding.location
        spots = _hops_elsewhere(finding)
        gutter = max(len(str(one.line)) for one in (at, *(hop.location for hop in spots)))
        yield from self._header(finding)
        yield f"{' ' * gutter}{self._gutter('-->')} {visible(at.path)}:{at.line}:{at.column}"
        yield from self._primary(finding, gutter)
        for hop in spots:
            yield from self._hop(hop, gutter)
        yield self._gutter(" " * gutter + " |")
        for name, text in _notes(finding):
            yield from self._note(name, text, gutter)
        if finding.fix:
            yield from self._fix(finding.fix, gutter)

    def _header(self, finding: Finding) -> Iterator[str]:
        first, *rest = lines_of(finding.message) or [""]
        label = self.style.paint(finding.severity, f"{finding.severity}[{finding.rule}]")
        name = f"{finding.name} [fixable]" if finding.fix else finding.name
        plain = f"{finding.severity}[{finding.rule}] {name}: "
        head, *more = self._wrapped(first, len(plain), 2)
        yield f"{label} {name}: {self.style.paint('bold', head)}"
        yield from ("  " + line for line in more)
        yield from ("  " + line for text in rest for line in self._wrapped(text, 2, 2))

    def _primary(self, finding: Finding, gutter: int) -> Iterator[str]:
        at, precision = finding.location, finding.origin.precision
        line = source_line(self.sources(at.path), at.line) if precision != "chart" else None
        if line is None:
            return
        label = next((hop.note for hop in finding.origin.trail if _same_line(hop.location, at)), "")
        marks = "" if precision == "template" else "^"
        yield self._gutter(" " * gutter + " |")
        yield from self._source(line, at, gutter, marks=marks, label=label, style=finding.severity)

    def _hop(self, hop: Hop, gutter: int) -> Iterator[str]:
        at = hop.location
        yield f"{' ' * gutter}{self._gutter(':::')} {visible(at.path)}:{at.line}"
        line = source_line(self.sources(at.path), at.line)
        if line is None:
            yield f"{self._gutter(' ' * gutter + ' |')} {visible(hop.note)}"
        else:
            yield from self._source(line, at, gutter, marks="-", label=hop.note, style="label")

    def _source(self, line: str, at: Location, gutter: int, *, marks: str, label: str, style: str) -> Iterator[str]:
        room = max(MIN_WIDTH, self.width or DEFAULT_WIDTH) - gutter - 3
        shown = snippet(line, *_span(line, at), room)
        yield f"{self._gutter(f'{at.line:>{gutter}} |')} {shown.text}".rstrip()
        under = self._gutter(" " * gutter + " |") + " "
        note = visible(label)
        if not marks:
            if note:
                yield under + self.style.paint(style, note)
            return
        underline = " " * shown.start + self.style.paint(style, marks * shown.length)
        if not note or shown.start + shown.length + 1 + cell_length(note) <= room:
            yield (under + underline + " " + self.style.paint(style, note)).rstrip()
            return
        yield under + underline
        for part in textwrap.wrap(note, room, break_on_hyphens=False):
            yield under + self.style.paint(style, part)

    def _note(self, name: str, text: str, gutter: int) -> Iterator[str]:
        indent = gutter + 3
        parts = [part for line in lines_of(text) for part in self._wrapped(line, indent + len(name) + 2, indent + 2)]
        for at, part in enumerate(parts):
            lead = f"{self._gutter(' ' * gutter + ' =')} {self.style.paint('bold', name + ':')} "
            yield (lead if at == 0 else " " * (indent + 2)) + part

    def _fix(self, fix: Fix, gutter: int) -> Iterator[str]:
        """The fix with its diff."""
        yield from self._note("fix" if fix.safety == "safe" else "unsafe fix", fix.title, gutter)
        room = max(MIN_WIDTH, self.width or DEFAULT_WIDTH) - gutter - 3
        for line in diff(fix, self.sources):
            shown = snippet(line, 1, 1, room).text
            style = {"+": "added", "-": "removed"}.get(line[:1], "dim")
            yield f"{self._gutter(' ' * gutter + ' |')} {self.style.paint(style, shown)}".rstrip()

    def _wrapped(self, text: str, first: int, rest: int) -> list[str]:
        """The text in lines for the terminal, `first` and `rest` being the cells taken at their left."""
        if self.width is None:
            return [text]
        width = max(MIN_WIDTH, self.width)
        lines = textwrap.wrap(
            text,
            width,
            initial_indent=" " * min(first, width - 10),
            subsequent_indent=" " * rest,
            break_on_hyphens=False,
            break_long_words=False,
        )
        return [line.strip() for line in lines] or [""]

    def _gutter(self, text: str) -> str:
        return self.style.paint("gutter", text)

    def ending(self, report: Report, *, verbose: bool) -> Iterator[str]:
        """What was looked at and what was not, then the verdict."""
        left = summary.not_examined(report.coverage, verbose=verbose)
        if left:
            yield self.style.paint("bold", f"Not examined ({len(report.coverage.not_examined)}):")
            yield from (f"  - {line}" for line in left)
        yield from self.incomplete(report)
        style = "good" if not (report.findings or report.incomplete or left) else "bold"
        yield self.style.paint(style, summary.verdict(report) + ".")

    def incomplete(self, report: Report) -> Iterator[str]:
        """Why the analysis is incomplete, a line each."""
        label = self.style.paint("error", "not fully analysed:")
        yield from (f"{label} {visible(reason)}" for reason in report.incomplete)


def _notes(finding: Finding) -> Iterator[tuple[str, str]]:
    if precision := _PRECISION[finding.origin.precision]:
        yield "precision", precision
    if finding.envs:
        yield "in", ", ".join(finding.envs)
    if finding.application:
        yield "application", finding.application
    if subject := finding.subject:
        name = f"{subject.namespace}/{subject.name}" if subject.namespace else subject.name
        yield "manifest", f"{subject.kind} {name}" + (f", {finding.field}" if finding.field else "")
    if finding.help:
        yield "help", finding.help
    yield "docs", finding.url


def _hops_elsewhere(finding: Finding) -> tuple[Hop, ...]:
    """The road without the step that is the line pointed at, which carries that step's note itself."""
    shown = finding.origin.precision != "chart"
    return tuple(hop for hop in finding.origin.trail if not (shown and _same_line(hop.location, finding.location)))


def _same_line(one: Location, other: Location) -> bool:
    return (one.path, one.line) == (other.path, other.line)


def _span(line: str, at: Location) -> tuple[int, int]:
    """The columns to underline on the first line of a span; all of the line's text where the span has no width."""
    if at.end_line > at.line:
        return at.column, len(line.rstrip()) + 1
    if at.end_column > at.column:
        return at.column, at.end_column
    if at.column > 1:
        return at.column, at.column + 1
    return len(line) - len(line.lstrip()) + 1, len(line.rstrip()) + 1
