"""SGL110: an element key that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.resource import Key, written
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import Wiring, flag_name
from signet_lint.rule import Example, Hit, Outcome, rule


@rule(
    id="SGL110",
    name="unused-element",
    severity="warning",
    section="5.0",
    summary="A key of the generator's elements is used by no part of the ApplicationSet's template.",
    rationale="The key looks as if it configured something. It does not, and hides that a parameter is missing.",
    remedy="add the parameter that should read it, or remove the key",
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="a key nobody reads",
            edits={
                "charts/argocd-apps/templates/applicationset-umbrella.yaml": (
                    (
                        "          - env: {{ $e.name }}\n",
                        "          - env: {{ $e.name }}\n            region: us-east-2\n",
                    ),
                )
            },
            at="charts/argocd-apps/templates/applicationset-umbrella.yaml:region: us-east-2",
        ),
    ),
    good=(
        Example(
            title="used in a label only",
            edits={
                "charts/argocd-apps/templates/applicationset-umbrella.yaml": (
                    (
                        "          - env: {{ $e.name }}\n",
                        "          - env: {{ $e.name }}\n            region: us-east-2\n",
                    ),
                    (
                        "        example.org/env:",
                        "        example.org/region: '{{ \"{{ .region }}\" }}'\n        example.org/env:",
                    ),
                )
            },
        ),
    ),
)
def unused_element(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges the elements of every environment."""
    for wiring in state.wiring:
        for name in sorted(
            set(wiring.elements) - wiring.used_elements - wiring.misspelt_elements - wiring.bypassed_elements
        ):
            # A flag whose parameter is missing is reported where the parameter belongs.
            at = wiring.elements[name]
            is_given = not isinstance(at, Key) or bool(at.path)  # nobody has set what a generator tells of a file
            if is_given and not _feeds_unset_flag(name, wiring):
                yield Hit(written(at), f"nothing in the ApplicationSet's template reads `{name}`", key=name)


def _feeds_unset_flag(name: str, wiring: Wiring) -> bool:
    unset = [path for path in wiring.umbrella.gating_values if not wiring.threads_to(path)]
    return flag_name(name) in {flag_name(".".join(map(str, path))) for path in unset}
