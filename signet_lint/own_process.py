"""A module of ours in a Python process of its own."""

from __future__ import annotations

import json
import os
import sys

BOOTSTRAP = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "


def command(module: str, *arguments: str) -> list[str]:
    """What runs the `main` of a module; its arguments begin at `sys.argv[2]`.

    Isolated, with our own search path: we run in the linted repository, whose modules must not load.
    """
    path = json.dumps([entry for entry in sys.path if entry])
    return [sys.executable, "-I", "-c", f"{BOOTSTRAP}from {module} import main; main()", path, *arguments]


def environment(*kept: str) -> dict[str, str]:
    """Of the user's environment the variables that a process needs to start, and those `kept`."""
    needed = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", *kept)
    return {name: os.environ[name] for name in needed if name in os.environ}
