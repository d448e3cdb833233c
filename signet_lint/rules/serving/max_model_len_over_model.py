"""SGL603: a context length that the model was not made for."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.memory import length_of
from signet_lint.model.repair import Reword, repair
from signet_lint.model.served_models import served_models
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.model.vllm_servers import place_of
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_PROD = "charts/signet-llm/values-prod.yaml"
_TWO = "charts/signet-embeddings/values-common.yaml"


@rule(
    id="SGL603",
    name="max-model-len-over-model",
    severity="warning",
    section="4",
    summary="`--max-model-len` is over what the model supports.",
    rationale="vLLM refuses to start with a length over the model's own, or answers nonsense beyond it where it is forced.",
    remedy="lower it to what the model supports",
    fixable=True,
    each=Env,
    bad=(
        Example(title="in prod", files={_PROD: "model:\n  maxModelLen: 65536\n"}, at=f"{_PROD}:maxModelLen"),
        Example(
            title="a small model",
            edits={_TWO: (("id: intfloat/e5-mistral-7b-instruct", "id: BAAI/bge-large-en-v1.5"),)},
            at=f'{_TWO}:"4096"',
        ),
    ),
    good=(
        Example(title="just as long", edits={_LLM: (("maxModelLen: 8192", "maxModelLen: 32768"),)}),
        Example(
            title="stretched on purpose",
            files={_PROD: "model:\n  maxModelLen: 65536\n"},
            edits={
                "charts/signet-llm/templates/inferenceservice.yaml": (
                    ("      args:\n", '      args:\n        - \'--rope-scaling={"rope_type":"yarn","factor":4.0}\'\n'),
                )
            },
        ),
    ),
)
def max_model_len_over_model(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every vLLM server whose length is set and whose model is known."""
    for model in served_models(env):
        text = model.setting("max-model-len")
        if text is None or model.invocation is None:
            continue
        entry = model.entry(state.config)
        setting = model.invocation.get("max-model-len")
        at = place_of(setting.value_token if setting else None, model.server)
        if entry is None or entry.max_length is None:
            why = model.unknown or f"`{model.name}` is not in the model catalogue"
            yield LeftOut(f"the longest context of {model.server.title}", why, at)
            continue
        length = length_of(model, entry)
        stretched = any(model.setting(option) for option in ("rope-scaling", "hf-overrides"))
        forced = model.server.container.variable("VLLM_ALLOW_LONG_MAX_MODEL_LEN")
        if length is not None and length > entry.max_length and not stretched and not (forced and forced.value == "1"):
            message = (
                f"{model.server.title}: `--max-model-len` is {length}, and `{entry.name}` supports {entry.max_length}"
            )
            lower = repair(f"use the {entry.max_length} that it supports", Reword(at, text, str(entry.max_length)))
            yield Hit(at, message, subject=model.server.workload, repair=lower)
