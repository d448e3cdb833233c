"""Whatever text findings hold, each format stays what it is: others can parse it, and no finding is lost."""

from __future__ import annotations

import json

import junitparser
from hypothesis import example, given
from hypothesis import strategies as st

from signet_lint.finding import Hop
from signet_lint.report import concise, github, gitlab, json_v1, junit, markdown, sarif, text
from signet_lint.source.location import Location
from tests.reports import finding, left, origin, report

EVIL = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(("]]>", "<b>", "&amp;", "::error::", "%0A", "\n", "\r", "\x00", "\x1b[31m", "`", "```", "|", "\ufffe", "\u2028", "\u202e", '"', "\\", "a", " ", "[bold]", "[/]")),
        max_size=12,
    ).map("".join),
)  # fmt: skip


@given(message=EVIL, path=EVIL, note=EVIL, source=EVIL, line=st.integers(1, 5), column=st.integers(1, 80))
@example(message="]]>\x00\ufffe", path="a\nb|`", note="::error::%0A", source="\x1b[31m", line=1, column=1)
def test_formats_stay_parseable(message, path, note, source, line, column):
    """JSON, SARIF, GitLab and JUnit are read by others; GitHub, concise and text keep one finding a line or block."""
    at = Location(path or "f.yaml", line, column, line, column + 1)
    one = finding(message=message or "m", help=note, origin=origin(at=at, trail=(Hop(at, note),)))
    about = report(one, not_examined=[left(1)])
    sources = {at.path: source}.get
    assert json.loads(json_v1.render(about, sources))["findings"][0]["message"] == one.message
    (result,) = json.loads(sarif.render(about, sources))["runs"][0]["results"]
    assert result["ruleId"] == one.rule
    assert len(json.loads(gitlab.render(about, sources))) == 1
    suites = junitparser.JUnitXml.fromstring(junit.render(about, sources).encode())
    assert suites.failures + suites.errors >= 1
    commands = [one for one in github.render(about, sources).split("\n") if one.startswith("::error")]
    assert len(commands) == 1
    assert "\n" not in concise.render(report(one), sources).strip("\n").split("\n")[0]
    assert len([line for line in concise.render(report(one), sources).splitlines() if "SGL602" in line]) >= 1
    for shown in (text.render(about, sources), concise.render(about, sources), markdown.render(about, sources)):
        assert "\x1b" not in shown
        assert "\x00" not in shown
        shown.encode()
