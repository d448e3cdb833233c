"""Inference servers: what each model server of an environment runs as, with the place that every piece was written at.

For an InferenceService the ServingRuntime is merged in as KServe does it [red-hat-data-services/kserve rhoai-3.0,
pkg/controller/v1beta1/inferenceservice/utils/utils.go MergeRuntimeContainers, MergePodSpec]: arguments one after the
other, variables and resources by name with the service's own winning, tolerations and affinity whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from signet_lint.catalogue import model_servers, nodes
from signet_lint.catalogue.model_servers import ModelServer
from signet_lint.model.application import Env
from signet_lint.model.pods import GPU, POD_SPECS, whole
from signet_lint.model.resource import Field, Resource, dig

KSERVE = "serving.kserve.io"
FRAMEWORKS = (
    "sklearn",
    "xgboost",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
    "pmml",
    "lightgbm",
    "paddle",
)
_HARDWARE_PROFILE = "opendatahub.io/hardware-profile-name"
_DEPLOYMENT_MODE = "serving.kserve.io/deploymentMode"
_SERVERLESS = ("Serverless", "Knative")

Form = Literal["InferenceService", "LLMInferenceService", "pod"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A value and the field it was written at."""

    value: Any
    at: Field


@dataclass(frozen=True, slots=True)
class EnvVar:
    """A container's variable: `value` is None where a Secret or the like gives it."""

    name: str
    value: str | None
    at: Field


@dataclass(frozen=True, slots=True, eq=False)
class InferenceServer:
    """A model server as it will run, merged; compared by identity.

    `container_at` is where the workload itself holds the container's settings, `pod_at` where it holds the pod's.
    `args` has the runtime's list and the service's. `outside` says why its placement may come from outside Git.
    """

    env: str
    form: Form
    workload: Resource
    runtime: Resource | None
    server: ModelServer | None
    container_at: Field
    pod_at: Field
    image: Piece | None
    command: tuple[Piece, ...]
    args: tuple[tuple[Piece, ...], ...]
    variables: tuple[EnvVar, ...]
    has_env_from: bool
    limits: Mapping[str, Piece]
    requests: Mapping[str, Piece]
    tolerations: tuple[Piece, ...]
    node_selector: Mapping[str, Piece]
    affinity: Piece | None
    outside: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The workload's name."""
        return self.workload.name

    @property
    def gpus(self) -> int:
        """NVIDIA GPUs that a pod is limited to."""
        limit = self.limits.get(GPU)
        return whole(limit.value) if limit else 0

    @property
    def accelerators(self) -> tuple[str, ...]:
        """Accelerator resources it is limited to, NVIDIA's whole GPU aside."""
        return tuple(
            name for name, piece in self.limits.items() if name != GPU and nodes.accelerator(name) and piece.value
        )

    def own(self, *path: str | int, probe: Any = None) -> Field:
        """A field of the workload's container, to point at also where it is absent."""
        return Field(self.container_at.resource, (*self.container_at.path, *path), probe)

    def pod(self, *path: str | int, probe: Any = None) -> Field:
        """A field of the workload's pod, to point at also where it is absent."""
        return Field(self.pod_at.resource, (*self.pod_at.path, *path), probe)


@lru_cache(maxsize=64)
def inference_servers(env: Env) -> tuple[InferenceServer, ...]:
    """Every model server of an environment."""
    return tuple(server for resource in env.resources for server in _servers(resource, env))


def runtime_of(service: Resource, env: Env) -> Resource | None:
    """The ServingRuntime that a service names, or that KServe would choose; None where it is not in the repository."""
    model = service.get("spec", "predictor", "model")
    if not isinstance(model, Mapping):
        return None
    known = [r for r in env.of_kind("ServingRuntime", group=KSERVE) if r.namespace == service.namespace]
    name = model.get("runtime")
    if isinstance(name, str) and name:
        cluster = env.of_kind("ClusterServingRuntime", group=KSERVE)
        return next((r for r in (*known, *cluster) if r.name == name), None)
    wanted = dig(model, ("modelFormat", "name"))
    candidates = [r for r in known if _selects(r, wanted)]
    return max(candidates, key=lambda r: _priority(r, wanted), default=None)


def _selects(runtime: Resource, model_format: Any) -> bool:
    if runtime.get("spec", "disabled") is True or runtime.get("spec", "multiModel") is True:
        return False
    return any(one.get("name") == model_format and one.get("autoSelect") is True for one in _formats(runtime))


def _priority(runtime: Resource, model_format: Any) -> int:
    return max((whole(one.get("priority")) for one in _formats(runtime) if one.get("name") == model_format), default=0)


def _formats(runtime: Resource) -> list[Mapping[str, Any]]:
    listed = runtime.get("spec", "supportedModelFormats")
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _servers(resource: Resource, env: Env) -> Iterator[InferenceServer]:
    if resource.gvk.group == KSERVE:
        if resource.kind == "InferenceService" and isinstance(resource.get("spec", "predictor"), Mapping):
            yield _service(resource, env)
        elif resource.kind == "LLMInferenceService":
            yield from _llm_services(resource)
        return
    path = POD_SPECS.get(resource.kind)
    spec = dig(resource.body, path) if path else None
    listed = spec.get("containers") if isinstance(spec, Mapping) else None
    for index, container in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(container, Mapping) and path is not None:
            places = [Field(resource, (*path, "containers", index))]
            found = _merged(resource, None, places, [Field(resource, path)], "pod")
            if found.server is not None:
                yield found


def _service(service: Resource, env: Env) -> InferenceServer:
    """An InferenceService, with the runtime under it."""
    predictor = Field(service, ("spec", "predictor"))
    container = _container_field(predictor)
    runtime = runtime_of(service, env)
    places, pods = [container], [predictor]
    if runtime is not None:
        places.insert(0, _runtime_container(runtime))
        pods.insert(0, Field(runtime, ("spec",)))
    return _merged(service, runtime, places, pods, "InferenceService")


def _container_field(predictor: Field) -> Field:
    """Where a predictor holds its container: `model`, a framework's key, or the container called kserve-container."""
    body = predictor.value
    for key in ("model", *FRAMEWORKS):
        if isinstance(body.get(key), Mapping):
            return predictor.child(key)
    listed = body.get("containers")
    if isinstance(listed, list) and listed:
        named = [
            i for i, one in enumerate(listed) if isinstance(one, Mapping) and one.get("name") == "kserve-container"
        ]
        return predictor.child("containers", named[0] if named else 0)
    return predictor.child("model")


def _runtime_container(runtime: Resource) -> Field:
    listed = runtime.get("spec", "containers")
    names = [dig(one, ("name",)) for one in listed] if isinstance(listed, list) else []
    return Field(runtime, ("spec", "containers", names.index("kserve-container") if "kserve-container" in names else 0))


def _llm_services(service: Resource) -> Iterator[InferenceServer]:
    """The decode and prefill workloads of an LLMInferenceService; the container is called main."""
    for path in (("spec",), ("spec", "prefill")):
        workload = dig(service.body, path)
        if not isinstance(workload, Mapping):
            continue
        pod = Field(service, (*path, "template"))
        listed = dig(workload, ("template", "containers"))
        names = [dig(one, ("name",)) for one in listed] if isinstance(listed, list) else []
        container = pod.child("containers", names.index("main") if "main" in names else 0)
        yield _merged(service, None, [container], [pod], "LLMInferenceService")


def _merged(
    workload: Resource, runtime: Resource | None, places: Sequence[Field], pods: Sequence[Field], form: Form
) -> InferenceServer:
    """The effective container and pod; `places` and `pods` go from the runtime's to the workload's own."""
    command = next((items for items in map(_items_of("command"), reversed(places)) if items), ())
    args = tuple(_items_of("args")(place) for place in places)
    image = next((p for p in (_piece(place, "image") for place in reversed(places)) if p), None)
    words = [str(piece.value) for items in args for piece in items]
    server = model_servers.recognise(str(image.value) if image else "", [str(p.value) for p in command], words)
    return InferenceServer(
        env=workload.env,
        form=form,
        workload=workload,
        runtime=runtime,
        server=server,
        container_at=places[-1],
        pod_at=pods[-1],
        image=image,
        command=command,
        args=args,
        variables=tuple(_variables(places)),
        has_env_from=any(place.child("envFrom").value for place in places),
        limits=_by_key(places, "resources", "limits"),
        requests=_by_key(places, "resources", "requests"),
        tolerations=next((t for t in map(_items_of("tolerations"), reversed(pods)) if t), ()),
        node_selector=_by_key(pods, "nodeSelector"),
        affinity=next((p for p in (_piece(pod, "affinity") for pod in reversed(pods)) if p and p.value), None),
        outside=_outside(workload, places, pods),
    )


def _items_of(key: str) -> Any:
    """A function giving the items of a list field, each with its place."""

    def items(place: Field) -> tuple[Piece, ...]:
        listed = place.child(key).value
        if not isinstance(listed, list):
            return ()
        return tuple(Piece(item, place.child(key, index)) for index, item in enumerate(listed))

    return items


def _piece(place: Field, key: str) -> Piece | None:
    value = place.child(key).value
    return None if value is None else Piece(value, place.child(key))


def _by_key(places: Sequence[Field], *path: str) -> dict[str, Piece]:
    """A mapping merged key by key, the later place winning; a null takes a key out."""
    found: dict[str, Piece] = {}
    for place in places:
        mapping = place.child(*path).value
        for key, value in mapping.items() if isinstance(mapping, Mapping) else ():
            found[str(key)] = Piece(value, place.child(*path, key))
    return {key: piece for key, piece in found.items() if piece.value is not None}


def _variables(places: Sequence[Field]) -> Iterator[EnvVar]:
    found: dict[str, EnvVar] = {}
    for place in places:
        for piece in _items_of("env")(place):
            if isinstance(piece.value, Mapping) and isinstance(piece.value.get("name"), str):
                name, source = piece.value["name"], piece.value.get("valueFrom")
                value = piece.value.get("value")
                text = None if source is not None else ("" if value is None else str(value))
                found[name] = EnvVar(name, text, piece.at)
    yield from found.values()


def _outside(workload: Resource, places: Sequence[Field], pods: Sequence[Field]) -> str:
    """Why the GPU, the toleration or the node may come from something that is not in Git."""
    profile = workload.annotation(_HARDWARE_PROFILE)
    if profile:
        return f"its hardware profile `{profile}` may bring them"
    claims = [place.child("resources", "claims").value for place in places] + [
        p.child("resourceClaims").value for p in pods
    ]
    return "its resource claims may bring them" if any(claims) else ""


def is_raw(server: InferenceServer) -> bool:
    """Whether KServe runs the service as a plain Deployment: the only mode of OpenShift AI 3."""
    return server.workload.annotation(_DEPLOYMENT_MODE) not in _SERVERLESS
