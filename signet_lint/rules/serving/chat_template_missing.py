"""SGL610: a chat model without a chat template."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.served_models import asked_role, served_models
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_BASE = ("hf://Qwen/Qwen2.5-14B-Instruct", "hf://meta-llama/Llama-3.1-8B")


@rule(
    id="SGL610",
    name="chat-template-missing",
    severity="warning",
    section="5.4",
    summary="A chat service with a model known to ship no chat template, and no `--chat-template`.",
    rationale="vLLM refuses every request to `/v1/chat/completions` where neither the model nor the arguments bring a template.",
    remedy="serve the instruct variant of the model, or pass `--chat-template`",
    each=Env,
    bad=(
        Example(title="the base model", edits={_LLM: (_BASE,)}, at=f"{_LLM}:hf://meta-llama"),
        Example(
            title="named to vLLM",
            edits={
                _SERVICE: (("      storageUri: {{ .Values.model.storageUri }}\n", ""),),
                "charts/signet-llm/templates/servingruntime.yaml": (
                    ("--model=/mnt/models", "--model=meta-llama/Llama-3.1-8B"),
                ),
            },
            at="charts/signet-llm/templates/servingruntime.yaml:--model=meta-llama",
        ),
    ),
    good=(
        Example(
            title="a template is passed",
            edits={
                _LLM: (_BASE,),
                _SERVICE: (("      args:\n", "      args:\n        - --chat-template=/templates/llama.jinja\n"),),
            },
        ),
        Example(title="the instruct variant", edits={_LLM: ((_BASE[0], _BASE[1] + "-Instruct"),)}),
    ),
)
def chat_template_missing(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every vLLM server that is meant for chat."""
    for model in served_models(env):
        entry = model.entry(state.config)
        if entry is None or entry.chat_template is not False or not model.is_readable or asked_role(model) != "chat":
            continue
        if not model.setting("chat-template"):
            message = f"{model.server.title} serves `{entry.name}`, which ships no chat template"
            yield Hit(model.at, message, subject=model.server.workload)
