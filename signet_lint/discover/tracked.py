"""The files that git would track: those that no .gitignore leaves out."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

import pathspec

from signet_lint.source.tree import Tree


def tracked_files(tree: Tree) -> Iterator[str]:
    """Paths of the files below the root that git would take in, by every .gitignore on the way to them."""
    specs = {folder: _spec(tree, path) for path in tree.files() for folder in [_folder_of(path)] if folder is not None}
    folders: dict[str, bool] = {"": False}
    for path in tree.files():
        if not _is_ignored(path, specs, folders):
            yield path


def _folder_of(path: str) -> str | None:
    return posixpath.dirname(path) if posixpath.basename(path) == ".gitignore" else None


def _spec(tree: Tree, path: str) -> pathspec.GitIgnoreSpec:
    try:
        lines = tree.read(path).decode("utf-8", "replace").splitlines()
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except (KeyError, ValueError):
        return pathspec.GitIgnoreSpec.from_lines([])


def _is_ignored(path: str, specs: dict[str, pathspec.GitIgnoreSpec], folders: dict[str, bool]) -> bool:
    """Whether the file or a folder above it is ignored; a file in an ignored folder cannot be taken in again."""
    if not specs:
        return False
    parent = posixpath.dirname(path)
    if parent not in folders:
        folders[parent] = _is_ignored(parent, specs, folders) or _matches(f"{parent}/", specs)
    return folders[parent] or _matches(path, specs)


def _matches(path: str, specs: dict[str, pathspec.GitIgnoreSpec]) -> bool:
    """What the nearest .gitignore that says anything of a path says."""
    folder = posixpath.dirname(path.rstrip("/"))
    while True:
        spec = specs.get(folder)
        if spec is not None:
            verdict = spec.check_file(path[len(folder) :].lstrip("/")).include
            if verdict is not None:
                return bool(verdict)
        if not folder:
            return False
        folder = posixpath.dirname(folder)
