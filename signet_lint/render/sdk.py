"""The Helm engine in a worker process, bounded in time and memory, started again when it dies."""

from __future__ import annotations

import base64
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from signet_lint.errors import EngineError
from signet_lint.render.archive import pack
from signet_lint.render.engine import Cluster, Path, RenderFailure, RenderRequest
from signet_lint.render.prelude import prepared_files
from signet_lint.render.worker import MEMORY_BYTES, read_message, write_message

SECONDS = 10.0  # for one request; the largest charts known render in well under one


def available() -> bool:
    """Whether the native library is installed on this platform."""
    return find_spec("helm_python") is not None


@dataclass(frozen=True, slots=True)
class _Died(Exception):
    reason: str


class SdkEngine:
    """`HelmEngine` over helm-python-sdk (Helm v4 as a native library)."""

    def __init__(self, cluster: Cluster, seconds: float = SECONDS) -> None:
        """Start the worker; `cluster` is what `.Capabilities` tells templates."""
        self.cluster = cluster
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._loaded: dict[str, dict[str, Any]] = {}
        self._failed: dict[str, RenderFailure] = {}
        self._start()

    def render(self, request: RenderRequest) -> dict[str, str] | RenderFailure:
        """The output of each template by its path in the chart."""
        chart = self._load(request)
        if isinstance(chart, RenderFailure):
            return chart
        answer = self._ask("render", chart=chart["id"], values=request.values, **_release(request))
        if isinstance(answer, RenderFailure):
            if answer.limit:  # it would cost as much again in every other environment
                self._failed[chart["id"]] = answer
            return answer
        outputs = {_inside(name): text for name, text in answer.items()}
        if request.include_crds:
            outputs.update({_inside(name): text for name, text in chart["crds"].items()})
        return outputs

    def render_variants(
        self, request: RenderRequest, template: str, changes: Sequence[tuple[Path, Any]]
    ) -> list[str | None]:
        """The output of one template with one value changed at a time; None where it fails."""
        chart = self._load(request)
        if isinstance(chart, RenderFailure) or not changes:
            return [None] * len(changes)
        answer = self._ask(
            "variants",
            chart=chart["id"],
            values=request.values,
            template=f"{chart['name']}/{template}",
            changes=[[list(path), value] for path, value in changes],
            **_release(request),
        )
        return [None] * len(changes) if isinstance(answer, RenderFailure) else answer

    def parse_set(self, text: str, *, strings: bool = False) -> dict[str, Any] | RenderFailure:
        """What Helm makes of a `--set` (or `--set-string`) text."""
        answer: dict[str, Any] | RenderFailure = self._ask("set", text=text, strings=strings)
        return answer

    def close(self) -> None:
        """End the worker."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                if pipe:
                    pipe.close()
            self._process = None

    def _load(self, request: RenderRequest) -> dict[str, Any] | RenderFailure:
        chart, integers = request.chart, request.integers
        key = f"{chart.digest}{integers or ''}{request.cluster or ''}"
        if key in self._failed:
            return self._failed[key]
        known = self._loaded.get(key)
        if known is None or not self._ask("has", chart=key):
            archive = pack(chart.name, prepared_files(chart.files, request.cluster or self.cluster, integers))
            known = self._ask("load", chart=key, archive=base64.b64encode(archive).decode())
            if isinstance(known, RenderFailure):
                self._failed[key] = known
                return known
            known["id"] = key
            self._loaded[key] = known
        return known

    def _ask(self, op: str, **fields: Any) -> Any:
        try:
            answer = self._exchange({"op": op, **fields})
        except _Died as died:
            self.close()
            self._start()
            return RenderFailure(died.reason, limit=True)
        if "error" in answer:
            return failure(answer["error"])
        return answer["ok"]

    def _exchange(self, message: Mapping[str, Any]) -> Any:
        process = self._process
        if process is None or process.stdin is None:
            raise _Died("the Helm engine is not running")
        try:
            write_message(process.stdin, message)  # type: ignore[arg-type]
            answer = self._answers.get(timeout=self.seconds)
        except queue.Empty:
            raise _Died(f"rendering takes longer than {self.seconds:g} s") from None
        except (BrokenPipeError, OSError):
            answer = None
        if answer is None:
            limit = MEMORY_BYTES // 1024**3
            raise _Died(f"rendering ended the Helm engine: out of memory (limit {limit} GiB) or recursion without end")
        return answer

    def _start(self) -> None:
        self._loaded.clear()
        self._answers = queue.SimpleQueue()
        command = [sys.executable, "-m", "signet_lint.render.worker"]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
            )
        except OSError as error:
            raise EngineError(f"cannot start the Helm engine: {error}") from None
        threading.Thread(target=_pump, args=(self._process, self._answers), daemon=True).start()


def _environment() -> dict[str, str]:
    # Nothing of the user's environment reaches templates, and no kubeconfig can be found.
    kept = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    kept += ("SIGNET_LINT_WORKER_MEMORY",)
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment.setdefault("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    return {**environment, "GOMAXPROCS": "2", "GOTRACEBACK": "none", "HOME": os.devnull}


def _pump(process: subprocess.Popen[bytes], answers: queue.SimpleQueue[Any]) -> None:
    """Move answers to a queue, so that waiting for one can time out on every platform."""
    stream = process.stdout
    try:
        while stream is not None and (message := read_message(stream)) is not None:  # type: ignore[arg-type]
            answers.put(message)
    except (OSError, ValueError):
        pass
    answers.put(None)


def _release(request: RenderRequest) -> dict[str, str]:
    return {"name": request.release, "namespace": request.namespace or "default"}


def _inside(name: str) -> str:
    """A template's path in its chart: Helm puts the chart's name before it."""
    return name.split("/", 1)[1] if "/" in name else name


_REASON_LENGTH = 400
_PLACES = (
    re.compile(r"execution error at \((?P<template>[^:)]+):(?P<line>\d+):(?P<column>\d+)\):? ?"),
    re.compile(r"parse error at \((?P<template>[^:)]+):(?P<line>\d+)\):? ?"),
    re.compile(r"template: (?P<template>[^:\s]+):(?P<line>\d+):(?P<column>\d+)"),
    re.compile(r"^(?P<template>[^\s:]+/[^\s:]+):(?P<line>\d+):(?P<column>\d+)", re.MULTILINE),
    re.compile(r"^(?P<template>[^\s:]+/[^\s:]+):(?P<line>\d+)", re.MULTILINE),
)


def failure(text: str) -> RenderFailure:
    """Helm's error text as a reason and the template, line and column it names (the innermost it names)."""
    found = None
    for pattern in _PLACES:
        found = None
        for found in pattern.finditer(text):
            pass
        if found:
            break
    reason = _reason(text)
    if found is None:
        return RenderFailure(reason)
    groups = found.groupdict()
    # Columns are not kept: Go counts bytes from the start of the action, not where a person would look.
    return RenderFailure(reason, _inside(groups["template"]), int(groups["line"]))


_CALL = re.compile(r"(?:template: )?[^\s:]+:\d+:\d+:? executing \"[^\"]*\" at <.*?>:? error calling (?:include|tpl): ")


def _reason(text: str) -> str:
    """Helm's reason on one line, without the chain of includes that led to it."""
    line = " ".join(part.strip() for part in text.splitlines() if part.strip())
    line = _CALL.sub("", line)
    for pattern in _PLACES[:2]:
        line = pattern.sub("", line, count=1)
    return line if len(line) <= _REASON_LENGTH else f"{line[: _REASON_LENGTH // 2]} … {line[-_REASON_LENGTH // 2 :]}"
