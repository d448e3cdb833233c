"""SGL904: a developer's environment deploys a model service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.catalogue.model_servers import recognise
from signet_lint.model.application import Application
from signet_lint.model.pods import containers, gpus_of, pod_spec
from signet_lint.model.resource import Gate, Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_ENVS = "charts/argocd-apps/values.yaml"
_LOCAL = "    ollamaGatewayEnabled: true\n    signetLLMEnabled: false\n"
_LOCAL_ON = "    ollamaGatewayEnabled: true\n    signetLLMEnabled: true # local\n"
_SNO = "    ollamaGatewayEnabled: false\n    signetLLMEnabled: false\n"
_SERVICES = ("InferenceService", "LLMInferenceService")


@rule(
    id="SGL904",
    name="gpu-in-local",
    severity="error",
    section="11",
    plan_only=True,
    summary="A local environment deploys a model service on a GPU.",
    rationale=(
        "A developer's cluster has no GPU, no OpenShift AI and no KServe: the service could only stay "
        "pending. There the same "
        "API comes from a GPU-backed server outside the cluster."
    ),
    remedy="switch the Application off in this environment, and point its clients at the local server",
    each=Application,
    bad=(
        Example(title="the flag is on", edits={_ENVS: ((_LOCAL, _LOCAL_ON),)}, at=f"{_ENVS}:true # local"),
        Example(
            title="the flag is on as text",
            edits={_ENVS: ((_LOCAL, _LOCAL_ON.replace("true #", "'true' #")),)},
            at=f"{_ENVS}:'true' # local",
        ),
    ),
    good=(
        Example(title="the flag is off as text", edits={_ENVS: ((_LOCAL, _LOCAL_ON.replace("true #", "'false' #")),)}),
        Example(
            title="an environment that is nobody's own",
            edits={_ENVS: ((_SNO, _SNO.replace("LLMEnabled: false", "LLMEnabled: true")),)},
        ),
    ),
)
def gpu_in_local(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges every Application of a local environment, once however many services it deploys."""
    if application.manifest is None or not state.env(application.env).is_local:
        return
    services = [resource for resource in application.resources if _is_model_service(resource)]
    if services:
        first = services[0]
        message = (
            f"the local environment `{application.env}` deploys the {first.kind} `{first.name}`, which needs a GPU"
        )
        yield Hit(Gate(application.manifest), message, subject=first, application=application.name)


def _is_model_service(resource: Resource) -> bool:
    """Whether KServe serves it, or it is a vLLM server on a GPU."""
    if resource.gvk.group == "serving.kserve.io":
        return resource.kind in _SERVICES
    spec = pod_spec(resource)
    return spec is not None and any(gpus_of(container) and _is_vllm(container) for _, _, container in containers(spec))


def _is_vllm(container: Mapping[str, Any]) -> bool:
    server = recognise(
        str(container.get("image") or ""), _words(container.get("command")), _words(container.get("args"))
    )
    return server is not None and server.max_model_len


def _words(items: Any) -> list[str]:
    return [str(item) for item in items] if isinstance(items, list) else []
