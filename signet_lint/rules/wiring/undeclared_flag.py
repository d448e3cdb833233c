"""SGL104: a flag that the umbrella's values files do not declare."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Key, dig
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_ABSENT = object()


@rule(
    id="SGL104",
    name="undeclared-flag",
    severity="error",
    section="5.0",
    summary="The value that switches a child Application is not declared in each of the umbrella's base values files.",
    rationale=(
        "The values files are where people look up which flags there are, and the fallback when a parameter is missing. "
        "A template that reads an undeclared flag fails, or stays off, depending on how it was written."
    ),
    remedy="declare the flag there with the value false",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="missing in values-common.yaml",
            edits={"charts/signet-umbrella/values-common.yaml": (("signetLLM:\n  enabled: false\n", ""),)},
            at="charts/signet-umbrella/values-common.yaml:1",
        ),
        Example(
            title="missing in values.yaml",
            edits={
                "charts/signet-umbrella/values.yaml": (("signetLLM:\n  enabled: false\n", "signetLLM:\n  owner: ml\n"),)
            },
            at="charts/signet-umbrella/values.yaml:signetLLM:",
        ),
    ),
    good=(
        Example(
            title="declared in flow style",
            edits={
                "charts/signet-umbrella/values-common.yaml": (
                    ("signetLLM:\n  enabled: false\n", "signetLLM: {enabled: false}\n"),
                )
            },
        ),
    ),
)
def undeclared_flag(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every umbrella once."""
    for umbrella in state.umbrellas:
        for path in sorted(umbrella.gating_values, key=str):
            for file in umbrella.values_files:
                if dig(state.values_of(file), path, _ABSENT) is _ABSENT:
                    applications = ", ".join(f"`{gate.template}`" for gate in umbrella.gates_of(path))
                    name = ".".join(map(str, path))
                    message = f"`{name}`, which switches {applications}, is not declared here"
                    declared = repair(f"declare `{name}`, off", SetTo(Key(file, path), False))
                    yield Hit(Key(file, path), message, key=name, repair=declared)
