"""The search for secrets in a process of its own, so that it takes the second core and not the time of a run.

Speaks JSON: the folder is an argument, what was found goes to standard output. Where the process cannot be started or
does not end well, the search is done by who asked.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from signet_lint.model.found_secret import FoundSecret
from signet_lint.own_process import command, environment
from signet_lint.source.tree import DiskTree, Tree

WORTH_A_PROCESS = 200  # files: fewer are searched before a process has started
_FOUND = msgspec.json.Decoder(tuple[FoundSecret, ...])


def search(tree: Tree) -> tuple[FoundSecret, ...]:
    """Every secret in the files of a tree."""
    found = _searched(tree.root) if isinstance(tree, DiskTree) and len(tree.files()) >= WORTH_A_PROCESS else None
    if found is not None:
        return found
    from signet_lint.discover.secrets import secrets_in

    return secrets_in(tree)


def _searched(root: Path) -> tuple[FoundSecret, ...] | None:
    """What a process finds in a folder; None where it does not come to an end."""
    ours = command("signet_lint.discover.search", str(root.resolve()))
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            ours, stdin=subprocess.DEVNULL, capture_output=True, env=environment(), check=False
        )
        return _FOUND.decode(done.stdout) if done.returncode == 0 else None
    except (OSError, msgspec.DecodeError):
        return None


def main() -> None:
    """Search the folder that the second argument names."""
    from signet_lint.discover.secrets import secrets_in

    found = secrets_in(DiskTree(Path(sys.argv[2])))
    sys.stdout.buffer.write(msgspec.json.encode(found))
