"""SGL506: a selector with a label that no GPU node has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from signet_lint.model.application import Env
from signet_lint.model.gpu_scheduling import (
    NodePool,
    Requirement,
    gpu_pools,
    is_declared,
    is_given,
    labels_by_rule,
    requirements,
    shares_gpu,
    values_on,
)
from signet_lint.model.servers import inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"


@rule(
    id="SGL506",
    name="gpu-node-label-unknown",
    severity="warning",
    section="5.3",
    summary="A node selector or affinity uses a label that no GPU MachineSet sets and no known discovery gives.",
    rationale="A pod whose selector matches no node stays Pending, and nothing says why before it is deployed.",
    remedy="select by a label of the GPU MachineSet, or by one that NFD or GPU feature discovery gives",
    each=Env,
    bad=(
        Example(
            title="a misspelt label",
            files={"charts/signet-llm/values-prod.yaml": 'nodeSelector:\n  nvidia.com/gpu-present: "true"\n'},
            at="charts/signet-llm/values-prod.yaml:2",
        ),
        Example(
            title="another GPU",
            files={
                "charts/signet-llm/values-prod.yaml": "nodeSelector:\n  nvidia.com/gpu.product: NVIDIA-A100-SXM4-40GB\n"
            },
            at="charts/signet-llm/values-prod.yaml:2",
        ),
    ),
    good=(
        Example(
            title="a discovered label",
            files={"charts/signet-llm/values-prod.yaml": 'nodeSelector:\n  nvidia.com/gpu.present: "true"\n'},
        ),
        Example(
            title="the pool's GPU",
            files={"charts/signet-llm/values-prod.yaml": "nodeSelector:\n  nvidia.com/gpu.product: NVIDIA-L40S\n"},
        ),
    ),
)
def gpu_node_label_unknown(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every label that a model server on a GPU demands of its nodes; one of a shared GPU is left to SGL508."""
    pools = gpu_pools(env, state.config)
    is_known = is_declared(env, state.config)
    for server in inference_servers(env):
        if not server.gpus or server.other_accelerator:
            continue
        for wanted in (wanted for way in requirements(server.placement) for wanted in way if wanted.attracts):
            if shares_gpu(wanted) or wanted.key in labels_by_rule(env) or any(is_given(pool, wanted) for pool in pools):
                continue
            if not is_known and not wanted.is_discovered:
                why = "the repository declares no GPU nodes, and gpu.labels is not set"
                yield LeftOut(f"the node label `{wanted.key}` of {server.title}", why, wanted.piece.at)
            else:
                message = f"{server.title} selects nodes by `{wanted}`, {_reason(wanted, pools)}"
                yield Hit(wanted.at, message, subject=server.workload, key=wanted.key)


def _reason(wanted: Requirement, pools: Sequence[NodePool]) -> str:
    given = sorted({value for pool in pools for value in values_on(pool, wanted.key) or ()})
    if given:
        return f"where the GPU nodes have `{'` or `'.join(given)}`"
    return "which no GPU MachineSet sets and no known discovery gives"
