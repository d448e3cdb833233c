"""How KServe makes pods of its resources: which ServingRuntime a service gets, and how the two are merged.

As in red-hat-data-services/kserve, branch rhoai-3.0: pkg/controller/v1beta1/inferenceservice/utils/utils.go,
components/predictor.go, reconcilers/{deployment,hpa}, and pkg/apis/serving.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from signet_lint.model.application import Env
from signet_lint.model.container import (
    Container,
    Piece,
    Placement,
    container_of,
    listed,
    named_container,
    placement_of,
    with_metadata,
    with_tag,
)
from signet_lint.model.pods import whole
from signet_lint.model.resource import Field, Resource, dig

KSERVE = "serving.kserve.io"
SERVER_CONTAINER = "kserve-container"
WORKER_CONTAINER = "worker-container"
LLM_CONTAINER = "main"
FRAMEWORKS = (
    "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle",
)  # fmt: skip
"""Keys of a predictor that the defaulting webhook turns into `model` with the format of that name."""


class Runtime(Struct, frozen=True):
    """The runtime of a service: named in it, or else chosen by the format of its model.

    `resource` is None where the repository has none for it; `name` is then the one that the service gives, or empty.
    `at` is the `runtime` field, present or not; `model_format` is empty where the service gives none.
    """

    name: str
    at: Field
    resource: Resource | None
    model_format: str = ""

    @property
    def is_named(self) -> bool:
        """Whether the service names it."""
        return bool(self.name)


class Replicas(Struct, frozen=True):
    """How many pods run at least and at most, and the fields that say so."""

    least: int
    most: int
    least_at: Field
    most_at: Field


class ServingPod(Struct, frozen=True):
    """One kind of pod of a service; `role` is empty for its main one, else `worker`, `prefill` or `prefill worker`."""

    role: str
    container: Container
    siblings: tuple[Container, ...]
    placement: Placement
    volumes: tuple[Piece, ...]
    replicas: Replicas
    runtime: Runtime | None = None
    several_nodes: bool = False
    missing_bases: tuple[str, ...] = ()


def is_raw(service: Resource) -> bool:
    """Whether KServe makes Deployments of it: all but the modes of Knative and ModelMesh, as raw is the default."""
    return service.annotation("serving.kserve.io/deploymentMode") not in ("Serverless", "Knative", "ModelMesh")


def is_stopped(service: Resource) -> bool:
    """Whether KServe is told to run nothing of it."""
    return service.annotation("serving.kserve.io/stop") == "true"


def runtimes_in(env: Env, namespace: str) -> Iterator[Resource]:
    """The runtimes that a service of a namespace can use: the namespace's own first, then those of the cluster."""
    yield from (r for r in env.of_kind("ServingRuntime", group=KSERVE) if r.namespace == namespace)
    yield from env.of_kind("ClusterServingRuntime", group=KSERVE)


def formats_of(runtime: Resource) -> tuple[Piece, ...]:
    """Its `supportedModelFormats`."""
    return listed(runtime.at("spec", "supportedModelFormats"))


def supports(runtime: Resource, name: str, version: str = "") -> bool:
    """Whether a runtime lists a format, in the version where the service asks for one."""
    return any(_is_format(entry.value, name, version) for entry in formats_of(runtime))


def model_key(service: Resource) -> str:
    """The key of the predictor that holds the model: `model`, that of a framework, or empty for plain containers."""
    keys = ("model", *FRAMEWORKS)
    return next((key for key in keys if isinstance(service.get("spec", "predictor", key), Mapping)), "")


def runtime_of(service: Resource, env: Env) -> Runtime:
    """The runtime of an InferenceService with a model."""
    key = model_key(service) or "model"
    at = service.at("spec", "predictor", key, "runtime", probe="runtime")
    given = dig(service.body, ("spec", "predictor", "model", "modelFormat", "name"))
    model_format = key if key != "model" else given if isinstance(given, str) else ""
    if isinstance(at.value, str) and at.value:
        found = next((r for r in runtimes_in(env, service.namespace) if r.name == at.value), None)
        return Runtime(at.value, at, found, model_format)
    version = service.get("spec", "predictor", "model", "modelFormat", "version")
    wanted = (model_format, version if isinstance(version, str) else "")
    several = isinstance(service.get("spec", "predictor", "workerSpec"), Mapping)
    return Runtime("", at, _selected(env, service.namespace, wanted, several_nodes=several), model_format)


def predictor_pods(service: Resource, env: Env) -> Iterator[ServingPod]:
    """The pods of an InferenceService's predictor: the server's own, and those of its workers on other nodes."""
    at = service.at("spec", "predictor")
    key = model_key(service)
    runtime = runtime_of(service, env) if key else None
    layers = [runtime.resource.at("spec"), at] if runtime and runtime.resource else [at]
    several = isinstance(dig(at.value, ("workerSpec",)), Mapping)
    yield ServingPod(
        role="",
        container=_server_container(service, layers, key, env),
        siblings=_siblings(layers, env, key=key),
        placement=placement_of(layers),
        volumes=_volumes(layers),
        replicas=predictor_replicas(service),
        runtime=runtime,
        several_nodes=several,
    )
    if several:
        workers = [layer.child("workerSpec") for layer in layers]
        containers = [named_container(layer, WORKER_CONTAINER) for layer in workers]
        yield ServingPod(
            role="worker",
            container=with_metadata(container_of(containers, env, joined_args=True), service),
            siblings=(),
            placement=placement_of(workers),
            volumes=_volumes(workers),
            replicas=predictor_replicas(service),
            runtime=runtime,
            several_nodes=True,
        )


def predictor_replicas(service: Resource) -> Replicas:
    """Pods of a predictor; the default autoscaler never has fewer than one, nor a maximum below the minimum."""
    predictor = service.at("spec", "predictor")
    least_at = Field(service, (*predictor.path, "minReplicas"), 1)
    most_at = Field(service, (*predictor.path, "maxReplicas"), 1)
    least = whole(least_at.value, 1)
    most = max(whole(most_at.value), least)
    scaler = autoscaler_of(service)
    if is_stopped(service):
        return Replicas(0, 0, least_at, least_at)
    if scaler == "none" and is_raw(service):
        return Replicas(least, least, least_at, least_at)
    if scaler == "hpa" and is_raw(service):
        least = max(least, 1)
    return Replicas(least, max(most, 1), least_at, most_at if whole(most_at.value) >= max(least, 1) else least_at)


def autoscaler_of(service: Resource) -> str:
    """Its autoscaler: `hpa` unless an annotation says otherwise."""
    return service.annotation("serving.kserve.io/autoscalerClass") or "hpa"


def llm_pods(service: Resource, env: Env) -> Iterator[ServingPod]:
    """The pods of an LLMInferenceService: those that decode, those that prefill, and the workers of either."""
    bases, missing = _bases(service, env)
    for name, prefix in (("", ("spec",)), ("prefill", ("spec", "prefill"))):
        layers = [base.at(*prefix) for base in (*bases, service)]
        if name and not any(isinstance(layer.value, Mapping) for layer in layers):
            continue
        replicas_at = Field(service, (*prefix, "replicas"), 1)
        count = 0 if is_stopped(service) else whole(replicas_at.value, 1)
        workers = [layer.child("worker") for layer in layers]
        several = any(isinstance(worker.value, Mapping) for worker in workers)
        groups = [(name, [layer.child("template") for layer in layers])]
        groups += [(f"{name} worker".strip(), workers)] if several else []
        for role, templates in groups:
            yield ServingPod(
                role=role,
                container=container_of([named_container(template, LLM_CONTAINER) for template in templates], env),
                siblings=_siblings(templates, env, server=LLM_CONTAINER),
                placement=placement_of(templates),
                volumes=_volumes(templates),
                replicas=Replicas(count, count, replicas_at, replicas_at),
                several_nodes=several,
                missing_bases=missing,
            )


def _bases(service: Resource, env: Env) -> tuple[list[Resource], tuple[str, ...]]:
    """The configurations that a service builds on, the strongest last, and the names of those not in the repository."""
    names = [str(piece.value.get("name")) for piece in listed(service.at("spec", "baseRefs"))]
    known = {r.name: r for r in env.of_kind("LLMInferenceServiceConfig", group=KSERVE)}
    return [known[name] for name in names if name in known], tuple(name for name in names if name not in known)


def _server_container(service: Resource, layers: Sequence[Field], key: str, env: Env) -> Container:
    own = layers[-1].child(key) if key else named_container(layers[-1], SERVER_CONTAINER)
    described = [named_container(layer, SERVER_CONTAINER) for layer in layers[:-1]]
    container = with_metadata(container_of([*described, own], env, joined_args=True), service)
    version = own.child("runtimeVersion")
    return (
        with_tag(container, Piece(version.value, version))
        if isinstance(version.value, str) and version.value
        else container
    )


def _siblings(
    layers: Sequence[Field], env: Env, *, key: str = "", server: str = SERVER_CONTAINER
) -> tuple[Container, ...]:
    """The containers beside the server's, merged by name."""
    by_name: dict[str, list[Field]] = {}
    for layer in layers:
        servers_own = named_container(layer, server)
        for piece in listed(layer.child("containers")):
            is_own = key and layer is layers[-1]  # beside `model`, a predictor's containers are all others
            if is_own or piece.at.path != servers_own.path:
                by_name.setdefault(str(piece.value.get("name")), []).append(piece.at)
    return tuple(container_of(found, env, joined_args=True) for found in by_name.values())


def _volumes(layers: Sequence[Field]) -> tuple[Piece, ...]:
    found = {str(piece.value.get("name")): piece for layer in layers for piece in listed(layer.child("volumes"))}
    return tuple(found.values())


def _selected(env: Env, namespace: str, wanted: tuple[str, str], *, several_nodes: bool) -> Resource | None:
    """The runtime that KServe picks for a format: the highest priority, then the name (creation time is unknown)."""
    found = [
        (-max(_priority(entry) for entry in entries), runtime.name, runtime)
        for runtime in runtimes_in(env, namespace)
        if _is_available(runtime, several_nodes=several_nodes)
        and (
            entries := [
                e.value
                for e in formats_of(runtime)
                if e.value.get("autoSelect") is True and _is_format(e.value, *wanted)
            ]
        )
    ]
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def _is_available(runtime: Resource, *, several_nodes: bool) -> bool:
    spec = runtime.get("spec")
    if not isinstance(spec, Mapping) or spec.get("disabled") is True or spec.get("multiModel") is True:
        return False
    return isinstance(spec.get("workerSpec"), Mapping) == several_nodes


def _is_format(entry: Any, name: str, version: str) -> bool:
    return entry.get("name") == name and (not version or str(entry.get("version")) == version)


def _priority(entry: Any) -> int:
    return whole(entry.get("priority"))
