"""A command run within limits of time, memory and output."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from msgspec import Struct

from signet_lint.render.worker import MEMORY_BYTES

_NO_BYTE = re.compile("[\udc80-\udcff]")


class Finished(Struct, frozen=True):
    """What a command printed and said; bytes that are no UTF-8 are U+FFFD each, as Go's JSON has them."""

    code: int
    output: str
    errors: str


class OutOfBounds(Exception):  # noqa: N818 - says what happened
    """The command passed a limit; the text says which."""


def run_bounded(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], seconds: float, characters: int
) -> Finished:
    """Run a command in a folder, without standard input.

    Raises `OutOfBounds` where it takes too much, `OSError` if it cannot run.
    """
    with TemporaryFile(dir=folder) as output, TemporaryFile(dir=folder) as errors:
        process = subprocess.Popen(  # noqa: S603 - the command the user named
            list(command), stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=folder, env=dict(environment)
        )
        _limit_memory(process.pid)
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise OutOfBounds(f"rendering takes longer than {seconds:g} s") from None
        finally:
            process.kill()
            process.wait()
        texts = []
        for stream in (output, errors):
            stream.seek(0)
            read = stream.read(characters + 1)
            if len(read) > characters:
                raise OutOfBounds(f"the output is larger than {characters // 1024**2} MiB")
            texts.append(_NO_BYTE.sub("\ufffd", read.decode("utf-8", "surrogateescape")))
    if code < 0 or "fatal error: " in texts[1] or "out of memory" in texts[1]:
        limit = f"limit {MEMORY_BYTES // 1024**3} GiB"
        raise OutOfBounds(f"rendering ended the helm command: out of memory ({limit}) or recursion without end")
    return Finished(code, *texts)


def _limit_memory(process: int) -> None:
    """Limit another process: code between fork and exec would not be safe beside threads.

    The moment before the limit holds is no matter: Helm has not read the chart by then. Only Linux can do it.
    """
    if sys.platform == "linux":
        import resource

        try:
            resource.prlimit(process, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))
        except (OSError, ValueError):
            pass  # it has ended already
