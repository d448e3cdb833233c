"""Which Applications were rendered without a file that cannot be read: what is wrong with them follows from that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from signet_lint.model.application import Application, Env
from signet_lint.model.chart import Chart
from signet_lint.model.missing import missing_charts, says
from signet_lint.model.state import At, DesiredState, LeftOut, Problem, ProblemKind
from signet_lint.source.location import Location


def problems_of(state: DesiredState, *kinds: ProblemKind) -> Iterator[Problem]:
    """The problems of these kinds."""
    return (problem for problem in state.problems if problem.kind in kinds)


@lru_cache(maxsize=8)
def broken_files(state: DesiredState) -> frozenset[str]:
    """Files that are not YAML, relative to the root."""
    found = (problem.at for problem in problems_of(state, "yaml-syntax"))
    return frozenset(at.path for at in found if isinstance(at, Location))


def lacks_a_file(state: DesiredState, env: str, application: str) -> bool:
    """Whether an Application, or one of those above it, reads a file that is not YAML.

    Where the simulation ended before there was such an Application, a broken file of the chart of that name decides.
    """
    broken = broken_files(state)
    if not broken:
        return False
    place = next((known for known in state.envs if known.name == env), None)
    found = place.application(application) if place else None
    if place is None or found is None:
        return any(f"{chart.path}/".endswith(f"{application}/") and _in(chart.path, broken) for chart in state.charts)
    return any(file in broken for one in _with_those_above(found, place) for file in _files_of(one)) or any(
        _in(source.path, broken) for source in found.sources if source.kind == "directory"
    )


def unseen(
    state: DesiredState, env: Env, what: str, at: At, *kinds: str, namespace: str = "", called: str = ""
) -> LeftOut | None:
    """That something missing cannot be told, where an Application that was not rendered may bring it; else None.

    `kinds` (patterns) are those that would bring it: the Application counts if its chart has a template of one, or if
    there is no chart. One that deploys what is not in this repository counts where its destination is the `namespace`
    of what is missing, or where its sources speak of it (`called`, a pattern).
    """
    for application in _partly_elsewhere(env, state):
        names = " ".join(_elsewhere(application, state))
        if application.destination == (namespace or None) or (called and re.search(called, names)):
            why = f"Application `{application.name}` deploys what is not rendered here, and may bring it"
            return LeftOut(what, why, at)
    for application in _unseen_applications(env, state):
        charts = [chart for source in application.sources if (chart := state.chart(source.path)) is not None]
        if not charts or any(_has_kind(chart, kinds) for chart in charts):
            why = "was not rendered whole" if application.rendered else "was not rendered"
            return LeftOut(what, f"Application `{application.name}` {why}, and may bring it", at)
    return None


def not_deployed(state: DesiredState, env: Env, name: str, what: str, at: At, *kinds: str) -> LeftOut | None:
    """That something missing follows from what is reported: a chart that speaks of `name`, and ought to be deployed.

    `kinds` (patterns) are those that would bring it. For what is only used by others: a rule on what must be there
    itself reports that it is not.
    """
    for chart in missing_charts(env, state):
        if _has_kind(chart, kinds) and says(chart, name):
            return LeftOut(what, f"`{chart.path}`, which may bring it, is not deployed in `{env.name}`", at)
    return None


def _has_kind(chart: Chart, kinds: Sequence[str]) -> bool:
    of_kind = re.compile(rf"\bkind:\s*[\"']?(?:{'|'.join(kinds)})\b")
    return any(map(of_kind.search, chart.templates.values()))


@lru_cache(maxsize=64)  # asked for each thing that is missing
def _unseen_applications(env: Env, state: DesiredState) -> tuple[Application, ...]:
    return tuple(one for one in env.applications if one.manifest is not None and _is_unseen(one, env, state))


@lru_cache(maxsize=64)
def _partly_elsewhere(env: Env, state: DesiredState) -> tuple[Application, ...]:
    return tuple(one for one in env.applications if one.manifest is not None and any(_elsewhere(one, state)))


def _elsewhere(application: Application, state: DesiredState) -> Iterator[str]:
    """What names the parts of an Application that are not rendered here: of other repositories, by other tools."""
    for source in application.sources:
        if source.kind in ("remote", "kustomize", "plugin"):
            chart = application.manifest.get(*source.field, "chart") if application.manifest else ""
            yield from (source.repo_url, source.path, str(chart or ""), application.name)
        elif chart := state.chart(source.path):
            yield from chart.fetched_dependencies


def _is_unseen(application: Application, env: Env, state: DesiredState) -> bool:
    if not application.rendered or any(source.kind == "missing" for source in application.sources):
        return True
    if any((one.env, one.application) == (env.name, application.name) for one in problems_of(state, "not-a-manifest")):
        return True
    return lacks_a_file(state, env.name, application.name)


def _in(folder: str, files: frozenset[str]) -> bool:
    return any(file.startswith(f"{folder}/") for file in files)


def _with_those_above(application: Application, env: Env) -> Iterator[Application]:
    seen: set[str] = set()
    current: Application | None = application
    while current is not None and current.name not in seen:
        yield current
        seen.add(current.name)
        current = env.application(current.parent)


def _files_of(application: Application) -> Iterator[str]:
    """The chart's own files and the value files it is given."""
    for source in application.sources:
        yield from (f"{source.path}/{name}".lstrip("/") for name in ("Chart.yaml", "values.yaml"))
        yield from (entry.path for entry in source.value_files)
