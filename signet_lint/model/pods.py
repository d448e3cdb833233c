"""Where manifests hold pods, how many run at most, and how many GPUs each asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from signet_lint.model.application import Env
from signet_lint.model.resource import Field, Path, Resource, dig

GPU = "nvidia.com/gpu"

SCALED = frozenset(("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout"))
"""Kinds that keep `spec.replicas` pods."""

POD_SPECS: Mapping[str, Path] = {
    **dict.fromkeys((*SCALED, "DaemonSet", "Job"), ("spec", "template", "spec")),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "Pod": ("spec",),
}
"""Where the kinds that run pods hold the pod's spec."""

_AUTOSCALERS = {"HorizontalPodAutoscaler": "maxReplicas", "ScaledObject": "maxReplicaCount"}
_FRAMEWORKS = frozenset(
    ("sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle")
)
_KEDA_MAXIMUM = 100


class GpuDemand(Struct, frozen=True):
    """What one workload asks for at its maximum: pods and GPUs per pod, each with the place that says so."""

    resource: Resource
    pods: int
    per_pod: int
    pods_at: Field
    per_pod_at: Field

    @property
    def total(self) -> int:
        """GPUs at its maximum."""
        return self.pods * self.per_pod


@lru_cache(maxsize=64)
def gpu_demands(env: Env) -> tuple[GpuDemand, ...]:
    """Every workload of an environment that asks for `nvidia.com/gpu`; DaemonSets, which follow the nodes, left out."""
    found = [demand for resource in env.resources for demand in _demands(resource, env)]
    return tuple(demand for demand in found if demand.total)


def pod_spec(resource: Resource) -> Mapping[str, Any] | None:
    """The pod's spec of a kind that runs pods, None for other kinds or where it is no mapping."""
    path = POD_SPECS.get(resource.kind)
    spec = dig(resource.body, path) if path else None
    return spec if isinstance(spec, Mapping) else None


def containers(spec: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """The containers of a pod's spec: the field they stand in, their index, and they themselves."""
    for field in ("containers", "initContainers"):
        listed = spec.get(field)
        for index, container in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(container, Mapping):
                yield field, index, container


def gpus_of(container: Any) -> int:
    """The `nvidia.com/gpu` of a container: its limit, else its request."""
    for field in ("limits", "requests"):
        value = dig(container, ("resources", field, GPU))
        if value is not None:
            return whole(value)
    return 0


def whole(value: Any, default: int = 0) -> int:
    """A count as manifests spell it (`1`, `"1"`), else `default`; never negative."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return max(int(value), 0) if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def _demands(resource: Resource, env: Env) -> Iterator[GpuDemand]:
    if resource.gvk.group == "serving.kserve.io":
        if resource.kind == "InferenceService":
            yield from _inference_service(resource, env)
        elif resource.kind == "LLMInferenceService":
            yield from _llm_inference_service(resource)
        return
    spec = pod_spec(resource)
    if spec is None or resource.kind == "DaemonSet":
        return
    count, at = _pods(resource, env)
    yield GpuDemand(resource, count, _per_pod(spec), at, _gpu_field(resource, POD_SPECS[resource.kind], spec))


def _pods(resource: Resource, env: Env) -> tuple[int, Field]:
    """How many pods run at most."""
    if resource.kind in ("Job", "CronJob"):
        job: Path = ("spec", "jobTemplate", "spec") if resource.kind == "CronJob" else ("spec",)
        if resource.get("spec", "suspend") is True:
            return 0, resource.at("spec", "suspend")
        return whole(resource.get(*job, "parallelism"), 1), resource.at(*job, "parallelism", probe=1)
    if resource.kind == "Pod":
        return 1, resource.at("spec")
    for scaler in env.of_kind(*_AUTOSCALERS):
        target = scaler.get("spec", "scaleTargetRef")
        if isinstance(target, Mapping) and _is_named(resource, scaler, target):
            field = _AUTOSCALERS[scaler.kind]
            return whole(scaler.get("spec", field), _KEDA_MAXIMUM), scaler.at("spec", field, probe=1)
    return whole(resource.get("spec", "replicas"), 1), resource.at("spec", "replicas", probe=1)


def _is_named(resource: Resource, scaler: Resource, target: Mapping[str, Any]) -> bool:
    kind = target.get("kind", "Deployment")
    return scaler.namespace == resource.namespace and (kind, target.get("name")) == (resource.kind, resource.name)


def _per_pod(spec: Mapping[str, Any]) -> int:
    """GPUs of a pod: those of its containers together, or the most that one init container takes."""
    counts = [(field, gpus_of(container)) for field, _, container in containers(spec)]
    together = sum(count for field, count in counts if field == "containers")
    return max([together, *(count for field, count in counts if field == "initContainers")])


def _gpu_field(resource: Resource, path: Path, spec: Mapping[str, Any]) -> Field:
    for field, index, container in containers(spec):
        if gpus_of(container):
            return resource.at(*path, field, index, "resources", "limits", GPU, probe="1")
    return resource.at(*path)


def _inference_service(service: Resource, env: Env) -> Iterator[GpuDemand]:
    """Each component's pods, the runtime's container merged in [KServe, pkg/controller/v1beta1, MergePodSpec]."""
    if service.annotation("serving.kserve.io/stop") == "true":
        return
    for component in ("predictor", "transformer", "explainer"):
        spec = service.get("spec", component)
        if not isinstance(spec, Mapping):
            continue
        count, at = _component_pods(service, component, spec)
        path: Path = ("spec", component)
        own, at_gpu = _per_pod(spec), _gpu_field(service, path, spec)
        key = next((key for key in ("model", *_FRAMEWORKS) if isinstance(spec.get(key), Mapping)), "")
        if key:
            of_model, at_gpu = _with_runtime(service, key, spec[key], env)
            own += of_model
        yield GpuDemand(service, count, own, at, at_gpu)


def _with_runtime(service: Resource, key: str, model: Mapping[str, Any], env: Env) -> tuple[int, Field]:
    """GPUs of the model's container and where they are set: its own figure, else that of the runtime it names."""
    own = service.at("spec", "predictor", key, "resources", "limits", GPU, probe="1")
    limits = dig(model, ("resources", "limits"))
    if isinstance(limits, Mapping) and limits.get(GPU) is not None:
        return gpus_of(model), own
    for runtime in env.of_kind("ServingRuntime"):
        spec = runtime.get("spec")
        if (runtime.namespace, runtime.name) == (service.namespace, model.get("runtime")) and isinstance(spec, Mapping):
            for field, index, container in containers(spec):
                if container.get("name") == "kserve-container" and gpus_of(container):
                    return gpus_of(container), runtime.at("spec", field, index, "resources", "limits", GPU)
    return gpus_of(model), own


def _component_pods(service: Resource, component: str, spec: Mapping[str, Any]) -> tuple[int, Field]:
    """Pods at most: the autoscaler never has fewer than one, nor fewer than the minimum [KServe, reconcilers/hpa]."""
    least, most = whole(spec.get("minReplicas"), 1), whole(spec.get("maxReplicas"))
    scaler = service.annotation("serving.kserve.io/autoscalerClass")
    if scaler == "none":
        return least, service.at("spec", component, "minReplicas", probe=1)
    field = "maxReplicas" if most >= least and spec.get("maxReplicas") is not None else "minReplicas"
    return max(least, most, 0 if scaler == "keda" else 1), service.at("spec", component, field, probe=1)


def _llm_inference_service(service: Resource) -> Iterator[GpuDemand]:
    """Decode and prefill pods; with workers, one leader and the others of each replica."""
    paths: tuple[Path, ...] = (("spec",), ("spec", "prefill"))
    for path in paths:
        workload = dig(service.body, path)
        template = dig(workload, ("template",))
        if not isinstance(workload, Mapping) or not isinstance(template, Mapping):
            continue
        per_replica = _per_pod(template)
        worker = workload.get("worker")
        if isinstance(worker, Mapping):
            per_replica += _per_pod(worker) * (_nodes(workload.get("parallelism")) - 1)
        at_gpu = _gpu_field(service, (*path, "template"), template)
        pods_at = service.at(*path, "replicas", probe=1)
        yield GpuDemand(service, whole(workload.get("replicas"), 1), per_replica, pods_at, at_gpu)


def _nodes(parallelism: Any) -> int:
    """Pods of one replica: what data or pipeline parallelism spreads it over."""
    data, local = (whole(dig(parallelism, (key,)), 1) for key in ("data", "dataLocal"))
    return max(data // max(local, 1), whole(dig(parallelism, ("pipeline",)), 1), 1)


def total(demands: Iterable[GpuDemand]) -> int:
    """GPUs of all together."""
    return sum(demand.total for demand in demands)
