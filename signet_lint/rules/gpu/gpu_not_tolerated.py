"""SGL504: a model server that the GPU nodes keep off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from signet_lint.model.application import Env
from signet_lint.model.gpu_scheduling import (
    Taint,
    is_bound_for_gpus,
    is_declared,
    other_placement,
    pools_for,
    queue_tolerates,
    toleration_of,
    untolerated,
)
from signet_lint.model.repair import Append, Repair, SetTo, repair
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"


@rule(
    id="SGL504",
    name="gpu-not-tolerated",
    severity="error",
    section="5.3",
    summary="A model server does not tolerate a taint of the GPU pool.",
    rationale=(
        "GPU nodes are tainted so that only what needs a GPU lands there. Without the toleration the pod stays Pending."
    ),
    remedy="add a toleration for the pool's taint",
    fixable=True,
    each=Env,
    bad=(
        Example(
            title="another key",
            edits={_LLM: (("  - key: nvidia.com/gpu\n", "  - key: nvidia.com/gpus\n"),)},
            at=f"{_LLM}:tolerations:",
        ),
        Example(
            title="none in prod",
            files={"charts/signet-llm/values-prod.yaml": "tolerations: []\n"},
            at="charts/signet-llm/values-prod.yaml:1",
        ),
        Example(
            title="the pool's taint has another value",
            edits={_LLM: (('    value: "true"\n', '    value: "yes"\n'),)},
            at=f"{_LLM}:tolerations:",
        ),
    ),
    good=(
        Example(
            title="everything is tolerated",
            files={"charts/signet-llm/values-prod.yaml": "tolerations:\n  - operator: Exists\n"},
        ),
        Example(
            title="any value",
            edits={_LLM: (('    operator: Equal\n    value: "true"\n', "    operator: Exists\n"),)},
        ),
    ),
)
def gpu_not_tolerated(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server that is bound for the GPU pool."""
    if state.config.profile == "universal" and not is_declared(env, state.config):
        return
    for server in inference_servers(env):
        if not is_bound_for_gpus(server, env):
            continue
        barred = [untolerated(pool, server.placement.tolerations) for pool in pools_for(server, env, state.config)]
        if not all(barred) or queue_tolerates(server, env):
            continue
        outside = other_placement(server, env, state.config)
        if outside:
            yield LeftOut(f"the tolerations of {server.title}", outside, server.workload.declaration())
        else:
            taints = ", ".join(f"`{taint}`" for taint in dict.fromkeys(taint for taints in barred for taint in taints))
            message = f"{server.title} does not tolerate {taints}, which keeps pods off the GPU nodes"
            yield Hit(_place(server), message, subject=server.workload, repair=_repair(server, barred[0]))


def _repair(server: InferenceServer, taints: Sequence[Taint]) -> Repair:
    """Tolerations of the pool's own taints, after those that are there."""
    wanted = [toleration_of(taint) for taint in taints]
    if server.placement.tolerations:
        return repair("tolerate the taints of the GPU nodes", *(Append(_place(server), one) for one in wanted))
    return repair("tolerate the taints of the GPU nodes", SetTo(server.pod("tolerations", probe=wanted), wanted))


def _place(server: InferenceServer) -> Field:
    """Its tolerations as a whole, or where they belong."""
    if server.placement.tolerations:
        at = server.placement.tolerations[0].at
        return Field(at.resource, at.path[:-1])
    return server.pod("tolerations", probe=[{"key": "nvidia.com/gpu", "operator": "Exists"}])
