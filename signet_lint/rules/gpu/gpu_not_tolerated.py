"""SGL504: a model server that the GPU nodes keep off."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import gpu_machines
from signet_lint.model.resource import Field
from signet_lint.model.gpu_scheduling import is_on_other_accelerator, pool_taints, tolerates
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
    rationale="GPU nodes are tainted so that only what needs a GPU lands there. Without the toleration the pod stays Pending.",
    remedy="add a toleration for the pool's taint",
    each=Env,
    bad=(
        Example(
            title="another key",
            edits={_LLM: (("  - key: nvidia.com/gpu\n", "  - key: nvidia.com/gpus\n"),)},
            at=f"{_LLM}:tolerations:",
        ),
        Example(title="none in prod", files={"charts/signet-llm/values-prod.yaml": "tolerations: []\n"}, at="charts/signet-llm/values-prod.yaml:1"),
        Example(
            title="the pool's taint has another value",
            edits={_LLM: (('    value: "true"\n', '    value: "yes"\n'),)},
            at=f"{_LLM}:tolerations:",
        ),
    ),
    good=(
        Example(title="everything is tolerated", files={"charts/signet-llm/values-prod.yaml": "tolerations:\n  - operator: Exists\n"}),
        Example(
            title="any value",
            edits={_LLM: (('    operator: Equal\n    value: "true"\n', "    operator: Exists\n"),)},
        ),
    ),
)
def gpu_not_tolerated(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server that asks for a GPU."""
    if state.config.profile == "universal" and not gpu_machines(env) and not state.config.gpu.taints:
        return
    for server in inference_servers(env):
        if not server.gpus or is_on_other_accelerator(server):
            continue
        missing = [t for t in pool_taints(env, state.config) if not any(tolerates(p.value, t) for p in server.tolerations)]
        if missing and server.outside:
            yield LeftOut(f"the tolerations of `{server.name}`", server.outside, server.workload.declaration())
        elif missing:
            taints = ", ".join(f"`{taint}` ({taint.origin})" for taint in dict.fromkeys(missing))
            yield Hit(_place(server), f"{server.workload.kind} `{server.name}` does not tolerate {taints}", subject=server.workload)


def _place(server: InferenceServer) -> Field:
    """Its tolerations as a whole, or where they belong."""
    if server.tolerations:
        at = server.tolerations[0].at
        return Field(at.resource, at.path[:-1])
    return server.pod("tolerations", probe=[{"key": "nvidia.com/gpu", "operator": "Exists"}])
