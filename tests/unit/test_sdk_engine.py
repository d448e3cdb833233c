"""The in-process engine under charts and values that are hostile or broken: it says so, ends in time, and goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signet_lint.render.archive import pack
from signet_lint.render.chart_copy import unpacked
from signet_lint.render.engine import ChartFiles, Cluster, RenderFailure, RenderRequest
from signet_lint.render.sdk import SdkEngine
from signet_lint.render.start import available
from signet_lint.render.worker import read_message, write_message

pytestmark = pytest.mark.skipif(not available(), reason="helm-python-sdk is not installed")

CLUSTER = Cluster("1.32", ("example.com/v1",))
ENDLESS = b"{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}"
MEMORY_BOMB = b"{{ range until 300000000 }}x{{ end }}"
GOOD = {"templates/a.yaml": b"a: {{ .Values.v }}"}


@pytest.fixture(scope="module")
def engine() -> Iterator[SdkEngine]:
    opened = SdkEngine(CLUSTER)
    yield opened
    opened.close()


@pytest.fixture
def hasty() -> Iterator[SdkEngine]:
    """An engine that waits for two seconds only."""
    opened = SdkEngine(CLUSTER, seconds=2.0)
    yield opened
    opened.close()


def asked(files: dict[str, bytes], values: Any = None, name: str = "web", **options: Any) -> RenderRequest:
    """A request to render a chart, with metadata unless the files bring their own."""
    files = {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n".encode(), **files}
    return RenderRequest(ChartFiles("web", name, files), {"v": 1} if values is None else values, "rel", "ns", **options)


def failed(answer: object) -> RenderFailure:
    """The answer as a failure."""
    assert isinstance(answer, RenderFailure)
    return answer


def worker_of(engine: SdkEngine) -> int:
    """The worker's process id."""
    assert engine._process is not None
    return engine._process.pid


def test_time_limit_ends_the_worker_and_another_goes_on(hasty: SdkEngine) -> None:
    """An endless chart is named once; the next chart is rendered, and the first one is not tried again."""
    before = worker_of(hasty)
    answer = failed(hasty.render(asked({"templates/a.yaml": ENDLESS})))
    assert (answer.limit, "longer than 2 s" in answer.reason) == (True, True)
    assert hasty.render(asked(GOOD)) == {"templates/a.yaml": "a: 1"}
    after = worker_of(hasty)
    assert after != before
    start = time.monotonic()
    again = failed(hasty.render(asked({"templates/a.yaml": ENDLESS}, {"v": 2})))
    assert (again.limit, worker_of(hasty)) == (True, after)
    assert time.monotonic() - start < 1
    assert not Path(f"/proc/{before}").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory as tested")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(MEMORY_BOMB, id="list"),
        pytest.param(b'{{ $x := "0123456789" }}{{ range until 40 }}{{ $x = print $x $x }}{{ end }}', id="text"),
        pytest.param(b'{{ repeat 2000000000 "0123456789" }}', id="one-call"),
    ],
)
def test_memory_limit_ends_the_worker_and_another_goes_on(engine: SdkEngine, text: bytes) -> None:
    """A chart that takes all memory is named; the next chart is rendered."""
    assert failed(engine.render(asked({"templates/a.yaml": text}))).limit
    assert engine.render(asked(GOOD)) == {"templates/a.yaml": "a: 1"}


def test_recursion_without_end(engine: SdkEngine) -> None:
    """Templates that call themselves fail with Helm's reason or at a limit; the next chart is rendered."""
    for call in (b'{{ include "r" . }}', b'{{ template "r" . }}', b'{{ tpl "{{ include \\"r\\" . }}" . }}'):
        partial = b'{{ define "r" }}' + call + b"{{ end }}"
        files = {"templates/_r.tpl": partial, "templates/a.yaml": b'{{ include "r" . }}'}
        failed(engine.render(asked(files)))
        assert engine.render(asked(GOOD)) == {"templates/a.yaml": "a: 1"}


def test_large_output_is_refused(engine: SdkEngine) -> None:
    """Output that this process should not hold is a limit, and the worker lives on."""
    before = worker_of(engine)
    answer = failed(engine.render(asked({"templates/a.yaml": b'{{ repeat 2000000 "0123456789" }}'})))
    assert (answer.limit, "larger than 16 MiB" in answer.reason) == (True, True)
    assert worker_of(engine) == before


def test_variants_that_hang_give_none(hasty: SdkEngine) -> None:
    """Where one change makes a template endless, its answers are None, once."""
    text = b"{{ range until (int .Values.n) }}{{ range until (int $.Values.n) }}{{ end }}{{ end }}ok"
    request = asked({"templates/a.yaml": text}, {"n": 1})
    changes: list[tuple[tuple[str | int, ...], Any]] = [(("n",), 2), (("n",), 1000000)]
    assert hasty.render_variants(request, "templates/a.yaml", changes[:1]) == ["ok"]
    assert hasty.render_variants(request, "templates/a.yaml", changes) == [None, None]
    start = time.monotonic()
    assert hasty.render_variants(request, "templates/a.yaml", changes) == [None, None]
    assert time.monotonic() - start < 1


def test_more_variants_than_one_message(engine: SdkEngine) -> None:
    """Variants keep their order over several messages."""
    changes: list[tuple[tuple[str | int, ...], Any]] = [(("v",), number) for number in range(250)]
    outputs = engine.render_variants(asked(GOOD), "templates/a.yaml", changes)
    assert outputs == [f"a: {number}" for number in range(250)]


def test_lost_worker_is_replaced(engine: SdkEngine) -> None:
    """A worker that was killed from outside costs one answer at most."""
    assert engine._process is not None
    engine._process.kill()
    engine._process.wait()
    engine._process.wait()
    engine.render(asked(GOOD))
    assert engine.render(asked({**GOOD, "x": b"1"})) == {"templates/a.yaml": "a: 1"}


def open_files() -> set[str]:
    """The numbers of this process's open files."""
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the listing itself must be closed


def recursive() -> dict[str, Any]:
    """A mapping that holds itself, as a YAML alias can make."""
    made: dict[str, Any] = {}
    made["a"] = made
    return made


def deep() -> dict[str, Any]:
    """A mapping deeper than Python recurses."""
    made: dict[str, Any] = {}
    for _ in range(100_000):
        made = {"a": made}
    return made


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"v": float("nan")}, id="nan"),
        pytest.param({"v": float("inf")}, id="infinity"),
        pytest.param(recursive(), id="recursive"),
        pytest.param(deep(), id="deep"),
        pytest.param({"v": b"bytes"}, id="bytes"),
        pytest.param({("a", "b"): 1}, id="key"),
    ],
)
def test_values_that_json_cannot_hold(engine: SdkEngine, values: Any) -> None:
    """Such values are a failure of the chart, not of the run, and the worker lives on."""
    before = worker_of(engine)
    request = asked(GOOD, values)
    assert "the values cannot be given to Helm" in failed(engine.render(request)).reason
    assert engine.render_variants(request, "templates/a.yaml", [(("v",), 1)]) == [None] or "v" in values
    assert engine.render(asked(GOOD)) == {"templates/a.yaml": "a: 1"}
    assert worker_of(engine) == before


@pytest.mark.parametrize("name", ["a/b", "../web", "..", "/web", ".", "Chart.yaml", "sp ace", "a\\b"])
def test_folder_names_do_not_matter(engine: SdkEngine, name: str) -> None:
    """Helm takes the name from the metadata; what the request calls the chart leads nowhere."""
    request = asked({**GOOD, "Chart.yaml": b"apiVersion: v2\nname: other\nversion: 0.1.0\n"}, name=name)
    assert engine.render(request) == {"templates/a.yaml": "a: 1"}
    assert engine.render_variants(request, "templates/a.yaml", [(("v",), 2)]) == ["a: 2"]


@pytest.mark.parametrize("name", ["../web", "a/b", "..", ""])
def test_names_that_helm_refuses(engine: SdkEngine, name: str) -> None:
    """A name in the metadata that is a path, or none, is a failure."""
    files = {**GOOD, "Chart.yaml": f'apiVersion: v2\nname: "{name}"\nversion: 0.1.0\n'.encode()}
    assert not failed(engine.render(asked(files))).limit


def test_paths_that_lead_outside_are_refused(engine: SdkEngine) -> None:
    """A file of the chart that would lie outside of it is Helm's failure."""
    for path in ("../evil.yaml", "templates/../../evil.yaml", "/etc/evil.yaml"):
        answer = engine.render(asked({**GOOD, path: b"x"}))
        assert isinstance(answer, RenderFailure) or list(answer) == ["templates/a.yaml"]


def test_archives_of_subcharts_cannot_lead_outside() -> None:
    """An archive whose files lie outside of its folder is left for Helm to refuse; a bomb is, too."""
    for path in ("../../evil.yaml", "a/../../x", "./x", "b\\c"):
        files = {"charts/sub-1.tgz": pack("sub", {"Chart.yaml": b"name: sub", path: b"x"})}
        assert unpacked(files) == files
    bomb = {"charts/sub-1.tgz": pack("sub", {str(number): b"\0" * 4_000_000 for number in range(20)})}
    assert unpacked(bomb) == bomb
    assert unpacked({"charts/sub-1.tgz": b"no archive"}) == {"charts/sub-1.tgz": b"no archive"}
    inner = pack("in", {"Chart.yaml": b"name: in"})
    outer = {"charts/sub-1.tgz": pack("sub", {"Chart.yaml": b"name: sub", "charts/in-2.tgz": inner})}
    assert set(unpacked(outer)) == {"charts/sub-1/Chart.yaml", "charts/sub-1/charts/in-2/Chart.yaml"}


def test_missing_metadata(engine: SdkEngine) -> None:
    """A folder without `Chart.yaml` is a failure that says so."""
    request = RenderRequest(ChartFiles("web", "web", GOOD), {}, "rel", "ns")
    assert "Chart.yaml" in failed(engine.render(request)).reason
    empty = RenderRequest(ChartFiles("web", "web", {}), {}, "rel", "ns")
    failed(engine.render(empty))


def test_many_files(engine: SdkEngine) -> None:
    """A chart of three thousand files is rendered."""
    files = {f"templates/t{number}.yaml": b"n: %d" % number for number in range(1500)}
    files.update({f"files/f{number}.txt": b"x" * 100 for number in range(1500)})
    outputs = engine.render(asked(files))
    assert isinstance(outputs, dict)
    assert (len(outputs), outputs["templates/t1499.yaml"]) == (1500, "n: 1499")


def test_modules_of_the_linted_repository_are_not_loaded(tmp_path: Path) -> None:
    """The worker runs in the linted repository's folder, but none of its Python files run there."""
    for name in ("base64", "json", "helm_python", "signet_lint", "sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\n")
    program = (
        f"import sys; sys.path[:] = {[entry for entry in sys.path if entry]!r}\n"
        "from signet_lint.render.engine import Cluster\n"
        "from signet_lint.render.sdk import SdkEngine\n"
        "engine = SdkEngine(Cluster('1.32', ()))\n"
        "print(engine.parse_set('a=1'))\n"
        "engine.close()\n"
    )
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "{'a': 1}\n"
    assert not (tmp_path / "ran").exists()


def test_nothing_of_the_environment_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker's environment holds no secret of the user's, and a library that prints does not disturb the answers."""
    monkeypatch.setenv("SIGNET_TEST_SECRET", "x")
    monkeypatch.setenv("HELM_DEBUG", "true")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    engine = SdkEngine(CLUSTER)
    try:
        assert engine.render(asked(GOOD)) == {"templates/a.yaml": "a: 1"}
        if sys.platform == "linux":
            environment = Path(f"/proc/{worker_of(engine)}/environ").read_bytes()
            assert b"SECRET" not in environment
            assert b"KUBECONFIG" not in environment
    finally:
        engine.close()


def test_printing_does_not_mix_with_answers() -> None:
    """What a worker prints on standard output goes elsewhere."""
    program = (
        "import os, sys\n"
        f"sys.path[:] = {[entry for entry in sys.path if entry]!r}\n"
        "from signet_lint.render import worker\n"
        "answer = worker.Worker.answer\n"
        "def noisy(self, request):\n"
        "    os.write(1, b'noise'); print('noise', flush=True)\n"
        "    return answer(self, request)\n"
        "worker.Worker.answer = noisy\n"
        "worker.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        write_message(process.stdin, {"op": "set", "text": "a=1", "strings": False})
        assert read_message(process.stdout) == {"ok": "ready"}
        assert read_message(process.stdout) == {"ok": {"a": 1}}
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_close_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After close, twice, no process, no open pipe and no file is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    open_before = open_files()
    engine = SdkEngine(CLUSTER)
    process = worker_of(engine)
    engine.render(asked(GOOD))
    engine.close()
    engine.close()
    assert not Path(f"/proc/{process}").exists()
    assert open_files() == open_before
    assert list(tmp_path.iterdir()) == []
    assert failed(engine.parse_set("a=1")).limit
    engine.close()
