"""The helm command as engine: bounded in time and memory, and alone with its own folder."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from signet_lint.errors import EngineError
from signet_lint.render.command import CommandEngine
from signet_lint.render.engine import ChartFiles, Cluster, RenderFailure, RenderRequest

HELM = os.environ.get("SIGNET_LINT_HELM") or shutil.which("helm")
CLUSTER = Cluster("1.32", ())
needs_helm = pytest.mark.skipif(not HELM, reason="no helm command: set SIGNET_LINT_HELM")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CommandEngine]:
    """An engine with little time, whose temporary files are below `tmp_path`."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened = CommandEngine(str(HELM), CLUSTER, seconds=3.0)
    yield opened
    opened.close()


def asked(template: str, values: object = None) -> RenderRequest:
    """A request to render a chart of one template."""
    files = {"Chart.yaml": b"apiVersion: v2\nname: web\nversion: 0.1.0\n", "templates/a.yaml": template.encode()}
    return RenderRequest(ChartFiles("web", "web", files), values or {}, "rel", "ns")  # type: ignore[arg-type]


@needs_helm
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}", id="time"),
        pytest.param(
            "{{ range until 300000000 }}x{{ end }}",
            id="memory",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory as tested"),
        ),
        pytest.param('{{ repeat 2000000 "0123456789" }}', id="output"),
    ],
)
def test_limits(engine: CommandEngine, text: str) -> None:
    """A chart that takes too much is named, is not tried again, and the next one is rendered."""
    answer = engine.render(asked(text))
    assert isinstance(answer, RenderFailure)
    assert answer.limit
    assert engine.render(asked(text, {"v": 1})) is answer
    assert engine.render(asked("a: 1")) == {"templates/a.yaml": "a: 1"}


@needs_helm
def test_nothing_is_written_elsewhere(engine: CommandEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Helm runs without the user's settings, and everything it wrote is gone after close."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("HELM_NAMESPACE", "wrong")
    monkeypatch.setenv("HELM_DEBUG", "true")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    assert engine.render(asked("n: {{ .Release.Namespace }}")) == {"templates/a.yaml": "n: ns"}
    assert engine.parse_set("a=1") == {"a": 1}
    assert list(home.iterdir()) == []
    engine.close()
    engine.close()
    assert list(tmp_path.iterdir()) == [home]


@needs_helm
def test_values_files_do_not_pile_up(engine: CommandEngine) -> None:
    """A chart is written once, and each run removes its values."""
    changes = [(("v",), number) for number in range(8)]
    outputs = engine.render_variants(asked("v: {{ .Values.v }}"), "templates/a.yaml", changes)
    assert outputs == [f"v: {number}" for number in range(8)]
    assert len([path for path in engine._folder.iterdir() if path.is_file()]) == 1


@needs_helm
def test_text_that_cannot_be_an_argument(engine: CommandEngine) -> None:
    """A `--set` text that no command line can hold is a failure."""
    for text in ("a=\0", "a=" + "x" * 5_000_000):
        assert isinstance(engine.parse_set(text), RenderFailure)


@pytest.mark.parametrize("command", ["no-such-command", os.devnull, shutil.which("true") or "true"])
def test_what_is_no_helm_is_refused(command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A command that is not there, or is not Helm, ends the run with a hint."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(EngineError) as raised:
        CommandEngine(command, CLUSTER)
    assert raised.value.hint
    assert list(tmp_path.iterdir()) == []
