"""The Helm engine in a worker process, bounded in time and memory, started again when it dies."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from subprocess import Popen
from typing import Any

from signet_lint.errors import EngineError
from signet_lint.render.answers import Answers, answers_from
from signet_lint.render.archive import pack
from signet_lint.render.chart_copy import chart_copy, own_outputs, too_large
from signet_lint.render.engine import Cluster, Path, RenderFailure, RenderRequest
from signet_lint.render.failure import failure, inside, located
from signet_lint.render.prelude import prepared_files
from signet_lint.render.start import end_worker, start_worker
from signet_lint.render.worker import KEPT_CHARTS, MEMORY_BYTES, write_message

SECONDS = 10.0  # for one request; the largest charts known render in well under one
_START_SECONDS = 60.0
_VARIANTS_AT_ONCE = 100


class _Died(Exception):  # noqa: N818 - says what happened
    """The worker is gone, or does not answer; why, in words."""


class SdkEngine:
    """`HelmEngine` over helm-python-sdk (Helm v4 as a native library)."""

    def __init__(self, cluster: Cluster, seconds: float = SECONDS, worker: Popen[bytes] | None = None) -> None:
        """Use the `worker` started already, or start one; `cluster` is what `.Capabilities` tells templates."""
        self.cluster = cluster
        self.seconds = seconds
        self._process: Popen[bytes] | None = None
        self._answers: Answers | None = None
        self._ready = False
        self._loaded: dict[str, dict[str, Any]] = {}
        self._kept: dict[str, None] = {}  # what the worker has by now, in the order in which it loaded it
        self._failed: dict[str, RenderFailure] = {}
        self._start(worker)

    def render(self, request: RenderRequest) -> dict[str, str] | RenderFailure:
        """The output of each template by its path in the chart."""
        chart = self._load(request)
        if isinstance(chart, RenderFailure):
            return chart
        answer = self._ask("render", chart=chart["id"], values=request.values, **_release(request))
        if isinstance(answer, RenderFailure):
            if answer.limit:  # it would cost as much again in every other environment
                self._failed[chart["id"]] = answer
            return located(answer, request.chart.files)
        outputs = {inside(name): text for name, text in answer.items()}
        return own_outputs(outputs, chart["crds"] if request.include_crds else {})

    def render_variants(
        self, request: RenderRequest, template: str, changes: Sequence[tuple[Path, Any]]
    ) -> list[str | None]:
        """The output of one template with one value changed at a time; None where it fails."""
        outputs: list[str | None] = []
        for start in range(0, len(changes), _VARIANTS_AT_ONCE):
            chart = self._load(request)
            if isinstance(chart, RenderFailure):
                break
            answer = self._ask(
                "variants",
                chart=chart["id"],
                values=request.values,
                template=f"{chart['name']}/{template}",
                changes=[[list(path), value] for path, value in changes[start : start + _VARIANTS_AT_ONCE]],
                **_release(request),
            )
            if isinstance(answer, RenderFailure):
                if answer.limit:
                    self._failed[chart["id"]] = answer
                break
            outputs.extend(answer)
        return outputs + [None] * (len(changes) - len(outputs))

    def parse_set(self, text: str, *, strings: bool = False) -> dict[str, Any] | RenderFailure:
        """What Helm makes of a `--set` (or `--set-string`) text."""
        answer: dict[str, Any] | RenderFailure = self._ask("set", text=text, strings=strings)
        return answer

    def close(self) -> None:
        """End the worker; it can be called again."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        if self._answers is not None:
            self._answers.close()
        end_worker(process)

    def _load(self, request: RenderRequest) -> dict[str, Any] | RenderFailure:
        """What the worker says of the chart, loaded if it is not yet; the failure of a chart is remembered."""
        chart = request.chart
        key = f"{chart.digest}{request.integers or ''}{request.cluster or ''}"
        if key in self._failed:
            return self._failed[key]
        if self._process is not None and self._process.poll() is not None:  # killed by somebody else
            self.close()
            self._start()
        if key not in self._loaded or key not in self._kept:
            loaded = too_large(chart.files) or self._loaded_anew(key, request)
            if isinstance(loaded, RenderFailure):
                self._failed[key] = located(loaded, chart.files)
                return self._failed[key]
            self._loaded[key] = loaded
        return self._loaded[key]

    def _loaded_anew(self, key: str, request: RenderRequest) -> dict[str, Any] | RenderFailure:
        copied = chart_copy(request.chart.files)
        archive = pack("chart", prepared_files(copied.files, request.cluster or self.cluster, request.integers))
        encoded = base64.b64encode(archive).decode()
        while len(self._kept) >= KEPT_CHARTS:  # as the worker does
            self._kept.pop(next(iter(self._kept)))
        loaded: dict[str, Any] | RenderFailure = self._ask("load", chart=key, archive=encoded)
        if isinstance(loaded, RenderFailure):
            return loaded
        self._kept[key] = None
        if loaded["type"] not in ("", "application"):
            # As helm template says before it renders [helm/helm v3.18.4, cmd/helm/install.go checkIfInstallable].
            return RenderFailure(f"{loaded['type']} charts are not installable")
        return {**loaded, "id": key, "crds": copied.crds}

    def _ask(self, op: str, **fields: Any) -> Any:
        try:
            answer = self._exchange({"op": op, **fields})
        except _Died as died:
            self.close()
            self._start()
            return RenderFailure(str(died), limit=True)
        except (ValueError, TypeError, RecursionError) as error:
            return RenderFailure(f"the values cannot be given to Helm: {error}")
        if "error" in answer:
            return failure(answer["error"]) if not answer.get("limit") else RenderFailure(answer["error"], limit=True)
        return answer["ok"]

    def _exchange(self, message: Mapping[str, Any]) -> Any:
        process = self._process
        if process is None or process.stdin is None or self._answers is None:
            raise _Died("the Helm engine is not running")
        self._wait_until_ready()
        try:
            write_message(process.stdin, message)  # type: ignore[arg-type]
            answer = self._answers.get(self.seconds)
        except TimeoutError:
            raise _Died(f"rendering takes longer than {self.seconds:g} s") from None
        except OSError:
            answer = None
        if answer is None:
            limit = MEMORY_BYTES // 1024**3
            raise _Died(f"rendering ended the Helm engine: out of memory (limit {limit} GiB) or recursion without end")
        return answer

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        with suppress(TimeoutError):
            self._ready = self._answers is not None and self._answers.get(_START_SECONDS) is not None
        if not self._ready:
            self.close()
            raise EngineError(
                "cannot start the Helm engine: helm-python-sdk does not load on this machine",
                hint="install the helm command and name it with --helm PATH",
            )

    def _start(self, worker: Popen[bytes] | None = None) -> None:
        self._loaded.clear()
        self._kept.clear()
        self._ready = False
        self._process = worker or start_worker()
        if self._process.stdout is not None:
            self._answers = answers_from(self._process.stdout)  # type: ignore[arg-type]


def _release(request: RenderRequest) -> dict[str, str]:
    return {"name": request.release, "namespace": request.namespace or "default"}
