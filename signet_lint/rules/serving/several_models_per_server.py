"""SGL609: more than one model in a server."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.catalogue.model_servers import recognise
from signet_lint.model.application import Env
from signet_lint.model.resource import Field
from signet_lint.model.served_models import served_models
from signet_lint.model.servers import InferenceServer, texts
from signet_lint.model.serving import KSERVE
from signet_lint.model.state import DesiredState
from signet_lint.model.vllm_servers import place_of
from signet_lint.rule import Example, Hit, Outcome, rule

_RUNTIME = "charts/signet-llm/templates/servingruntime.yaml"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_SIDE = (
    "    containers:\n      - name: second\n        image: docker.io/vllm/vllm-openai:v0.11.0\n"
    '        args: ["--model=Qwen/Qwen3-8B", "--max-model-len=4096"]\n'
)


@rule(
    id="SGL609",
    name="several-models-per-server",
    severity="error",
    section="0",
    plan_only=True,
    summary="`multiModel: true`, a TrainedModel, or two model servers in one pod.",
    rationale="One GPU, one server, one model: there is no isolation between models that share one.",
    remedy="give each model a service and a GPU of its own",
    each=Env,
    bad=(
        Example(
            title="a runtime for many models",
            edits={_RUNTIME: (("multiModel: false", "multiModel: true"),)},
            at=f"{_RUNTIME}:multiModel: true",
        ),
        Example(
            title="a second server in the pod",
            edits={_SERVICE: (("    model:\n      runtime", _SIDE + "    model:\n      runtime"),)},
            at=f"{_SERVICE}:        image: docker.io/vllm",
        ),
    ),
    good=(
        Example(
            title="another container that serves nothing",
            edits={
                _SERVICE: (
                    (
                        "    model:\n      runtime",
                        _SIDE.replace("vllm/vllm-openai", "fluent/fluent-bit") + "    model:\n      runtime",
                    ),
                )
            },
        ),
        Example(title="not said at all", edits={_RUNTIME: (("  multiModel: false\n", ""),)}),
    ),
)
def several_models_per_server(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every runtime and TrainedModel of an environment, and every pod in which two servers run."""
    for runtime in env.of_kind("ServingRuntime", "ClusterServingRuntime", group=KSERVE):
        if runtime.get("spec", "multiModel") is True:
            yield Hit(runtime.at("spec", "multiModel"), f"{runtime.kind} `{runtime.name}` is for many models")
    for added in env.of_kind("TrainedModel", group=KSERVE):
        message = f"TrainedModel `{added.name}` adds a model to `{added.get('spec', 'inferenceService')}`"
        yield Hit(added.declaration(), message)
    for model in served_models(env):
        server = model.server
        for sibling in server.siblings:
            known = recognise(str(sibling.image.value), texts(sibling.command), texts(sibling.all_args))
            if known is not None and known.hardware != "cpu" and _comes_after(server, sibling.at):
                message = f"{server.title} runs a second model server, `{sibling.name}`, in its pod"
                yield Hit(sibling.image.at, message, subject=server.workload)
        beside = model.invocation.beside if model.invocation else None
        if beside is not None:
            message = f"{server.title} starts a second model server in its container"
            yield Hit(place_of(beside, server), message, subject=server.workload)


def _comes_after(server: InferenceServer, sibling: Field) -> bool:
    """Whether a container is not the first of two servers in plain pods, where each is the other's sibling."""
    own, other = (f"{path[-2]} {path[-1]:>9}" for path in (server.container.at.path, sibling.path))
    return server.form != "pod" or own < other
