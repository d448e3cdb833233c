"""SGL606: an embeddings service with a model that talks, or a chat service with one that cannot."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.served_models import asked_role, named_role, served_models
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_TWO = "charts/signet-embeddings/values-common.yaml"


@rule(
    id="SGL606",
    name="wrong-model-for-task",
    severity="error",
    section="4",
    summary="An embeddings service with a generative model, or a chat service with an embedding model.",
    rationale=(
        "A vLLM server runs one task. The embeddings endpoint takes an embedding model only, and an embedding model does not "
        "answer a chat."
    ),
    remedy="serve a model of the right kind",
    each=Env,
    bad=(
        Example(
            title="a chat model for embeddings",
            edits={_TWO: (("id: intfloat/e5-mistral-7b-instruct", "id: Qwen/Qwen2.5-7B-Instruct"),)},
            at=f"{_TWO}:id: Qwen",
        ),
        Example(
            title="an embedding model for chat",
            edits={_LLM: (("hf://Qwen/Qwen2.5-14B-Instruct", "hf://BAAI/bge-m3"),)},
            at=f"{_LLM}:hf://BAAI",
        ),
        Example(
            title="without a task, by the service's name",
            edits={
                _TWO: (
                    ("id: intfloat/e5-mistral-7b-instruct", "id: Qwen/Qwen2.5-7B-Instruct"),
                    ("    - --task=embed\n", ""),
                )
            },
            at=f"{_TWO}:id: Qwen",
        ),
    ),
    good=(
        Example(
            title="another embedding model",
            edits={_TWO: (("id: intfloat/e5-mistral-7b-instruct", "id: Qwen/Qwen3-Embedding-8B"),)},
        ),
        Example(title="a smaller chat model", edits={_LLM: (("Qwen2.5-14B-Instruct", "Qwen2.5-7B-Instruct"),)}),
    ),
)
def wrong_model_for_task(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server whose task can be told, by its arguments or by its name."""
    for model in served_models(env):
        role = asked_role(model)
        if not role:
            continue
        entry = model.entry(state.config)
        if entry is None:
            if model.name:
                what = f"whether `{model.name}` is a model for {role}"
                yield LeftOut(what, "it is not in the model catalogue", model.at)
            continue
        wanted = "embed" if role == "embeddings" else "generate"
        # An embedding model for embeddings whose server is told to generate: that the task is wrong is SGL607.
        is_told_wrongly = entry.task == "embed" and named_role(model) == "embeddings" and not entry.encoder_only
        if entry.task != wanted and not is_told_wrongly:
            kind = "an embedding model" if entry.task == "embed" else "a generative model"
            message = f"{model.server.title} serves {role}, and `{entry.name}` is {kind}"
            yield Hit(model.at, message, subject=model.server.workload)
