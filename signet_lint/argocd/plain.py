"""Applications and ApplicationSets in plain files, outside of charts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from signet_lint.discover.repository import YAML_SUFFIXES, Repository
from signet_lint.source.yamldoc import YamlError

_KIND = re.compile(rb"^\s*kind:\s*[\"']?Application(?:Set)?\b", re.MULTILINE)
_EXAMPLES = frozenset(("test", "tests", "example", "examples", "docs", "testdata", "fixtures"))


def plain_roots(repository: Repository, deployed: Iterable[str]) -> list[str]:
    """Files with an Application or ApplicationSet that no Application deploys and no chart holds, sorted."""
    inside = {folder for folder in (*repository.chart_folders, *deployed) if folder}
    found = []
    for path in repository.tree.files():
        if not path.endswith(YAML_SUFFIXES) or _EXAMPLES & set(path.split("/")[:-1]):
            continue
        if not inside.isdisjoint(_folders_above(path)) or _is_kustomized(repository, path):
            continue
        try:
            if _KIND.search(repository.tree.read(path)) and _is_application(repository, path):
                found.append(path)
        except YamlError:
            found.append(path)  # it says it is one; that it cannot be read must be told
        except KeyError:
            continue
    return found


def _folders_above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _is_application(repository: Repository, path: str) -> bool:
    documents = [document.data for document in repository.documents(path) if isinstance(document.data, dict)]
    return any(d.get("kind") in ("Application", "ApplicationSet") and d.get("spec") for d in documents)


def _is_kustomized(repository: Repository, path: str) -> bool:
    """Whether a kustomization takes the file in: what it makes of it is not known here."""
    folder = posixpath.dirname(path)
    names = ("kustomization.yaml", "kustomization.yml", "Kustomization")
    return any(repository.tree.exists(posixpath.join(folder, name)) for name in names)
