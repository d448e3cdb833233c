"""SGL607: an embedding model that is not told to embed."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.resource import Field
from signet_lint.model.served_models import served_models
from signet_lint.model.servers import InferenceServer
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_TWO = "charts/signet-embeddings/values-common.yaml"
_TASK = "    # vLLM runs one task a server.\n    - --task=embed\n"
_POOLING = ("embed", "embedding", "classify", "score", "reward")


@rule(
    id="SGL607",
    name="embedding-task-missing",
    severity="warning",
    section="3",
    summary="An embedding model is served by vLLM without `--task embed` or `--runner pooling`.",
    rationale=(
        "vLLM guesses the task from the model's files. Where it guesses generation, the server starts, looks healthy, and "
        "refuses every request to `/v1/embeddings`."
    ),
    remedy="add `--task=embed` (or `--runner=pooling`) to the arguments",
    each=Env,
    bad=(
        Example(title="no task", edits={_TWO: ((_TASK, ""),)}, at=f"{_TWO}:  args:"),
        Example(
            title="another task", edits={_TWO: (("    - --task=embed\n", "    - --task=auto\n"),)}, at=f"{_TWO}:  args:"
        ),
    ),
    good=(
        Example(title="the runner", edits={_TWO: (("--task=embed", "--runner=pooling"),)}),
        Example(
            title="as two items, the longer name",
            edits={_TWO: (("    - --task=embed\n", "    - --task\n    - embedding\n"),)},
        ),
        Example(
            title="an encoder embeds anyway",
            edits={_TWO: ((_TASK, ""), ("id: intfloat/e5-mistral-7b-instruct", "id: BAAI/bge-m3"))},
        ),
    ),
)
def embedding_task_missing(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every vLLM server of an embedding model that could also generate, by its architecture."""
    for model in served_models(env):
        entry = model.entry(state.config)
        if entry is None or entry.task != "embed" or entry.encoder_only or not model.is_readable:
            continue
        if model.setting("runner") == "pooling" or model.setting("task") in _POOLING:
            continue
        message = f"{model.server.title} serves `{entry.name}` and is not told to embed"
        yield Hit(_place(model.server), message, subject=model.server.workload)


def _place(server: InferenceServer) -> Field:
    """Its own arguments as a whole, or where they belong."""
    return server.own("args", probe=["--task=embed"])
