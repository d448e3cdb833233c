"""Applications and ApplicationSets in plain files, outside of charts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from signet_lint.discover.repository import YAML_SUFFIXES, Repository
from signet_lint.source.yamldoc import YamlError

_KIND = re.compile(rb"^\s*kind:\s*[\"']?Application(?:Set)?\b", re.MULTILINE)
_EXAMPLES = frozenset(("test", "tests", "example", "examples", "docs", "testdata", "fixtures"))


class PlainRoots(NamedTuple):
    """Files with an Application or ApplicationSet that no Application deploys and no chart holds, sorted.

    What becomes of those that a kustomization takes in (`kustomized`) is not known here.
    """

    paths: list[str]
    kustomized: list[str]


def plain_roots(repository: Repository, deployed: Iterable[str]) -> PlainRoots:
    """The files from which somebody would begin; `deployed` are folders that Applications deploy."""
    inside = {folder for folder in (*repository.chart_folders, *deployed) if folder}
    found = PlainRoots([], [])
    for path in repository.tree.files():
        if not path.endswith(YAML_SUFFIXES) or _EXAMPLES & set(path.split("/")[:-1]):
            continue
        if inside.isdisjoint(_folders_above(path)) and _gives_applications(repository, path):
            (found.kustomized if _is_kustomized(repository, path) else found.paths).append(path)
    return found


def _gives_applications(repository: Repository, path: str) -> bool:
    try:
        return bool(_KIND.search(repository.tree.read(path))) and _is_application(repository, path)
    except YamlError:
        return True  # it says it does; that it cannot be read must be told
    except KeyError:
        return False


def outermost(paths: Sequence[str], deploys: Callable[[str], AbstractSet[str]]) -> list[str]:
    """Of files with Applications those that no other one deploys; of some that deploy each other, the first.

    `deploys` tells which files the Applications of a file deploy: a file may well be among its own.
    """
    reached = {path: _reached(path, deploys, set(paths)) for path in paths}
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


def _folders_above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _is_application(repository: Repository, path: str) -> bool:
    documents = [document.data for document in repository.documents(path) if isinstance(document.data, dict)]
    return any(d.get("kind") in ("Application", "ApplicationSet") and d.get("spec") for d in documents)


def _is_kustomized(repository: Repository, path: str) -> bool:
    """Whether a kustomization beside it takes the file in."""
    folder = posixpath.dirname(path)
    names = ("kustomization.yaml", "kustomization.yml", "Kustomization")
    return any(repository.tree.exists(posixpath.join(folder, name)) for name in names)
