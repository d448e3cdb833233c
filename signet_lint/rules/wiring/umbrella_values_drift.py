"""SGL114: the umbrella's two values files disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Key, Path, dig
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import Umbrella
from signet_lint.rule import Example, Hit, Outcome, rule


@rule(
    id="SGL114",
    name="umbrella-values-drift",
    severity="warning",
    section="5.0",
    summary="A key is declared in only one of the umbrella's base values files, or a boolean differs between them.",
    rationale=(
        "One file documents the defaults, the other is the fallback that linting renders with. Where they differ, what is "
        "checked is not what is deployed."
    ),
    remedy="declare the key in both files with the same default",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="a key in one file only",
            edits={
                "charts/signet-umbrella/values-common.yaml": (
                    ("signetLLM:\n", "extraLabels:\n  team: ml\nsignetLLM:\n"),
                )
            },
            at="charts/signet-umbrella/values-common.yaml:extraLabels:",
        ),
    ),
    good=(
        Example(
            title="texts may differ",
            edits={"charts/signet-umbrella/values.yaml": (("\nsignetLLM:\n", "\n# the chat model\nsignetLLM:\n"),)},
        ),
    ),
)
def umbrella_values_drift(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Compares the base values files of every umbrella, pair by pair."""
    for umbrella in state.umbrellas:
        files = umbrella.values_files
        for file in files:
            for other in files:
                if file != other:
                    yield from _drift(file, other, umbrella, state)


def _drift(file: str, other: str, umbrella: Umbrella, state: DesiredState) -> Iterator[Outcome]:
    mine, theirs = state.values_of(file), state.values_of(other)
    if not mine or not theirs:
        return
    name = other.rpartition("/")[2]
    for path in _only_here(mine, theirs, ()):
        # An undeclared flag is an error of its own.
        if not any(gating[: len(path)] == path for gating in umbrella.gating_values):
            dotted = ".".join(map(str, path))
            message = f"`{dotted}` is declared here and not in `{name}`"
            copied = repair(f"declare `{dotted}` in `{name}`, too", SetTo(Key(other, path), dig(mine, path)))
            yield Hit(Key(file, path), message, key=dotted, repair=copied)
    if file < other:
        for path, here, there in _different(mine, theirs, ()):
            if path not in umbrella.gating_values:
                dotted = ".".join(map(str, path))
                message = f"`{dotted}` is {str(here).lower()} here and {str(there).lower()} in `{name}`"
                yield Hit(Key(file, path), message, key=dotted)


def _only_here(mine: Mapping[str, Any], theirs: Mapping[str, Any], at: Path) -> Iterator[Path]:
    for key, value in mine.items():
        if key not in theirs:
            yield (*at, key)
        elif isinstance(value, Mapping) and isinstance(theirs[key], Mapping):
            yield from _only_here(value, theirs[key], (*at, key))


def _different(mine: Mapping[str, Any], theirs: Mapping[str, Any], at: Path) -> Iterator[tuple[Path, bool, bool]]:
    for key, value in mine.items():
        other = theirs.get(key)
        if isinstance(value, bool) and isinstance(other, bool) and value is not other:
            yield (*at, key), value, other
        elif isinstance(value, Mapping) and isinstance(other, Mapping):
            yield from _different(value, other, (*at, key))
