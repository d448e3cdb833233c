"""Files that are not YAML, and keys that stand twice, in the files a deployment reads."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from signet_lint.discover.repository import YAML_SUFFIXES, Repository
from signet_lint.model.state import Problem
from signet_lint.source.location import Location
from signet_lint.source.yamldoc import YamlError


def syntax_problems(repository: Repository, extra: Iterable[str]) -> Iterator[Problem]:
    """Problems of every chart's own YAML files, and of the `extra` files that Applications read."""
    for path in sorted({*_chart_yaml(repository), *extra}):
        try:
            documents = repository.documents(path)
        except KeyError:
            continue
        except YamlError as error:
            at = Location(path, error.line, error.column)
            yield Problem("yaml-syntax", f"not YAML: {error.message}", at)
            continue
        for document in documents:
            for twice in document.duplicates:
                message = (
                    f"the key `{twice.key}` stands twice in one mapping (first on line {twice.first_line}); "
                    "the last one wins in silence"
                )
                at = Location(path, twice.line, twice.column, twice.line, twice.end_column)
                yield Problem("duplicate-key", message, at)


def _chart_yaml(repository: Repository) -> Iterator[str]:
    """Chart.yaml, values files and plain CRDs of every chart."""
    for folder in repository.chart_folders:
        for path in repository.tree.files(folder):
            name = path[len(folder) :].lstrip("/")
            if not name.endswith(YAML_SUFFIXES):
                continue
            base = posixpath.basename(name)
            if name == "Chart.yaml" or name.startswith("crds/") or ("/" not in name and base.startswith("values")):
                yield path
