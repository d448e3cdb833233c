"""SGL109: a value set for an environment that reaches nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from signet_lint.model.repair import Reword, repair
from signet_lint.model.resource import InstalledValue
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import EnvKey, Wiring, flag_name
from signet_lint.rule import Example, Hit, Outcome, rule


@rule(
    id="SGL109",
    name="ignored-env-value",
    severity="error",
    section="5.0",
    summary="A key set under an environment reaches nothing: no template reads it, or it is never passed on.",
    rationale=(
        "Somebody set the value to change what is deployed. If no template reads it, or the element it lands in goes "
        "nowhere, the change is ignored without a word."
    ),
    remedy="thread it through the ApplicationSet's elements and parameters, or remove it",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="a misspelt key",
            edits={"charts/argocd-apps/values.yaml": (("    frontendReplicas: 2", "    frontendReplica: 2"),)},
            at="charts/argocd-apps/values.yaml:frontendReplica: 2",
        ),
        Example(
            title="read but not passed on",
            edits={
                "charts/argocd-apps/templates/applicationset-umbrella.yaml": (
                    (
                        "          - env: {{ $e.name }}\n",
                        "          - env: {{ $e.name }}\n            region: {{ $e.region | quote }}\n",
                    ),
                ),
                "charts/argocd-apps/values.yaml": (
                    ("    frontendReplicas: 2\n", "    frontendReplicas: 2\n    region: us-east-2\n"),
                ),
            },
            at="charts/argocd-apps/values.yaml:region: us-east-2",
        ),
    ),
    good=(
        Example(
            title="the same value as the default",
            edits={"charts/argocd-apps/values.yaml": (("    frontendReplicas: 2", "    frontendReplicas: 1"),)},
        ),
    ),
)
def ignored_env_value(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every key of every environment."""
    for wiring in state.wiring:
        # A parameter that reads a missing element, or a flag without a parameter, is reported as that.
        reported = {key for thread in wiring.threads for key in thread.keys if key not in wiring.elements}
        unset = {path for path in wiring.umbrella.gating_values if not wiring.threads_to(path)}
        unpassed = {flag_name(".".join(map(str, path))) for path in unset}
        bypassed = wiring.bypassed_elements
        used = wiring.used_elements | wiring.misspelt_elements
        for key in wiring.env_keys:
            if not isinstance(key.place, InstalledValue):
                continue  # it is the element itself, of which a rule of its own tells
            # A flag that its own element or parameter ignores is reported where the chain breaks.
            if _is_unpassed_flag(key, unpassed) or key.elements & bypassed or _is_overwritten(key, wiring):
                continue
            if not key.reaches and key.name not in reported:
                near = next(iter(nearest_flag(key, wiring)), "")
                hint = f"; did you mean `{near}`?" if near else ""
                renamed = Reword(key.place, key.name, near) if near else None
                fix = repair(f"call it `{near}`", renamed, safety="unsafe") if renamed else None
                message = f"no template reads `{key.label}`{hint}"
                yield Hit(key.place, message, key=key.name, envs=(wiring.env,), repair=fix)
            elif key.elements and not key.elements & used:
                names = ", ".join(f"`{name}`" for name in sorted(key.elements))
                message = (
                    f"`{key.label}` lands in the element {names}, which the ApplicationSet's template does not use"
                )
                yield Hit(key.place, message, key=key.name, envs=(wiring.env,))


def _is_overwritten(key: EnvKey, wiring: Wiring) -> bool:
    return key.is_flag and not key.reaches and key.label in wiring.elements


def _is_unpassed_flag(key: EnvKey, unpassed: set[str]) -> bool:
    return key.is_flag and flag_name(key.name) in unpassed


def nearest_flag(key: EnvKey, wiring: Wiring) -> list[str]:
    """The element key that a key which is not read was likely meant for: one the environment does not set yet."""
    set_already = {other.name for other in wiring.env_keys}
    known = sorted(name for name in wiring.elements if name not in set_already)
    return difflib.get_close_matches(key.name, known, n=1, cutoff=0.8)
