"""SGL501: a model server without a GPU."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.finding import Severity
from signet_lint.model.application import Env
from signet_lint.model.gpu_scheduling import is_meant_for_gpus
from signet_lint.model.pods import GPU
from signet_lint.model.repair import Repair, SetTo, repair
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"


@rule(
    id="SGL501",
    name="cpu-only-inference",
    severity="error",
    section="0",
    summary="An inference workload has no GPU in its effective limits.",
    rationale=(
        "Without a GPU in its limits a pod gets none, lands on any node, and serves from the CPU or not at all. CPU "
        "inference is never acceptable here."
    ),
    remedy="set `nvidia.com/gpu: 1` in the container's limits",
    fixable=True,
    each=Env,
    bad=(
        Example(
            title="the GPU was removed",
            edits={_LLM: (('    nvidia.com/gpu: "1"\n  limits:', "  limits:"), ('    nvidia.com/gpu: "1"\n', ""))},
            at=f"{_LLM}:resources:",
        ),
        Example(
            title="none in prod",
            files={
                "charts/signet-llm/values-prod.yaml": (
                    'resources:\n  limits:\n    nvidia.com/gpu: "0" # none\n  requests:\n    nvidia.com/gpu: "0"\n'
                )
            },
            at="charts/signet-llm/values-prod.yaml:# none",
        ),
    ),
    good=(
        Example(title="a limit alone", edits={_LLM: (('    nvidia.com/gpu: "1"\n  limits:', "  limits:"),)}),
        Example(
            title="a number",
            edits={_LLM: (('    nvidia.com/gpu: "1"\n  limits:', "    nvidia.com/gpu: 1\n  limits:"),)},
        ),
    ),
)
def cpu_only_inference(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server of an environment; a request without a limit is left to SGL503."""
    universal = state.config.profile == "universal"
    severity: Severity | None = "warning" if universal else None
    for server in inference_servers(env):
        if server.has_accelerator or server.requests_only or (universal and not is_meant_for_gpus(server)):
            continue
        outside = server.outside_of(state.config) or _set_by_kserve(server)
        if outside:
            yield LeftOut(f"the GPU of {server.title}", outside, server.workload.declaration())
        else:
            message = f"{server.title} has no GPU in its limits: it would run on the CPU"
            yield Hit(_place(server), message, subject=server.workload, severity=severity, repair=_repair(server))


def _set_by_kserve(server: InferenceServer) -> str:
    """Over several nodes KServe gives the containers their GPUs, from the parallel sizes."""
    return "it spreads over several nodes" if server.several_nodes and server.form != "pod" else ""


def _repair(server: InferenceServer) -> Repair:
    written = [resources[GPU].at for resources in (server.limits, server.requests) if GPU in resources]
    if GPU not in server.limits:
        written.append(server.own("resources", "limits", GPU, probe="1"))
    return repair("limit it to one GPU", *(SetTo(at, "1") for at in written))


def _place(server: InferenceServer) -> Field:
    if GPU in server.limits:
        return server.limits[GPU].at
    if server.own("resources").value:
        return server.own("resources")
    return server.own("resources", probe={"limits": {GPU: "1"}})
