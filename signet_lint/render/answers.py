"""Answers of the worker process, waited for no longer than a time given."""

from __future__ import annotations

import json
import os
import queue
import select
import struct
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO, Protocol

from signet_lint.render.worker import read_message

_CHUNK = 1 << 20
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux: an answer then comes in one piece, and not in pieces of 64 KiB


class Answers(Protocol):
    """Messages in the order they come."""

    def get(self, seconds: float) -> Any:
        """The next message, None where the process has ended; raises `TimeoutError`."""
        ...

    def close(self) -> None:
        """Stop reading, once the process has ended."""
        ...


def answers_from(stream: BinaryIO) -> Answers:
    """What a stream brings; the thread that asks reads it where the platform can wait for a pipe."""
    return _Polled(stream) if hasattr(select, "poll") else _Pumped(stream)


class _Polled:
    """Read by the thread that asks: handing over to another one costs more than a rendering while rules are running."""

    def __init__(self, stream: BinaryIO) -> None:
        self._file = stream.fileno()
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN | select.POLLHUP)
        self._rest = b""
        with suppress(ImportError, OSError):
            import fcntl

            fcntl.fcntl(self._file, _SET_PIPE_SIZE, _CHUNK)

    def get(self, seconds: float) -> Any:
        until = time.monotonic() + seconds
        head = self._read(4, until)
        body = self._read(struct.unpack(">I", head)[0], until) if head else b""
        return json.loads(body) if body else None

    def _read(self, size: int, until: float) -> bytes:
        """That many bytes; nothing where the stream ends before."""
        parts, length = [self._rest], len(self._rest)
        while length < size:
            if not self._poll.poll(max(0.0, until - time.monotonic()) * 1000):
                self._rest = b"".join(parts)
                raise TimeoutError
            try:
                part = os.read(self._file, max(_CHUNK, size - length))
            except OSError:
                part = b""
            if not part:
                return b""
            parts.append(part)
            length += len(part)
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]

    def close(self) -> None:
        """There is nothing to stop."""


class _Pumped:
    """Moved to a queue by a thread of its own, so that waiting can time out where pipes cannot be waited for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._pump, args=(stream,), daemon=True)
        self._reader.start()

    def get(self, seconds: float) -> Any:
        try:
            return self._queue.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None

    def _pump(self, stream: BinaryIO) -> None:
        with suppress(OSError, ValueError):
            while (message := read_message(stream)) is not None:
                self._queue.put(message)
        self._queue.put(None)

    def close(self) -> None:
        """It ends with the worker's output, and must not see it closed."""
        self._reader.join()
