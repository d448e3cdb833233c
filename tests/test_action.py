"""The GitHub action: its manifest by GitHub's schema, its steps run as GitHub runs them; workflows in docs and `init`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import signet_lint
from signet_lint.commands.init import WORKFLOW_TEXT
from tests.overlay import FIXTURE

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
VALUES = "charts/signet-loadtest/values-common.yaml"


def valid(schema, path):
    """Asserts that a file is right by one of GitHub's schemas."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_manifest_is_what_github_accepts():
    """By the schema of actions."""
    valid("github-actions", ROOT / "action.yml")


def workflows():
    """Every workflow that we tell people to use."""
    yield pytest.param(WORKFLOW_TEXT, id="init")
    for page in sorted((ROOT / "docs").glob("*.md")):
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)):
            if "\njobs:" in block:
                yield pytest.param(block, id=f"{page.stem}-{number}")


@pytest.mark.parametrize("text", list(workflows()))
def test_workflows_are_what_github_accepts(tmp_path, text):
    """By the schema of workflows; the inputs they give are those of the action, and they may only read."""
    path = tmp_path / "workflow.yaml"
    path.write_text(text)
    valid("github-workflows", path)
    workflow = yaml.safe_load(text)
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    ours = [step for step in steps if step.get("uses", "").startswith("signet-lint/signet-lint@")]
    assert all(set(step.get("with", {})) <= set(ACTION["inputs"]) for step in ours)
    assert any(ours) or any("signet-lint" in step.get("run", "") for step in steps)
    assert workflow["permissions"]["contents"] == "read"


def test_the_docs_show_workflows():
    """So that the test above tests something."""
    assert len(list(workflows())) >= 3


def test_no_expression_stands_in_a_script():
    """What a pull request can choose must not become part of a program."""
    for step in STEPS.values():
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
        assert "uses" not in step


@pytest.fixture
def runner(tmp_path):
    """A workspace with the fixture, and this installation where the first step would have put one."""
    workspace = tmp_path / "workspace with a blank"
    shutil.copytree(FIXTURE, workspace)
    scripts = tmp_path / "temp" / "signet-lint" / "bin"
    scripts.mkdir(parents=True)
    program = scripts / "signet-lint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m signet_lint "$@"\n')
    program.chmod(0o755)
    return workspace


def check(workspace, **inputs):
    """Runs the second step with inputs, as GitHub does: exit code, log, outputs, summary."""
    temp = workspace.parent / "temp"
    given = {name: entry.get("default", "") for name, entry in ACTION["inputs"].items()}
    given.update({name.replace("_", "-"): value for name, value in inputs.items()})
    step = STEPS["Check the repository"]
    script = temp / "step.sh"
    script.write_text(step["run"])
    files = {name: temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(signet_lint.__file__).parent.parent),
        "RUNNER_TEMP": str(temp),
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        **{name: str(file) for name, file in files.items()},
        **{name: filled(value, given) for name, value in step["env"].items()},
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    run = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return run.returncode, run.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text(), run.stderr


def filled(value, given):
    """An expression that reads an input, replaced by that."""
    return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: given[match[1]], value)


def break_it(workspace):
    """Leaves the load test running."""
    values = workspace / VALUES
    values.write_text(values.read_text().replace("replicas: 0", "replicas: 1"))


def test_a_clean_repository(runner):
    """Green, with a summary."""
    code, log, outputs, summary, err = check(runner)
    assert (code, outputs) == (0, {"exit-code": "0"}), log + err
    assert "No findings" in summary


def test_a_finding(runner):
    """Red, annotated at its line, in the SARIF file and in the summary."""
    break_it(runner)
    code, log, outputs, summary, _ = check(runner, sarif_file="out.sarif")
    assert (code, outputs) == (1, {"exit-code": "1"})
    assert re.search(rf"^::error .*file={re.escape(VALUES)},line=\d+", log, re.MULTILINE)
    assert "SGL801" in summary
    results = json.loads((runner / "out.sarif").read_text())["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["SGL801"]


def test_arguments_are_lines(runner):
    """Further arguments may hold blanks, and nothing in them is run."""
    break_it(runner)
    assert check(runner, arguments="--ignore\nSGL801\n")[0] == 0
    assert check(runner, arguments="--ignore=loadtest-running\r\n\r\n")[0] == 0
    code, _, outputs, _, err = check(runner, arguments="$(touch ran)\n`touch ran`; touch ran")
    assert (code, outputs) == (2, {"exit-code": "2"}), err
    assert not list(runner.rglob("ran"))


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"root": "--exit-zero"}, 2),
        ({"root": "$(touch ran)"}, 2),
        ({"root": "absent"}, 2),
        ({"root": "docs"}, 3),
        ({"fail_on": "never"}, 2),
        ({"sarif_file": "absent/out.sarif"}, 2),
    ],
)
def test_inputs_are_no_options_and_no_programs(runner, inputs, expected):
    """Whatever an input holds, it is that argument."""
    assert check(runner, **inputs)[0] == expected
    assert not list(runner.rglob("ran"))
