"""More hostile repositories: links, archives, patterns, elements, configuration, and the commands beside `check`."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from signet_lint.argocd.generators import MAX_PARAMETER_SETS
from signet_lint.cli import cli
from signet_lint.render import sdk
from signet_lint.source import tree
from tests.hostile.test_corpus import (
    APP,
    APPSET,
    CONFIG_MAP,
    TEMPLATE,
    VALUES,
    WEB,
    Build,
    edit,
    snapshot,
    template,
    write,
)
from tests.overlay import FIXTURE


def archive(size: int) -> bytes:
    """A chart of a few kilobytes that unpacks to `size` bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in (
            ("sub/Chart.yaml", b"apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
            ("sub/big", bytes(size)),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def sparse(path: str, size: int) -> Build:
    """A file of that size that takes no room."""

    def build(root: Path) -> None:
        with (root / path).open("wb") as file:
            file.truncate(size)

    return build


def links(levels: int) -> Build:
    """Folders that hold two links to the next: two to the power of `levels` ways to the last."""

    def build(root: Path) -> None:
        for level in range(levels):
            folder = root / "maze" / str(level)
            folder.mkdir(parents=True)
            (folder / "file.yaml").write_text("a: b\n", encoding="utf-8")
            for name in ("left", "right"):
                os.symlink(f"../{level + 1}", folder / name)
        (root / "maze" / str(levels)).mkdir()

    return build


def elements(number: int) -> Build:
    """An ApplicationSet in a plain file with that many elements."""
    listed = "".join(f"        - env: e{one}\n" for one in range(number))
    return write(
        "sets/many.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: many, namespace: openshift-gitops}\nspec:\n"
        f"  generators:\n    - list:\n        elements:\n{listed}"
        "  template:\n    metadata: {name: 'many-{{env}}'}\n    spec:\n      project: default\n"
        "      source: {repoURL: https://example.org/x.git, path: nowhere}\n      destination: {name: in-cluster, namespace: x}\n",
    )


# Exit code, words of a finding ("" for none), words of something not examined ("" for none).
CASES: dict[str, tuple[Build, int, str, str]] = {
    "archive bomb": (write(f"{WEB}/charts/sub.tgz", archive(300_000_000)), 1, "SGL003", ""),
    "100 MB of nothing": (sparse(VALUES, 100_000_000), 1, "SGL003", "files over 10 MiB are not read"),
    "100 MB in a chart": (sparse(f"{WEB}/templates/big.yaml", 100_000_000), 0, "", "files over 10 MiB are not read"),
    "maze of links": (links(40), 0, "", f"over {tree.MAX_FILES} files"),
    "library chart": (edit(f"{WEB}/Chart.yaml", "type: application", "type: library"), 1, "not installable", ""),
    "too many elements": (elements(MAX_PARAMETER_SETS + 1), 0, "", f"over {MAX_PARAMETER_SETS} parameter sets"),
    "bomb in goTemplate": (
        edit(APPSET, "spec:\n  goTemplate: true", "spec:\n  templatePatch: '{{ `{{ range until 300000000 }}x{{ end }}` }}'\n  goTemplate: true"),
        3,
        "SGL003",
        "",
    ),
    "deep JSON": (write("charts/vault-runtime/files/deep.json", "[" * 100_000 + "]" * 100_000), 0, "", ""),
    "deep schema": (
        write(f"{WEB}/values.schema.json", '{"properties": {"a": ' * 5000 + "{}" + "}}" * 5000),
        1,
        "SGL003",
        "",
    ),
    "schema of itself": (
        write(f"{WEB}/values.schema.json", '{"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#/definitions/a"}}}'),
        1,
        "SGL003",
        "",
    ),
    "helmignore that backtracks": (write(f"{WEB}/.helmignore", "*a" * 200 + "b\n"), 0, "", ""),
    "gitignore that backtracks": (write(".gitignore", "**/a" * 50 + "*a" * 100 + "\n"), 0, "", ""),
    "comments without end": (template("# signet-lint: allow " + "x " * 100_000 + "\n" + CONFIG_MAP % "x"), 1, "SGL0", ""),
    "one long line": (template(CONFIG_MAP % ("x" * 2_000_000)), 0, "", ""),
    "odd keys": (template(CONFIG_MAP.replace("a:", "? [a, b]\n  :") % "x"), 1, "SGL00", ""),
    # goyaml reads what is no float64 as text.
    "numbers without end": (template(CONFIG_MAP.replace('"%s"', "1" * 5000)), 0, "", ""),
    "paths as values": (edit(APP, "- values-common.yaml", "- /etc/passwd"), 1, "SGL", ""),
}  # fmt: skip


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a template that never ends."""
    monkeypatch.setattr(sdk.SdkEngine.__init__, "__defaults__", (3.0, None))


@pytest.fixture
def hostile(tmp_path: Path) -> Callable[[Build], Path]:
    def make(build: Build) -> Path:
        root = tmp_path / "repo"
        shutil.copytree(FIXTURE, root)
        build(root)
        return root

    return make


@pytest.mark.parametrize("name", CASES)
def test_hostile(name: str, hostile: Callable[[Build], Path]) -> None:
    """The right exit code, said why, without a traceback, and nothing written."""
    build, code, finding, told = CASES[name]
    root = hostile(build)
    before = snapshot(root)
    result = CliRunner().invoke(cli, ["check", str(root), "--env", "prod", "--format", "json"])
    report = json.loads(result.stdout)
    findings = [f"{f['rule']} {f['path']} {f['message']}" for f in report["findings"]]
    left = [f"{one['what']}: {one['why']}" for one in report["coverage"]["not_examined"]]
    assert result.exit_code == code, (findings, left, result.stderr)
    assert any(finding in one for one in findings) == bool(finding), findings
    assert [one for one in left if told and told in one] or not told, left
    assert "root:" not in result.output
    assert "bug in signet-lint" not in result.stderr
    assert snapshot(root) == before


def everything(root: Path) -> None:
    """All at once: broken charts, cycles, links, names, bombs."""
    for build in (
        template("{{ range until 300000000 }}x{{ end }}"),
        write("charts/vault-runtime/values-common.yaml", "a: &a [*a]\n"),
        write("charts/ollama-gateway/templates/x.yaml", b"a: \xff\x00"),
        write("charts/cert-manager-config/Chart.yaml", "name: ["),
        edit(APP, "- values-common.yaml", "- ../../../../etc/passwd"),
        write("charts/\u00fc b/-rf.yaml", "kind: Application\na: [\n"),
        links(3),
        write(
            "charts/signet-umbrella/templates/again.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: again-{{ randAlphaNum 8 | lower }}\nspec:\n"
            "  source: {repoURL: {{ .Values.repoUrl }}, path: charts/signet-umbrella}\n  destination: {namespace: x}\n",
        ),
    ):
        build(root)


# Command and the exit codes it may have: 1 findings, 2 what is asked for is not there, 3 not all was made.
COMMANDS = {
    "render": (["render", "."], {0, 3}),
    "graph": (["graph", ".", "--format", "json"], {0, 3}),
    "graph as text": (["graph", "."], {0, 3}),
    "capacity": (["capacity", "."], {0, 3}),
    "diff": (["diff", "HEAD"], {0, 3}),
    "explain": (["explain", "signet-llm"], {0, 2, 3}),
    "baseline": (["baseline", "."], {0, 3}),
    "init": (["init", "."], {0, 3}),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_other_commands(name: str, hostile: Callable[[Build], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ends as it says it does, whatever it is given."""
    root = hostile(everything)
    monkeypatch.chdir(root)
    if name == "diff":
        subprocess.run(["git", "init", "-q", "."], check=True)
        subprocess.run(["git", "add", "-A"], check=True)
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, "commit", "-qm", "all"], check=True)
    arguments, codes = COMMANDS[name]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code in codes, result.output[-2000:]
    assert result.output.strip()
    assert "Traceback" not in result.output
    assert "bug in signet-lint" not in result.output
    assert "root:" not in result.output


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"a: " + b"[" * 20_000, b"a: &a [*a]", b"\x00", b"- a", b"rules: {SGL001: [[]]}", b"? [a]\n: b", b"x" * 2_000_000],
    ids=["no text", "deep", "alias of itself", "NUL", "list", "wrong types", "odd key", "huge"],
)  # fmt: skip
def test_hostile_configuration(content: bytes, tmp_path: Path) -> None:
    """Bad configuration is exit code 2 and a line that says so."""
    (tmp_path / ".signet-lint.yaml").write_bytes(content)
    result = CliRunner().invoke(cli, ["check", str(tmp_path)])
    assert result.exit_code == 2, result.output
    assert ".signet-lint.yaml" in result.output
    assert "bug in signet-lint" not in result.output
    assert TEMPLATE
