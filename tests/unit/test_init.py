"""`signet-lint init`: what it writes, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from signet_lint.cli import cli
from signet_lint.config import Config
from signet_lint.schema.sources import schema_folder
from signet_lint.settings import load
from tests.overlay import FIXTURE
from tests.unit.test_gittree import git

CONFIG, HOOKS, WORKFLOW = ".signet-lint.yaml", ".pre-commit-config.yaml", ".github/workflows/signet-lint.yaml"


@pytest.fixture
def root(tmp_path):
    """The fixture as a git repository."""
    folder = tmp_path / "gitops"
    shutil.copytree(FIXTURE, folder)
    git(folder, "init", "-q")
    return folder


def init(folder, expected=0):
    """What the command says."""
    result = CliRunner().invoke(cli, ["init", str(folder)])
    assert result.exit_code == expected, result.output
    return result.output


def test_everything_is_written(root):
    """Three files, and nothing else changes."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert init(root).splitlines() == [f"wrote {name}" for name in (CONFIG, HOOKS, WORKFLOW)]
    after = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert {str(path.relative_to(root)) for path in set(after) - set(before)} == {CONFIG, HOOKS, WORKFLOW}
    assert all(after[path] == content for path, content in before.items())


def test_the_configuration_sets_nothing_and_names_what_was_found(root):
    """It starts with the line that editors read, and is the default."""
    init(root)
    text = (root / CONFIG).read_text()
    assert text.startswith("# yaml-language-server: $schema=https://")
    assert "environments local, sno, prod" in text
    assert "# local-envs: [local]\n# inference-envs: [prod]\n" in text
    assert load(root) == Config()


def test_what_it_shows_can_be_switched_on(root):
    """Every setting in its comments is right."""
    init(root)
    text = (root / CONFIG).read_text()
    examples = (
        text[text.index("# envs:") :].replace("# `", "## `").replace("# What", "## What").replace("# Find", "## Find")
    )
    switched_on = "\n".join(line.removeprefix("# ") for line in examples.splitlines())
    (root / CONFIG).write_text(switched_on)
    content = yaml.safe_load(switched_on)
    assert {"envs", "local-envs", "inference-envs", "exists", "severity", "ignore", "baseline"} == set(content)
    jsonschema.validate(content, json.loads((schema_folder() / "config.json").read_text()))
    assert load(root).envs == ("local", "sno", "prod")


def test_the_hook_is_what_pre_commit_accepts(root):
    """By pre-commit itself."""
    init(root)
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(root / HOOKS)]
    subprocess.run(command, check=True)


def test_nothing_is_overwritten(root):
    """What is there is kept, and what to add is shown."""
    (root / CONFIG).write_text("max-model-len: 4096\n")
    (root / HOOKS).write_text("repos: []\n")
    (root / WORKFLOW).parent.mkdir(parents=True)
    (root / WORKFLOW).write_text("mine\n")
    said = init(root)
    assert [(root / name).read_text() for name in (CONFIG, HOOKS, WORKFLOW)] == [
        "max-model-len: 4096\n",
        "repos: []\n",
        "mine\n",
    ]
    assert f"kept {CONFIG}" in said
    assert f"kept {WORKFLOW}" in said
    assert f"add to {HOOKS}, to its `repos`:" in said
    assert "- id: signet-lint" in said


def test_twice_is_once(root):
    """A second run finds its own files."""
    init(root)
    assert init(root).splitlines() == [f"kept {CONFIG}", f"kept {HOOKS}: it has the hook", f"kept {WORKFLOW}"]


def test_a_configuration_in_pyproject_is_enough(root):
    """Two would be an error."""
    (root / "pyproject.toml").write_text("[tool.signet-lint]\nmax-model-len = 4096\n")
    assert "kept pyproject.toml" in init(root)
    assert not (root / CONFIG).exists()


def test_a_folder_of_a_repository(root):
    """Hook and workflow belong to the top, which was not named: they are shown, with the way to the folder."""
    said = init(root / "charts")
    assert (root / "charts" / CONFIG).exists()
    assert not list(root.rglob(".github"))
    assert not list(root.rglob(HOOKS))
    assert "args: [charts]" in said
    assert "root: charts" in said


def test_a_folder_with_nothing_in_it(tmp_path):
    """Whoever starts with the linter starts right."""
    assert f"wrote {CONFIG}" in init(tmp_path)
    assert "Found by itself" not in (tmp_path / CONFIG).read_text()


@pytest.mark.parametrize("name", [CONFIG, ".github"])
def test_links_out_of_the_repository_are_not_followed(root, tmp_path, name):
    """Nothing is written elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / name).symlink_to(elsewhere / "absent" if name == CONFIG else elsewhere)
    assert "leads out of the repository" in init(root, expected=2) or name == CONFIG
    assert list(elsewhere.iterdir()) == []


def test_a_broken_configuration_is_told(root):
    """Before anything is written."""
    (root / CONFIG).write_text("envs: prod\n")
    assert "`envs` must be a list" in init(root, expected=2)
    assert not (root / HOOKS).exists()
