"""SGL505: a model server that nothing sends to a GPU node."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import gpu_machines
from signet_lint.model.resource import dig
from signet_lint.model.gpu_scheduling import is_on_other_accelerator
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_REQUIRED = ("nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")


@rule(
    id="SGL505",
    name="gpu-node-not-selected",
    severity="error",
    section="5.3",
    summary="A model server has neither a node selector nor a required node affinity.",
    rationale=(
        "A toleration lets a pod onto GPU nodes, it does not send it there. The placement every model server must carry is "
        "what keeps it in the pool that was bought for it."
    ),
    remedy="add a `nodeSelector` with a label of the GPU nodes, such as `nvidia.com/gpu.present: \"true\"`",
    each=Env,
    bad=(
        Example(
            title="no selector",
            files={"charts/signet-llm/values-prod.yaml": "nodeSelector: null\n"},
            at="charts/signet-llm/values-prod.yaml:1",
        ),
    ),
    good=(
        Example(
            title="another label of the pool",
            edits={_LLM: (("nodeSelector:\n", "nodeSelector:\n  node.kubernetes.io/instance-type: g6e.xlarge\n"),)},
        ),
    ),
)
def gpu_node_not_selected(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server that asks for a GPU."""
    if state.config.profile == "universal" and not gpu_machines(env):
        return
    for server in inference_servers(env):
        if not server.gpus or is_on_other_accelerator(server) or server.node_selector or _requires_node(server):
            continue
        if server.outside:
            yield LeftOut(f"the nodes of `{server.name}`", server.outside, server.workload.declaration())
        else:
            at = server.pod("nodeSelector", probe={"nvidia.com/gpu.present": "true"})
            message = f"{server.workload.kind} `{server.name}` selects no node, by `nodeSelector` or required affinity"
            yield Hit(at, message, subject=server.workload)


def _requires_node(server: InferenceServer) -> bool:
    return bool(server.affinity and dig(server.affinity.value, _REQUIRED))
