"""SGL614: a placeholder that nobody replaced is deployed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.model.application import Application
from signet_lint.model.chart import Chart
from signet_lint.model.placeholders import placeholders
from signet_lint.model.resource import Key, Path, Resource, dig
from signet_lint.model.state import At, DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.source.location import Location

_LLM = "charts/signet-llm/values-common.yaml"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_PROD = "charts/signet-loadtest/values-prod.yaml"
_SCRIPT = "charts/signet-loadtest/templates/configmap.yaml"
_WEB = "charts/web-frontend/values-common.yaml"


@rule(
    id="SGL614",
    name="placeholder-left",
    severity="error",
    section="5.4",
    summary="A placeholder such as `<vllm-servingruntime-name>` is left in a deployed value.",
    rationale=(
        "Text in angle brackets was to be replaced by what the cluster has. No schema refuses it: the "
        "service waits for a "
        "runtime, a model or a host of that name for ever."
    ),
    remedy="replace it with the real value",
    each=Application,
    bad=(
        Example(
            title="the runtime's name in the template",
            edits={_SERVICE: (("runtime: {{ .Values.runtime.name }}", "runtime: <vllm-servingruntime-name>"),)},
            at=f"{_SERVICE}:<vllm",
        ),
        Example(
            title="the model in the values",
            edits={_LLM: (("hf://Qwen/Qwen2.5-14B-Instruct", "<runtime-specific>"),)},
            at=f"{_LLM}:<runtime-specific>",
        ),
        Example(
            title="a host in a URL",
            edits={
                _PROD: (("https://signet-llm-predictor.signet-prod.svc.cluster.local:8443", "https://<route-host>"),)
            },
            at=f"{_PROD}:<route-host>",
        ),
        Example(
            title="a model's name in the script",
            edits={_SCRIPT: (("model: {{ .Values.models.chat | quote }}", 'model: "deployed-chat-model-name"'),)},
            at=f"{_SCRIPT}:deployed-chat",
        ),
    ),
    good=(
        Example(
            title="in a comment of the script",
            edits={_SCRIPT: (("    function chat() {", "    // https://<route-host>\n    function chat() {"),)},
        ),
        Example(
            title="in a value that nothing renders",
            edits={_LLM: (("# One model,", "notes: <not-yet-used>\n# One model,"),)},
        ),
        Example(
            title="the stop token of a model",
            edits={_SERVICE: (("      env:\n", "        - --stop=<end_of_turn>\n      env:\n"),)},
        ),
        Example(
            title="a text for people", edits={_WEB: (("logLevel: info", "logLevel: 'info <see-docs> or <b>ask</b>'"),)}
        ),
    ),
)
def placeholder_left(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges what an Application deploys; a placeholder is told of once at every line that writes it."""
    seen: set[str] = set()
    for resource in application.resources:
        for path, found in placeholders(resource):
            if found in seen:
                continue
            seen.add(found)
            message = f"`{found}` was to be replaced: {resource.kind} `{resource.name}` is deployed with it"
            for place in _places(application, resource, path, found, state):
                yield Hit(place, message, application=application.name, subject=resource)


def _places(application: Application, resource: Resource, path: Path, found: str, state: DesiredState) -> Iterator[At]:
    """The lines of values files and templates that write it; else what the field comes from.

    What the Application itself is given is told of where the Application is deployed.
    """
    places = [
        place
        for source in application.sources
        if (chart := state.chart(source.path))
        for place in (*_in_values(chart, application, found, state), *_in_templates(chart, found))
    ]
    if places:
        yield from places
    elif application.manifest is None or found not in str(application.manifest.body):
        yield resource.at(*path)


def _in_values(chart: Chart, application: Application, found: str, state: DesiredState) -> Iterator[At]:
    """Keys of the values files that the Application reads, unless a later file sets them otherwise."""
    given = [entry.path for source in application.sources for entry in source.value_files if entry.exists]
    files = [chart.file("values.yaml"), *given]
    values = [state.values_of(file) for file in files]
    for at, (file, data) in enumerate(zip(files, values, strict=True)):
        for path, text in _leaves(data, ()):
            overridden = any(dig(later, path) is not None for later in values[at + 1 :])
            if found in text and not overridden:
                yield Key(file, path)


def _in_templates(chart: Chart, found: str) -> Iterator[At]:
    for template, text in chart.templates.items():
        for number, line in enumerate(text.splitlines(), 1):
            at = line.find(found)
            if at >= 0 and not line.lstrip().startswith(("#", "//", "{{/*", "{{- /*")):
                yield Location(chart.file(template), number, at + 1, number, at + len(found) + 1)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, (*path, str(key)))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, (*path, index))
