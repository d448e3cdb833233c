"""SGL106: a parameter reads a flag that the elements do not carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from signet_lint.model.repair import Wire, repair
from signet_lint.model.resource import Field, Resource, written
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule


@rule(
    id="SGL106",
    name="flag-missing-in-elements",
    severity="error",
    section="5.0",
    summary="A parameter that switches a child Application reads a key that no generator element carries.",
    rationale=(
        "The ApplicationSet knows of an environment only what its element carries. A parameter that reads a missing key "
        "gets its default, so the flag in the environment's values changes nothing."
    ),
    remedy="add the key to the generator's elements, from the environment's values",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="the element key was removed",
            edits={
                "charts/argocd-apps/templates/applicationset-umbrella.yaml": (
                    ("            signetLLMEnabled: {{ $e.signetLLMEnabled | default false }}\n", ""),
                )
            },
            at="charts/argocd-apps/templates/applicationset-umbrella.yaml:value: '{{ \"{{ .signetLLMEnabled }}\" }}'",
        ),
    ),
    good=(
        Example(
            title="read with index",
            edits={
                "charts/argocd-apps/templates/applicationset-umbrella.yaml": (
                    (
                        "value: '{{ \"{{ .signetLLMEnabled }}\" }}'",
                        "value: '{{ `{{ index . \"signetLLMEnabled\" }}` }}'",
                    ),
                )
            },
        ),
    ),
)
def flag_missing_in_elements(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges the wiring of every environment."""
    for wiring in state.wiring:
        if not wiring.elements:
            yield from _no_element(wiring.application_set, state)
            continue
        for thread in wiring.threads:
            if thread.path not in wiring.umbrella.gating_values:
                continue
            for key in sorted(thread.keys - set(wiring.elements)):
                message = f"`{thread.name}` is set from `.{key}`, which no element of the generator has"
                charts = [chart for gate in wiring.umbrella.gates_of(thread.path) for chart in gate.charts]
                wired = repair(f"give the element `{key}`", Wire(charts[0])) if charts else None
                yield Hit(written(thread.value_at), message, key=f"{thread.name} {key}", repair=wired)


def _no_element(application_set: Resource, state: DesiredState) -> Iterator[Outcome]:
    """An ApplicationSet that generates nothing, where all its generators are known."""
    places = (left.at for left in state.left_out)
    if any(isinstance(at, Field) and at.resource is application_set for at in places):
        return
    if not _is_well_formed(application_set.get("spec", "generators")):
        return  # a field of another name or type is reported as that
    message = f"ApplicationSet `{application_set.name}` has no element here, and generates nothing"
    yield Hit(written(application_set.at("spec", "generators")), message, key="generators")


def _is_well_formed(generators: object) -> bool:
    """Whether there is a list of generators, and each list among them has its elements, if only none."""
    if not isinstance(generators, list):
        return False
    lists = [one["list"] for one in generators if isinstance(one, Mapping) and "list" in one]
    return all(isinstance(one, Mapping) and "elements" in one for one in lists)
