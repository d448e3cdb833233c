"""SGL608: a service that nobody told which model to serve."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.served_models import NOT_NAMED, served_models, storage
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_RUNTIME = "charts/signet-llm/templates/servingruntime.yaml"
_URI = "      storageUri: {{ .Values.model.storageUri }}\n"
_CONNECTIONS = "opendatahub.io/connections"


@rule(
    id="SGL608",
    name="model-source-missing",
    severity="error",
    section="5.4",
    summary="An InferenceService is deployed with no `storageUri`, `storage` or `--model`.",
    rationale=(
        "Nothing is downloaded then, and vLLM starts on an empty folder and fails. The manifests are in sync all the same."
    ),
    remedy="set `storageUri` to the model, such as `hf://org/model`",
    each=Env,
    bad=(
        Example(title="no line for it", edits={_SERVICE: ((_URI, ""),)}, at=f"{_SERVICE}:    model:"),
        Example(
            title="an empty value",
            edits={_LLM: (("storageUri: hf://Qwen/Qwen2.5-14B-Instruct", 'storageUri: ""'),)},
            at=f'{_LLM}:storageUri: ""',
        ),
    ),
    good=(
        Example(
            title="vLLM fetches it itself",
            edits={_SERVICE: ((_URI, ""),), _RUNTIME: (("--model=/mnt/models", "--model=Qwen/Qwen2.5-14B-Instruct"),)},
        ),
        Example(
            title="a storage of the namespace",
            edits={_SERVICE: ((_URI, "      storage:\n        key: models\n        path: qwen\n"),)},
        ),
        Example(
            title="a connection brings it",
            edits={_SERVICE: ((_URI, ""), ("  annotations:\n", f"  annotations:\n    {_CONNECTIONS}: models\n"))},
        ),
    ),
)
def model_source_missing(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every InferenceService with a model, by what it, its runtime's arguments and its variables name."""
    for model in served_models(env):
        server = model.server
        service = server.workload
        if server.form != "InferenceService" or service.get("spec", "predictor", "model") is None:
            continue
        has_storage = storage(server) is not None or isinstance(
            service.get("spec", "predictor", "model", "storage"), dict
        )
        if has_storage or service.annotation(_CONNECTIONS) or model.name or model.unknown != NOT_NAMED:
            continue
        if server.container.open_ended or (model.invocation is not None and model.invocation.unresolved):
            continue
        at = service.at("spec", "predictor", "model", "storageUri", probe="hf://org/model")
        yield Hit(
            at,
            f"InferenceService `{service.name}` has no `storageUri`, `storage` or `--model`: there is nothing to serve",
        )
