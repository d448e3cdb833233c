"""The checklist for a new component, with the files of the repository at hand."""

from __future__ import annotations

import posixpath

from msgspec import Struct

from signet_lint.model.resource import InstalledValue
from signet_lint.model.state import DesiredState


class PlanStep(Struct, frozen=True):
    """One step: what to do, in which files, and the rules that check it."""

    number: int
    title: str
    todo: tuple[str, ...]
    files: tuple[str, ...]
    rules: tuple[str, ...]


class _Names(Struct, frozen=True):
    """What the files are called; the defaults are placeholders for a repository that is not there."""

    chart: str = "charts/<component>"
    umbrella: str = "<umbrella chart>"
    values: tuple[str, ...] = ("<umbrella chart>/values-common.yaml", "<umbrella chart>/values.yaml")
    application_set: str = "<entry chart>/templates/<ApplicationSet>.yaml"
    entry_values: str = "<entry chart>/values.yaml"
    sample: str = ""


def plan_steps(state: DesiredState | None) -> tuple[PlanStep, ...]:
    """The five steps, naming the files of the repository where there is one."""
    names = _names(state) if state else _Names()
    like = f"; take `{names.sample}` as a pattern" if names.sample else ""
    templates = posixpath.join(names.umbrella, "templates")
    return (
        PlanStep(
            1,
            "Add the chart",
            (
                f"Create `{names.chart}/` with `Chart.yaml`, `templates/` and `values-common.yaml`.",
                "Put what differs between environments in `values-<env>.yaml` beside it.",
            ),
            (f"{names.chart}/Chart.yaml", f"{names.chart}/values-common.yaml"),
            ("SGL101", "SGL102"),
        ),
        PlanStep(
            2,
            "Add the child Application to the umbrella",
            (
                f"Add a template to `{templates}/`, wrapped in an `if` on a flag of its own{like}.",
                "Load `values-common.yaml` and `values-<env>.yaml`; take `repoURL` and `targetRevision` from the values.",
            ),
            (posixpath.join(templates, "app-<component>.yaml"),),
            ("SGL102", "SGL103", "SGL115", "SGL116"),
        ),
        PlanStep(
            3,
            "Declare the flag, off by default",
            ("Set `<component>.enabled: false` in every values file of the umbrella.",),
            names.values,
            ("SGL104", "SGL105", "SGL114"),
        ),
        PlanStep(
            4,
            "Pass the flag from the environment",
            (
                f"Add the flag to each environment under `envs` in `{names.entry_values}`: true where it must run.",
                "Add it to the elements of the ApplicationSet's generator.",
                "Add a Helm parameter `<component>.enabled` that reads the element.",
            ),
            tuple(dict.fromkeys((names.entry_values, names.application_set))),
            ("SGL106", "SGL107", "SGL108", "SGL109", "SGL112", "SGL113"),
        ),
        PlanStep(
            5,
            "Give Argo CD the rights",
            (
                "In each namespace that it deploys to, bind the application controller to the ClusterRole `admin`.",
                "For custom resources and cluster-scoped kinds, add a Role or ClusterRole that covers them.",
                "Let the rights sync before the component: a lower sync wave.",
            ),
            (posixpath.join(templates, "rbac-argocd-<component>.yaml"),),
            ("SGL201", "SGL202", "SGL203", "SGL204"),
        ),
    )


def _names(state: DesiredState) -> _Names:
    if not state.wiring:
        return _Names()
    wiring = state.wiring[0]
    umbrella, place = wiring.umbrella, wiring.env_at
    gates = sorted(gate.template for gate in umbrella.gates if len(gate.values) == 1)
    charts = sorted(posixpath.dirname(path) for gate in umbrella.gates for path in gate.charts)
    folder = max(charts, key=charts.count) if charts else "charts"
    entry = place.chart if isinstance(place, InstalledValue) else next(iter(sorted(state.entries)), "")
    template = wiring.application_set.ref.template
    return _Names(
        chart=posixpath.join(folder, "<component>"),
        umbrella=umbrella.chart,
        values=umbrella.values_files or _Names().values,
        application_set=posixpath.join(entry, *_inside(template)),
        entry_values=posixpath.join(entry, "values.yaml"),
        sample=gates[0] if gates else "",
    )


def _inside(template: str) -> tuple[str, ...]:
    """A template's path inside its chart: Helm puts the chart's name before it."""
    steps = template.split("/")
    return tuple(steps[steps.index("templates") :] if "templates" in steps else steps)
