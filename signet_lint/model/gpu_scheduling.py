"""The nodes of the GPU pool as the scheduler sees them: their taints and labels, and which pods they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from signet_lint.catalogue import instance_types, nodes
from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.container import Piece, Placement, listed, text
from signet_lint.model.gpu_pool import INSTANCE_TYPE, gpu_machines
from signet_lint.model.pods import GPU
from signet_lint.model.resource import Field, Resource, dig
from signet_lint.model.servers import InferenceServer

NODE_LABELS = ("spec", "template", "spec", "metadata", "labels")
_NFD_PREFIX = "feature.node.kubernetes.io/"
_BLOCKING = ("NoSchedule", "NoExecute")
_ANYWHERE = frozenset(
    (
        "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
        "node-role.kubernetes.io/worker", "node.openshift.io/os_id",
    )
)  # fmt: skip
_PRESENT = frozenset(("nvidia.com/gpu.present", "feature.node.kubernetes.io/pci-10de.present"))
_QUEUE = "kueue.x-k8s.io/queue-name"
_BUILT_FOR_GPUS = ("cuda", "rocm", "gpu", "nvidia", "nvcr.io", "gaudi", "tensorrt")
_PRODUCT = "nvidia.com/gpu.product"
_INSTANCE_LABELS = frozenset(("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"))


class Taint(Struct, frozen=True):
    """A taint of a node; `value` is None where it is not known, so that any fits."""

    key: str
    value: str | None
    effect: str

    def __str__(self) -> str:
        """As `oc adm taint` spells it."""
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


class NodePool(Struct, frozen=True):
    """Nodes that are alike; `source` is their MachineSet, None where configuration or custom tells of the pool."""

    source: Resource | None
    taints: tuple[Taint, ...]
    labels: Mapping[str, str]
    instance_type: str = ""

    @property
    def product_labels(self) -> tuple[str, ...]:
        """What GPU feature discovery calls the GPU of these nodes; nothing where that is not known."""
        known = instance_types.lookup(self.instance_type)
        gpu = nodes.gpu(known.gpu) if known else None
        return gpu.product_labels if gpu else ()


class Requirement(Struct, frozen=True):
    """One condition on a node's labels, from a selector (`In` with one value) or an affinity term."""

    key: str
    operator: str
    values: tuple[str, ...]
    piece: Piece

    @property
    def attracts(self) -> bool:
        """Whether it narrows the choice to some nodes by what they are, and not by what any worker is."""
        return self.operator in ("In", "Exists", "Gt", "Lt") and self.key not in _ANYWHERE

    @property
    def is_discovered(self) -> bool:
        """Whether the key is of a domain whose labels only discovery sets."""
        return self.key.startswith(("nvidia.com/", _NFD_PREFIX))

    @property
    def at(self) -> Field:
        """Where it stands."""
        return self.piece.at

    def __str__(self) -> str:
        """The label, with the value where it is one."""
        return f"{self.key}={self.values[0]}" if self.operator == "In" and len(self.values) == 1 else self.key


DEFAULT_POOL = NodePool(None, (Taint(GPU, None, "NoSchedule"),), {})


@lru_cache(maxsize=64)
def machine_pools(env: Env) -> tuple[NodePool, ...]:
    """The GPU MachineSets of an environment."""
    return tuple(_of_machine_set(machines.machine_set) for machines in gpu_machines(env))


def gpu_pools(env: Env, config: Config) -> tuple[NodePool, ...]:
    """The GPU pool: the environment's MachineSets, else what the configuration says, else the usual taint alone."""
    declared, configured = machine_pools(env), config.gpu
    if declared or not (configured.taints or configured.labels or configured.instance_type):
        return declared or (DEFAULT_POOL,)
    taints = tuple(Taint(t.get("key", ""), t.get("value"), t.get("effect", "NoSchedule")) for t in configured.taints)
    labels = dict(_split(label) for label in configured.labels)
    return (NodePool(None, taints or DEFAULT_POOL.taints, labels, configured.instance_type),)


def is_declared(env: Env, config: Config) -> bool:
    """Whether the repository or the configuration says what the GPU pool is."""
    return bool(machine_pools(env) or config.gpu.taints or config.gpu.labels)


def pools_for(server: InferenceServer, env: Env, config: Config) -> tuple[NodePool, ...]:
    """The pools that a server's selectors leave to it; all of them where they leave none."""
    pools = gpu_pools(env, config)
    ways = requirements(server.placement)
    return tuple(pool for pool in pools if any(may_run_on(pool, way) for way in ways)) or pools


def is_bound_for_gpus(server: InferenceServer, env: Env) -> bool:
    """Whether a server must get onto NVIDIA nodes: it has a GPU, or selectors or tolerations that lead there.

    One that has none of these is a server on the CPU, whose placement is right for what it is.
    """
    if server.other_accelerator:
        return False
    if server.has_accelerator or server.requests_only or server.container.claims or server.placement.claims:
        return True
    pools = machine_pools(env) or (DEFAULT_POOL,)
    taints = [taint for pool in pools for taint in pool.taints]
    tolerated = any(tolerates(piece.value, taint) for piece in server.placement.tolerations for taint in taints)
    return tolerated or any(wanted.attracts for way in requirements(server.placement) for wanted in way)


def is_meant_for_gpus(server: InferenceServer) -> bool:
    """Whether the server, or its image by name, is made for GPUs: what profile universal asks about."""
    image = str(server.container.image.value).lower()
    return bool(server.server and server.server.hardware == "gpu") or any(word in image for word in _BUILT_FOR_GPUS)


def other_placement(server: InferenceServer, env: Env, config: Config) -> str:
    """Why tolerations and selectors may come from outside of the repository, or empty."""
    queue = server.workload.label(_QUEUE)
    if queue and not env.of_kind("ResourceFlavor"):
        return f"the queue `{queue}` may bring them, by its ResourceFlavor"
    return server.outside_of(config)


def queue_tolerates(server: InferenceServer, env: Env) -> bool:
    """Whether the server is queued, and a ResourceFlavor of the environment brings tolerations."""
    return bool(server.workload.label(_QUEUE)) and any(
        r.get("spec", "tolerations") for r in env.of_kind("ResourceFlavor")
    )


def queue_selects(server: InferenceServer, env: Env) -> bool:
    """Whether the server is queued, and a ResourceFlavor of the environment brings node labels."""
    return bool(server.workload.label(_QUEUE)) and any(
        r.get("spec", "nodeLabels") for r in env.of_kind("ResourceFlavor")
    )


_OTHER_ROLES = frozenset(f"node-role.kubernetes.io/{role}" for role in ("master", "control-plane", "infra"))
"""Roles of nodes that no machine of a MachineSet has but by the MachineSet's own labels."""


def shares_gpu(wanted: Requirement) -> bool:
    """Whether a condition asks for nodes whose GPUs are shared or split."""
    if wanted.key == _PRODUCT:
        return any(value.endswith("-SHARED") or "-MIG-" in value for value in wanted.values)
    ways = {"nvidia.com/gpu.sharing-strategy": {"mps", "time-slicing"}, "nvidia.com/mig.strategy": {"single", "mixed"}}
    return wanted.operator == "In" and bool(ways.get(wanted.key, set()) & set(wanted.values))


def tolerates(toleration: Any, taint: Taint) -> bool:
    """Whether a toleration matches a taint (kubernetes/website, concepts/scheduling-eviction/taint-and-toleration)."""
    if not isinstance(toleration, Mapping):
        return False
    key, effect = text(toleration.get("key")), text(toleration.get("effect"))
    operator = text(toleration.get("operator")) or "Equal"
    if operator == "Exists" and text(toleration.get("value")):
        return False  # the API server refuses such a pod
    if effect and effect != taint.effect:
        return False
    if key != taint.key:
        return not key and operator == "Exists"
    return operator == "Exists" or (operator == "Equal" and taint.value in (None, text(toleration.get("value"))))


def toleration_of(taint: Taint) -> dict[str, str]:
    """The toleration that matches a taint and no other."""
    known = {"operator": "Exists"} if taint.value is None else {"operator": "Equal", "value": taint.value}
    return {"key": taint.key, **known, "effect": taint.effect}


def telling_label(pools: Iterable[NodePool]) -> tuple[str, str]:
    """A label that selects the nodes of a pool: one that the pool declares, else the one that discovery gives them."""
    declared = [label for pool in pools for label in pool.labels.items() if label[0] not in _ANYWHERE]
    return next(iter(declared), ("nvidia.com/gpu.present", "true"))


def untolerated(pool: NodePool, tolerations: tuple[Piece, ...]) -> tuple[Taint, ...]:
    """The taints of a pool that keep a pod with these tolerations away."""
    blocking = (taint for taint in pool.taints if taint.effect in _BLOCKING)
    return tuple(taint for taint in blocking if not any(tolerates(piece.value, taint) for piece in tolerations))


def requirements(placement: Placement) -> tuple[tuple[Requirement, ...], ...]:
    """The conditions on nodes: alternatives, each with all that it asks for (selector and one affinity term)."""
    selected = tuple(
        Requirement(key, "In", (text(piece.value),), piece) for key, piece in placement.node_selector.items()
    )
    if not placement.terms:
        return (selected,)
    return tuple((*selected, *_of_term(term)) for term in placement.terms)


def may_run_on(pool: NodePool, wanted: tuple[Requirement, ...]) -> bool:
    """Whether nothing that is known of a pool rules out these conditions."""
    return all(_holds(pool, requirement) is not False for requirement in wanted)


def is_given(pool: NodePool, requirement: Requirement) -> bool:
    """Whether the nodes of a pool have what a condition asks for, by their MachineSet or by a known discovery."""
    if pool.source is not None and requirement.key in _OTHER_ROLES and requirement.key not in pool.labels:
        return False
    return _holds(pool, requirement) is True or (
        _holds(pool, requirement) is None and requirement.key not in pool.labels and nodes.label_known(requirement.key)
    )


@lru_cache(maxsize=64)
def labels_by_rule(env: Env) -> frozenset[str]:
    """Label keys that NodeFeatureRules or Node manifests of an environment give to nodes."""
    found: set[str] = set()
    for rule in env.of_kind("NodeFeatureRule"):
        for entry in listed(rule.at("spec", "rules")):
            keys = entry.value.get("labels")
            found |= {str(key) for key in keys} if isinstance(keys, Mapping) else set()
    for node in env.of_kind("Node", group=""):
        keys = node.get("metadata", "labels")
        found |= set(keys) if isinstance(keys, Mapping) else set()
    return frozenset(key if "/" in key else _NFD_PREFIX + key for key in found)


def _holds(pool: NodePool, requirement: Requirement) -> bool | None:
    """Whether a condition holds on a pool; None where its labels do not tell."""
    value = values_on(pool, requirement.key)
    if value is None:
        return None
    if requirement.operator == "In":
        return any(one in requirement.values for one in value)
    if requirement.operator == "NotIn":
        return not any(one in requirement.values for one in value)
    return {"Exists": True, "DoesNotExist": False}.get(requirement.operator)


def values_on(pool: NodePool, key: str) -> tuple[str, ...] | None:
    """The values that a label may have on a pool, None where that is not known."""
    if key in pool.labels:
        return (pool.labels[key],)
    if key in _PRESENT:
        return ("true",)
    if key == _PRODUCT and pool.product_labels:
        return pool.product_labels
    return (pool.instance_type,) if key in _INSTANCE_LABELS and pool.instance_type else None


def _of_machine_set(machine_set: Resource) -> NodePool:
    taints = tuple(
        Taint(text(t.value.get("key")), text(t.value.get("value")), text(t.value.get("effect")))
        for t in listed(machine_set.at("spec", "template", "spec", "taints"))
    )
    labels = dig(machine_set.body, NODE_LABELS)
    known = {str(k): text(v) for k, v in labels.items()} if isinstance(labels, Mapping) else {}
    return NodePool(machine_set, taints, known, text(machine_set.get(*INSTANCE_TYPE)))


def _of_term(term: Piece) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            text(expression.value.get("key")),
            text(expression.value.get("operator")),
            tuple(text(value) for value in values)
            if isinstance(values := expression.value.get("values"), list)
            else (),
            expression,
        )
        for expression in listed(term.at.child("matchExpressions"))
    )


def _split(label: str) -> tuple[str, str]:
    key, _, value = label.partition("=")
    return key, value
