"""The baseline: what it hides, what it does not, and what is gone."""

from __future__ import annotations

import json
import shutil

import jsonschema
import pytest
from msgspec.structs import replace

from signet_lint.errors import UsageError
from signet_lint.schema.sources import schema_folder
from signet_lint.triage.baseline import NAME, Baseline, entries_of, read, text_of, write
from tests.overlay import FIXTURE, check, places
from tests.reports import finding
from tests.test_rules import RULES

SCHEMA = json.loads((schema_folder() / "baseline-v1.json").read_text(encoding="utf-8"))
VALUES = "charts/signet-loadtest/values-common.yaml"
LLM = "charts/signet-llm/values-common.yaml"
RUNNING = {VALUES: (("replicas: 0", "replicas: 1"),)}
TOO_LONG = {LLM: (("maxModelLen: ", "maxModelLen: 1"),)}


def baseline_of(tmp_path, findings):
    """The baseline of findings, written and read again."""
    write(tmp_path, entries_of(findings))
    return read(tmp_path / NAME, NAME)


def complaint(tmp_path, content):
    """The error that a baseline of that content raises."""
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read(tmp_path / NAME, NAME)
    return str(caught.value)


def test_what_is_known_is_hidden(tmp_path):
    """A run after the baseline reports nothing, and counts what it hides."""
    before = check(RULES, edits={**RUNNING, **TOO_LONG})
    assert before.findings
    report = check(RULES, edits={**RUNNING, **TOO_LONG}, baseline=baseline_of(tmp_path, before.findings))
    assert places(report) == []
    assert report.baselined == before.findings


def test_what_is_new_is_reported(tmp_path):
    """One finding more is one finding."""
    known = baseline_of(tmp_path, check(RULES, edits=RUNNING).findings)
    report = check(RULES, edits={**RUNNING, **TOO_LONG}, baseline=known)
    assert "SGL602" in [one.rule for one in report.findings]
    assert "SGL801" not in [one.rule for one in report.findings]
    assert [one.rule for one in report.baselined] == ["SGL801"]


def test_lines_may_move(tmp_path):
    """What stands further down is the same finding."""
    known = baseline_of(tmp_path, check(RULES, edits=RUNNING).findings)
    moved = {VALUES: (("replicas: 0", "# one\n# two\nmore: {a: 1}\n\nreplicas: 1"),)}
    report = check(RULES, edits=moved, baseline=known)
    assert places(report) == []
    assert len(report.baselined) == 1


def test_a_correction_makes_the_entry_a_finding(tmp_path):
    """The baseline can only shrink: an entry whose finding is gone is to be taken out."""
    before = check(RULES, edits={**RUNNING, **TOO_LONG}).findings
    known = baseline_of(tmp_path, before)
    report = check(RULES, edits=TOO_LONG, baseline=known)
    (stale,) = report.findings
    assert (stale.rule, stale.severity, stale.location.path) == ("SGL009", "warning", NAME)
    line = (tmp_path / NAME).read_text().splitlines()[stale.location.line - 1]
    assert '"SGL801"' in line
    assert VALUES in line


@pytest.mark.parametrize(
    "arguments",
    [{"envs": ["local"]}, {"rules": [rule for rule in RULES if rule.id in ("SGL009", "SGL101")]}],
    ids=["one-environment", "other-rules"],
)
def test_an_entry_that_was_not_looked_for_is_not_stale(tmp_path, arguments):
    """A run of less than everything says nothing of it."""
    known = baseline_of(tmp_path, check(RULES, edits=RUNNING).findings)
    assert places(check(arguments.pop("rules", RULES), baseline=known, **arguments)) == []


def test_faults_of_suppressions_can_be_in_it(tmp_path):
    """So that a run after the baseline is clean whatever the repository had."""
    edits = {VALUES: (("replicas: 0", "replicas: 1 # signet-lint: allow SGL801"),)}
    before = check(RULES, edits=edits)
    assert sorted(one.rule for one in before.findings) == ["SGL011", "SGL801"]
    assert places(check(RULES, edits=edits, baseline=baseline_of(tmp_path, before.findings))) == []


def test_another_environment_is_new():
    """What was known of sno is not known of prod."""
    known = Baseline(NAME, entries_of([finding(envs=("sno",))]))
    assert known.split([finding(envs=("sno", "prod"))]) == ([finding(envs=("sno", "prod"))], [])
    known = Baseline(NAME, entries_of([finding(envs=("sno", "prod"))]))
    assert known.split([finding(envs=("prod",))]) == ([], [finding(envs=("prod",))])


def test_as_many_as_were_counted_are_hidden():
    """One more of a kind is new."""
    known = Baseline(NAME, entries_of([finding(), finding()]))
    new, hidden = known.split([finding(message=str(number)) for number in range(3)])
    assert ([one.message for one in new], [one.message for one in hidden]) == (["2"], ["0", "1"])


def test_the_file_is_stable_and_described(tmp_path):
    """Sorted, an entry a line, the same bytes whatever the order of the findings; valid by its schema."""
    findings = [finding(fingerprint=f"{number:016x}", rule=f"SGL60{number}") for number in range(3)]
    text = text_of(entries_of(findings))
    assert text == text_of(entries_of(reversed(findings)))
    assert [line.count('"fingerprint"') for line in text.splitlines()] == [0, 0, 0, 1, 1, 1, 0, 0]
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for content in (text, text_of([])):
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(content))
    write(tmp_path, entries_of(findings))
    known = read(tmp_path / NAME, NAME).entries
    assert [replace(entry, line=1) for entry in known] == entries_of(findings)
    assert [entry.line for entry in known] == [4, 5, 6]


ENTRY = {"fingerprint": "a", "rule": "SGL801", "path": "a.yaml", "envs": ["prod"], "count": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"{NAME}:1:1: not JSON"),
        (b'{"version": 1,\n<<<<<<< HEAD\n', f"{NAME}:2:1: not JSON"),
        (b"\xff\xfe", "is no JSON text"),
        (b"[" * 100_000, "is no JSON text"),
        (b"[]", "is no baseline"),
        (b'{"version": 1}', "is no baseline"),
        (b'{"findings": []}', "is no baseline"),
        (b'{"version": 2, "findings": []}', "has version 2"),
        (b'{"version": true, "findings": []}', "has version True"),
        (json.dumps({"version": 1, "findings": [3]}).encode(), "entry 1 must have"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "x": 1}]}).encode(), "entry 1 must have"),
        (json.dumps({"version": 1, "findings": [ENTRY, {**ENTRY, "envs": "prod"}]}).encode(), "entry 2 has a value"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "count": 0}]}).encode(), "entry 1 has a value"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "count": True}]}).encode(), "entry 1 has a value"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "rule": None}]}).encode(), "entry 1 has a value"),
        (json.dumps({"version": 1, "findings": [ENTRY, ENTRY]}).encode(), "the fingerprint `a` stands twice"),
    ],
)
def test_a_broken_baseline_is_refused(tmp_path, content, message):
    """Half a baseline would hide the wrong things."""
    assert message in complaint(tmp_path, content)


def test_links_are_not_written_through(tmp_path):
    """Neither to a file elsewhere nor into one here."""
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text("mine")
    root = tmp_path / "root"
    root.mkdir()
    (root / NAME).symlink_to(elsewhere)
    with pytest.raises(UsageError, match="no regular file"):
        write(root, [])
    assert elsewhere.read_text() == "mine"
    assert [path.name for path in root.iterdir()] == [NAME]


@pytest.fixture
def repository(tmp_path):
    """The fixture with a load test left running."""
    folder = tmp_path / "gitops"
    shutil.copytree(FIXTURE, folder)
    values = folder / VALUES
    values.write_text(values.read_text().replace("replicas: 0", "replicas: 1"))
    return folder


def signet_lint(capfd, *arguments):
    """The program's exit code and output."""
    from signet_lint.cli import cli

    with pytest.raises(SystemExit) as ended:
        cli.main([str(one) for one in arguments], prog_name="signet-lint")
    out, err = capfd.readouterr()
    return ended.value.code or 0, out, err


def test_the_command_and_the_option(repository, capfd):
    """Write it, use it, correct what it knows of, write it again."""
    assert signet_lint(capfd, "check", repository)[0] == 1
    assert signet_lint(capfd, "baseline", repository) == (0, f"{NAME}: 1 finding written down.\n", "")
    code, out, _ = signet_lint(capfd, "check", repository, "--baseline", repository / NAME, "--format", "json")
    assert code == 0
    assert json.loads(out)["summary"]["baselined"] == 1
    assert json.loads(out)["findings"] == []
    shutil.copy(FIXTURE / VALUES, repository / VALUES)
    code, out, _ = signet_lint(capfd, "check", repository, "--baseline", repository / NAME, "--format", "concise")
    assert code == 0
    assert out.startswith(f"{NAME}:4:")
    assert "SGL009" in out
    assert signet_lint(capfd, "baseline", repository)[:2] == (0, f"{NAME}: 0 findings written down.\n")
    assert signet_lint(capfd, "check", repository, "--baseline", repository / NAME, "--fail-on", "note")[0] == 0


def test_the_configuration_can_name_it(repository, capfd):
    """So that hook, pipeline and people use the same."""
    signet_lint(capfd, "baseline", repository)
    (repository / ".signet-lint.yaml").write_text(f"baseline: {NAME}\n")
    assert signet_lint(capfd, "check", repository)[0] == 0
    assert signet_lint(capfd, "baseline", repository)[1] == f"{NAME}: 1 finding written down.\n"
    (repository / ".signet-lint.yaml").write_text("baseline: absent.json\n")
    code, _, err = signet_lint(capfd, "check", repository)
    assert code == 2
    assert "no baseline `absent.json`" in err
    (repository / ".signet-lint.yaml").write_text("baseline: ../other.json\n")
    code, _, err = signet_lint(capfd, "check", repository)
    assert code == 2
    assert "outside the repository" in err


def test_a_clean_repository_needs_none(tmp_path, capfd):
    """Nothing is written where there is nothing to write."""
    folder = tmp_path / "gitops"
    shutil.copytree(FIXTURE, folder)
    code, out, _ = signet_lint(capfd, "baseline", folder)
    assert (code, (folder / NAME).exists()) == (0, False)
    assert "nothing to write down" in out


def test_half_an_analysis_makes_no_baseline(tmp_path, capfd):
    """Where there is nothing to look at, nothing can be known of."""
    code, _, err = signet_lint(capfd, "baseline", tmp_path)
    assert (code, list(tmp_path.iterdir())) == (3, [])
    assert "not fully analysed" in err


def test_a_broken_baseline_is_an_error_of_usage(repository, capfd):
    """Exit 2, and no traceback."""
    (repository / NAME).write_text("{")
    code, out, err = signet_lint(capfd, "check", repository, "--baseline", repository / NAME)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {NAME}:1:2: not JSON")
