"""SGL505: a model server that nothing sends to a GPU node."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.gpu_scheduling import (
    gpu_pools,
    is_bound_for_gpus,
    is_declared,
    other_placement,
    queue_selects,
    requirements,
    telling_label,
)
from signet_lint.model.repair import Repair, SetTo, repair
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"


@rule(
    id="SGL505",
    name="gpu-node-not-selected",
    severity="error",
    section="5.3",
    summary="A model server has neither a node selector nor a required node affinity.",
    rationale=(
        "A toleration lets a pod onto GPU nodes, it does not send it there. The placement every model "
        "server must carry is "
        "what keeps it in the pool that was bought for it."
    ),
    remedy='add a `nodeSelector` with a label of the GPU nodes, such as `nvidia.com/gpu.present: "true"`',
    fixable=True,
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
    """Judges every model server that is bound for the GPU pool; labels that any worker has select nothing."""
    if state.config.profile == "universal" and not is_declared(env, state.config):
        return
    for server in inference_servers(env):
        if (
            not is_bound_for_gpus(server, env)
            or server.placement.node_name
            or _selects(server)
            or queue_selects(server, env)
        ):
            continue
        outside = other_placement(server, env, state.config)
        if outside:
            yield LeftOut(f"the nodes of {server.title}", outside, server.workload.declaration())
        else:
            message = f"{server.title} selects no GPU nodes, by `nodeSelector` or required affinity"
            yield Hit(_place(server), message, subject=server.workload, repair=_repair(server, state.config))


def _selects(server: InferenceServer) -> bool:
    return all(any(wanted.attracts for wanted in way) for way in requirements(server.placement))


def _repair(server: InferenceServer, config: Config) -> Repair:
    key, value = telling_label(gpu_pools(server.env, config))
    at = _place(server)
    if server.placement.node_selector:
        return repair(f"select nodes with `{key}`", SetTo(at.child(key), value))
    selector = server.pod("nodeSelector", probe={key: value})
    return repair(f"select nodes with `{key}`", SetTo(selector, {key: value}))


def _place(server: InferenceServer) -> Field:
    written = next(iter(server.placement.node_selector.values()), None)
    if written is not None:
        return Field(written.at.resource, written.at.path[:-1])
    return server.pod("nodeSelector", probe={"nvidia.com/gpu.present": "true"})
