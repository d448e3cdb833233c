"""Writes changed files, and nothing else: never through a symbolic link, never outside the root."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from signet_lint.errors import UsageError
from signet_lint.source.tree import Tree


def barred(root: Path, path: str) -> str:
    """Why a file (relative to the root) must not be written; "" where it may be."""
    parts = Path(path).parts
    if not parts or Path(path).is_absolute() or ".." in parts:
        return f"`{path}` is outside the root"
    at = root
    for part in parts:
        at = at / part
        if at.is_symlink():
            return f"`{path}` is reached through a symbolic link"
    if at.exists() and not at.is_file():
        return f"`{path}` is no regular file"
    return ""


def write_all(root: Path, contents: Mapping[str, bytes], tree: Tree) -> None:
    """Writes new bytes of files, each whole or not at all.

    Raises `UsageError` where a file may not be written, or is no longer what `tree` read; the files before it, in order
    of their paths, are written then.
    """
    for path, content in sorted(contents.items()):
        why = barred(root, path) or _changed(root, path, tree)
        if why:
            raise UsageError(f"not written: {why}", hint="run `signet-lint check` again")
        try:
            _write(root / path, content)
        except OSError as error:
            raise UsageError(f"`{path}` cannot be written: {error.strerror}") from None


def _changed(root: Path, path: str, tree: Tree) -> str:
    expected = tree.read(path) if tree.exists(path) else None
    try:
        found = (root / path).read_bytes() if (root / path).exists() else None
    except OSError as error:
        return f"`{path}` cannot be read: {error.strerror}"
    return "" if found == expected else f"`{path}` has changed meanwhile"


def _write(target: Path, content: bytes) -> None:
    """Through a file beside it, so that nobody ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        made.chmod(mode)
        made.replace(target)
    except OSError:
        made.unlink()
        raise


def _umask() -> int:
    known = os.umask(0)
    os.umask(known)
    return known
