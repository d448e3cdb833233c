"""The pre-commit hook: which files start it, and a whole commit through pre-commit itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import signet_lint
from tests.overlay import FIXTURE

ROOT = Path(__file__).parent.parent
HOOK, FIX_HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path",
    [
        "Chart.yaml",
        "charts/signet-llm/Chart.yaml",
        "charts/signet-llm/values-prod.yaml",
        "charts/signet-llm/templates/inferenceservice.yaml",
        "charts/signet-llm/templates/_helpers.tpl",
        "charts/signet-llm/files/dashboard.json",
        "charts/signet-loadtest/scripts/test.js",
        "apps/root.yml",
        ".signet-lint.yaml",
        "pyproject.toml",
    ],
)
def test_hook_starts_for(path: str) -> None:
    """Everything a deployment reads starts the hook."""
    assert re.search(HOOK["files"], path)


@pytest.mark.parametrize("path", ["docs/README.txt", "main.go", "Makefile", "notes/values.md", "src/app.py"])
def test_hook_does_not_start_for(path: str) -> None:
    """A commit that touches none of it does not pay for the hook."""
    assert not re.search(HOOK["files"], path)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with the fixture in it, and the hook configured to run this installation."""
    folder = tmp_path / "gitops"
    shutil.copytree(FIXTURE, folder)
    configure(folder, HOOK)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    return folder


def configure(folder: Path, hook: dict[str, Any]) -> None:
    """Lets a repository use one of the hooks."""
    entry = hook["entry"].replace("signet-lint", f"{sys.executable} -m signet_lint")
    config = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system", "entry": entry}]}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def pre_commit(folder: Path) -> subprocess.CompletedProcess[str]:
    # The package under test: the checkout's where the tests run in one, else the installed one.
    path = os.pathsep.join([str(Path(signet_lint.__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PRE_COMMIT_HOME": str(folder.parent / "pre-commit"), "PYTHONPATH": path}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_hook_is_green_on_the_fixture(repository: Path) -> None:
    """A repository with nothing wrong can be committed."""
    run = pre_commit(repository)
    assert run.returncode == 0, run.stdout + run.stderr


def test_hook_is_red_on_a_breakage(repository: Path) -> None:
    """A template that was not wired stops the commit, at the line of the chart."""
    (repository / "charts/signet-umbrella/templates/app-signet-llm.yaml").unlink()
    git(repository, "add", "--all")
    run = pre_commit(repository)
    assert run.returncode == 1
    assert "SGL102" in run.stdout
    assert "charts/signet-llm/Chart.yaml" in run.stdout


def test_the_fixing_hook_stops_the_commit_once(repository: Path) -> None:
    """It mends what it can, which pre-commit counts as a failure; the second attempt goes through."""
    configure(repository, FIX_HOOK)
    (repository / "charts/signet-umbrella/templates/app-signet-llm.yaml").unlink()
    git(repository, "add", "--all")
    first = pre_commit(repository)
    assert first.returncode == 1
    assert "fixed: charts/signet-llm/Chart.yaml:1 SGL102" in first.stdout
    git(repository, "add", "--all")
    assert pre_commit(repository).returncode == 0


def test_manifest_is_what_pre_commit_accepts() -> None:
    """The hook manifest is valid for pre-commit, with the settings a whole-repository linter needs."""
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    subprocess.run(command, check=True)
    for hook in (HOOK, FIX_HOOK):
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False
    assert FIX_HOOK["files"] == HOOK["files"]
