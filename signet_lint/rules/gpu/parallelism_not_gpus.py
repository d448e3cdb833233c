"""SGL509: parallelism that does not match the GPUs."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.pods import GPU, whole
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.model.vllm_servers import place_of, vllm_servers
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.vllm import Invocation, Setting, gpus_needed

_SIZES = ("tensor-parallel-size", "pipeline-parallel-size", "data-parallel-size-local", "data-parallel-size")
_TWO = "charts/signet-embeddings/values-common.yaml"


@rule(
    id="SGL509",
    name="parallelism-not-gpus",
    severity="error",
    section="0",
    summary="The tensor, pipeline and data parallel sizes of a vLLM server do not make up the GPUs of its container.",
    rationale="vLLM needs exactly that many GPUs to start: with fewer it fails, with more the others stay idle.",
    remedy="make the parallel sizes and the container's GPUs agree; one GPU needs none of them",
    each=Env,
    bad=(
        Example(
            title="two-way tensor parallelism on one GPU",
            edits={_TWO: (("    - --task=embed\n", "    - --task=embed\n    - --tensor-parallel-size=2\n"),)},
            at=f"{_TWO}:--tensor-parallel-size=2",
        ),
        Example(
            title="the short option, as two items",
            edits={_TWO: (("    - --task=embed\n", '    - --task=embed\n    - -tp\n    - "4"\n'),)},
            at=f'{_TWO}:- "4"',
        ),
    ),
    good=(
        Example(
            title="one-way is the default",
            edits={_TWO: (("    - --task=embed\n", "    - --task=embed\n    - --tensor-parallel-size=1\n"),)},
        ),
    ),
)
def parallelism_not_gpus(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every vLLM server with a GPU."""
    for server, invocation in vllm_servers(env):
        if server.form == "LLMInferenceService":
            yield from _llm(server)
        elif server.gpus and invocation is not None and not invocation.unresolved:
            yield from _vllm(server, invocation, state)


def _vllm(server: InferenceServer, invocation: Invocation, state: DesiredState) -> Iterator[Outcome]:
    needed = gpus_needed(invocation)
    settings = [setting for size in _SIZES if (setting := invocation.get(size)) is not None]
    unknown = next((setting.unknown for setting in settings if setting.unknown), "")
    if unknown or server.several_nodes:
        why = unknown or "it spreads over several nodes"
        yield LeftOut(f"the parallel sizes of {server.title}", why, server.workload.declaration())
    elif needed is None:
        wrong = next(setting for setting in settings if not _is_size(setting))
        message = f"{server.title} has a `--{wrong.option}` that is no size: `{wrong.value or ''}`"
        yield Hit(place_of(wrong.value_token, server), message, subject=server.workload)
    # More GPUs than one is a fault of its own in this plan; elsewhere idle ones are reported here.
    elif needed != server.gpus and (settings or state.config.profile == "universal"):
        message = f"{server.title} is to run on {needed} GPUs in parallel and has {server.gpus}"
        telling = next((s for s in settings if s.value not in (None, "1")), settings[0] if settings else None)
        at = place_of(telling.value_token, server) if telling else server.limits[GPU].at
        yield Hit(at, message, subject=server.workload)


def _is_size(setting: Setting) -> bool:
    return setting.value is not None and setting.value.strip().isdecimal() and int(setting.value) > 0


def _llm(server: InferenceServer) -> Iterator[Outcome]:
    pod = server.placement.at
    parallelism = Field(server.workload, (*pod.path[:-1], "parallelism"))
    sizes = parallelism.value if isinstance(parallelism.value, dict) else {}
    needed = whole(sizes.get("tensor"), 1) * whole(sizes.get("dataLocal"), 1)
    if server.gpus and not server.several_nodes and sizes and needed != server.gpus:
        message = f"{server.title} is to run on {needed} GPUs in parallel and has {server.gpus}"
        yield Hit(parallelism.child("tensor" if "tensor" in sizes else "dataLocal"), message, subject=server.workload)
