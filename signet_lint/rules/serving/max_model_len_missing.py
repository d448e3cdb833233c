"""SGL601: a vLLM server without a context length."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.finding import Severity
from signet_lint.model.application import Env
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.model.vllm_servers import place_of, vllm_servers
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.vllm import Invocation

_LLM = "charts/signet-llm/templates/inferenceservice.yaml"
_TWO = "charts/signet-embeddings/values-common.yaml"
_OPTION = "max-model-len"


@rule(
    id="SGL601",
    name="max-model-len-missing",
    severity="error",
    section="4",
    summary="A vLLM server's effective arguments and config file set no `--max-model-len`, or in a form without effect.",
    rationale=(
        "Without it vLLM reserves memory for the longest context the model knows, often far more than the GPU holds: it fails "
        "at start, or works until the first long request. A flag and its value in one list item are dropped in silence."
    ),
    remedy="add `--max-model-len=8192` to the arguments, as one item with `=` or as two items",
    each=Env,
    bad=(
        Example(
            title="removed",
            edits={_TWO: (('    - --max-model-len\n    - "4096"\n', ""),)},
            at=f"{_TWO}:args:",
        ),
        Example(
            title="flag and value in one item",
            edits={_TWO: (('    - --max-model-len\n    - "4096"\n', "    - --max-model-len 4096\n"),)},
            at=f"{_TWO}:--max-model-len 4096",
        ),
        Example(
            title="removed from the template",
            edits={_LLM: (("        - --max-model-len={{ .Values.model.maxModelLen | int }}\n", ""),)},
            at=f"{_LLM}:      args:",
        ),
    ),
    good=(
        Example(
            title="with underscores",
            edits={_TWO: (("    - --max-model-len\n", "    - --max_model_len\n"),)},
        ),
    ),
)
def max_model_len_missing(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every vLLM server of an environment."""
    severity: Severity | None = "note" if state.config.profile == "universal" else None
    for server, invocation in vllm_servers(env):
        if invocation is None or invocation.unresolved:
            why = invocation.unresolved if invocation else "how its container starts vLLM is not known"
            yield LeftOut(
                f"the arguments of {server.workload.kind} `{server.name}`", why, server.workload.declaration()
            )
            continue
        setting = invocation.get(_OPTION)
        if setting is not None and (setting.value or setting.unknown):
            continue
        at, fact = _place(server, invocation)
        yield Hit(at, f"{server.workload.kind} `{server.name}` {fact}", subject=server.workload, severity=severity)


def _place(server: InferenceServer, invocation: Invocation) -> tuple[Field, str]:
    """The form that has no effect, else the arguments, or where they belong."""
    setting = invocation.get(_OPTION)
    if setting is not None:
        return place_of(setting.value_source, server.own("args")), "sets `--max-model-len` to nothing"
    for token in invocation.ineffective:
        if token.text.lstrip("-").replace("_", "-").startswith(_OPTION):
            at = place_of(token.source, server.own("args"))
            return (
                at,
                f"sets no context length: vLLM drops `{token.text}`, flag and value must be two items or joined by `=`",
            )
    if server.own("args").value:
        return server.own("args"), "sets no `--max-model-len`"
    return server.own("args", probe=["--max-model-len=8192"]), "sets no `--max-model-len`"
