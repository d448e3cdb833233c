"""SGL605: a runtime that does not take the model's format."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.resource import Resource
from signet_lint.model.serving import KSERVE, formats_of, runtime_of, supports
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_RUNTIME = "charts/signet-llm/templates/servingruntime.yaml"
_FORMAT = "      modelFormat:\n        name: vLLM\n"


@rule(
    id="SGL605",
    name="runtime-format-mismatch",
    severity="error",
    section="5.4",
    summary="The runtime that a service names does not support its `modelFormat`.",
    rationale="KServe compares format and version letter by letter and leaves the service without a runtime where none fits.",
    remedy="write the format as the runtime lists it",
    each=Resource,
    kinds=("InferenceService",),
    bad=(
        Example(
            title="in small letters",
            edits={_SERVICE: ((_FORMAT, "      modelFormat:\n        name: vllm\n"),)},
            at=f"{_SERVICE}:name: vllm",
        ),
        Example(
            title="the runtime lists another",
            edits={_RUNTIME: (("    - name: vLLM\n", "    - name: onnx\n"),)},
            at=f"{_SERVICE}:        name: vLLM",
        ),
        Example(
            title="a version that it does not list",
            edits={_SERVICE: ((_FORMAT, _FORMAT + '        version: "2"\n'),)},
            at=f'{_SERVICE}:version: "2"',
        ),
    ),
    good=(
        Example(
            title="another name on both sides",
            edits={
                _SERVICE: ((_FORMAT, "      modelFormat:\n        name: pytorch\n"),),
                _RUNTIME: (("    - name: vLLM\n", "    - name: onnx\n    - name: pytorch\n"),),
            },
        ),
        Example(
            title="a version that it lists",
            edits={
                _SERVICE: ((_FORMAT, _FORMAT + '        version: "1"\n'),),
                _RUNTIME: (("    - name: vLLM\n", '    - name: vLLM\n      version: "1"\n'),),
            },
        ),
    ),
)
def runtime_format_mismatch(service: Resource, state: DesiredState) -> Iterator[Outcome]:
    """Judges one InferenceService that names a runtime of the repository."""
    if service.gvk.group != KSERVE:
        return
    choice = runtime_of(service, state.env(service.env))
    runtime = choice.resource
    if runtime is None or not choice.is_named or not choice.model_format:
        return
    version = service.get("spec", "predictor", "model", "modelFormat", "version")
    wanted = str(version) if version is not None else ""
    if supports(runtime, choice.model_format, wanted):
        return
    listed = ", ".join(f"`{entry.value.get('name')}`" for entry in formats_of(runtime)) or "none"
    right_name = supports(runtime, choice.model_format)
    field = "version" if right_name else "name"
    shown = f"`{choice.model_format}`" + (f" in version `{wanted}`" if right_name else "")
    at = service.at("spec", "predictor", "model", "modelFormat", field)
    yield Hit(at, f"`{service.name}` is of the format {shown}, which runtime `{runtime.name}` does not take: {listed}")
