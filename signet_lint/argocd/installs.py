"""How a repository starts: its entry charts, and the values each is installed with, once for each environment.

An entry chart renders Applications or ApplicationSets and is deployed by no Application of the repository. Where it takes
the environment as a value (`--set envFilter=prod`), that value is found by trying: a text (or a list of texts) which, set
to the names of entries in the chart's values one after the other, selects what is rendered, and which selects nothing
when set to a name that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct

from signet_lint.argocd.plain import plain_roots
from signet_lint.config import Config
from signet_lint.discover.repository import Repository
from signet_lint.render.engine import HelmEngine, Path, RenderFailure, RenderRequest
from signet_lint.render.references import value_references
from signet_lint.render.values import nodes, set_at

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
    if (one := _selector(repository, engine, folder)) is not None:
        return [
            Install(folder, name, one.choosing(name), (), one.selector, (*one.item, step))
            for name, step in one.entries.items()
        ]
    files = _env_value_files(repository, folder)
    if files:
        return [Install(folder, env, None, names) for env, names in files.items()]
    return [Install(folder)]


class _Candidate(NamedTuple):
    """A value that may select one of some named entries: a text, or (`many`) a list of names."""

    selector: Path
    many: bool
    item: Path
    entries: Mapping[str, str | int]

    def choosing(self, name: str) -> Mapping[str, Any]:
        """The values that select an entry."""
        values: Mapping[str, Any] = set_at({}, self.selector, [name] if self.many else name)
        return values


def _candidates(defaults: Mapping[str, Any], undeclared: Iterable[Path]) -> Iterator[_Candidate]:
    """Values beside named entries that may select them, the likeliest first."""
    texts: list[tuple[Path, Any]] = [(path, None) for path in sorted(undeclared)]
    for path, value in nodes(defaults):
        is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
        if (value is None or isinstance(value, str) or is_list) and not any(isinstance(step, int) for step in path):
            texts.append((path, value))
    found = []
    for item, value in nodes(defaults):
        entries = named_entries(value) if item else {}
        for path, text in texts if entries else ():
            chosen = text if isinstance(text, list) else [text]
            unlikely = not chosen or any(one not in entries for one in chosen)
            order = (unlikely, isinstance(value, Mapping), len(path), str(path))
            found.append((order, _Candidate(path, isinstance(text, list), item, entries)))
    found.sort(key=lambda one: one[0])
    yield from (candidate for _, candidate in found[:_MOST_TRIED])


def named_entries(value: Any) -> dict[str, str | int]:
    """The names of some mappings, each with its step: of a list whose items have names of their own, of a mapping by key.

    A name that stands twice is one environment; that its Applications collide is for a rule to say.
    """
    if isinstance(value, Mapping):
        return {str(key): key for key in value} if all(isinstance(one, Mapping) for one in value.values()) else {}
    if not (isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value)):
        return {}
    for key in ("name", "env", "environment", "id"):
        names = [entry.get(key) for entry in value]
        if all(isinstance(name, str) and name for name in names):
            return {str(name): names.index(name) for name in names}
    return {}


def _undeclared(repository: Repository, folder: str) -> set[Path]:
    """What the chart's templates read at the top of its values, and its values do not declare."""
    declared = repository.values(f"{folder}/values.yaml")
    files = repository.chart_files(folder).files
    texts = (text.decode("utf-8", "replace") for path, text in files.items() if path.startswith("templates/"))
    return {path for text in texts for path in value_references(text) if len(path) == 1 and path[0] not in declared}


def _selector(repository: Repository, engine: HelmEngine, folder: str) -> _Candidate | None:
    """What selects the environment, None where nothing does.

    An environment whose rendering fails is one all the same: its failure must be reported, not hidden. Where all fail,
    the likeliest selector is taken.
    """
    chart = repository.chart_files(folder)

    @cache
    def rendered(selector: Path, chosen: str, *, many: bool = False) -> str | None:
        values = set_at({}, selector, [chosen] if many else chosen) if selector else {}
        output = engine.render(RenderRequest(chart, values, "entry", "default"))
        return None if isinstance(output, RenderFailure) else "\n".join(output[key] for key in sorted(output))

    failing: list[_Candidate] = []
    for one in _candidates(repository.values(f"{folder}/values.yaml"), _undeclared(repository, folder)):
        nothing = rendered(one.selector, _NOBODY, many=one.many)
        if nothing is not None and nothing == rendered((), ""):
            continue  # it selects nothing
        found = [rendered(one.selector, name, many=one.many) for name in one.entries]
        outputs = [output for output in found if output is not None]
        if not outputs:
            failing.append(one)
        elif len(set(outputs)) == len(outputs) and all(
            text.count("\n") > (nothing or "").count("\n") for text in outputs
        ):
            return one
    return failing[0] if failing else None


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
