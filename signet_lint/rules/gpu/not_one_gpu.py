"""SGL502: a model server with more than one GPU."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.pods import GPU
from signet_lint.model.servers import inference_servers
from signet_lint.model.state import DesiredState
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
    each=Env,
    bad=(
        Example(title="two in values", edits={_TWO: (("gpus: 1", "gpus: 2"),)}, at=f"{_TWO}:gpus: 2"),
        Example(
            title="two in prod",
            files={"charts/signet-llm/values-prod.yaml": 'resources:\n  limits:\n    nvidia.com/gpu: "2" # two\n  requests:\n    nvidia.com/gpu: "2"\n'},
            at="charts/signet-llm/values-prod.yaml:# two",
        ),
    ),
    good=(Example(title="a number", edits={_LLM: (('    nvidia.com/gpu: "1"\n  limits:', "    nvidia.com/gpu: 1\n  limits:"),)}),),
)
def not_one_gpu(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every model server of an environment."""
    for server in inference_servers(env):
        if server.gpus > 1:
            message = f"{server.workload.kind} `{server.name}` asks for {server.gpus} GPUs instead of one"
            yield Hit(server.limits[GPU].at, message, subject=server.workload)
