"""SGL903: a GPU pod that no machine of the pool can take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from signet_lint.catalogue import instance_types
from signet_lint.catalogue.instance_types import InstanceType
from signet_lint.finding import Severity
from signet_lint.model.application import Env
from signet_lint.model.container import Container, Piece
from signet_lint.model.gpu_scheduling import pools_for
from signet_lint.model.quantity import quantity
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_TWO = "charts/signet-embeddings/values-common.yaml"
_MIB = 1024**2
_RESERVED_CPU = 0.5
_RESERVED_MEMORY = 1124 * _MIB
_POOL = "charts/cluster-capacity/values-prod.yaml"
_MEMORY = 'requests:\n    cpu: "2"\n    memory: 20Gi'


@rule(
    id="SGL903",
    name="pod-does-not-fit",
    severity="error",
    section="9",
    summary="A GPU pod requests more CPU or memory than the pool's instance type can allocate.",
    rationale=(
        "System and kubelet keep a part of each machine. A pod that requests all of it stays Pending for ever, however many "
        "machines there are."
    ),
    remedy="lower the request below what the instance type leaves, or use a larger type",
    each=Env,
    bad=(
        Example(
            title="all of the memory",
            edits={_LLM: ((_MEMORY, _MEMORY.replace("20Gi", "32Gi")),)},
            at=f"{_LLM}:memory: 32Gi",
        ),
        Example(title="more processors than it has", edits={_TWO: (("cpu: 2", "cpu: 6"),)}, at=f"{_TWO}:cpu: 6"),
        Example(
            title="a smaller machine",
            edits={
                _POOL: (("  replicas: 2", "  replicas: 2\n  instanceType: g6.xlarge"),),
                _TWO: (("memory: 20Gi", "memory: 8Gi"),),
            },
            at=f"{_LLM}:27",
        ),
    ),
    good=(
        Example(title="millicores", edits={_TWO: (("cpu: 2", "cpu: 3000m"),)}),
        Example(
            title="a larger machine",
            edits={
                _LLM: ((_MEMORY, _MEMORY.replace("20Gi", "32Gi")),),
                _POOL: (("  replicas: 2", "  replicas: 2\n  instanceType: g6e.2xlarge"),),
            },
        ),
        Example(title="a limit is no request", edits={_LLM: (('limits:\n    cpu: "2"', 'limits:\n    cpu: "16"'),)}),
    ),
)
def pod_does_not_fit(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server with a GPU against the largest machine that its selectors leave it."""
    for server in inference_servers(env):
        if not server.gpus:
            continue
        pools = pools_for(server, env, state.config)
        types = [instance_types.lookup(pool.instance_type) for pool in pools]
        known = [one for one in types if one is not None]
        if len(known) < len(types):
            if any(pool.source for pool in pools):
                yield LeftOut(
                    f"whether {server.title} fits its machines",
                    "their instance type is in no catalogue",
                    server.workload.declaration(),
                )
            continue
        for name in ("cpu", "memory"):
            yield from _judged(server, name, known)


def _judged(server: InferenceServer, name: str, types: Sequence[InstanceType]) -> Iterator[Outcome]:
    largest = max(types, key=lambda one: _offered(one, name))
    asked = [
        (amount, piece)
        for c in (server.container, *server.siblings)
        if (piece := _request(c, name)) and (amount := quantity(piece.value))
    ]
    total = float(sum(amount for amount, _ in asked))
    offered, left = _offered(largest, name), _left(largest, name)
    if not asked or total <= left:
        return
    # What the system keeps differs a little; what the whole machine has is sure.
    severity: Severity | None = None if total >= offered else "warning"
    shown = f"{total:g}" if name == "cpu" else f"{total / 1024**3:g}Gi"
    has = f"{offered:g}" if name == "cpu" else f"{offered / 1024**3:g}Gi"
    message = (
        f"a pod of {server.title} requests {name} {shown}; a {largest.name} has {has}, of which the system keeps a part"
    )
    yield Hit(max(asked, key=lambda pair: pair[0])[1].at, message, subject=server.workload, severity=severity)


def _request(container: Container, name: str) -> Piece | None:
    """What a container requests: its request, else its limit."""
    found: Mapping[str, Piece] = {**container.limits, **container.requests}
    return found.get(name)


def _offered(known: InstanceType, name: str) -> float:
    return float(known.vcpus) if name == "cpu" else float(known.memory_mib * _MIB)


def _left(known: InstanceType, name: str) -> float:
    """What is left for pods at most: OpenShift keeps 500m and 1 GiB for the system and evicts at 100 MiB."""
    return _offered(known, name) - (_RESERVED_CPU if name == "cpu" else _RESERVED_MEMORY)
