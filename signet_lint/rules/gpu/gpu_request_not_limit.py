"""SGL503: a GPU request that is not the limit."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.catalogue import nodes
from signet_lint.model.application import Env
from signet_lint.model.quantity import quantity
from signet_lint.model.repair import SetTo, repair
from signet_lint.model.servers import inference_servers
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"


@rule(
    id="SGL503",
    name="gpu-request-not-limit",
    severity="error",
    section="5.3",
    summary="A GPU request differs from the limit, or has none.",
    rationale="GPUs cannot be overcommitted: the API server rejects a pod whose request is not its limit.",
    remedy="set the limit, and the request to the same number or not at all",
    fixable=True,
    each=Env,
    bad=(
        Example(
            title="no limit",
            edits={
                _LLM: (
                    (
                        '    memory: 20Gi\n    nvidia.com/gpu: "1"\n  limits:',
                        '    memory: 20Gi\n    nvidia.com/gpu: "1" # request\n  limits:',
                    ),
                    ('    nvidia.com/gpu: "1"\n', ""),
                )
            },
            at=f"{_LLM}:# request",
        ),
        Example(
            title="a smaller request in prod",
            files={"charts/signet-llm/values-prod.yaml": 'resources:\n  requests:\n    nvidia.com/gpu: "0" # less\n'},
            at="charts/signet-llm/values-prod.yaml:# less",
        ),
    ),
    good=(Example(title="a limit alone", edits={_LLM: (('    nvidia.com/gpu: "1"\n  limits:', "  limits:"),)}),),
)
def gpu_request_not_limit(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every accelerator that a model server of an environment requests."""
    for server in inference_servers(env):
        for name, request in server.requests.items():
            limit, asked = server.limits.get(name), quantity(request.value)
            if not nodes.accelerator(name) or (limit is None and asked == 0):
                continue
            if limit is not None and quantity(limit.value) == 0:
                continue  # without a GPU it runs on the CPU, which is reported
            if limit is None:
                message = f"{server.title} requests {request.value} `{name}` and has no limit for it"
                at = server.own("resources", "limits", name, probe="1")
                limited = repair(f"limit it to {request.value} `{name}`, too", SetTo(at, request.value))
                yield Hit(request.at, message, subject=server.workload, repair=limited)
            elif asked != quantity(limit.value):
                # Of the two, the one that is not 1 is the slip.
                wrong, right = (limit, request) if asked == 1 else (request, limit)
                message = f"{server.title} requests {request.value} `{name}` with a limit of {limit.value}"
                same = repair(f"ask for {right.value} `{name}` in both", SetTo(wrong.at, right.value))
                yield Hit(wrong.at, message, subject=server.workload, repair=same)
