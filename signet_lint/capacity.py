"""What the model services of each environment take of its GPUs, and what the GPU machines take of the quota."""

from __future__ import annotations

from msgspec import Struct

from signet_lint.catalogue import instance_types
from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import gpu_machines, known_sum, pool_gpus
from signet_lint.model.loadtest import load_tests
from signet_lint.model.memory import MemorySum, memory_sum
from signet_lint.model.pods import gpu_demands, total
from signet_lint.model.served_models import ServedModel, asked_role, served_models
from signet_lint.model.state import DesiredState

TASKS = {"chat": "/v1/chat/completions", "embeddings": "/v1/embeddings", "": ""}


class ServiceCapacity(Struct, frozen=True):
    """A model service: its GPUs at the maximum of its replicas, its model, and the memory sum (or why there is none)."""

    name: str
    kind: str
    namespace: str
    task: str
    model: str
    replicas: int
    gpus: int
    memory: MemorySum | None
    unknown: str


class Machines(Struct, frozen=True):
    """A MachineSet of the GPU pool, at the maximum of its autoscaler; None is what the catalogue does not know."""

    name: str
    instance_type: str
    count: int
    gpus: int | None
    vcpus: int | None


class EnvCapacity(Struct, frozen=True):
    """An environment: its services, its GPU machines, and the sums; None is what cannot be told."""

    env: str
    services: tuple[ServiceCapacity, ...]
    machines: tuple[Machines, ...]
    gpus_asked: int
    gpus_there: int | None
    vcpus: int | None
    vcpu_quota: int
    load_tests: tuple[tuple[str, int], ...]


def capacity_of(state: DesiredState) -> tuple[EnvCapacity, ...]:
    """The capacity of every environment that was looked at."""
    return tuple(_of_env(env, state.config) for env in state.envs)


def _of_env(env: Env, config: Config) -> EnvCapacity:
    machines = tuple(_machines(env))
    return EnvCapacity(
        env=env.name,
        services=tuple(_service(model, env, config) for model in served_models(env)),
        machines=machines,
        gpus_asked=total(gpu_demands(env)),
        gpus_there=pool_gpus(env, config.gpu.count),
        vcpus=known_sum(None if one.vcpus is None else one.count * one.vcpus for one in machines),
        vcpu_quota=config.vcpu_quota_of.get(env.name, config.vcpu_quota),
        load_tests=tuple(
            (test.resource.name, _replicas(test.resource.get("spec", "replicas"))) for test in load_tests(env)
        ),
    )


def _machines(env: Env) -> list[Machines]:
    found = []
    for one in gpu_machines(env):
        known = instance_types.lookup(one.instance_type)
        counted = known is not None and known.quota_group == instance_types.G_AND_VT
        vcpus = (known.vcpus if counted else 0) if known else None
        found.append(Machines(one.machine_set.name, one.instance_type, one.count, one.gpus, vcpus))
    return found


def _service(model: ServedModel, env: Env, config: Config) -> ServiceCapacity:
    server = model.server
    found = memory_sum(model, env, config) if model.invocation is not None else "it is not served by vLLM"
    return ServiceCapacity(
        name=server.name,
        kind=server.workload.kind,
        namespace=server.workload.namespace,
        task=TASKS[asked_role(model)],
        model=model.name,
        replicas=server.replicas.most,
        gpus=server.gpus * server.replicas.most,
        memory=None if isinstance(found, str) else found,
        unknown=found if isinstance(found, str) else "",
    )


def _replicas(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 1
