"""Secrets in places where no rule looks for them stay hidden: what a chart says when it fails, misspelt fields."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from signet_lint.cli import cli
from tests.overlay import FIXTURE

CHART = "charts/web-frontend"
DEPLOYMENT = f"{CHART}/templates/deployment.yaml"
VALUES = f"{CHART}/values-common.yaml"
SECRET = "Kx9" + "vLw3Qz7Pt5"


def _repository(folder: Path, *, values: str = "", failing: str = "", files: Mapping[str, str] | None = None) -> Path:
    """A copy of the fixture; `values` and `failing` are put before the values and a template of a chart."""
    root = folder / "repo"
    shutil.copytree(FIXTURE, root)
    for path, text in ((VALUES, values), (DEPLOYMENT, failing)):
        (root / path).write_text(text + (root / path).read_text())
    for path, text in (files or {}).items():
        (root / path).write_text(text)
    return root


@pytest.mark.parametrize("name", ["token", "dbPassword", "api-key", "clientSecret"])
def test_a_value_that_a_chart_quotes_when_it_fails(tmp_path: Path, name: str) -> None:
    failing = f'{{{{ fail (printf "cannot use %s" (get .Values.login "{name}")) }}}}\n'
    root = _repository(tmp_path, values=f"login:\n  {name}: {SECRET}\n", failing=failing)
    for form in ("text", "json", "sarif"):
        output = CliRunner().invoke(cli, ["check", str(root), "--format", form, "-v"]).output
        assert "cannot use Kx9v****" in output
        assert SECRET not in output


def test_a_value_that_is_no_secret_is_quoted_as_it_is(tmp_path: Path) -> None:
    failing = '{{ fail (printf "cannot use %s" .Values.login.realm) }}\n'
    root = _repository(tmp_path, values=f"login:\n  realm: {SECRET}\n", failing=failing)
    assert f"cannot use {SECRET}" in CliRunner().invoke(cli, ["check", str(root)]).output


def test_a_secret_under_a_misspelt_field(tmp_path: Path) -> None:
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringDatas:\n  a: {SECRET}\n"
    root = _repository(tmp_path, files={f"{CHART}/templates/secret.yaml": text})
    for command in (["check", str(root)], ["render", str(root)], ["check", str(root), "--select", "SGL005"]):
        output = CliRunner().invoke(cli, command).output
        assert "stringDatas" in output
        assert SECRET not in output
