"""SGL901: the services of an environment ask for more GPUs than its machines have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import GpuMachines, gpu_machines, pool_gpus
from signet_lint.model.pods import GpuDemand, gpu_demands, total
from signet_lint.model.resource import Field
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_PROD = "charts/cluster-capacity/values-prod.yaml"
_LLM = "charts/signet-llm/values-common.yaml"
_EMBEDDINGS = "charts/signet-embeddings/templates/inferenceservice.yaml"
_NO_SCALER = (("autoscaler:\n  enabled: true", "autoscaler:\n  enabled: false"),)
_FOUR = (("  replicas: 2", "  replicas: 3"), ("  max: 2", "  max: 3"))


@rule(
    id="SGL901",
    name="gpu-budget",
    severity="error",
    section="9",
    summary="An environment asks for more GPUs, at the maximum of its replicas, than its GPU MachineSets have.",
    rationale=(
        "A pod that finds no free GPU stays pending: the service is not there, or the autoscaler's next "
        "replica never comes. "
        "Nothing but the sum over all charts shows it."
    ),
    remedy="lower the replicas of the service, or add machines to the GPU pool within the quota",
    each=Env,
    bad=(
        Example(
            title="one machine for two services",
            edits={_PROD: (*_NO_SCALER, ("  replicas: 2", "  replicas: 1"))},
            at=f"{_PROD}:replicas: 1",
        ),
        Example(
            title="the autoscaler stops at one machine",
            edits={_PROD: (("  max: 2", "  max: 1"),)},
            at=f"{_PROD}:max: 1",
        ),
        Example(
            title="two replicas of the chat model",
            edits={_LLM: (("replicas: 1", "replicas: 2"),)},
            at=f"{_LLM}:replicas: 2",
        ),
        Example(
            title="a maximum in the template",
            edits={_EMBEDDINGS: (("maxReplicas: 1", "maxReplicas: 3"),)},
            at=f"{_EMBEDDINGS}:maxReplicas",
        ),
    ),
    good=(
        Example(
            title="another replica with another machine", edits={_LLM: (("replicas: 1", "replicas: 2"),), _PROD: _FOUR}
        ),
        Example(title="the autoscaler brings the second machine", edits={_PROD: (("  replicas: 2", "  replicas: 1"),)}),
        Example(
            title="fewer machines with more GPUs",
            edits={_PROD: (*_NO_SCALER, ("  replicas: 2", "  replicas: 1\n  instanceType: g6e.12xlarge"))},
        ),
    ),
)
def gpu_budget(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges the sum of all workloads of an environment that ask for `nvidia.com/gpu`."""
    demands = gpu_demands(env)
    asked = total(demands)
    machines = gpu_machines(env)
    given = pool_gpus(env, state.config.gpu.count)
    if not asked:
        return
    if given is None:
        yield LeftOut(f"the GPU budget of `{env.name}`", _why_unknown(machines), demands[0].per_pod_at)
        return
    if asked <= given:
        return
    listed = ", ".join(f"`{demand.resource.name}` {demand.total}" for demand in demands)
    message = f"`{env.name}` asks for {asked} GPUs ({listed}), and its pool has {given}"
    for place in _places(demands, machines, given):
        yield Hit(place, message, application=place.resource.application)


def _why_unknown(machines: tuple[GpuMachines, ...]) -> str:
    if machines:
        return f"how many GPUs the machines of `{machines[0].machine_set.name}` have is not known"
    return "no GPU MachineSet is deployed there; set gpu.count to the GPUs that it has"


def _places(demands: Iterable[GpuDemand], machines: tuple[GpuMachines, ...], given: int) -> list[Field]:
    """What to lower: replicas over one, then GPUs over one; else the pool is too small for one pod of each service."""
    one_pod = [replace(demand, pods=1) for demand in demands]
    if total(one_pod) <= given:
        return _largest(demands, one_pod, given, "pods_at")
    one_gpu = [replace(demand, per_pod=1) for demand in one_pod]
    if total(one_gpu) <= given:
        return _largest(one_pod, one_gpu, given, "per_pod_at")
    return [machines[0].count_at] if machines else [one_pod[-1].per_pod_at]


def _largest(demands: Iterable[GpuDemand], lowered: list[GpuDemand], given: int, place: str) -> list[Field]:
    """Places of the demands to lower, the largest first, until what is left fits."""
    pairs = sorted(zip(demands, lowered, strict=True), key=lambda pair: pair[1].total - pair[0].total)
    left = total(demand for demand, _ in pairs)
    places: list[Field] = []
    for demand, low in pairs:
        if left <= given:
            break
        places.append(getattr(demand, place))
        left -= demand.total - low.total
    return places
