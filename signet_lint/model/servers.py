"""Which workloads of an environment serve models, and what each of their servers gets to run with.

An inference workload is an InferenceService, an LLMInferenceService, or anything that runs pods with a container that
the catalogue knows as a model server. `inference_servers` gives a view of each: its effective container and placement,
every piece with the field that it is written in, so that a rule can point there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct

from signet_lint.catalogue import nodes
from signet_lint.catalogue.model_servers import ModelServer, recognise
from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.container import Container, Piece, Placement, container_of, listed, placement_of
from signet_lint.model.pods import GPU, POD_SPECS, SCALED, whole
from signet_lint.model.quantity import quantity, whole_number
from signet_lint.model.resource import Field, Path, Resource, dig
from signet_lint.model.serving import FRAMEWORKS, KSERVE, Replicas, Runtime, ServingPod, llm_pods, predictor_pods

Form = Literal["InferenceService", "LLMInferenceService", "pod"]
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
_KSERVE_PODS: tuple[Path, ...] = (
    (),
    ("predictor",),
    ("predictor", "workerSpec"),
    ("transformer",),
    ("explainer",),
    ("template",),
    ("worker",),
    ("prefill", "template"),
    ("prefill", "worker"),
    ("workerSpec",),
    ("router", "scheduler", "template"),
)
"""Where the kinds of KServe hold pod specs, below `spec`: those of services, of runtimes and of LLM services."""
_SEVERAL_NODES = frozenset(("LeaderWorkerSet", "RayCluster", "RayService", "RayJob", "JobSet"))
_HARDWARE_PROFILE = "opendatahub.io/hardware-profile-name"
_AUTOSCALERS = {"HorizontalPodAutoscaler": "minReplicas", "ScaledObject": "minReplicaCount"}
_MAXIMA = {"HorizontalPodAutoscaler": "maxReplicas", "ScaledObject": "maxReplicaCount"}


class InferenceServer(Struct, frozen=True, eq=False):
    """One model server of a workload; compared by identity.

    `server` is None for a service of KServe whose image the catalogue does not know, or whose runtime is not in the
    repository (`choice` has its name). `siblings` are the containers beside it in the pod. `role` is empty for the
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
    choice: Runtime | None = None
    several_nodes: bool = False
    missing_bases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The workload's name."""
        return self.workload.name

    @property
    def title(self) -> str:
        """Kind and name, as messages say it."""
        return f"{self.workload.kind} `{self.name}`" + (f" ({self.role})" if self.role else "")

    @property
    def form(self) -> Form:
        """What runs it: a kind of KServe, or plain pods."""
        if self.workload.gvk.group != KSERVE:
            return "pod"
        return "LLMInferenceService" if self.workload.kind == "LLMInferenceService" else "InferenceService"

    @property
    def runtime(self) -> Resource | None:
        """Its runtime, None where it has none or the repository does not have it."""
        return self.choice.resource if self.choice else None

    @property
    def limits(self) -> Mapping[str, Piece]:
        """The container's effective limits."""
        return self.container.limits

    @property
    def requests(self) -> Mapping[str, Piece]:
        """The container's effective requests."""
        return self.container.requests

    @property
    def gpus(self) -> int:
        """Whole NVIDIA GPUs that the container is limited to."""
        limit = self.limits.get(GPU)
        return max(whole_number(limit.value) or 0, 0) if limit else 0

    @property
    def has_accelerator(self) -> bool:
        """Whether it is limited to some accelerator, or part of one, of any vendor."""
        return any(nodes.accelerator(name) and quantity(piece.value) != 0 for name, piece in self.limits.items())

    @property
    def requests_only(self) -> bool:
        """Whether it requests a GPU without any limit, which is a fault of its own."""
        request = self.requests.get(GPU)
        return request is not None and GPU not in self.limits and quantity(request.value) != 0

    @property
    def other_accelerator(self) -> str:
        """An accelerator of another vendor than NVIDIA that it is limited to, or empty."""
        known = ((name, nodes.accelerator(name)) for name in self.limits)
        return next((name for name, found in known if found and found.vendor != "nvidia"), "")

    @property
    def outside(self) -> str:
        """Why GPU, tolerations or selector may come from outside of the repository, or empty."""
        profile = self.workload.annotation(_HARDWARE_PROFILE)
        if profile:
            return f"its hardware profile `{profile}` may bring them"
        if self.container.claims or self.placement.claims:
            return "its resource claims may bring them"
        return (
            f"its base configuration `{self.missing_bases[0]}` is not in the repository" if self.missing_bases else ""
        )

    def outside_of(self, config: Config) -> str:
        """As `outside`, with what the configuration says is in the cluster: a runtime that is only there."""
        choice, known = self.choice, config.exists.runtimes
        if choice is None or choice.resource is not None or not choice.name:
            return self.outside
        if choice.name in known or f"{self.workload.namespace}/{choice.name}" in known:
            return f"its runtime `{choice.name}` is only in the cluster"
        return self.outside

    def own(self, *path: str | int, probe: Any = None) -> Field:
        """A field of the workload's container, to point at also where it is absent."""
        at = self.container.at
        return Field(at.resource, (*at.path, *path), probe)

    def pod(self, *path: str | int, probe: Any = None) -> Field:
        """A field of the workload's pod, to point at also where it is absent."""
        at = self.placement.at
        return Field(at.resource, (*at.path, *path), probe)


@lru_cache(maxsize=64)
def inference_servers(env: Env) -> tuple[InferenceServer, ...]:
    """Every model server of an environment, in the order of its manifests."""
    return tuple(server for resource in env.resources for server in _servers(resource, env))


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


def resource_pods(resource: Resource) -> Iterator[Field]:
    """Every pod spec that a manifest describes, those of KServe's kinds and of a runtime too."""
    if resource.gvk.group != KSERVE:
        yield from pods_of(resource)
        return
    pods = (resource.at("spec", *path) for path in _KSERVE_PODS)
    yield from (pod for pod in pods if isinstance(pod.value, Mapping))


def resource_containers(resource: Resource) -> Iterator[Field]:
    """Every container that a manifest describes, those of a runtime and init containers too."""
    if resource.gvk.group == KSERVE:
        models = (resource.at("spec", "predictor", key) for key in ("model", *FRAMEWORKS))
        yield from (model for model in models if isinstance(model.value, Mapping))
    for pod in resource_pods(resource):
        yield from (piece.at for field in ("containers", "initContainers") for piece in listed(pod.child(field)))


def texts(pieces: Sequence[Piece]) -> list[str]:
    """The values of command or arguments."""
    return [str(piece.value) for piece in pieces]


def _servers(resource: Resource, env: Env) -> Iterator[InferenceServer]:
    if resource.gvk.group == KSERVE:
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
            choice=pod.runtime,
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


def _each(at: Field, path: Path) -> Iterator[Field]:
    if EACH not in path:
        yield at.child(*path)
        return
    cut = path.index(EACH)
    for piece in listed(at.child(*path[:cut])):
        yield from _each(piece.at, path[cut + 1 :])
