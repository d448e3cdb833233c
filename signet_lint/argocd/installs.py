"""How a repository starts: its entry charts, and the values each is installed with, once for each environment.

An entry chart renders Applications or ApplicationSets and is deployed by no Application of the repository. Where it takes
the environment as a value (`--set envFilter=prod`), that value is found by trying: a text value which, set to the names
of a list of the chart's values one after the other, selects what is rendered, and which selects nothing when set to a
name that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from signet_lint.argocd.plain import plain_roots
from signet_lint.config import Config
from signet_lint.discover.repository import Repository
from signet_lint.render.engine import HelmEngine, Path, RenderFailure, RenderRequest
from signet_lint.render.values import leaves, nodes, set_at

_APPLICATION = re.compile(rb"^\s*kind:\s*[\"']?Application(?:Set)?\b", re.MULTILINE)
_APPLICATION_SET = re.compile(rb"^\s*kind:\s*[\"']?ApplicationSet\b", re.MULTILINE)
_MOST_TRIED = 20  # texts tried as the one that selects the environment
_NOBODY = "signet-lint-no-such-environment"


class Install(Struct, frozen=True):
    """One installation of an entry chart: for an environment ("" if the chart does not take one), with these values.

    `selector` is the value that takes the environment, `item` the environment's entry in the chart's values.
    """

    folder: str
    env: str = ""
    set_values: Mapping[str, Any] | None = None
    value_files: tuple[str, ...] = ()
    selector: Path = ()
    item: Path = ()


def application_charts(repository: Repository) -> tuple[str, ...]:
    """Folders of charts with a template that may render an Application or ApplicationSet."""
    return tuple(folder for folder in repository.chart_folders if _mentions(repository, folder, _APPLICATION))


def entry_folders(repository: Repository, config: Config) -> tuple[str, ...]:
    """The charts that nothing in the repository deploys and everything starts from."""
    if config.entry:
        return (config.entry.strip("/"),)
    candidates = application_charts(repository)
    with_sets = tuple(folder for folder in candidates if _mentions(repository, folder, _APPLICATION_SET))
    if with_sets:
        return with_sets
    named = {folder for folder in candidates if _is_named(repository, folder, candidates)}
    return tuple(folder for folder in candidates if folder not in named)


def _mentions(repository: Repository, folder: str, pattern: re.Pattern[bytes]) -> bool:
    files = repository.chart_files(folder).files
    return any(path.startswith("templates/") and pattern.search(text) for path, text in files.items())


def _is_named(repository: Repository, folder: str, others: Sequence[str]) -> bool:
    """Whether another chart, or a plain file, names the folder as a path."""
    name = re.compile(rb"[\s\"'/]" + re.escape(folder.encode()) + rb"/?[\"'\s]")
    texts = [text for other in others if other != folder for text in repository.chart_files(other).files.values()]
    texts += [repository.tree.read(path) for path in plain_roots(repository, ()).paths]
    return any(name.search(text + b"\n") for text in texts)


def installs(repository: Repository, engine: HelmEngine, config: Config, folder: str) -> list[Install]:
    """The installations of an entry chart, one for each environment that can be told apart."""
    if config.set_values:
        values: Mapping[str, Any] = {}
        for name, value in config.set_values.items():
            values = set_at(values, tuple(name.split(".")), value)
        return [Install(folder, set_values=values)]
    defaults = repository.values(f"{folder}/values.yaml")
    for selector, item, names in _candidates(defaults):
        if _selects(repository, engine, folder, selector, names):
            # A name that stands twice is one environment; that its Applications collide is for a rule to say.
            first = {name: index for index, name in reversed(list(enumerate(names)))}
            return [
                Install(folder, name, set_at({}, selector, name), (), selector, (*item, first[name]))
                for name in dict.fromkeys(names)
            ]
    files = _env_value_files(repository, folder)
    if files:
        return [Install(folder, env, None, names) for env, names in files.items()]
    return [Install(folder)]


def _candidates(defaults: Mapping[str, Any]) -> Iterator[tuple[Path, Path, list[str]]]:
    """Text values beside lists of named entries: (value, list, names), the likeliest first."""
    lists = [(path, names) for path, value in nodes(defaults) if (names := entry_names(value))]
    texts = [(path, value) for path, value in leaves(defaults) if not any(isinstance(step, int) for step in path)]
    found = [
        (value not in names, path, item, names)
        for item, names in lists
        for path, value in texts
        if value is None or isinstance(value, str)
    ]
    found.sort(key=lambda candidate: (candidate[0], len(candidate[1]), str(candidate[1])))
    for _, path, item, names in found[:_MOST_TRIED]:
        yield path, item, names


def entry_names(value: Any) -> list[str]:
    """The names of a list of mappings that each have one of their own; empty for anything else."""
    if not (isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value)):
        return []
    for key in ("name", "env", "environment", "id"):
        names = [entry.get(key) for entry in value]
        if all(isinstance(name, str) and name for name in names):
            return [str(name) for name in names]
    return []


def _selects(repository: Repository, engine: HelmEngine, folder: str, selector: Path, names: list[str]) -> bool:
    chart = repository.chart_files(folder)

    def rendered(name: str) -> str | None:
        output = engine.render(RenderRequest(chart, set_at({}, selector, name), "entry", "default"))
        return None if isinstance(output, RenderFailure) else "\n".join(output[key] for key in sorted(output))

    nothing = rendered(_NOBODY) or ""
    # An environment whose rendering fails is one all the same: its failure must be reported, not hidden.
    outputs = [output for name in dict.fromkeys(names) if (output := rendered(name)) is not None]
    return len(set(outputs)) == len(outputs) and all(output.count("\n") > nothing.count("\n") for output in outputs)


def _env_value_files(repository: Repository, folder: str) -> dict[str, tuple[str, ...]]:
    """`values-<env>.yaml` files of an entry chart by environment, each with the common file before it."""
    names = [
        path.rpartition("/")[2] for path in repository.tree.files(folder) if path.count("/") == folder.count("/") + 1
    ]
    common = tuple(name for name in ("values-common.yaml", "values-common.yml") if name in names)
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        match = re.fullmatch(r"values-(?P<env>[\w.]+(?:-[\w.]+)*)\.ya?ml", name)
        if match and match["env"] not in ("common", "default", "defaults", "base", "shared", "example"):
            found[match["env"]] = (*common, name)
    return found
