"""SGL613: a model that its GPU cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.memory import MemorySum, gib, memory_sum
from signet_lint.model.served_models import ServedModel, served_models
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_POOL = "charts/cluster-capacity/values-prod.yaml"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"


@rule(
    id="SGL613",
    name="model-does-not-fit",
    severity="error",
    section="4",
    summary="Weights, the KV cache of one full-length sequence and overhead exceed the GPU memory that vLLM may use.",
    rationale="vLLM refuses to start where one request of full length does not fit beside the weights.",
    remedy="serve a smaller or quantised model, lower `--max-model-len`, or use a larger GPU",
    each=Env,
    bad=(
        Example(
            title="a model of 32 billion parameters",
            edits={_LLM: (("Qwen2.5-14B-Instruct", "Qwen2.5-32B-Instruct"),)},
            at=f"{_LLM}:storageUri",
        ),
        Example(
            title="a smaller GPU",
            edits={_POOL: (("  replicas: 2", "  replicas: 2\n  instanceType: g6.xlarge"),)},
            at=f"{_LLM}:storageUri",
        ),
        Example(
            title="little of the GPU is given to it",
            edits={_LLM: (('gpuMemoryUtilization: "0.9"', 'gpuMemoryUtilization: "0.5"'),)},
            at=f"{_LLM}:storageUri",
        ),
    ),
    good=(
        Example(
            title="quantised on the way in",
            edits={
                _LLM: (("Qwen2.5-14B-Instruct", "Qwen2.5-32B-Instruct"),),
                _SERVICE: (("      args:\n", "      args:\n        - --quantization=fp8\n"),),
            },
        ),
        Example(title="a smaller model", edits={_LLM: (("Qwen2.5-14B-Instruct", "Qwen2.5-7B-Instruct"),)}),
        Example(
            title="spread over four GPUs",
            edits={
                _LLM: (("Qwen2.5-14B-Instruct", "Qwen2.5-32B-Instruct"),),
                _SERVICE: (("      args:\n", "      args:\n        - --tensor-parallel-size=4\n"),),
            },
        ),
    ),
)
def model_does_not_fit(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every vLLM server with a GPU; what cannot be told is told once a server."""
    for model in served_models(env):
        if model.invocation is None or not model.server.gpus:
            continue
        found = memory_sum(model, env, state.config)
        if isinstance(found, str):
            yield LeftOut(f"whether the model of {model.server.title} fits its GPU", found, model.at)
        elif not found.fits:
            entry = model.entry(state.config)
            if entry is not None and not entry.verified:
                yield LeftOut(
                    f"whether `{entry.name}` fits its GPU", "its figures in the catalogue are not confirmed", model.at
                )
                continue
            yield Hit(model.at, _message(model, found), subject=model.server.workload, key="memory")


def _message(model: ServedModel, found: MemorySum) -> str:
    fits = f"; a context of {found.longest} tokens would fit" if found.longest and found.longest > 0 else ""
    return (
        f"`{model.name}` does not fit the {found.gpu}: weights {gib(found.weights)} + cache of one sequence of "
        f"{found.length} tokens {gib(found.cache)} + overhead {gib(found.overhead)} = {gib(found.needed)}, and vLLM may use "
        f"{gib(found.budget)}{fits}"
    )
