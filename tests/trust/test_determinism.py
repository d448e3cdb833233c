"""The same tree gives the same bytes, wherever and however it is run."""

from __future__ import annotations

import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from signet_lint.cli import cli
from tests.overlay import FIXTURE

FORMATS = ("json", "sarif", "text", "concise")
ONE_CORE = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
RUN = "import sys; from signet_lint.cli import main; sys.exit(main())"


BROKEN = """apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {nonsense: 1, ports: 3, selector: {a: b}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: same}
spec: {replicas: "{{ len .Values }}"}
"""


def _break(root: Path) -> None:
    """Faults of many rules in many files."""
    for file in sorted(root.rglob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("8192", "32K"), encoding="utf-8")
    for chart in sorted((root / "charts").iterdir()):
        (chart / "templates" / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    (root / "charts/web-frontend/values-common.yaml").write_text("a: [\n", encoding="utf-8")
    (root / "charts/web-frontend/more.yaml").write_text("a: &a [*a]\n", encoding="utf-8")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repo") / "repo"
    shutil.copytree(FIXTURE, root)
    _break(root)
    return root


def _arguments(folder: Path) -> list[str]:
    return [word for one in FORMATS for word in ("--format", one, "--output", str(folder / one))]


@pytest.fixture(scope="module")
def expected(broken: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The reports of a run in this process."""
    folder = tmp_path_factory.mktemp("reports")
    result = CliRunner().invoke(cli, ["check", str(broken), *_arguments(folder)])
    assert result.exit_code == 1
    reports = {one: (folder / one).read_bytes() for one in FORMATS}
    assert reports["concise"].count(b"\n") > 20
    return reports


def _copied(source: Path, target: Path) -> None:
    """A copy made in the reverse order: file systems list folders as they were filled, or the other way round."""
    for file in sorted(source.rglob("*"), reverse=True):
        if file.is_file():
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())


def _read_only(root: Path) -> None:
    for path in (*root.rglob("*"), root):
        path.chmod(0o555 if path.is_dir() else 0o444)


def _german() -> str:
    """A locale with another order and other decimal points, where the machine has one."""
    for name in ("de_DE.UTF-8", "de_DE.utf8", "tr_TR.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        locale.setlocale(locale.LC_ALL, "C")
        return name
    return "C.UTF-8"


PLACES: dict[str, tuple[str, Mapping[str, str], Callable[[Path], None], str]] = {
    "seed 0, plain locale": ("repo", {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"}, lambda root: None, ""),
    "seed 1, other order, one core": (
        "über uns/a b\u3042",
        {"PYTHONHASHSEED": "1", "LC_ALL": _german(), "TZ": "Pacific/Kiritimati", "PYTHONUTF8": "0"},
        lambda root: None,
        ONE_CORE if hasattr(os, "sched_setaffinity") else "",
    ),
    "any seed, read-only": ("repo", {"PYTHONHASHSEED": "random", "LC_ALL": "C.UTF-8"}, _read_only, ""),
}


@pytest.mark.parametrize("name", PLACES)
def test_same_bytes_everywhere(name: str, broken: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    """Hash seed, locale, time zone, order of folders, name of the root, rights and cores make no difference."""
    place, environment, prepare, before = PLACES[name]
    root = tmp_path / place
    _copied(broken, root)
    prepare(root)
    reports = tmp_path / "reports"
    reports.mkdir()
    finished = subprocess.run(
        [sys.executable, "-c", before + RUN, "check", str(root), *_arguments(reports)],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    for path in (root, *root.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    assert finished.returncode == 1, finished.stderr.decode()
    for one in FORMATS:
        assert (reports / one).read_bytes() == expected[one], one


def test_order_of_folders(broken: Path, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file system lists last may come first."""
    from signet_lint.source import tree

    listed = tree._scan
    monkeypatch.setattr(tree, "_scan", lambda folder: sorted(listed(folder), key=lambda entry: entry.name)[::-1])
    result = CliRunner().invoke(cli, ["check", str(broken), "--format", "json"])
    assert result.stdout.encode() == expected["json"]
