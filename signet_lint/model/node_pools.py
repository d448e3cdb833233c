"""The nodes of the GPU pool as the scheduler sees them: their taints and labels, and which pods they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from signet_lint.catalogue import instance_types, nodes
from signet_lint.config import Gpu
from signet_lint.model.application import Env
from signet_lint.model.container import Piece, Placement, listed, text
from signet_lint.model.gpu_pool import gpu_machines
from signet_lint.model.pods import GPU
from signet_lint.model.resource import Resource, dig

_LABELS = ("spec", "template", "spec", "metadata", "labels")
_INSTANCE_TYPE = ("spec", "template", "spec", "providerSpec", "value", "instanceType")
_NFD_PREFIX = "feature.node.kubernetes.io/"
_BLOCKING = ("NoSchedule", "NoExecute")
_ANYWHERE = frozenset(
    (
        "kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
        "node-role.kubernetes.io/worker", "node.openshift.io/os_id",
    )
)  # fmt: skip
_PRESENT = frozenset(("nvidia.com/gpu.present", "feature.node.kubernetes.io/pci-10de.present"))
_PRODUCT = "nvidia.com/gpu.product"
_INSTANCE_LABELS = frozenset(("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"))


@dataclass(frozen=True, slots=True)
class Taint:
    """A taint of a node; `value` is None where it is not known, so that any fits."""

    key: str
    value: str | None
    effect: str

    def __str__(self) -> str:
        """As `oc adm taint` spells it."""
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@dataclass(frozen=True, slots=True)
class NodePool:
    """Nodes that are alike; `source` is their MachineSet, None for what configuration or convention says of the pool."""

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


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a node's labels, from a selector (`In` with one value) or an affinity term."""

    key: str
    operator: str
    values: tuple[str, ...]
    piece: Piece

    @property
    def attracts(self) -> bool:
        """Whether it narrows the choice to some nodes by what they are, and not by what any worker is."""
        return self.operator in ("In", "Exists", "Gt", "Lt") and self.key not in _ANYWHERE


DEFAULT_POOL = NodePool(None, (Taint(GPU, None, "NoSchedule"),), {})


@lru_cache(maxsize=64)
def machine_pools(env: Env) -> tuple[NodePool, ...]:
    """The GPU MachineSets of an environment."""
    return tuple(_of_machine_set(machines.machine_set) for machines in gpu_machines(env))


def gpu_pools(env: Env, configured: Gpu) -> tuple[NodePool, ...]:
    """The GPU pool: the environment's MachineSets, else what the configuration says, else the usual taint alone."""
    declared = machine_pools(env)
    if declared or not (configured.taints or configured.labels):
        return declared or (DEFAULT_POOL,)
    taints = tuple(Taint(t.get("key", ""), t.get("value"), t.get("effect", "NoSchedule")) for t in configured.taints)
    labels = dict(_split(label) for label in configured.labels)
    return (NodePool(None, taints or DEFAULT_POOL.taints, labels),)


def tolerates(toleration: Any, taint: Taint) -> bool:
    """Whether a toleration matches a taint (kubernetes/website, concepts/scheduling-eviction/taint-and-toleration)."""
    if not isinstance(toleration, Mapping):
        return False
    key, effect = text(toleration.get("key")), text(toleration.get("effect"))
    operator = text(toleration.get("operator")) or "Equal"
    if effect and effect != taint.effect:
        return False
    if key != taint.key:
        return not key and operator == "Exists"
    return operator == "Exists" or (operator == "Equal" and taint.value in (None, text(toleration.get("value"))))


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
    value = _label(pool, requirement.key)
    if value is None and requirement.key in _PRESENT:
        value = ("true",)
    if value is None:
        return None
    if requirement.operator == "In":
        return any(one in requirement.values for one in value)
    if requirement.operator == "NotIn":
        return not any(one in requirement.values for one in value)
    return {"Exists": True, "DoesNotExist": False}.get(requirement.operator)


def _label(pool: NodePool, key: str) -> tuple[str, ...] | None:
    """The values that a label may have on a pool, None where that is not known."""
    if key in pool.labels:
        return (pool.labels[key],)
    if key == _PRODUCT and pool.product_labels:
        return tuple(f"{name}{suffix}" for name in pool.product_labels for suffix in ("", "-SHARED"))
    return (pool.instance_type,) if key in _INSTANCE_LABELS and pool.instance_type else None


def _of_machine_set(machine_set: Resource) -> NodePool:
    taints = tuple(
        Taint(text(t.value.get("key")), text(t.value.get("value")), text(t.value.get("effect")))
        for t in listed(machine_set.at("spec", "template", "spec", "taints"))
    )
    labels = dig(machine_set.body, _LABELS)
    known = {str(k): text(v) for k, v in labels.items()} if isinstance(labels, Mapping) else {}
    return NodePool(machine_set, taints, known, text(machine_set.get(*_INSTANCE_TYPE)))


def _of_term(term: Piece) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            text(expression.value.get("key")),
            text(expression.value.get("operator")),
            tuple(text(value) for value in values) if isinstance(values := expression.value.get("values"), list) else (),
            expression,
        )
        for expression in listed(term.at.child("matchExpressions"))
    )


def _split(label: str) -> tuple[str, str]:
    key, _, value = label.partition("=")
    return key, value
