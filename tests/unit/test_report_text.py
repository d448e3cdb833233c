"""The report for people."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from signet_lint.finding import Hop
from signet_lint.report import concise, text
from signet_lint.source.location import Location
from tests.reports import APPSET, FILES, VALUES, finding, left, origin, report

WHOLE = """\
error[SGL602] max-model-len-too-high: `--max-model-len` is 16384, more than 8192
 --> charts/llm/values.yaml:3:7
  |
3 |     - --max-model-len=16384
  |       ^^^^^^^^^^^^^^^^^^^^^ value `model.args[0]`
 ::: charts/apps/values.yaml:3
3 |     llmEnabled: true
  |     ---------------- `envs[prod]` switches the Application on
  |
  = in: sno, prod
  = application: llm-prod
  = manifest: InferenceService models/llm, /spec/predictor/model/args/0
  = help: lower it to 8192
  = docs: https://example.org/max-model-len-too-high.md

1 error in 12 charts, 3 environments (local, sno, prod), 20 Applications, 110 manifests.
"""


def shown(*findings, files=FILES, options=None, **about):
    """The text report on some findings."""
    return text.render(report(*findings, **about), files.get, **(options or {}))


def snippet(line, at, **options):
    """The source line and its underline, without the gutter."""
    found = finding(origin=origin(at=at, trail=()))
    lines = shown(found, files={at.path: line}, options=options).splitlines()
    first = next(number for number, text in enumerate(lines) if text.startswith(f"{at.line} |"))
    return [line[4:] for line in lines[first : first + 2]]


def test_a_whole_report():
    """Header, place, line, road, notes, and what was looked at."""
    assert shown(finding()) == WHOLE


def test_a_clean_report_says_what_was_looked_at():
    """No findings is a claim about something."""
    looked = "No findings in 12 charts, 3 environments (local, sno, prod), 20 Applications, 110 manifests.\n"
    assert shown() == looked


def test_a_report_with_gaps_lists_them():
    """What was not examined is counted in the verdict, and listed in short."""
    lines = shown(not_examined=[left(number) for number in range(1, 8)]).splitlines()
    assert lines[0] == "Not examined (7):"
    assert lines[1] == "  - source `repo-1`: another repository (charts/a.yaml:1)"
    assert lines[5] == "  - and 3 more (-v lists them all)"
    assert lines[6].endswith("110 manifests; 7 things not examined.")


def test_verbose_lists_every_gap():
    """With -v nothing is cut."""
    lines = shown(not_examined=[left(number) for number in range(1, 8)], options={"verbose": True}).splitlines()
    assert [line for line in lines if line.startswith("  - ")] == [
        f"  - source `repo-{number}`: another repository (charts/a.yaml:{number})" for number in range(1, 8)
    ]


def test_an_incomplete_report_does_not_reassure():
    """The verdict of an unfinished run begins with that."""
    lines = shown(incomplete=("rule SGL001 crashed",)).splitlines()
    assert lines[0] == "not fully analysed: rule SGL001 crashed"
    assert lines[1].startswith("Not fully analysed: no findings in 12 charts")


def test_quiet_leaves_the_findings():
    """With -q the summary goes, the reasons for an incomplete analysis stay."""
    assert shown(finding(), options={"quiet": True}) == WHOLE.rsplit("\n\n", 1)[0] + "\n"
    assert shown(options={"quiet": True}, not_examined=[left(1)]) == ""
    assert shown(options={"quiet": True}, incomplete=("why",)) == "not fully analysed: why\n"


def test_statistics():
    """A line for each rule, the most frequent first."""
    other = finding(rule="SGL101", name="incomplete-chart", severity="warning", origin=origin(trail=()))
    out = shown(other, finding(), finding(message="x"), options={"statistics": True})
    assert "    2  SGL602 error   max-model-len-too-high\n    1  SGL101 warning incomplete-chart\n" in out
    assert "2 errors, 1 warning in 12 charts" in out


@pytest.mark.parametrize(
    ("precision", "has_line", "has_marks", "words"),
    [
        ("exact", True, True, ""),
        ("line", True, True, "= precision: line"),
        ("template", True, False, "= precision: template"),
        ("chart", False, False, "= precision: chart"),
    ],
)
def test_precision(precision, has_line, has_marks, words):
    """No more is underlined than is known, and what is less than exact is said."""
    out = shown(finding(origin=origin(precision, trail=())))
    assert ("--max-model-len=16384" in out) == has_line
    assert ("^^^" in out) == has_marks
    assert words in out
    assert ("= precision" in out) == bool(words)


def test_findings_are_sorted():
    """The order of the report is the order of the files, whatever the order given."""
    late = finding(origin=origin(at=Location(VALUES, 3, 1), trail=()))
    early = finding(origin=origin(at=Location(APPSET, 1, 1), trail=()))
    assert shown(late, early) == shown(early, late)
    assert shown(late, early).index(f"--> {APPSET}") < shown(late, early).index(f"--> {VALUES}")


def test_the_gutter_fits_the_longest_line_number():
    """Line numbers of all the spans of a finding are aligned."""
    trail = (Hop(Location("b", 120, 1), "far down"),)
    out = shown(finding(origin=origin(trail=trail)), files={**FILES, "b": "\n" * 119 + "x: 1\n"})
    assert "   --> charts/llm/values.yaml:3:7\n    |\n  3 |     - --max" in out
    assert "   ::: b:120\n120 | x: 1\n    | ---- far down\n" in out


@pytest.mark.parametrize("files", [{}, {VALUES: "one line\n"}], ids=["absent", "shorter"])
def test_a_line_that_cannot_be_read(files):
    """Without the line the place and the road's notes are still there."""
    out = shown(finding(), files=files)
    assert " --> charts/llm/values.yaml:3:7\n" in out
    assert " ::: charts/apps/values.yaml:3\n  | `envs[prod]` switches the Application on\n" in out
    assert "^" not in out


@pytest.mark.parametrize(
    ("line", "at", "expected"),
    [
        ("key: value", Location("f", 1, 6, 1, 11), ["key: value", "     ^^^^^"]),
        ("\tkey: value", Location("f", 1, 2, 1, 5), ["    key: value", "    ^^^"]),
        ("a\tb: 1", Location("f", 1, 3, 1, 4), ["a   b: 1", "    ^"]),
        ("名前: 値", Location("f", 1, 5, 1, 6), ["名前: 値", "      ^^"]),
        ("a\x1b[2Jb", Location("f", 1, 6, 1, 7), ["a\\x1b[2Jb", "        ^"]),
        ("x: \u202eevil", Location("f", 1, 4, 1, 5), ["x: \\u202eevil", "   ^^^^^^"]),
        ("x: e\u0301a", Location("f", 1, 6, 1, 7), ["x: e\u0301a", "    ^"]),
        ("  key:", Location("f", 1, 1), ["  key:", "  ^^^^"]),
        ("  key:", Location("f", 1, 3), ["  key:", "  ^"]),
        ("key:", Location("f", 1, 9, 1, 20), ["key:", "    ^"]),
        ("a: |", Location("f", 1, 1, 3, 4), ["a: |", "^^^^"]),
        ("", Location("f", 1, 1), ["", "^"]),
    ],
    ids=[
        "span",
        "tab",
        "inner-tab",
        "wide",
        "escape",
        "bidi",
        "combining",
        "no-span",
        "point",
        "past",
        "lines",
        "empty",
    ],
)
def test_snippets(line, at, expected):
    """The underline stands under the span, whatever the characters before it."""
    assert snippet(line, at) == expected


@pytest.mark.parametrize("width", [30, 50, 80])
@pytest.mark.parametrize("column", [1, 40, 500, 999])
@pytest.mark.parametrize("character", ["x", "名", "\x1b", "\t"], ids=["ascii", "wide", "control", "tab"])
def test_long_lines_are_cut_around_the_span(width, column, character):
    """However long the line, it fits the terminal and shows the start of the span."""
    line = character * (column - 1) + "KEY" + character * (1000 - column)
    source, under = snippet(line, Location("f", 1, column, 1, column + 3), width=width)
    assert cell_len(source) + 4 <= width
    start = len(under) - len(under.lstrip())
    assert under.strip() == "^^^"
    before = source[: source.index("KEY")]
    assert cell_len(before) == start


def test_a_huge_line_is_quick():
    """A line of megabytes is not walked whole."""
    source, under = snippet("x" * 5_000_000 + "KEY" + "y" * 5_000_000, Location("f", 1, 5_000_001, 1, 5_000_004))
    assert source.index("KEY") == under.index("^^^")
    assert source.startswith("...")
    assert source.endswith("...")


@pytest.mark.parametrize("width", [20, 40, 60])
def test_narrow_terminals(width):
    """Text is wrapped to the terminal; nothing but names and addresses is longer."""
    out = shown(finding(help="lower it " * 20), options={"width": width})
    for line in out.splitlines():
        longest = max(len(word) for word in line.split(" "))
        assert len(line) <= max(width, 30) or longest > 20 or "|" in line[:5] or "Applications" in line


def test_a_label_that_does_not_fit_stands_below():
    """A long label on a narrow terminal gets lines of its own."""
    out = shown(finding(), options={"width": 40})
    assert "  |       ^^^^^^^^^^^^^^^^^^^^^\n  | value `model.args[0]`\n" in out


def test_nothing_from_the_repository_reaches_the_terminal_raw():
    """Escapes in any text of a finding are shown, not sent."""
    evil = "\x1b]0;owned\x07\r\x9b2J\u202e"
    at = Location(f"a{evil}", 1, 1)
    found = finding(
        message=f"m{evil}\nn{evil}",
        help=evil,
        envs=(evil,),
        application=evil,
        url=evil,
        origin=origin(at=at, trail=(Hop(Location(evil, 1, 1), evil), Hop(at, evil))),
    )
    about = report(found, incomplete=(evil,), not_examined=[left(1)], environments=(evil,))
    for out in (text.render(about, lambda _: f"k: {evil}"), concise.render(about, lambda _: None)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)


def test_a_message_of_several_lines():
    """Further lines of a message are indented under the header."""
    assert "too-high: first\n  second\n  --> " in shown(finding(message="first\nsecond\n")).replace("\n -->", "\n  -->")


def test_colour_changes_nothing_but_colour():
    """The coloured report without its escapes is the plain one."""
    colored = shown(finding(), not_examined=[left(1)], options={"color": True})
    assert "\x1b[1;31merror[SGL602]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == shown(finding(), not_examined=[left(1)])
