"""`explain` for components, findings and the wiring; and the road of an agent from a finding to a clean check."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from signet_lint.cli import cli
from signet_lint.pages import pages
from signet_lint.schema.sources import schema_folder
from tests.overlay import FIXTURE

SCHEMAS = schema_folder()
ENTRY = "charts/argocd-apps/values.yaml"
ENTRY_TEMPLATE = "charts/argocd-apps/templates/applicationset-umbrella.yaml"
LLM = "charts/signet-llm/values-common.yaml"
UMBRELLA = "charts/signet-umbrella"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A copy of the fixture, as the current folder."""
    shutil.copytree(FIXTURE, tmp_path / "repo")
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


def invoke(*arguments):
    """Runs the program in this process."""
    return CliRunner().invoke(cli, list(arguments))


def explained(*arguments):
    """The JSON of `explain`, which is checked against its schema."""
    result = invoke("explain", *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    valid(document, "explain-v1.json")
    if document["kind"] == "rule":
        valid(document["rule"], "rules-v1.json", "rule")
    for finding in document.get("findings", ()):
        # What `explain` adds to a finding is in its own schema.
        trail = [{key: hop[key] for key in hop if key != "source"} for hop in finding["trail"]]
        as_reported = {key: finding[key] for key in finding if key != "rule_entry"}
        valid({**as_reported, "trail": trail}, "report-v1.json", "finding")
    return document


def valid(document, name, part=None):
    """Asserts that a document is as a schema says, or a part of one."""
    schema = json.loads((SCHEMAS / name).read_text())
    if part:
        schema = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": f"#/$defs/{part}"}
    jsonschema.Draft202012Validator(schema).validate(document)


def edit(path, old, new):
    """Replaces a text that stands in the file once."""
    text = Path(path).read_text()
    assert text.count(old) == 1
    Path(path).write_text(text.replace(old, new))


def steps(document, env):
    """The state of each step in an environment."""
    return [step["state"] for step in environment(document, env)["steps"]]


def environment(document, env):
    """One environment of a component."""
    return next(one for one in document["environments"] if one["name"] == env)


def at(step):
    """A step's line of source."""
    return Path(step["path"]).read_text().splitlines()[step["line"] - 1].strip()


def test_a_component_that_is_wired(repository):
    """Every step with its line, what it deploys, and its GPUs."""
    found = explained("signet-llm")
    assert steps(found, "prod") == ["done"] * 5
    assert steps(found, "local") == ["done", "done", "done", "off", "not needed"]
    prod = environment(found, "prod")
    assert prod["applications"] == ["signet-llm-prod"]
    assert prod["namespaces"] == ["signet-prod"]
    assert prod["gpus"] == 1
    assert "InferenceService" in [one["kind"] for one in prod["resources"]]
    assert at(prod["steps"][2]) == "enabled: false"
    assert at(prod["steps"][3]) == "signetLLMEnabled: true"
    assert prod["steps"][4]["path"] == f"{UMBRELLA}/templates/rbac-argocd-access.yaml"
    assert found["findings"] == []


@pytest.mark.parametrize("name", ["signet-llm-prod", "charts/signet-llm", "charts/signet-llm/"])
def test_other_names_of_a_component(repository, name):
    """An Application's name and a chart's folder are as good."""
    assert environment(explained(name), "prod")["applications"] == ["signet-llm-prod"]


@pytest.mark.parametrize(
    ("change", "number", "detail", "line"),
    [
        (
            lambda: edit(ENTRY, "    signetLLMEnabled: true\n", "    signetLLMEnabled: false\n"),
            4,
            "`signetLLMEnabled: false`",
            "signetLLMEnabled: false",
        ),
        (
            lambda: edit(ENTRY_TEMPLATE, "value: '{{ \"{{ .signetLLMEnabled }}\" }}'", "value: 'false'"),
            4,
            "the ApplicationSet sets it",
            "- name: signetLLM.enabled",
        ),
        (
            lambda: edit(f"{UMBRELLA}/values.yaml", "signetLLM:\n  enabled: false", "signetLLM:\n  enabled: true"),
            3,
            f"`signetLLM.enabled` is `true` by default in `{UMBRELLA}/values.yaml`",
            "enabled: true",
        ),
        (
            lambda: Path(f"{UMBRELLA}/templates/app-signet-llm.yaml").unlink(),
            2,
            f"no Application in `{UMBRELLA}/templates` deploys it",
            None,
        ),
    ],
    ids=["flag-off", "parameter-off", "on-by-default", "no-application"],
)
def test_a_step_that_is_missing(repository, change, number, detail, line):
    """It says what is missing, and where it belongs."""
    change()
    step = environment(explained("signet-llm"), "prod")["steps"][number - 1]
    assert step["state"] in ("missing", "off")
    assert step["detail"] == detail
    if line:
        assert at(step) == line


def test_what_is_open_comes_first(repository):
    """Nothing for a component that is wired; the missing steps with their environments, and the findings."""
    assert "\nNothing is open.\n" in invoke("explain", "signet-llm").stdout
    edit(
        ENTRY_TEMPLATE,
        "            - name: signetLLM.enabled\n              value: '{{ \"{{ .signetLLMEnabled }}\" }}'\n",
        "",
    )
    page = invoke("explain", "signet-llm").stdout
    assert page.splitlines()[4] == "Open: step 4 in `local`, `sno`, `prod`; 1 finding."


def test_a_component_without_rights(repository):
    """Step 5 names the kinds that Argo CD may not manage."""
    (repository / UMBRELLA / "templates" / "rbac-argocd-kserve.yaml").unlink()
    found = explained("signet-llm")
    step = environment(found, "prod")["steps"][4]
    assert step["state"] == "missing"
    assert "`InferenceService`" in step["detail"]
    assert any(finding["rule"].startswith("SGL2") for finding in found["findings"])


def test_a_component_s_findings(repository):
    """Those in its chart and on its Applications, with the way to their roads."""
    edit(LLM, "--max-model-len=8192", "--max-model-len=16384") if "--max-model-len=8192" in Path(
        LLM
    ).read_text() else too_long()
    page = invoke("explain", "signet-llm").stdout
    assert " error SGL602: " in page
    assert "explain " in page.splitlines()[-1]


def too_long():
    """The length raised beyond what the plan allows."""
    edit(LLM, "maxModelLen: 8192", "maxModelLen: 16384")


def test_the_road_of_an_agent(repository):
    """check, explain the finding, edit the line it names, check again: clean."""
    too_long()
    first = invoke("check", "--format", "json")
    assert first.exit_code == 1
    finding = next(one for one in json.loads(first.stdout)["findings"] if one["rule"] == "SGL602")
    for name in (finding["fingerprint"], f"{finding['path']}:{finding['line']}"):
        told = explained(name)["findings"][0]
        assert told["rule_entry"]["id"] == "SGL602"
        assert told["trail"][0]["path"] == ENTRY
        assert any("16384" in hop["source"] for hop in told["trail"])
        assert "8192" in told["message"] + told["help"]
    lines = Path(finding["path"]).read_text().splitlines(keepends=True)
    lines[finding["line"] - 1] = lines[finding["line"] - 1].replace("16384", "8192")
    Path(finding["path"]).write_text("".join(lines))
    again = invoke("check", "--format", "json")
    rest = [one["rule"] for one in json.loads(again.stdout)["findings"]]
    assert (again.exit_code, rest) == (0, [])


def test_a_finding_as_text(repository):
    """The road has the source line of each hop, and the page says how to check the fix."""
    too_long()
    finding = json.loads(invoke("check", "--format", "json", "--select", "SGL602").stdout)["findings"][0]
    page = invoke("explain", finding["fingerprint"][:8]).stdout
    assert page.startswith("error: max-model-len-too-high (SGL602)\n")
    assert "`signetLLMEnabled: true`" in page
    assert "    signet-lint check --select SGL602\n" in page
    assert "    # signet-lint: allow SGL602 " in page
    marked = invoke("explain", finding["fingerprint"], "--format", "markdown").stdout
    assert marked.startswith("# error: max-model-len-too-high (SGL602)\n")


def test_wiring_names_the_files_of_the_repository(repository):
    """The checklist is about this repository."""
    found = explained("wiring")
    files = [file for step in found["steps"] for file in step["files"] if "<" not in file]
    assert {ENTRY, ENTRY_TEMPLATE, f"{UMBRELLA}/values-common.yaml", f"{UMBRELLA}/values.yaml"} == set(files)
    assert all(Path(file).is_file() for file in files)
    known = {page.id for page in pages()}
    assert all(rule in known for step in found["steps"] for rule in step["rules"])


def test_wiring_without_a_repository(tmp_path, monkeypatch):
    """Placeholders, and no complaint."""
    monkeypatch.chdir(tmp_path)
    assert len(explained("wiring")["steps"]) == 5
    assert invoke("explain", "wiring").stderr == ""


def test_root_names_another_folder(repository, monkeypatch, tmp_path):
    """The repository need not be the current folder."""
    monkeypatch.chdir(tmp_path)
    assert explained("signet-llm", "--root", "repo")["name"] == "signet-llm"
    assert invoke("explain", "signet-llm", "--root", "absent").exit_code == 2


@pytest.mark.parametrize(
    ("topic", "error", "hint"),
    [
        (
            "signet-lm",
            "no rule, component or finding `signet-lm`; did you mean `signet-llm`",
            "components: argocd-apps, ",
        ),
        ("wirings", "no rule, component or finding `wirings`; did you mean `wiring`?", "components: "),
        ("deadbeefdead", "no rule, component or finding `deadbeefdead`", "components: "),
        (f"{LLM}:1", f"no finding at `{LLM}:1`", "`signet-lint check` lists the findings"),
        ("SGL99", "no rule `SGL99`", "`signet-lint rules` lists them all"),
        ("max-model-len-to-high", "no rule `max-model-len-to-high`; did you mean `max-model-len-too-high`", ""),
    ],
)
def test_unknown_names(repository, topic, error, hint):
    """One line of error with what is near, and a hint."""
    result = invoke("explain", topic)
    assert result.exit_code == 2
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert first.startswith(f"error: {error}")
    assert hint in second


def test_a_component_where_there_is_no_repository(tmp_path, monkeypatch):
    """Nothing is found, and nothing is pretended."""
    monkeypatch.chdir(tmp_path)
    result = invoke("explain", "signet-llm")
    assert (result.exit_code, result.stdout) == (2, "")


def test_rules_as_json():
    """The whole catalogue with its examples, as the schema says."""
    document = json.loads(invoke("rules", "--format", "json").stdout)
    jsonschema.Draft202012Validator(json.loads((SCHEMAS / "rules-v1.json").read_text())).validate(document)
    assert [rule["id"] for rule in document["rules"]] == [page.id for page in pages()]


@pytest.mark.parametrize("name", ["SGL602", "sgl602", "max-model-len-too-high"])
def test_a_rule_as_json(name):
    """A rule has the same entry as in the catalogue."""
    assert explained(name)["rule"]["id"] == "SGL602"
