"""SGL604: a service names a runtime that will not be there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.resource import Resource
from signet_lint.model.serving import KSERVE, model_key, runtime_of, runtimes_in, supports
from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import unseen
from signet_lint.rule import Example, Hit, Outcome, rule

_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_RUNTIME = "charts/signet-llm/templates/servingruntime.yaml"
_KINDS = ("ServingRuntime", "ClusterServingRuntime")


@rule(
    id="SGL604",
    name="runtime-unresolved",
    severity="error",
    section="5.4",
    summary="`model.runtime` names no enabled ServingRuntime there, no ClusterServingRuntime, and none configured.",
    rationale=(
        "KServe looks for a ServingRuntime of that name in the service's own namespace. OpenShift AI ships its vLLM runtime as "
        "a template that is no runtime until somebody instantiates it, so the repository must bring its own."
    ),
    remedy="correct the name, add the ServingRuntime, or list it under `exists.runtimes` in the configuration",
    each=Resource,
    kinds=("InferenceService",),
    bad=(
        Example(
            title="the runtime was removed",
            files={_RUNTIME: None},
            at="charts/signet-llm/values-common.yaml:name: signet-llm-vllm",
        ),
        Example(
            title="a misspelt name",
            edits={_SERVICE: (("runtime: {{ .Values.runtime.name }}", "runtime: signet-lm-vllm"),)},
            at=f"{_SERVICE}:runtime: signet-lm-vllm",
        ),
        Example(
            title="none named, and none that KServe selects",
            edits={
                _SERVICE: (("      runtime: {{ .Values.runtime.name }}\n", ""),),
                _RUNTIME: (("autoSelect: true", "autoSelect: false"),),
            },
            at=f"{_SERVICE}:    model:",
        ),
    ),
    good=(
        Example(
            title="chosen by its format",
            edits={_SERVICE: (("      runtime: {{ .Values.runtime.name }}\n", ""),)},
        ),
    ),
)
def runtime_unresolved(service: Resource, state: DesiredState) -> Iterator[Outcome]:
    """Judges the runtime one service names."""
    name = service.get("spec", "predictor", "model", "runtime")
    env = state.env(service.env)
    if service.gvk.group != KSERVE:
        return
    if not isinstance(name, str) or not name:
        yield from _unselected(service, env, state)
        return
    at = service.at("spec", "predictor", "model", "runtime")
    found = runtime_of(service, env).resource
    if found is not None:
        if found.get("spec", "disabled") is True:
            yield Hit(at, f"InferenceService `{service.name}` names the runtime `{name}`, which is disabled")
        return
    exists = state.config.exists.runtimes
    if name in exists or f"{service.namespace}/{name}" in exists:
        return
    message = (
        f"InferenceService `{service.name}` names the runtime `{name}`, which is not in namespace `{service.namespace}`"
    )
    hit = Hit(at, message + _hint(name, service, env))
    yield unseen(state, env, f"the runtime `{name}`", hit.at, *_KINDS, namespace=service.namespace) or hit


def _unselected(service: Resource, env: Env, state: DesiredState) -> Iterator[Outcome]:
    """A service that names no runtime, beside runtimes that serve its format and are not to be selected by it."""
    chosen = runtime_of(service, env)
    if model_key(service) != "model" or chosen.resource is not None or state.config.exists.runtimes:
        return
    able = [one for one in runtimes_in(env, service.namespace) if supports(one, chosen.model_format)]
    if able:
        message = (
            f"InferenceService `{service.name}` names no runtime, and `{able[0].name}` is none that KServe selects by "
            f"itself for `{chosen.model_format}`"
        )
        hit = Hit(service.at("spec", "predictor", "model", "runtime", probe=able[0].name), message)
        yield (
            unseen(state, env, f"the runtime of `{service.name}`", hit.at, *_KINDS, namespace=service.namespace) or hit
        )


def _hint(name: str, service: Resource, env: Env) -> str:
    runtimes = env.of_kind("ServingRuntime", group=KSERVE)
    elsewhere = [runtime.namespace for runtime in runtimes if runtime.name == name]
    if elsewhere:
        return f"; there is one in `{elsewhere[0]}`, where KServe does not look"
    here = [runtime.name for runtime in runtimes if runtime.namespace == service.namespace]
    near = difflib.get_close_matches(name, here, n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""
