"""Suppressions by comment and by configuration, through the whole pipeline."""

from __future__ import annotations

from datetime import date

import pytest

from signet_lint.config import Config, Ignore
from signet_lint.source.location import Location
from tests.overlay import check, line_of, overlay, places
from tests.test_rules import RULES

TEST = "charts/signet-loadtest"
VALUES = f"{TEST}/values-common.yaml"
PROD = f"{TEST}/values-prod.yaml"
DEPLOYMENT = f"{TEST}/templates/deployment.yaml"
LLM = "charts/signet-llm/values-common.yaml"
APP = "charts/signet-umbrella/templates/app-signet-llm.yaml"

ON_SUPPRESSIONS = ("SGL009", "SGL010", "SGL011")


def run(edits=None, **arguments):
    """A report of every rule."""
    return check(arguments.pop("rules", RULES), edits=edits, **arguments)


def running(comment, line="replicas: 1"):
    """The load test left running, with a comment behind it."""
    return {VALUES: (("replicas: 0", f"{line} # {comment}"),)}


def above(*lines, then="replicas: 1"):
    """The load test left running, with lines above it."""
    return {VALUES: (("replicas: 0", "\n".join((*lines, then))),)}


ALLOW = "signet-lint: allow SGL801 -- evidence for the quota"


@pytest.mark.parametrize(
    "edits",
    [
        running(ALLOW),
        running(ALLOW.replace("SGL801", "loadtest-running")),
        running(ALLOW.replace("SGL801", "sgl801")),
        running(ALLOW.replace(": ", ":")),
        above(f"# {ALLOW}"),
        above(f"#{ALLOW}"),
        above(f"## {ALLOW}", "# with more to say"),
        above("# This is why.", f"# {ALLOW}"),
        running(ALLOW, line='"replicas": "1"'),
        running(ALLOW, line="replicas: 0x1"),
        {DEPLOYMENT: (("  replicas: {{ .Values.replicas }}", f"  replicas: 1 # {ALLOW}"),)},
        {DEPLOYMENT: (("  replicas: {{ .Values.replicas }}", f"  replicas: 1 {{{{/* {ALLOW} */}}}}"),)},
        {DEPLOYMENT: (("  replicas: {{ .Values.replicas }}", f"  {{{{- /* {ALLOW} */}}}}\n  replicas: 1"),)},
        {DEPLOYMENT: (("  replicas: {{ .Values.replicas }}", f"  {{{{- /*\n  {ALLOW}\n  */}}}}\n  replicas: 1"),)},
    ],
)
def test_a_comment_suppresses(edits):
    """On the line of the finding or above it, in values and templates."""
    report = run(edits)
    assert places(report) == []
    assert [(one.finding.rule, one.reason, one.in_source) for one in report.suppressed] == [
        ("SGL801", "evidence for the quota", True)
    ]
    assert [one.at.line for one in report.suppressed] == [
        number
        for path in edits
        for number, line in enumerate(overlay(edits=edits)[path].decode().splitlines(), 1)
        if "signet-lint" in line
    ]


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (running("signet-lint: allow SGL801"), "it gives no reason"),
        (running("signet-lint: allow SGL801 --"), "it gives no reason"),
        (running("signet-lint: allow SGL801 -- ."), "it gives no reason"),
        (running("signet-lint: allow SGL801 - run"), "no rule `-`"),
        (running("signet-lint: allow -- run"), "it names no rule"),
        (running("signet-lint: allow until=2030-01-01 -- run"), "it names no rule"),
        (running("signet-lint: allow"), "it names no rule; it gives no reason"),
        (running("signet-lint:"), "it does not say what to allow"),
        (running("signet-lint: ignore SGL801 -- run"), "`ignore` is not `allow`"),
        (running("signet-lint: disable=SGL801 -- run"), "`disable` is not `allow`"),
        (running("signet-lint: SGL801 -- run"), "`SGL801` is not `allow`"),
        (running("signet-lint allow SGL801 -- run"), "the colon after `signet-lint` is missing"),
        (running("signet-lint: allow SGL8xx -- run"), "no rule `SGL8xx`"),
        (running("signet-lint: allow SGL801, SGL999 -- run"), "no rule `SGL999`"),
        (running("signet-lint: allow SGL801 until=tomorrow -- run"), "`tomorrow` is no date such as 2030-12-31"),
        (running("signet-lint: allow SGL801 until=2026-02-30 -- run"), "`2026-02-30` is no date"),
        (running("signet-lint: allow SGL801 until= -- run"), "`` is no date"),
        (running("signet-lint: allow SGL801 untill=2030-01-01 -- run"), "`untill=` is no setting"),
        (above("# signet-lint: allow SGL801"), "it gives no reason"),
        (
            {DEPLOYMENT: (("  replicas: {{ .Values.replicas }}", "  {{/* signet-lint: allow */}}\n  replicas: 1"),)},
            "names no rule",
        ),
    ],
)
def test_a_comment_that_says_too_little_suppresses_nothing(edits, said):
    """Rule and reason are obligatory, and a date must be one."""
    report = run(edits)
    path = next(iter(edits))
    assert sorted(finding.rule for finding in report.findings) == ["SGL011", "SGL801"]
    fault = next(finding for finding in report.findings if finding.rule == "SGL011")
    assert (fault.location.path, fault.severity) == (path, "error")
    assert f"{path}:{fault.location.line}" == line_of(overlay(edits=edits), f"{path}:signet-lint")
    assert said in fault.message
    assert report.suppressed == ()


@pytest.mark.parametrize(
    "edits",
    [
        running("signet-lint watches this", line="replicas: 0"),
        running("signet-lint: the replicas of a test stay at nothing", line="replicas: 0"),
        running("see signet-lint: allow SGL801 -- only an example", line="replicas: 0"),
        above(f"description: '# {ALLOW}'", then="replicas: 0"),
        above(f'description: "\n  # {ALLOW}\n  "', then="replicas: 0"),
        above(f"notes: |\n  # {ALLOW}", then="replicas: 0"),
        above(f"notes: >-\n\n  # {ALLOW}\n", then="replicas: 0"),
        above(f"notes: a#{ALLOW.replace(': ', ':')}", then="replicas: 0"),
        above(f"notes: '{{{{/* {ALLOW} */}}}}'", then="replicas: 0"),
    ],
)
def test_other_texts_are_no_suppressions(edits):
    """Neither talk of the tool nor the content of a string suppresses, or is unused."""
    report = run(edits)
    assert places(report) == []
    assert report.suppressed == ()


@pytest.mark.parametrize(
    "path",
    ["docs/NOTES.md", "charts/signet-loadtest/README.md", "charts/signet-loadtest/docs/example.yaml", "example.yaml"],
)
def test_files_that_are_not_deployed_hold_no_suppressions(path):
    """An example in a document is no suppression, so it is not unused either."""
    report = check(RULES, files={path: f"# {ALLOW}\nreplicas: 1\n"})
    assert places(report) == []


@pytest.mark.parametrize(
    ("edits", "at"),
    [
        (running(ALLOW, line="replicas: 0"), f"{VALUES}:signet-lint"),
        (above(f"# {ALLOW}", ""), f"{VALUES}:signet-lint"),
        (above(f"name: signet-loadtest2 # {ALLOW}".replace("name", "other")), f"{VALUES}:signet-lint"),
        ({LLM: (("\nnetworkPolicy:", f"\n# {ALLOW}\nnetworkPolicy:"),)}, f"{LLM}:signet-lint"),
        ({APP: (("kind: Application", f"# {ALLOW}\nkind: Application"),)}, f"{APP}:signet-lint"),
    ],
    ids=["nothing-to-suppress", "a-blank-line-between", "behind-another-line", "another-file", "a-template"],
)
def test_a_comment_that_matches_nothing_is_unused(edits, at):
    """Wherever it stands: it would hide what comes there later."""
    report = run(edits)
    unused = [place for place in places(report) if place.startswith("SGL009")]
    assert unused == [f"SGL009 {line_of(overlay(edits=edits), at)}"]
    assert report.suppressed == ()


def test_each_rule_of_a_comment_is_judged_for_itself():
    """One that matches does not hide that another does not."""
    report = run(running("signet-lint: allow SGL801, SGL602 -- evidence"))
    assert [(finding.rule, finding.help) for finding in report.findings] == [
        ("SGL009", "take SGL602 out of the comment")
    ]
    assert "SGL602" in report.findings[0].message
    assert [one.finding.rule for one in report.suppressed] == ["SGL801"]


def test_one_comment_for_two_findings_of_a_line():
    """A line may be wrong in two ways."""
    edits = {VALUES: (("replicas: 0", "replicas: 0\nreplicas: 1 # signet-lint: allow SGL801, SGL002 -- both"),)}
    report = run(edits)
    assert places(report) == []
    assert sorted(one.finding.rule for one in report.suppressed) == ["SGL002", "SGL801"]


UNTIL = "signet-lint: allow SGL801 until=2026-02-01 -- quota evidence run"


@pytest.mark.parametrize(
    ("today", "rules"),
    [
        (date(2026, 1, 31), []),
        (date(2026, 2, 1), []),
        (date(2026, 2, 2), ["SGL010", "SGL801"]),
        (date(2027, 1, 1), ["SGL010", "SGL801"]),
    ],
)
def test_a_suppression_expires_after_its_last_day(today, rules):
    """The load test of the plan: switched on for a run, with a promise to switch it off."""
    report = run(above(f"# {UNTIL}"), today=today)
    assert sorted(finding.rule for finding in report.findings) == rules
    assert len(report.suppressed) == (0 if rules else 1)


def test_what_is_reverted_leaves_nothing():
    """The end of the plan's load test: comment and replicas are gone."""
    assert places(run({}, today=date(2027, 1, 1))) == []


def test_an_expired_comment_with_nothing_to_suppress_is_expired_not_unused():
    """One fault, one finding."""
    report = run(running(UNTIL, line="replicas: 0"), today=date(2026, 2, 2))
    assert [finding.rule for finding in report.findings] == ["SGL010"]
    assert "2026-02-01" in report.findings[0].message


def test_without_a_day_nothing_expires():
    """The clock is never read by the pipeline itself."""
    assert places(run(above("# signet-lint: allow SGL801 until=2000-01-01 -- run"), today=None)) == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"rules": [rule for rule in RULES if rule.id != "SGL801"]},
        {"rules": [rule for rule in RULES if rule.id in ("SGL801", "SGL009")], "envs": ["local"]},
        {"rules": [rule for rule in RULES if rule.id in ON_SUPPRESSIONS]},
    ],
    ids=["rule-off", "one-environment", "no-other-rule"],
)
def test_a_suppression_that_was_not_tried_is_not_unused(arguments):
    """Neither a rule that did not run nor an environment that was not looked at says anything of it."""
    assert places(run(running(ALLOW, line="replicas: 0"), **arguments)) == []


def test_what_cannot_be_rendered_calls_no_suppression_unused():
    """The finding may be in what failed."""
    edits = {
        **running(ALLOW, line="replicas: 0"),
        DEPLOYMENT: (("spec:\n  replicas", 'spec: {{ fail "x" }}\n  replicas'),),
    }
    assert {finding.rule for finding in run(edits).findings} == {"SGL003"}


def test_only_the_rules_chosen_report_on_suppressions():
    """The three are rules like others: they can be left out."""
    rules = [rule for rule in RULES if rule.id not in ON_SUPPRESSIONS]
    assert places(run(running(ALLOW, line="replicas: 0"), rules=rules)) == []
    assert [f.rule for f in run(running("signet-lint: allow SGL801"), rules=rules).findings] == ["SGL801"]


def test_a_comment_above_a_block_suppresses_what_is_in_it():
    """Inside a block scalar no comment can stand."""
    body = "q7Zt9Lm2" + "Xw4Rb8Nc" + "1Vy6Kd3H" + "p5Gs0Fj8"  # put together here: the file itself holds no token
    block = f"notes: |\n  token\n  {'hf_' + body}\nnetworkPolicy:"
    marked = {LLM: (("networkPolicy:", block),)}
    assert [finding.rule for finding in run(marked).findings] == ["SGL701"]
    comment = "# signet-lint: allow SGL701 -- revoked, kept for the record\n"
    report = run({LLM: (("networkPolicy:", comment + block),)})
    assert places(report) == []
    assert [one.finding.rule for one in report.suppressed] == ["SGL701"]


def test_the_severity_of_the_three_can_be_set():
    """As that of any rule."""
    report = run(running(ALLOW, line="replicas: 0"), config=Config(severity={"SGL009": "error"}))
    assert [(finding.rule, finding.severity) for finding in report.findings] == [("SGL009", "error")]


def test_a_fingerprint_does_not_know_the_line():
    """A fault of a suppression is the same one wherever it stands in its file."""
    one, other = (run(above(*lines, f"# {ALLOW}", then="replicas: 0")).findings for lines in ((), ("a: 1", "b: 2")))
    assert one[0].fingerprint == other[0].fingerprint
    assert one[0].location.line != other[0].location.line


def ignore(**changes):
    """An entry of the configuration that ignores the load test everywhere."""
    fields = {"rules": ("SGL801",), "paths": ("charts/",), "reason": "a test cluster", "at": Location("c.yaml", 7, 3)}
    return Config(ignore=(Ignore(**{**fields, **changes}),))


RUNNING = {VALUES: (("replicas: 0", "replicas: 1"),)}


@pytest.mark.parametrize(
    "paths",
    [
        (VALUES,),
        ("charts/signet-loadtest/",),
        ("charts/*/values-common.yaml",),
        ("values-common.yaml",),
        ("**/*.yaml", "!charts/signet-llm/"),
    ],
)
def test_an_ignore_of_paths(paths):
    """Patterns are those of a .gitignore."""
    report = run(RUNNING, config=ignore(paths=paths))
    assert places(report) == []
    assert [(one.reason, one.at.line, one.in_source) for one in report.suppressed] == [("a test cluster", 7, False)]


@pytest.mark.parametrize(
    "paths", [("charts/signet-llm/",), ("values-prod.yaml",), ("*.yaml", "!charts/signet-loadtest/*")]
)
def test_an_ignore_of_other_paths(paths):
    """It is unused, at its line of the configuration."""
    report = run(RUNNING, config=ignore(paths=paths))
    assert [place for place in places(report) if "SGL801" not in place] == ["SGL009 c.yaml:7"]
    assert report.suppressed == ()


def test_an_ignore_of_an_environment_leaves_the_others():
    """A finding of two environments is reported for the one that is not ignored."""
    edits = {"charts/web-frontend/templates/service.yaml": (("\nspec:\n", "\nspec:\n  portz: 1\n"),)}
    (everywhere,) = run(edits).findings
    assert len(everywhere.envs) > 1
    first, *rest = everywhere.envs
    report = run(edits, config=ignore(rules=("SGL005",), paths=(), envs=(first,)))
    assert [(finding.rule, finding.envs) for finding in report.findings] == [("SGL005", tuple(rest))]
    report = run(edits, config=ignore(rules=("SGL005",), paths=(), envs=everywhere.envs))
    assert places(report) == []
    assert [one.finding.rule for one in report.suppressed] == ["SGL005"]


def test_an_ignore_expires():
    """As a comment does."""
    config = ignore(until=date(2026, 2, 1))
    assert places(run(RUNNING, config=config, today=date(2026, 2, 1))) == []
    report = run(RUNNING, config=config, today=date(2026, 2, 2))
    assert sorted(finding.rule for finding in report.findings) == ["SGL010", "SGL801"]
    assert "SGL010 c.yaml:7" in places(report)


def test_an_ignore_and_a_comment_for_one_finding_are_both_used():
    """Neither is called unused because of the other."""
    report = run(running(ALLOW), config=ignore())
    assert places(report) == []
    assert len(report.suppressed) == 1


def test_an_ignore_for_an_environment_not_looked_at_is_not_unused():
    """Nobody has looked."""
    assert places(run({}, config=ignore(paths=(), envs=("prod",)), envs=["local"])) == []


def test_an_ignore_covers_the_rules_on_suppressions_too():
    """They are rules like others."""
    config = ignore(rules=("SGL009",), paths=(VALUES,))
    report = run(running(ALLOW, line="replicas: 0"), config=config)
    assert places(report) == []
    assert [one.finding.rule for one in report.suppressed] == ["SGL009"]
