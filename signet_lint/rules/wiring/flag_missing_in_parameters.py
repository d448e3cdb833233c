"""SGL107: a flag of the umbrella that the ApplicationSet does not set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from signet_lint.model.given import umbrella_sources
from signet_lint.model.repair import Wire, repair
from signet_lint.model.resource import written
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import Wiring
from signet_lint.rule import Example, Hit, Outcome, rule


@rule(
    id="SGL107",
    name="flag-missing-in-parameters",
    severity="error",
    section="5.0",
    summary="A value that switches a child Application is set by nothing but the umbrella's defaults.",
    rationale=(
        "An environment's flag reaches the umbrella only through what the ApplicationSet passes. Without a parameter "
        "for it the default holds everywhere, and the component is never deployed."
    ),
    remedy="add a `helm.parameters` entry that sets it from the environment's element",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="the parameter was removed",
            edits={
                "charts/argocd-apps/templates/applicationset-umbrella.yaml": (
                    (
                        "            - name: signetLLM.enabled\n              value: '{{ \"{{ .signetLLMEnabled }}\" }}'\n",
                        "",
                    ),
                )
            },
            at="charts/argocd-apps/templates/applicationset-umbrella.yaml:parameters:",
        ),
    ),
    good=(
        Example(
            title="set through valuesObject",
            edits={
                "charts/argocd-apps/templates/applicationset-umbrella.yaml": (
                    (
                        "            - name: signetLLM.enabled\n              value: '{{ \"{{ .signetLLMEnabled }}\" }}'\n",
                        "",
                    ),
                    (
                        "          parameters:\n",
                        "          valuesObject:\n            signetLLM:\n              enabled: '{{ \"{{ .signetLLMEnabled }}\" }}'\n          parameters:\n",
                    ),
                )
            },
        ),
    ),
)
def flag_missing_in_parameters(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges the wiring of every environment."""
    given = {(w.umbrella.chart, path) for w in state.wiring for path in w.given}
    for wiring in state.wiring:
        if _lacks_a_file(wiring, state) or _is_misspelt(wiring):
            continue  # what it would set is not known, and a rule of its own tells
        for path in sorted(wiring.umbrella.gating_values, key=str):
            if wiring.threads_to(path) or (wiring.umbrella.chart, path) in given:
                continue
            name = ".".join(map(str, path))
            gates = ", ".join(f"`{gate.template}`" for gate in wiring.umbrella.gates_of(path))
            message = f"no parameter sets `{name}`, which switches {gates}"
            charts = [chart for gate in wiring.umbrella.gates_of(path) for chart in gate.charts]
            wired = repair(f"pass `{name}` to the umbrella", Wire(charts[0])) if charts else None
            yield Hit(written(wiring.parameters_at), message, key=name, repair=wired)


def _lacks_a_file(wiring: Wiring, state: DesiredState) -> bool:
    """Whether the umbrella is given a values file that is not there, which Helm refuses."""
    given = (source for _, source in umbrella_sources(wiring, state.env(wiring.env)))
    return any(not one.ignore_missing_value_files and any(not e.exists for e in one.value_files) for one in given)


def _is_misspelt(wiring: Wiring) -> bool:
    """Whether the template has a field of nearly the name of `parameters` in its place."""
    at = wiring.parameters_at
    block = at.resource.get(*at.path[:-1], default={})
    names = [str(name) for name in block] if isinstance(block, Mapping) else []
    return "parameters" not in names and bool(get_close_matches("parameters", names, 1, 0.8))
