"""SGL502: a model server with more than one GPU."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.container import Container
from signet_lint.model.pods import GPU
from signet_lint.model.quantity import quantity
from signet_lint.model.repair import Repair, SetTo, repair
from signet_lint.model.servers import inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_TWO = "charts/signet-embeddings/values-common.yaml"


@rule(
    id="SGL502",
    name="not-one-gpu",
    severity="error",
    section="0",
    plan_only=True,
    summary="An inference server asks for a number of GPUs other than one.",
    rationale="Each model server owns exactly one GPU: one GPU, one server, one model. The pool has no node with two.",
    remedy="ask for exactly one GPU, in limits and requests",
    fixable=True,
    each=Env,
    bad=(
        Example(title="two in values", edits={_TWO: (("gpus: 1", "gpus: 2"),)}, at=f"{_TWO}:gpus: 2"),
        Example(
            title="two in prod",
            files={
                "charts/signet-llm/values-prod.yaml": (
                    'resources:\n  limits:\n    nvidia.com/gpu: "2" # two\n  requests:\n    nvidia.com/gpu: "2"\n'
                )
            },
            at="charts/signet-llm/values-prod.yaml:# two",
        ),
    ),
    good=(
        Example(
            title="a number",
            edits={_LLM: (('    nvidia.com/gpu: "1"\n  limits:', "    nvidia.com/gpu: 1\n  limits:"),)},
        ),
    ),
)
def not_one_gpu(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every model server of an environment; one without any GPU is left to SGL501."""
    for server in inference_servers(env):
        if server.other_accelerator:
            why = f"it uses `{server.other_accelerator}`, and this rule counts `{GPU}`"
            yield LeftOut(f"the number of GPUs of {server.title}", why, server.limits[server.other_accelerator].at)
            continue
        if GPU not in server.limits or quantity(server.limits[GPU].value) == 0:
            continue
        for container in (server.container, *server.siblings):
            limit, right = container.limits.get(GPU), 1 if container is server.container else 0
            if limit is not None and quantity(limit.value) != right:
                message = f"{server.title} asks for {limit.value} GPUs instead of one"
                if not right:
                    message = f"{server.title} asks for {limit.value} more GPUs for its container `{container.name}`"
                yield Hit(limit.at, message, subject=server.workload, repair=_repair(container) if right else None)


def _repair(container: Container) -> Repair:
    asked = [resources[GPU].at for resources in (container.limits, container.requests) if GPU in resources]
    return repair("ask for one GPU", *(SetTo(at, "1") for at in asked))
