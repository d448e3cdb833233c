"""`check --fix` and `--diff` as a user runs them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from signet_lint.cli import cli
from tests.overlay import FIXTURE

LLM = "charts/signet-llm/values-common.yaml"
APPSET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the fixture with two faults: a length over the cap, and (fixed unsafely) a default that hides a flag."""
    folder = tmp_path / "gitops"
    shutil.copytree(FIXTURE, folder)
    replace(folder / LLM, "maxModelLen: 8192", "maxModelLen: 65536 # tokens")
    replace(folder / APPSET, "default false $e.webFrontendEnabled", "default true $e.webFrontendEnabled")
    return folder


def replace(path: Path, old: str, new: str) -> None:
    """Exchanges a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def check(*arguments: str | Path) -> Result:
    """Runs `signet-lint check`."""
    return CliRunner().invoke(cli, ["check", *map(str, arguments)])


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """The paths that are not the same in both."""
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def test_fix_changes_the_line_and_reports_what_is_left(repository: Path) -> None:
    """What is left for a person is reported as ever; a second run changes nothing."""
    before = files(repository)
    first = check(repository, "--fix", "--format", "concise")
    after = files(repository)
    assert changed(before, after) == {LLM}
    assert "  maxModelLen: 8192 # tokens\n" in after[LLM].decode()
    assert f"fixed: {LLM}:14 SGL602: cap the context length at 8192" in first.stderr
    assert "1 fixed in 1 file" in first.stderr
    assert [line.split(" ")[2] for line in first.stdout.splitlines()] == ["SGL112"]
    assert first.exit_code == 1
    second = check(repository, "--fix", "--format", "concise")
    assert files(repository) == after
    assert "fixed" not in second.stderr


def test_exit_non_zero_on_fix(repository: Path) -> None:
    """For hooks: a run that changed something is no success, even where nothing is left."""
    replace(repository / APPSET, "default true $e.webFrontendEnabled", "default false $e.webFrontendEnabled")
    assert check(repository, "--fix", "--exit-non-zero-on-fix").exit_code == 1
    assert check(repository, "--fix", "--exit-non-zero-on-fix").exit_code == 0


def test_unsafe_fixes_are_applied_when_asked_for(repository: Path) -> None:
    """And then nothing is left."""
    run = check(repository, "--fix", "--unsafe-fixes", "--quiet")
    assert (run.exit_code, run.stdout, run.stderr) == (0, "", "")
    assert "default false $e.webFrontendEnabled" in (repository / APPSET).read_text()


def test_diff_shows_what_fix_does_and_writes_nothing(repository: Path) -> None:
    """The diff is one that git applies, with the same outcome."""
    before = files(repository)
    shown = check(repository, "--diff", "--unsafe-fixes")
    assert shown.exit_code == 1
    assert files(repository) == before
    subprocess.run(["git", "apply", "-"], cwd=repository, input=shown.stdout, text=True, check=True)
    applied = files(repository)
    shutil.rmtree(repository)
    for path, content in before.items():
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_bytes(content)
    check(repository, "--fix", "--unsafe-fixes")
    assert files(repository) == applied


def test_a_diff_of_a_new_file_and_of_one_without_a_last_line_end(repository: Path) -> None:
    """`git apply` takes these, too."""
    (repository / "charts/signet-umbrella/templates/app-signet-llm.yaml").unlink()
    values = repository / "charts/signet-umbrella/values.yaml"
    values.write_text(values.read_text().replace("signetLLM:\n  enabled: false\n", "").rstrip("\n"))
    shown = check(repository, "--diff")
    assert "new file mode 100644" in shown.stdout
    assert "\\ No newline at end of file" in shown.stdout
    subprocess.run(["git", "apply", "-"], cwd=repository, input=shown.stdout, text=True, check=True)
    assert "SGL102" not in check(repository, "--format", "concise").stdout


def test_nothing_to_fix() -> None:
    """A clean repository gives an empty diff and the exit code of a clean one."""
    run = check(FIXTURE, "--diff")
    assert (run.exit_code, run.stdout) == (0, "")
    assert run.stderr == "nothing to fix\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unsafe-fixes"], "--unsafe-fixes does nothing without --fix or --diff"),
        (["--diff", "--format", "json"], "--diff has a format of its own"),
    ],
)
def test_options_that_mean_nothing_together(arguments: list[str], message: str) -> None:
    """They are refused, with what to do."""
    run = check(FIXTURE, *arguments)
    assert run.exit_code == 2
    assert message in run.stderr


def test_a_link_is_not_written_through(repository: Path, tmp_path: Path) -> None:
    """The fix is refused with its reason, the finding stays, and what is behind the link is untouched."""
    real = repository / "shared-values.yaml"
    (repository / LLM).rename(real)
    (repository / LLM).symlink_to(real)
    before = real.read_bytes()
    run = check(repository, "--fix", "--format", "concise")
    assert f"not fixed: {LLM}:14 SGL602: `{LLM}` is reached through a symbolic link" in run.stderr
    assert "SGL602" in run.stdout
    assert real.read_bytes() == before
    assert (repository / LLM).is_symlink()


def test_a_file_that_cannot_be_written_is_an_error(repository: Path) -> None:
    """One line that says which, and exit code 2."""
    folder = (repository / LLM).parent
    folder.chmod(0o555)
    try:
        (folder / "probe").write_text("")
    except OSError:
        run = check(repository, "--fix")
        assert run.exit_code == 2
        assert f"`{LLM}` cannot be written" in run.stderr
    else:
        pytest.skip("this user may write everywhere")
    finally:
        folder.chmod(0o755)


def test_suppressed_findings_are_not_fixed(repository: Path) -> None:
    """What somebody decided to keep stays as it is."""
    replace(repository / LLM, "65536 # tokens", "65536 # signet-lint: allow SGL602 -- measured")
    replace(repository / LLM, "65536 # signet-lint: allow SGL602 ", "32768 # signet-lint: allow SGL602,SGL603 ")
    before = (repository / LLM).read_bytes()
    check(repository, "--fix", "--ignore", "SGL603,SGL613,SGL009")
    assert (repository / LLM).read_bytes() == before
