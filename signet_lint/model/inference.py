"""Which workloads of an environment serve models, and what each of their servers gets to run with.

An inference workload is an InferenceService, an LLMInferenceService, or anything that runs pods with a container that
the catalogue knows as a model server. `inference_servers` gives a view of each: its effective container and placement,
every piece with the field that it is written in, so that a rule can point there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from signet_lint.catalogue import nodes
from signet_lint.catalogue.model_servers import ModelServer, recognise
from signet_lint.model.application import Env
from signet_lint.model.container import Container, Piece, Placement, container_of, listed, placement_of
from signet_lint.model.pods import GPU, POD_SPECS, SCALED, whole
from signet_lint.model.quantity import whole_number
from signet_lint.model.resource import Field, Path, Resource, dig
from signet_lint.model.serving import GROUP, Replicas, Runtime, ServingPod, llm_pods, predictor_pods

EACH = "*"  # a step of a path: every item of the list here
_RAY_CLUSTER: tuple[Path, ...] = (("headGroupSpec", "template", "spec"), ("workerGroupSpecs", EACH, "template", "spec"))
_OTHER_POD_SPECS: Mapping[str, tuple[Path, ...]] = {
    "LeaderWorkerSet": (
        ("spec", "leaderWorkerTemplate", "leaderTemplate", "spec"),
        ("spec", "leaderWorkerTemplate", "workerTemplate", "spec"),
    ),
    "RayCluster": tuple(("spec", *path) for path in _RAY_CLUSTER),
    "RayService": tuple(("spec", "rayClusterConfig", *path) for path in _RAY_CLUSTER),
    "RayJob": tuple(("spec", "rayClusterSpec", *path) for path in _RAY_CLUSTER),
    "JobSet": (("spec", "replicatedJobs", EACH, "template", "spec", "template", "spec"),),
}
_SEVERAL_NODES = frozenset(("LeaderWorkerSet", "RayCluster", "RayService", "RayJob", "JobSet"))
_HARDWARE_PROFILE = "opendatahub.io/hardware-profile-name"
_QUEUE = "kueue.x-k8s.io/queue-name"
_AUTOSCALERS = {"HorizontalPodAutoscaler": "minReplicas", "ScaledObject": "minReplicaCount"}
_MAXIMA = {"HorizontalPodAutoscaler": "maxReplicas", "ScaledObject": "maxReplicaCount"}
_BUILT_FOR_GPUS = ("cuda", "rocm", "gpu", "nvidia", "nvcr.io", "gaudi", "tensorrt")


@dataclass(frozen=True, slots=True, eq=False)
class InferenceServer:
    """One model server of a workload; compared by identity.

    `server` is None for a service of KServe whose image the catalogue does not know, or whose runtime is not in the
    repository (`runtime` has its name). `siblings` are the containers beside it in the pod. `role` is empty for the
    main pods, else `worker`, `prefill` or `prefill worker`. `several_nodes` says that one replica spreads over nodes,
    where KServe or Ray set GPUs and parallelism themselves. `missing_bases` names configurations of an
    LLMInferenceService that the repository does not have.
    """

    workload: Resource
    env: Env
    server: ModelServer | None
    container: Container
    siblings: tuple[Container, ...]
    placement: Placement
    volumes: tuple[Piece, ...]
    replicas: Replicas
    role: str = ""
    runtime: Runtime | None = None
    several_nodes: bool = False
    missing_bases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Kind and name, as messages say it."""
        role = f", {self.role}" if self.role else ""
        return f"{self.workload.kind} `{self.workload.name}`{role}"

    @property
    def is_vllm(self) -> bool:
        """Whether it is known to be vLLM."""
        return self.server is not None and self.server.name == "vllm"

    @property
    def gpus(self) -> Piece | None:
        """The effective limit of `nvidia.com/gpu`, None where there is none."""
        return self.container.limits.get(GPU)

    @property
    def accelerators(self) -> Mapping[str, Piece]:
        """The effective limits of accelerators of any kind (parts of one too) of which there is at least one."""
        return _accelerators(self.container.limits)

    @property
    def accelerator_requests(self) -> Mapping[str, Piece]:
        """The effective requests of accelerators, likewise."""
        return _accelerators(self.container.requests)

    @property
    def foreign_accelerator(self) -> str:
        """The accelerator resource of another vendor than NVIDIA that it uses, or empty."""
        for name in (*self.accelerators, *self.accelerator_requests):
            known = nodes.accelerator(name)
            if known is not None and known.vendor != "nvidia":
                return name
        return ""

    @property
    def asks_for_gpu(self) -> bool:
        """Whether the container has an accelerator, by its limits or requests."""
        return bool(self.accelerators or self.accelerator_requests)

    @property
    def is_meant_for_gpus(self) -> bool:
        """Whether the server, or its image by name, is made for GPUs whatever the plan says."""
        image = self.container.image.value.lower()
        return bool(self.server and self.server.hardware == "gpu") or any(part in image for part in _BUILT_FOR_GPUS)

    @property
    def gpu_from_outside(self) -> str:
        """Why the GPU may come from outside of the repository, or empty."""
        claims = (*self.container.claims, *self.placement.claims)
        if claims:
            return "it has resource claims (DRA), which may bring a GPU"
        runtime = self.runtime
        if runtime and runtime.is_named and runtime.resource is None:
            return f"its runtime `{runtime.name}` is not in the repository"
        return self._profile or self._bases

    @property
    def placement_from_outside(self) -> str:
        """Why tolerations and selectors may come from outside of the repository, or empty."""
        queue = self.workload.label(_QUEUE)
        if queue:
            return f"the queue `{queue}` may place it, by its ResourceFlavor"
        return self._profile or self._bases

    @property
    def _profile(self) -> str:
        profile = self.workload.annotation(_HARDWARE_PROFILE)
        return f"the hardware profile `{profile}` may bring GPU, tolerations and selector" if profile else ""

    @property
    def _bases(self) -> str:
        return f"its base configuration `{self.missing_bases[0]}` is not in the repository" if self.missing_bases else ""


@lru_cache(maxsize=64)
def inference_servers(env: Env) -> tuple[InferenceServer, ...]:
    """Every model server of an environment, in the order of its manifests."""
    return tuple(server for resource in env.resources for server in _servers(resource, env))


def servers_of(workload: Resource, env: Env) -> tuple[InferenceServer, ...]:
    """The model servers of one workload; none where it is no inference workload."""
    return tuple(server for server in inference_servers(env) if server.workload is workload)


def pods_of(resource: Resource) -> Iterator[Field]:
    """Every pod spec that a manifest holds, but those of KServe's kinds."""
    paths: tuple[Path, ...] = _OTHER_POD_SPECS.get(resource.kind, ())
    if resource.kind in POD_SPECS:
        paths = (POD_SPECS[resource.kind],)
    elif (resource.gvk.group, resource.kind) == ("serving.knative.dev", "Service"):
        paths = (("spec", "template", "spec"),)
    for path in paths:
        yield from (at for at in _each(resource.at(), path) if isinstance(at.value, Mapping))


def containers_in(pod: Field) -> tuple[Field, ...]:
    """The containers that keep running in a pod's spec: its own, and init containers that are sidecars."""
    sidecars = [c.at for c in listed(pod.child("initContainers")) if c.value.get("restartPolicy") == "Always"]
    return (*(c.at for c in listed(pod.child("containers"))), *sidecars)


def texts(pieces: Sequence[Piece]) -> list[str]:
    """The values of command or arguments."""
    return [str(piece.value) for piece in pieces]


def _servers(resource: Resource, env: Env) -> Iterator[InferenceServer]:
    if resource.gvk.group == GROUP:
        if resource.kind == "InferenceService":
            yield from _served(resource, predictor_pods(resource, env), env)
        elif resource.kind == "LLMInferenceService":
            yield from _served(resource, llm_pods(resource, env), env)
        return
    for pod in pods_of(resource):
        yield from _in_pod(resource, pod, env)


def _served(service: Resource, pods: Iterator[ServingPod], env: Env) -> Iterator[InferenceServer]:
    """A service of KServe serves a model whatever its image is, unless the image is known to do something else."""
    for pod in pods:
        if _serves_no_model(pod.container):
            continue
        yield InferenceServer(
            workload=service,
            env=env,
            server=_recognised(pod.container) or _by_default(service),
            container=pod.container,
            siblings=pod.siblings,
            placement=pod.placement,
            volumes=pod.volumes,
            replicas=pod.replicas,
            role=pod.role,
            runtime=pod.runtime,
            several_nodes=pod.several_nodes,
            missing_bases=pod.missing_bases,
        )


def _in_pod(resource: Resource, pod: Field, env: Env) -> Iterator[InferenceServer]:
    containers = [container_of([at], env) for at in containers_in(pod)]
    for container in containers:
        server = _recognised(container)
        if server is not None:
            yield InferenceServer(
                workload=resource,
                env=env,
                server=server,
                container=container,
                siblings=tuple(other for other in containers if other is not container),
                placement=placement_of([pod]),
                volumes=listed(pod.child("volumes")),
                replicas=_replicas(resource, env),
                several_nodes=resource.kind in _SEVERAL_NODES,
            )


def _recognised(container: Container) -> ModelServer | None:
    return recognise(container.image.value, texts(container.command), texts(container.all_args))


def _by_default(service: Resource) -> ModelServer | None:
    """The container of an LLMInferenceService runs vLLM where it names no image (KServe, config/llmisvc)."""
    return recognise("", ("vllm", "serve"), ()) if service.kind == "LLMInferenceService" else None


def _serves_no_model(container: Container) -> bool:
    """Whether the image is known as that of a router, simulator or the like, which no command makes a server."""
    return recognise(container.image.value, ("vllm", "serve"), ()) is None


def _replicas(resource: Resource, env: Env) -> Replicas:
    if resource.kind not in SCALED:
        return Replicas(1, 1, resource.at("spec", "replicas"), resource.at("spec", "replicas"))
    at = Field(resource, ("spec", "replicas"), 1)
    for scaler in env.of_kind(*_AUTOSCALERS):
        target = dig(scaler.body, ("spec", "scaleTargetRef"))
        named = isinstance(target, Mapping) and (target.get("kind", "Deployment"), target.get("name"))
        if scaler.namespace == resource.namespace and named == (resource.kind, resource.name):
            least, most = (Field(scaler, ("spec", keys[scaler.kind]), 1) for keys in (_AUTOSCALERS, _MAXIMA))
            return Replicas(whole(least.value, 1), max(whole(most.value, 1), 1), least, most)
    count = whole(at.value, 1)
    return Replicas(count, count, at, at)


def _accelerators(resources: Mapping[str, Piece]) -> Mapping[str, Piece]:
    return {name: piece for name, piece in resources.items() if nodes.accelerator(name) and whole_number(piece.value) != 0}


def _each(at: Field, path: Path) -> Iterator[Field]:
    if EACH not in path:
        yield at.child(*path)
        return
    cut = path.index(EACH)
    for piece in listed(at.child(*path[:cut])):
        yield from _each(piece.at, path[cut + 1 :])
