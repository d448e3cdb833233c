"""The folder given on the command line, and the texts of its files for snippets."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from signet_lint.errors import UsageError


def root_folder(text: str) -> Path:
    """ROOT as a path; raises `UsageError` where it is no folder."""
    root = Path(text)
    if root.is_dir():
        return root
    what = "is a file" if root.exists() else "is not there"
    raise UsageError(
        f"`{text}` {what}; ROOT must be a folder", hint="name the top folder of the repository, or nothing for this one"
    )


def prefix_of(root: Path) -> str:
    """The way from the top folder of the Git repository to the root ("deploy/"), "" where the root is the top.

    Readers of some formats know the files of a repository by their path from its top.
    """
    real = root.resolve()
    for folder in (real, *real.parents):
        if (folder / ".git").exists():
            way = real.relative_to(folder).as_posix()
            return "" if way == "." else f"{way}/"
    return ""


def sources(root: Path) -> Callable[[str], str | None]:
    """A function from a path relative to the root to the file's text, None where it must or can not be read."""
    from signet_lint.source.tree import MAX_FILE_BYTES, text_of

    real_root = root.resolve()

    @cache
    def read(path: str) -> str | None:
        try:
            file = (root / path).resolve()
            if not file.is_relative_to(real_root) or not file.is_file() or file.stat().st_size > MAX_FILE_BYTES:
                return None
            return text_of(file.read_bytes())
        except (OSError, ValueError):
            return None

    return read
