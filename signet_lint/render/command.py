"""The Helm engine as the `helm` command, for platforms without the native library and for `--helm PATH`.

Helm sorts and splits what it prints, but prints every template's output as it is where one of them is no YAML and
`--debug` is given [helm/helm v3.18.4 and v4.2.3, pkg/action/action.go renderResources]. So the copy of the chart gets a
template that never is, and each template an end that tells its own output from that of others.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path as File
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.errors import EngineError
from signet_lint.render.archive import pack
from signet_lint.render.chart_copy import OWN, chart_copy, chart_folder, is_partial, is_template, own_outputs, too_large
from signet_lint.render.dependencies import missing_names, without_dependencies
from signet_lint.render.engine import ChartFiles, Cluster, Path, RenderFailure, RenderRequest
from signet_lint.render.failure import failure, inside, located
from signet_lint.render.prelude import kubernetes_version, with_integers
from signet_lint.render.process import Finished, OutOfBounds, run_bounded
from signet_lint.render.start import NO_NETWORK
from signet_lint.render.worker import OUTPUT_CHARACTERS, with_change

SECONDS = 20.0  # for one run; starting the command takes some 50 ms of it
_KEPT_CHARTS = 64
_END = "\x1d" + OWN + "end\x1d"  # a control character: no YAML holds it
_BROKEN = f"templates/{OWN}broken.yaml"
_HEADER = re.compile(r"---\n# Source: ([^\n]*)\n")
_ESCAPE = re.compile(r"\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|.)")
_VALUES_CHART = {
    "Chart.yaml": b"apiVersion: v2\nname: values\nversion: 0.1.0\n",
    "templates/values.yaml": b"{{ toJson .Values }}",
}


class _Stored(Struct, frozen=True):
    """A chart written for Helm: the archive, the files in it as they were, and what `own_outputs` needs."""

    archive: File
    files: dict[str, bytes]
    crds: dict[str, dict[str, str]]


class CommandEngine:
    """`HelmEngine` over the `helm` command (Helm 3.8 and later, Helm 4)."""

    def __init__(self, executable: str, cluster: Cluster, seconds: float = SECONDS) -> None:
        """Look whether the command runs; `cluster` is what `.Capabilities` tells, `seconds` are for one run."""
        self.cluster = cluster
        self.seconds = seconds
        self._folder = File(tempfile.mkdtemp(prefix="signet-lint-"))
        self._numbers = itertools.count()
        self._stored: dict[str, _Stored] = {}
        self._failed: dict[str, RenderFailure] = {}
        self._threads = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
        try:
            self.executable = _resolved(executable)
            self.version = self._version()
        except EngineError:
            self.close()
            raise

    def render(self, request: RenderRequest) -> dict[str, str] | RenderFailure:
        """The output of each template by its path in the chart."""
        key = f"{request.chart.digest}{request.integers or ''}{request.cluster or ''}"
        if key in self._failed:
            return self._failed[key]
        refused = too_large(request.chart.files)
        if refused:
            return refused
        stored = self._store(key, request.chart, request.integers)
        outputs = self._template(key, stored, request)
        if isinstance(outputs, RenderFailure):
            if outputs.limit:  # it would cost as much again in every other environment
                self._failed[key] = outputs
            return located(outputs, request.chart.files)
        return own_outputs(outputs, stored.crds if request.include_crds else {})

    def render_variants(
        self, request: RenderRequest, template: str, changes: Sequence[tuple[Path, Any]]
    ) -> list[str | None]:
        """The output of one template with one value changed at a time; None where it fails."""
        bare = replace(request, include_crds=False)

        def variant(change: tuple[Path, Any]) -> str | None:
            path, value = change
            outputs = self.render(replace(bare, values=with_change(request.values, list(path), value)))
            return None if isinstance(outputs, RenderFailure) else outputs.get(template)

        # The first alone: it writes the chart down for the others.
        first = [variant(change) for change in changes[:1]]
        return first + list(self._threads.map(variant, changes[1:]))

    def parse_set(self, text: str, *, strings: bool = False) -> dict[str, Any] | RenderFailure:
        """What Helm makes of a `--set` (or `--set-string`) text: the values of a chart that prints its values."""
        stored = self._store("values", ChartFiles("", "values", _VALUES_CHART), ())
        flag = "--set-string" if strings else "--set"
        outputs = self._run(stored, "values", [f"{flag}={text}"])
        if isinstance(outputs, RenderFailure):
            return replace(outputs, reason=outputs.reason.removeprefix(f"failed parsing {flag} data: "))
        values: dict[str, Any] = json.loads(outputs["templates/values.yaml"])
        return values

    def close(self) -> None:
        """Remove what was written; it can be called again."""
        self._threads.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _store(self, key: str, chart: ChartFiles, integers: Sequence[Path]) -> _Stored:
        known = self._stored.get(key)
        if known is None:
            while len(self._stored) >= _KEPT_CHARTS:
                self._stored.pop(next(iter(self._stored))).archive.unlink()
            copied = chart_copy(chart.files)
            known = _Stored(self._new_file("chart.tgz"), with_integers(copied.files, integers), copied.crds)
            self._keep(key, known)
        return known

    def _keep(self, key: str, stored: _Stored) -> None:
        stored.archive.write_bytes(pack("chart", _with_ends(stored.files)))
        self._stored[key] = stored

    def _template(self, key: str, stored: _Stored, request: RenderRequest) -> dict[str, str] | RenderFailure:
        try:
            text = _yaml(request.values)
        except (ValueError, TypeError, RecursionError) as error:
            return RenderFailure(f"the values cannot be given to Helm: {error}")
        file = self._new_file("values.yaml")
        file.write_text(text, encoding="ascii")
        cluster = request.cluster or self.cluster
        options = ["--namespace", request.namespace or "default", "--values", str(file)]
        options += ["--kube-version", kubernetes_version(cluster)]
        options += [f"--api-versions={name}" for name in cluster.api_versions]
        try:
            outputs = self._run(stored, request.release, options)
            if isinstance(outputs, RenderFailure) and (names := missing_names(outputs.reason)):
                # The other engine leaves them out without a word, and the caller has told of them.
                stored = replace(stored, files=without_dependencies(stored.files, names))
                self._keep(key, stored)
                outputs = self._run(stored, request.release, options)
        finally:
            file.unlink()
        return outputs

    def _run(self, stored: _Stored, release: str, options: Sequence[str]) -> dict[str, str] | RenderFailure:
        finished = self._helm(["template", release, str(stored.archive), *options, "--debug", "--no-hooks"])
        if isinstance(finished, RenderFailure):
            return finished
        outputs = _outputs(finished.output)
        if outputs is not None:
            return outputs
        if finished.output.strip():
            return RenderFailure("the output of the helm command cannot be read")
        # Again, for the reason as it is without what was added to the templates.
        plain = self._new_file("plain.tgz")
        plain.write_bytes(pack("chart", stored.files))
        try:
            told = self._helm(["template", release, str(plain), *options])
        finally:
            plain.unlink()
        if isinstance(told, RenderFailure):
            return told
        return failure(_error(told.errors if told.code else finished.errors))

    def _helm(self, arguments: Sequence[str]) -> Finished | RenderFailure:
        try:
            return run_bounded(
                [self.executable, *arguments],
                folder=self._folder,
                environment=_environment(self._folder),
                seconds=self.seconds,
                characters=OUTPUT_CHARACTERS,
            )
        except OutOfBounds as error:
            return RenderFailure(str(error), limit=True)
        except (OSError, ValueError) as error:
            return RenderFailure(f"the helm command cannot be run: {error}")

    def _version(self) -> str:
        finished = self._helm(["version", "--template", "{{.Version}}"])
        if isinstance(finished, RenderFailure):
            raise EngineError(f"cannot use `{self.executable}` as Helm engine: {finished.reason}")
        version = finished.output.strip()
        if not re.match(r"v(3|4)\.\d+\.", version):
            raise EngineError(f"`{self.executable}` is no Helm 3 or 4", hint="name the helm command with --helm PATH")
        return version

    def _new_file(self, name: str) -> File:
        return self._folder / f"{next(self._numbers)}-{name}"


def _resolved(executable: str) -> str:
    found = shutil.which(executable)
    if found is None:
        raise EngineError(f"`{executable}` is not a command", hint="name the helm command with --helm PATH")
    return str(File(found).absolute())


def _environment(folder: File) -> dict[str, str]:
    # Nothing of the user's environment reaches templates; no kubeconfig, plugin, repository or proxy of theirs is used.
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    places = {f"HELM_{name}_HOME": str(folder / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
    own = {"HOME": str(folder), "TMPDIR": str(folder), "TEMP": str(folder), "KUBECONFIG": str(folder / "none")}
    return {**kept, **places, **own, **NO_NETWORK, "GOMAXPROCS": "2", "GOTRACEBACK": "none"}


def _with_ends(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The chart's files with an end to the output of each template, and a template whose output is no YAML."""
    ended = {path: text + _end(path) if _gives_output(path) else text for path, text in files.items()}
    return {**ended, _BROKEN: b": {" + _END.encode()}


def _gives_output(path: str) -> bool:
    return is_template(path) and not is_partial(path) and not path.endswith("NOTES.txt")


def _end(path: str) -> bytes:
    """A statement that prints the end, unless another template includes this one, as for a checksum."""
    name = json.dumps("/" + path[len(chart_folder(path)) :], ensure_ascii=False)
    end = json.dumps(_END)
    return (
        '{{ if kindIs "map" $ }}{{ with index $ "Template" }}{{ if kindIs "map" . }}'
        f'{{{{ if hasSuffix {name} (toString (index . "Name")) }}}}{{{{ {end} }}}}{{{{ end }}}}'
        "{{ end }}{{ end }}{{ end }}"
    ).encode()


def _outputs(printed: str) -> dict[str, str] | None:
    """Each template's output by its path in the chart; None for a text that Helm did not print as told."""
    outputs: dict[str, str] = {}
    at = 0
    while at < len(printed):
        header = _HEADER.match(printed, at)
        if header is None:
            return None
        end = printed.find(f"{_END}\n", header.end())
        while end >= 0 and end + len(_END) + 1 < len(printed) and not _HEADER.match(printed, end + len(_END) + 1):
            end = printed.find(f"{_END}\n", end + 1)
        if end < 0:
            return None
        outputs[inside(header.group(1))] = printed[header.end() : end].replace(_END, "")
        at = end + len(_END) + 1
    return {path: text for path, text in outputs.items() if path != _BROKEN} if _BROKEN in outputs else None


def _error(printed: str) -> str:
    """Helm's error without the warnings before it and the hint behind it."""
    _, found, text = f"\n{printed}".partition("\nError: ")
    return (text if found else printed).partition("\n\nUse --debug flag")[0].strip()


def _yaml(values: Mapping[str, Any]) -> str:
    """The values as JSON text that is YAML, too: YAML has no surrogate pairs."""

    def one(escape: re.Match[str]) -> str:
        high, low = escape.groups()
        if high is None:
            return escape.group()
        return f"\\U{0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00:08x}"

    return _ESCAPE.sub(one, json.dumps(values, allow_nan=False))
