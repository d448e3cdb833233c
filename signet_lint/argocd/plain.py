"""Applications and ApplicationSets in plain files, outside of charts."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import NamedTuple

from signet_lint.discover.repository import Repository, folders_above


class PlainRoots(NamedTuple):
    """Files with an Application or ApplicationSet that no Application deploys and no chart holds, sorted.

    What becomes of those that a kustomization takes in (`kustomized`) is not known here.
    """

    paths: list[str]
    kustomized: list[str]


def plain_roots(repository: Repository, deployed: Iterable[str]) -> PlainRoots:
    """The files from which somebody would begin; `deployed` are folders that Applications deploy."""
    inside = {folder for folder in deployed if folder}
    found = PlainRoots([], [])
    for path in repository.application_files:
        if inside.isdisjoint(folders_above(path)):
            (found.kustomized if _is_kustomized(repository, path) else found.paths).append(path)
    return found


def outermost(paths: Sequence[str], deploys: Callable[[str], AbstractSet[str]]) -> list[str]:
    """Of files with Applications those that no other one deploys; of some that deploy each other, the first.

    `deploys` tells which files the Applications of a file deploy: a file may well be among its own.
    """
    known = cache(deploys)
    reached = {path: _reached(path, known, set(paths)) for path in paths}
    order = {path: number for number, path in enumerate(paths)}

    def comes_from(path: str, other: str) -> bool:
        return path in reached[other] and (other not in reached[path] or order[other] < order[path])

    return [path for path in paths if not any(comes_from(path, other) for other in paths if other != path)]


def _reached(path: str, deploys: Callable[[str], AbstractSet[str]], among: AbstractSet[str]) -> set[str]:
    reached: set[str] = set()
    pending = [path]
    while pending:
        new = (deploys(pending.pop()) & among) - reached
        reached |= new
        pending += new
    return reached


def _is_kustomized(repository: Repository, path: str) -> bool:
    """Whether a kustomization beside it takes the file in."""
    folder = posixpath.dirname(path)
    names = ("kustomization.yaml", "kustomization.yml", "Kustomization")
    return any(repository.tree.exists(posixpath.join(folder, name)) for name in names)
