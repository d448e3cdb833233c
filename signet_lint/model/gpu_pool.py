"""The GPU machines that an environment declares: MachineSets of GPU instance types, at their autoscaler's maximum."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from signet_lint.catalogue import instance_types
from signet_lint.model.application import Env
from signet_lint.model.pods import GPU, whole
from signet_lint.model.resource import Field, Resource

_GPU_ANNOTATION = "machine.openshift.io/GPU"
INSTANCE_TYPE = ("spec", "template", "spec", "providerSpec", "value", "instanceType")


class GpuMachines(Struct, frozen=True):
    """One MachineSet: how many machines at most, GPUs of each (None: not known), and the place that limits them."""

    machine_set: Resource
    count: int
    gpus: int | None
    count_at: Field

    @property
    def instance_type(self) -> str:
        """The instance type of its machines, empty where it names none."""
        return str(self.machine_set.get(*INSTANCE_TYPE, default=""))

    @property
    def all_gpus(self) -> int | None:
        """GPUs of all its machines together."""
        return None if self.gpus is None else self.count * self.gpus


@lru_cache(maxsize=64)
def gpu_machines(env: Env) -> tuple[GpuMachines, ...]:
    """Every MachineSet of an environment whose machines have NVIDIA GPUs, or seem to."""
    sets = (r for r in env.of_kind("MachineSet", group="machine.openshift.io") if is_gpu_machine_set(r))
    return tuple(GpuMachines(one, *_count(one, env)) for one in sets)


def pool_gpus(env: Env, otherwise: int | None = None) -> int | None:
    """GPUs of all the machines of an environment; `otherwise` where that cannot be told."""
    known = known_sum(one.all_gpus for one in gpu_machines(env))
    return otherwise if known is None else known


def known_sum(figures: Iterable[int | None]) -> int | None:
    """The sum of some figures; None where there are none, or one of them is not known."""
    listed = list(figures)
    known = [figure for figure in listed if figure is not None]
    return sum(known) if known and len(known) == len(listed) else None


def is_gpu_machine_set(machine_set: Resource) -> bool:
    """Whether the machines have NVIDIA GPUs: by instance type, else by the taint or annotation that only such get."""
    known = instance_types.lookup(str(machine_set.get(*INSTANCE_TYPE)))
    if known is not None:
        return known.resource == GPU and known.gpu_count > 0
    taints = machine_set.get("spec", "template", "spec", "taints")
    keys = [taint.get("key") for taint in taints if isinstance(taint, dict)] if isinstance(taints, list) else []
    return GPU in keys or whole(machine_set.annotation(_GPU_ANNOTATION)) > 0


def gpus_of_machine(machine_set: Resource) -> int | None:
    """GPUs of one machine, None for a type that is not in the catalogue and a MachineSet that does not tell."""
    known = instance_types.lookup(str(machine_set.get(*INSTANCE_TYPE)))
    if known is not None:
        return known.gpu_count if known.resource == GPU else 0
    return whole(machine_set.annotation(_GPU_ANNOTATION)) or None


def instance_type_at(machine_set: Resource) -> Field:
    """The field that names the instance type of a MachineSet."""
    return machine_set.at(*INSTANCE_TYPE, probe="g6e.xlarge")


def _count(machine_set: Resource, env: Env) -> tuple[int, int | None, Field]:
    gpus = gpus_of_machine(machine_set)
    for scaler in env.of_kind("MachineAutoscaler", group="autoscaling.openshift.io"):
        target = scaler.get("spec", "scaleTargetRef")
        if not isinstance(target, dict) or scaler.namespace != machine_set.namespace:
            continue
        if (target.get("kind"), target.get("name")) == ("MachineSet", machine_set.name):
            return whole(scaler.get("spec", "maxReplicas")), gpus, scaler.at("spec", "maxReplicas", probe=1)
    replicas = whole(machine_set.get("spec", "replicas"), 1)
    return replicas, gpus, machine_set.at("spec", "replicas", probe=1)
