"""SGL105: a flag whose default is not false."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Key, dig, plain
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_OFF = (None, False, "", "false", "False", "FALSE", 0)


@rule(
    id="SGL105",
    name="flag-on-by-default",
    severity="error",
    section="5.0",
    summary="A value that switches a child Application is on by default in one of the umbrella's values files.",
    rationale=(
        "Defaults apply in every environment that does not say otherwise. A component that is on by default is deployed "
        "where nobody asked for it, a developer's cluster included."
    ),
    remedy="set the default to false, and switch the component on in the environments that want it",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="on in values-common.yaml",
            edits={
                "charts/signet-umbrella/values-common.yaml": (
                    ("signetLLM:\n  enabled: false", "signetLLM:\n  enabled: true  # the chat model"),
                )
            },
            at="charts/signet-umbrella/values-common.yaml:# the chat model",
        ),
        Example(
            title="on as text in values.yaml",
            edits={
                "charts/signet-umbrella/values.yaml": (
                    ("signetLLM:\n  enabled: false", 'signetLLM:\n  enabled: "true"'),
                )
            },
            at='charts/signet-umbrella/values.yaml:enabled: "true"',
        ),
    ),
    good=(
        Example(
            title="off as text",
            edits={
                "charts/signet-umbrella/values.yaml": (
                    ("signetLLM:\n  enabled: false", 'signetLLM:\n  enabled: "false"'),
                )
            },
        ),
    ),
)
def flag_on_by_default(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every umbrella once."""
    for umbrella in state.umbrellas:
        for path in sorted(umbrella.gating_values, key=str):
            for file in umbrella.values_files:
                value = dig(state.values_of(file), path)
                if value not in _OFF:
                    name = ".".join(map(str, path))
                    message = f"`{name}` is `{plain(value)}` by default"
                    off = repair(f"switch `{name}` off by default", SetTo(Key(file, path), False))
                    yield Hit(Key(file, path), message, key=name, repair=off)
