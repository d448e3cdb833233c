"""SGL602: a context length over the cap, or none at all."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.repair import Reword, repair
from signet_lint.model.servers import InferenceServer
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.model.vllm_servers import length_cap, place_of, vllm_servers
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.vllm import human_readable_int

_COMMON = "charts/signet-llm/values-common.yaml"
_PROD = "charts/signet-llm/values-prod.yaml"
_TWO = "charts/signet-embeddings/values-common.yaml"


@rule(
    id="SGL602",
    name="max-model-len-too-high",
    severity="error",
    section="4",
    plan_only=True,
    summary="The effective `--max-model-len` is over the cap (8192, configurable for each service), or is no length.",
    rationale=(
        "The KV cache of one full-length request must fit beside the weights, and a burst brings many. The cap keeps the "
        "first deployment from working once and running out of memory later."
    ),
    remedy="lower it to the cap; raise the cap in the configuration once the service is steady under load",
    fixable=True,
    each=Env,
    bad=(
        Example(
            title="in the common values",
            edits={_COMMON: (("maxModelLen: 8192", "maxModelLen: 16384"),)},
            at=f"{_COMMON}:maxModelLen: 16384",
        ),
        Example(title="in prod only", files={_PROD: "model:\n  maxModelLen: 32768\n"}, at=f"{_PROD}:2"),
        Example(
            title="32K is not 32k",
            edits={_TWO: (('    - "4096"\n', "    - 32K\n"),)},
            at=f"{_TWO}:- 32K",
        ),
        Example(
            title="Helm's exponent",
            edits={_TWO: (('    - --max-model-len\n    - "4096"\n', "    - --max-model-len=1.048576e+06\n"),)},
            at=f"{_TWO}:--max-model-len=1.048576e+06",
        ),
    ),
    good=(
        Example(title="8k is 8000", edits={_TWO: (('    - "4096"\n', "    - 8k\n"),)}),
        Example(title="with underscores", edits={_TWO: (('    - "4096"\n', '    - "8_192"\n'),)}),
    ),
)
def max_model_len_too_high(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every vLLM server that sets a length."""
    for server, invocation in vllm_servers(env):
        setting = invocation.get("max-model-len") if invocation and not invocation.unresolved else None
        if setting is None or (not setting.value and not setting.unknown):
            continue
        at = place_of(setting.value_token, server)
        if setting.unknown or setting.value is None:
            yield LeftOut(f"the length of {server.workload.kind} `{server.name}`", setting.unknown, at)
            continue
        fault = _fault(setting.value, server, state.config)
        if fault:
            message = f"{server.workload.kind} `{server.name}`: `--max-model-len` {fault}"
            cap = length_cap(server, state.config)
            lower = repair(f"cap the context length at {cap}", Reword(at, setting.value, str(cap)))
            yield Hit(at, message, subject=server.workload, repair=lower)


def _fault(text: str, server: InferenceServer, config: Config) -> str:
    cap = length_cap(server, config)
    try:
        length = human_readable_int(text)
    except ValueError:
        return f"is `{text}`, which vLLM does not take for a length"
    shown = f"`{text}`" if text == str(length) else f"`{text}` ({length})"
    if length <= 0:
        return f"is {shown}, which is no length"
    return f"is {shown}, over the cap of {cap}" if length > cap else ""
