"""SGL601: a vLLM server without a context length."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.finding import Severity
from signet_lint.model.application import Env
from signet_lint.model.repair import Append, Repair, Reword, SetTo, repair
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer, texts
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.model.vllm_servers import length_cap, place_of, vllm_servers
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.vllm import Invocation, Token

_LLM = "charts/signet-llm/templates/inferenceservice.yaml"
_TWO = "charts/signet-embeddings/values-common.yaml"
_OPTION = "max-model-len"
_USUAL = 8192  # what the plan starts with


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
    fixable=True,
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
        message, fix = f"{server.workload.kind} `{server.name}` {fact}", _repair(server, invocation, state)
        yield Hit(at, message, subject=server.workload, severity=severity, repair=fix)


def _repair(server: InferenceServer, invocation: Invocation, state: DesiredState) -> Repair | None:
    """One more argument, where the arguments are a list that reaches vLLM as it stands."""
    dropped = _ineffective(invocation)
    if dropped is not None and " " in dropped.text:
        at = place_of(dropped, server)
        return repair("join flag and value", Reword(at, dropped.text, "=".join(dropped.text.split())))
    if dropped or _without_value(invocation) or invocation.get(_OPTION) is not None or _runs_shell(server):
        return None
    argument = f"--max-model-len={min(length_cap(server, state.config), _USUAL)}"
    at = server.own("args")
    step = Append(at, argument) if at.value else SetTo(server.own("args", probe=[argument]), [argument])
    return repair("cap the context length", step)


def _ineffective(invocation: Invocation) -> Token | None:
    """The argument that means to set the length, in a form that vLLM drops."""
    return next((token for token in invocation.ineffective if _bare(token).startswith(_OPTION)), None)


def _without_value(invocation: Invocation) -> Token | None:
    """The option where nothing follows it that vLLM takes for a length."""
    refused = (refusal.token for refusal in invocation.refusals if refusal.token is not None)
    return next((token for token in refused if _bare(token) == _OPTION), None)


def _bare(token: Token) -> str:
    return token.text.lstrip("-").replace("_", "-")


def _runs_shell(server: InferenceServer) -> bool:
    words = texts(server.container.command) or texts(server.container.all_args)
    return bool(words) and words[0].rpartition("/")[2] in ("sh", "bash", "ash", "dash")


def _place(server: InferenceServer, invocation: Invocation) -> tuple[Field, str]:
    """The form that has no effect, else the arguments, or where they belong."""
    setting = invocation.get(_OPTION)
    if setting is not None:
        return place_of(setting.value_token, server), "sets `--max-model-len` to nothing"
    token = _ineffective(invocation)
    if token is not None:
        fact = f"vLLM drops `{token.text}`, flag and value must be two items or joined by `=`"
        return place_of(token, server), f"sets no context length: {fact}"
    token = _without_value(invocation)
    if token is not None:
        return place_of(token, server), "gives `--max-model-len` no value"
    if server.own("args").value:
        return server.own("args"), "sets no `--max-model-len`"
    return server.own("args", probe=["--max-model-len=8192"]), "sets no `--max-model-len`"
