"""SGL108: a component that must run there is not switched on."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.given import given
from signet_lint.model.repair import SetTo, Wire, repair
from signet_lint.model.resource import Declaration
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import EnvPlace, Gate, Wiring
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.rules.wiring.ignored_env_value import nearest_flag


@rule(
    id="SGL108",
    name="required-app-off",
    severity="error",
    section="5.0",
    plan_only=True,
    summary="A component that the environment must run (configurable) is not switched on there.",
    rationale=(
        "The plan's production environment serves models only if the operator's resources, both model services and the "
        "load test are all deployed. One flag left off leaves a part of it missing while every check is green."
    ),
    remedy="set the component's flag to true for this environment",
    fixable=True,
    each=Env,
    needs=("wiring",),
    bad=(
        Example(
            title="the flag is off",
            edits={
                "charts/argocd-apps/values.yaml": (
                    ("    signetLLMEnabled: true", "    signetLLMEnabled: false # later"),
                )
            },
            at="charts/argocd-apps/values.yaml:# later",
        ),
        Example(
            title="the flag is missing",
            edits={"charts/argocd-apps/values.yaml": (("    signetLLMEnabled: true\n", ""),)},
            at="charts/argocd-apps/values.yaml:- name: prod",
        ),
    ),
    good=(
        Example(
            title="an optional component is off",
            edits={"charts/argocd-apps/values.yaml": (("    frontendReplicas: 2\n", "    frontendReplicas: 3\n"),)},
        ),
    ),
)
def required_app_off(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges the environments that run inference."""
    if not env.runs_inference:
        return
    deployed = {posixpath.basename(path) for application in env.applications for path in application.charts}
    names = deployed | {application.name for application in env.applications}
    for component in state.config.required:
        if component not in names and f"{component}-{env.name}" not in names:
            yield from _missing(component, env, state)


def _missing(component: str, env: Env, state: DesiredState) -> Iterator[Outcome]:
    wirings = [wiring for wiring in state.wiring if wiring.env == env.name]
    for wiring in wirings:
        for gate in wiring.umbrella.gates:
            if component in (posixpath.basename(chart) for chart in gate.charts):
                told = [one for path in gate.values if (one := given(path, wiring, env, state)) is not None]
                at = _switch(gate, wiring) or next((one.at for one in told if not _is_on(one.value)), None)
                if at is not None:
                    step = Wire(gate.charts[0]) if at == wiring.env_at else SetTo(at, True)
                    on = repair(f"switch `{component}` on in `{env.name}`", step)
                    message = f"`{component}` is not switched on in `{env.name}`"
                    yield Hit(at, message, key=component, envs=(env.name,), repair=on)
                return
    charts = [chart.path for chart in state.charts if posixpath.basename(chart.path) == component]
    if charts and not state.wired_charts.intersection(charts):
        return  # the chart is there but unwired: reported as that
    lacks = "no Application deploys it there" if charts else "no chart of that name is in the repository"
    outermost = [application.manifest for application in env.applications if application.manifest is not None]
    places = [
        *(wiring.env_at or Declaration(wiring.application_set) for wiring in wirings),
        *map(Declaration, outermost),
    ]
    for here in places[:1]:
        message = f"`{env.name}` must run `{component}`, and {lacks}"
        yield Hit(here, message, key=component, envs=(env.name,))


def _switch(gate: Gate, wiring: Wiring) -> EnvPlace | None:
    """The environment's line that leaves the Application off; None where a later link of the chain is broken."""
    for path in gate.values:
        for thread in wiring.threads_to(path):
            keys = wiring.keys_behind(thread)
            if any(element not in wiring.elements for element in thread.keys):
                return None
            off = [key for key in keys if not _is_on(key.value)]
            if off:
                return off[0].place
            misspelt = {near for key in wiring.env_keys if not key.reaches for near in nearest_flag(key, wiring)}
            set_here = {key.name for key in wiring.env_keys}
            if not thread.keys and not wiring.named_like(path) and not _is_on(thread.text):
                return thread.value_at  # of an element that ought to be read, a rule of its own tells
            if not keys and thread.keys and not thread.keys & (misspelt | set_here):
                return wiring.env_at
    return None


def _is_on(value: object) -> bool:
    return str(value).lower() == "true"
