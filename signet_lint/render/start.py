"""Starts the process that renders. It needs few imports, so that this can be done before the others."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from importlib.util import find_spec

from signet_lint.errors import EngineError
from signet_lint.own_process import command, environment
from signet_lint.render.worker import MEMORY_BYTES

# Loopback, a port nobody can listen on: schemas are the one thing for which Helm would use the network.
NO_NETWORK = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:0")
# As Go sets its collector, it takes a tenth of the time: charts are small. The soft limit keeps large ones within bounds.
_GO = {"GOMAXPROCS": "2", "GOTRACEBACK": "none", "GOGC": "400", "GOMEMLIMIT": f"{MEMORY_BYTES // 2}"}


def available() -> bool:
    """Whether the native library is installed on this platform."""
    return find_spec("helm_python") is not None


def start_worker() -> subprocess.Popen[bytes]:
    """The process, which loads its library while the caller goes on, and ends with its standard input.

    Raises `EngineError` where it cannot be started.
    """
    try:
        return subprocess.Popen(  # noqa: S603 - our own module
            command("signet_lint.render.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
    except OSError as error:
        raise EngineError(f"cannot start the Helm engine: {error}") from None


def end_worker(process: subprocess.Popen[bytes]) -> None:
    """End the process and close its pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):  # what was not sent any more cannot be sent now
                pipe.close()


def _environment() -> dict[str, str]:
    # Nothing of the user's environment reaches templates, and no kubeconfig can be found.
    kept = environment("TMPDIR", "TEMP", "SIGNET_LINT_WORKER_MEMORY")
    return {**kept, **NO_NETWORK, **_GO, "HOME": os.devnull}
