"""A component as the plan wires it: chart, umbrella, flag, environments, rights; step by step with its lines."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from signet_lint.finding import Finding, Origin, Subject
from signet_lint.judge import neutral
from signet_lint.model.access import Unmet, rights_in
from signet_lint.model.application import Application, Env
from signet_lint.model.given import given
from signet_lint.model.pods import gpu_demands, total
from signet_lint.model.resource import Key, Path, dig
from signet_lint.model.state import At, DesiredState
from signet_lint.model.wiring import EnvKey, Gate, Wiring
from signet_lint.source.location import Location

StepState = Literal["done", "missing", "off", "not needed"]

TITLES = {
    1: "the chart",
    2: "an Application in the umbrella",
    3: "a flag in the umbrella's values, off by default",
    4: "the flag through the ApplicationSet to the environment",
    5: "rights for Argo CD",
}

_ABSENT = object()


class Places(Protocol):
    """Turns symbolic places into lines."""

    def origin(self, at: At) -> Origin:
        """The place to edit and the road to it."""
        ...


class Step(Struct, frozen=True):
    """One step of the wiring: whether it is done, what was seen, and the line that shows it."""

    number: int
    state: StepState
    detail: str
    at: Location | None = None


class Deployment(Struct, frozen=True):
    """The component in one environment; without Applications it is not deployed there."""

    env: str
    applications: tuple[str, ...]
    namespaces: tuple[str, ...]
    resources: tuple[Subject, ...]
    gpus: int
    steps: tuple[Step, ...]


class Component(Struct, frozen=True):
    """A chart or a child Application, with everything that is known of it; `charts` are folders."""

    name: str
    charts: tuple[str, ...]
    deployments: tuple[Deployment, ...]
    findings: tuple[Finding, ...]


def component_names(state: DesiredState) -> tuple[str, ...]:
    """What the components are called: folders of charts, and Applications that deploy no chart of the repository."""
    charts = {posixpath.basename(chart.path) for chart in state.charts if chart.path}
    gates = {
        posixpath.basename(path) for umbrella in state.umbrellas for gate in umbrella.gates for path in gate.charts
    }
    others = {a.name for env in state.envs for a in env.applications if a.manifest is not None and not a.charts}
    return tuple(sorted(charts | gates | others))


def component(name: str, state: DesiredState, places: Places, findings: Sequence[Finding]) -> Component | None:
    """The component of that name, None where there is none."""
    charts = _charts_called(name, state)
    applications = [one for env in state.envs for one in env.applications if one.manifest is not None]
    if charts:
        own = [one for one in applications if set(one.charts) & set(charts)]
    else:
        named = [one for one in applications if one.name == name]
        labels = {neutral(one.name, one.env, state) for one in named}
        own = [one for one in applications if neutral(one.name, one.env, state) in labels]
        charts = tuple(dict.fromkeys(path for one in own for path in one.charts))
    if not own and not charts:
        return None
    deployments = tuple(_deployment(env, charts, own, state, places) for env in state.envs)
    return Component(name, charts, deployments, tuple(_concerning(findings, charts, own, deployments)))


def _charts_called(name: str, state: DesiredState) -> tuple[str, ...]:
    wanted = name.strip("/")
    known = {chart.path: chart.name for chart in state.charts}
    known |= {
        path: known.get(path, "") for umbrella in state.umbrellas for gate in umbrella.gates for path in gate.charts
    }
    by_folder = [path for path in known if wanted in (path, posixpath.basename(path))]
    return tuple(sorted(by_folder or [path for path, title in known.items() if title == wanted]))


def _concerning(
    findings: Sequence[Finding],
    charts: Sequence[str],
    applications: Sequence[Application],
    deployments: Iterable[Deployment],
) -> Iterator[Finding]:
    """Findings on the component's Applications, in its files, or on a line of its wiring."""
    names = {application.name for application in applications}
    lines = {(step.at.path, step.at.line) for one in deployments for step in one.steps if step.at and step.number != 5}
    for finding in findings:
        at = finding.location
        inside = any(at.path.startswith(f"{chart}/") for chart in charts if chart)
        if finding.application in names or inside or (at.path, at.line) in lines:
            yield finding


def _deployment(
    env: Env, charts: tuple[str, ...], own: Sequence[Application], state: DesiredState, places: Places
) -> Deployment:
    here = [application for application in own if application.env == env.name]
    names = {application.name for application in here}
    resources = [resource for application in here for resource in application.resources]
    return Deployment(
        env=env.name,
        applications=tuple(application.name for application in here),
        namespaces=tuple(dict.fromkeys(one.namespace for one in resources if one.namespace)),
        resources=tuple(Subject(one.kind, one.namespace, one.name) for one in resources),
        gpus=total(tuple(demand for demand in gpu_demands(env) if demand.resource.application in names)),
        steps=tuple(_Walk(env, charts, here, state, places).steps()),
    )


class _Walk(Struct, frozen=True):
    """Walks the steps for one component in one environment."""

    env: Env
    charts: tuple[str, ...]
    applications: Sequence[Application]
    state: DesiredState
    places: Places

    def steps(self) -> Iterator[Step]:
        yield self._chart()
        gated = [(wiring, gate) for wiring in self._wirings() for gate in wiring.umbrella.gates if self._is_own(gate)]
        if gated:
            wiring, gate = gated[0]
            yield Step(2, "done", f"`{gate.template}`", Location(gate.template))
            yield self._flag(wiring, gate)
            yield self._switch(wiring, gate)
        else:
            yield from self._ungated()
        yield self._rights()

    def _wirings(self) -> list[Wiring]:
        return [wiring for wiring in self.state.wiring if wiring.env == self.env.name]

    def _is_own(self, gate: Gate) -> bool:
        if self.charts:
            return bool(set(gate.charts) & set(self.charts))
        return gate.application in {application.name for application in self.applications}

    def _chart(self) -> Step:
        if not self.charts:
            return Step(1, "not needed", "it deploys no chart of this repository")
        for path in self.charts:
            chart = self.state.chart(path)
            if chart is None or not chart.has_metadata_file:
                return Step(1, "missing", f"no `Chart.yaml` in `{path}`", Location(posixpath.join(path, "Chart.yaml")))
        first = self.state.chart(self.charts[0])
        files = ", ".join(f"`{name}`" for name in sorted(first.values)) if first else ""
        return Step(
            1, "done", f"values files: {files or 'none'}", Location(posixpath.join(self.charts[0], "Chart.yaml"))
        )

    def _ungated(self) -> Iterator[Step]:
        """Steps 2 to 4 where no template of an umbrella switches it on."""
        if self.applications:
            manifest = self.applications[0].manifest
            at = self.places.origin(manifest.declaration()).location if manifest else None
            yield Step(2, "done", "always deployed, no flag switches it", at)
            yield Step(3, "not needed", "no flag switches it")
            yield Step(4, "not needed", "no flag switches it")
            return
        folders = sorted({posixpath.join(wiring.umbrella.chart, "templates") for wiring in self._wirings()})
        where = f" in `{folders[0]}`" if folders else ""
        yield Step(2, "missing", f"no Application{where} deploys it")
        yield Step(3, "missing", "there is no Application to switch")
        yield Step(4, "missing", "there is no Application to switch")

    def _flag(self, wiring: Wiring, gate: Gate) -> Step:
        if not gate.values:
            return Step(3, "not needed", "no value switches it")
        for path in gate.values:
            for file in wiring.umbrella.values_files:
                value = dig(self.state.values_of(file), path, _ABSENT)
                at = self.places.origin(Key(file, path)).location
                if value is _ABSENT:
                    return Step(3, "missing", f"`{_dotted(path)}` is not declared in `{file}`", at)
                if value is not False and path not in gate.inverted:
                    return Step(3, "missing", f"`{_dotted(path)}` is `{_shown(value)}` by default in `{file}`", at)
        files = wiring.umbrella.values_files
        first = self.places.origin(Key(files[0], gate.values[0])).location if files else None
        named = ", ".join(f"`{_dotted(path)}`" for path in gate.values)
        return Step(3, "done", f"{named} in {', '.join(f'`{posixpath.basename(file)}`' for file in files)}", first)

    def _switch(self, wiring: Wiring, gate: Gate) -> Step:
        if not gate.values:
            return Step(4, "not needed", "no value switches it")
        for path in gate.values:
            if said := given(path, wiring, self.env, self.state):
                at = self.places.origin(said.at).location
                text = "not set" if said.value is None else f"`{_dotted(path)}: {_shown(said.value)}`"
                return Step(4, "done" if self.applications else "off", text, at)
            threads = wiring.threads_to(path)
            if not threads:
                at = self.places.origin(wiring.parameters_at).location
                return Step(4, "missing", f"the ApplicationSet does not pass `{_dotted(path)}`", at)
            for key in sorted(threads[0].keys):
                if key not in wiring.elements:
                    at = self.places.origin(threads[0].value_at).location
                    return Step(4, "missing", f"no element of the ApplicationSet has `{key}`", at)
                if step := self._set(wiring, wiring.keys_behind(threads[0]), key):
                    return step
        at = self.places.origin(wiring.threads_to(gate.values[0])[0].name_at).location
        return Step(4, "done" if self.applications else "off", "the ApplicationSet sets it", at)

    def _set(self, wiring: Wiring, keys: Sequence[EnvKey], element: str) -> Step | None:
        """What the environment says of an element; None where it has no say."""
        if keys:
            key = keys[0]
            at = self.places.origin(key.place).location
            said = f"`{key.label}: {_shown(key.value)}`"
            if self.applications:
                return Step(4, "done", said, at)
            if _shown(key.value).lower() == "true":
                return Step(4, "missing", f"{said} does not switch it on: the chain breaks on the way", at)
            return Step(4, "off", said, at)
        if wiring.env_at is None:
            return None
        at = self.places.origin(wiring.env_at).location
        if self.applications:
            return None
        return Step(4, "off", f"`{element}` is not set for `{self.env.name}`", at)

    def _rights(self) -> Step:
        if not self.applications:
            return Step(5, "not needed", "it is not deployed here")
        rights = rights_in(self.env, self.state.config)
        lacking: list[Unmet] = [unmet for one in self.applications for unmet in rights.unmet_of(one)]
        alike = [unmet for unmet in lacking if not unmet.is_minor] or lacking
        if alike:
            first = alike[0]
            kinds = ", ".join(sorted({f"`{unmet.need.resource.kind}`" for unmet in alike}))
            where = f" in `{first.need.namespace}`" if first.need.namespace else ""
            until = f" until {first.later}" if first.later else ""
            manage = "delete" if first.verbs <= {"delete"} else "manage"
            at = self.places.origin(first.need.resource.declaration()).location
            return Step(5, "missing", f"Argo CD may not {manage} {kinds}{where}{until}", at)
        binding = next(
            (
                grant.binding
                for grant in rights.grants
                if grant.binding is not None and grant.is_open and grant.namespace in self._namespaces()
            ),
            None,
        )
        bound = self.places.origin(binding.declaration()).location if binding else None
        return Step(5, "done", "Argo CD may manage everything it deploys", bound)

    def _namespaces(self) -> set[str]:
        return {resource.namespace for one in self.applications for resource in one.resources if resource.namespace}


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
