"""The process that holds the native Helm library.

Started by `signet_lint.render.sdk`; speaks length-prefixed JSON on standard input and output. A hostile template may
end this process: that is what it is for. It limits its own memory before it loads the library.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

MEMORY_BYTES = 2 * 1024**3
OUTPUT_CHARACTERS = 16 * 1024**2  # of one rendering; the asking process holds all of it, a cluster takes far less
KEPT_CHARTS = 64
_ORPHAN_SECONDS = 120  # for one request, so that the worker of a killed process does not render for ever


def main() -> None:
    """Say that the library is there, then answer requests until standard input ends."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the library prints must not mix with the answers
    _limit_memory()
    worker = Worker()
    write_message(sink, {"ok": "ready"})
    while (request := read_message(source)) is not None:
        _end_after(_ORPHAN_SECONDS)
        answer = worker.answer(request)
        _end_after(0)
        write_message(sink, answer)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit still holds
        return
    limit = int(os.environ.get("SIGNET_LINT_WORKER_MEMORY", MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_after(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def read_message(stream: BinaryIO) -> Any:
    """The next message, None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (size,) = struct.unpack(">I", head)
    body = stream.read(size)
    return json.loads(body) if len(body) == size else None


def write_message(stream: BinaryIO, message: Any) -> None:
    """Send one message; `ValueError` or `TypeError` for what JSON cannot hold, before anything is sent."""
    body = json.dumps(message, allow_nan=False).encode()
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


class Worker:
    """Loaded charts and the operations on them."""

    def __init__(self) -> None:
        import helm_python

        self.helm = helm_python
        self.charts: dict[str, Any] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The result of one request, or the error of the library as text."""
        try:
            return {"ok": getattr(self, "do_" + request.pop("op"))(**request)}
        except self.helm.HelmError as error:
            return {"error": str(error), "kind": type(error).__name__}
        except OverflowError as error:
            return {"error": str(error), "limit": True}
        except (ValueError, TypeError, RecursionError) as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def do_load(self, chart: str, archive: str) -> dict[str, Any]:
        """Keep a chart for rendering."""
        while len(self.charts) >= KEPT_CHARTS:
            self.charts.pop(next(iter(self.charts))).close()
        loaded = self.helm.Chart.load_archive(base64.b64decode(archive))
        self.charts[chart] = loaded
        return {"name": loaded.name, "type": loaded.metadata.get("type") or ""}

    def do_render(self, chart: str, values: Any, name: str, namespace: str) -> dict[str, str]:
        """The output of every template."""
        rendered: dict[str, str] = self.charts[chart].render(values, name=name, namespace=namespace)
        if sum(map(len, rendered.values())) > OUTPUT_CHARACTERS:
            raise OverflowError(f"the output is larger than {OUTPUT_CHARACTERS // 1024**2} MiB")
        return rendered

    def do_variants(
        self, chart: str, values: Any, name: str, namespace: str, template: str, changes: list[Any]
    ) -> list[str | None]:
        """The output of one template for each single change of the values."""
        return [self._variant(chart, values, name, namespace, template, change) for change in changes]

    def _variant(self, chart: str, values: Any, name: str, namespace: str, template: str, change: Any) -> str | None:
        try:
            changed = with_change(values, *change)
            rendered: dict[str, str] = self.charts[chart].render(changed, name=name, namespace=namespace)
        except self.helm.HelmError:
            return None
        return rendered.get(template)

    def do_set(self, text: str, strings: bool) -> Any:  # noqa: FBT001 - a message field
        """Helm's own parser of `--set` and `--set-string`."""
        return self.helm.parse_set_string_values(text) if strings else self.helm.parse_set_string(text)


def with_change(values: Any, path: list[str | int], value: Any) -> Any:
    """A copy of the values with one value set; missing mappings on the way are made, lists are extended by one."""
    changed = copy.copy(values)
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(changed, list):
        if isinstance(step, int) and 0 <= step < len(changed):
            changed[step] = with_change(changed[step], rest, value)
        else:
            changed.append(with_change({}, rest, value))
        return changed
    if not isinstance(changed, dict):
        changed = {}
    changed[step] = with_change(changed.get(step, {}), rest, value)
    return changed


if __name__ == "__main__":
    main()
