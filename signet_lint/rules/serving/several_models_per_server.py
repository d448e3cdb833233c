"""SGL609: more than one model in a server."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.catalogue.model_servers import recognise
from signet_lint.model.application import Env
from signet_lint.model.served_models import served_models
from signet_lint.model.servers import texts
from signet_lint.model.serving import KSERVE
from signet_lint.model.state import DesiredState
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
    summary="`multiModel: true`, or two models in one server.",
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
    """Judges every runtime of an environment, and every pod with two containers that serve a model."""
    for runtime in env.of_kind("ServingRuntime", "ClusterServingRuntime", group=KSERVE):
        if runtime.get("spec", "multiModel") is True:
            yield Hit(runtime.at("spec", "multiModel"), f"{runtime.kind} `{runtime.name}` is for many models")
    for model in served_models(env):
        for sibling in model.server.siblings:
            known = recognise(str(sibling.image.value), texts(sibling.command), texts(sibling.all_args))
            if known is not None and known.hardware != "cpu":
                message = f"{model.server.title} runs a second model server, `{sibling.name}`, in its pod"
                yield Hit(sibling.image.at, message, subject=model.server.workload)
