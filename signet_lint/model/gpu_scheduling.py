"""Where the GPU pool lets pods run: its taints and labels, and Kubernetes' matching of tolerations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import gpu_machines
from signet_lint.model.servers import InferenceServer

_SCHEDULING = ("NoSchedule", "NoExecute")


@dataclass(frozen=True, slots=True)
class Taint:
    """A taint of the GPU pool; `origin` says where it is known from."""

    key: str
    value: str
    effect: str
    origin: str

    def __str__(self) -> str:
        """As `oc adm taint` spells it."""
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


def pool_taints(env: Env, config: Config) -> tuple[Taint, ...]:
    """The taints that keep pods off the GPU nodes: of the MachineSets, else configured, else the usual one."""
    machines = gpu_machines(env)
    if machines:
        sets = [one.machine_set for one in machines]
        return tuple(
            t
            for one in sets
            for t in _taints(one.get("spec", "template", "spec", "taints"), f"MachineSet `{one.name}`")
        )
    if config.gpu.taints:
        return tuple(_taints([dict(taint) for taint in config.gpu.taints], "the configuration"))
    return (Taint("nvidia.com/gpu", "", "NoSchedule", "the usual taint of GPU nodes"),)


def _taints(listed: Any, origin: str) -> Iterator[Taint]:
    for taint in listed if isinstance(listed, list) else []:
        if isinstance(taint, Mapping) and taint.get("effect") in _SCHEDULING:
            yield Taint(str(taint.get("key", "")), str(taint.get("value") or ""), str(taint["effect"]), origin)


def tolerates(toleration: Any, taint: Taint) -> bool:
    """Whether a toleration lets a pod onto a tainted node [Kubernetes, taint-and-toleration]."""
    if not isinstance(toleration, Mapping):
        return False
    operator = toleration.get("operator") or "Equal"
    key, effect = toleration.get("key") or "", toleration.get("effect") or ""
    if effect not in ("", taint.effect):
        return False
    if not key:
        return bool(operator == "Exists")
    if key != taint.key:
        return False
    return operator == "Exists" or (operator == "Equal" and str(toleration.get("value") or "") == taint.value)


def pool_labels(env: Env, config: Config) -> Mapping[str, set[str]]:
    """The labels that the GPU MachineSets and the configuration put on nodes: key to values ("*" for any)."""
    found: dict[str, set[str]] = {}
    for one in gpu_machines(env):
        labels = one.machine_set.get("spec", "template", "spec", "metadata", "labels")
        for key, value in labels.items() if isinstance(labels, Mapping) else ():
            found.setdefault(str(key), set()).add("" if value is None else str(value))
    for label in config.gpu.labels:
        key, _, value = label.partition("=")
        found.setdefault(key, set()).add(value or "*")
    return found


def is_meant_for_gpus(server: InferenceServer) -> bool:
    """Whether the server's software is of use on a GPU only: what profile universal asks about."""
    return server.server is not None and server.server.hardware == "gpu"


def is_on_other_accelerator(server: InferenceServer) -> bool:
    """Whether it runs on an accelerator that is not NVIDIA's: rules about NVIDIA GPUs say so and skip."""
    return any(not name.startswith("nvidia.com/") for name in server.accelerators)
