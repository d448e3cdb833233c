"""SGL005: a manifest that the API server would refuse, or prune fields from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.model.application import Env
from signet_lint.model.operators import DSC
from signet_lint.model.resource import Resource
from signet_lint.model.served_kinds import unserved
from signet_lint.model.state import At, DesiredState
from signet_lint.model.unreadable import lacks_a_file
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.schema.catalogue import SchemaCatalogue
from signet_lint.schema.errors import SchemaError

_LLM = "charts/signet-llm/templates/inferenceservice.yaml"
_VALUES = "charts/signet-llm/values-common.yaml"
_TEST = "charts/signet-loadtest/templates/deployment.yaml"
_THING = "charts/signet-llm/templates/thing.yaml"


@rule(
    id="SGL005",
    name="schema",
    severity="error",
    section="5.0",
    summary=(
        "A rendered manifest has an unknown field, a value of a wrong type or outside its set, lacks a required field, "
        "or is of a kind or version that is not served."
    ),
    rationale=(
        "The API server refuses the manifest, or drops the field in silence, so that the setting has no "
        "effect. Either shows "
        "only on the cluster."
    ),
    remedy="correct the field to what its kind knows",
    each=DesiredState,
    needs=("schemas",),
    bad=(
        Example(
            title="a misspelt field of an InferenceService",
            edits={_LLM: (("    serviceAccountName:", "    serviceAccount_name:"),)},
            at=f"{_LLM}:serviceAccount_name",
        ),
        Example(
            title="a misspelt field in a values file",
            edits={_VALUES: (("    maxSurge: 0", "    maxsurge: 0"),)},
            at=f"{_VALUES}:maxsurge",
        ),
        Example(
            title="a version that is not served",
            edits={_LLM: (("serving.kserve.io/v1beta1", "serving.kserve.io/v1"),)},
            at=f"{_LLM}:apiVersion",
        ),
        Example(
            title="a required field is missing",
            edits={_TEST: (("  selector:\n    matchLabels:\n      app.kubernetes.io/name: {{ .Values.name }}\n", ""),)},
            at=f"{_TEST}:8",
        ),
    ),
    good=(
        Example(
            title="a field of the same meaning",
            edits={_LLM: (("    minReplicas:", "    timeout: 60\n    minReplicas:"),)},
        ),
        Example(title="numbers where both are taken", edits={_VALUES: (("    maxSurge: 0", "    maxSurge: 0%"),)}),
        Example(
            title="a kind without a schema",
            files={_THING: "apiVersion: example.org/v1\nkind: Thing\nmetadata:\n  name: x\nspek: 1\n"},
        ),
    ),
)
def schema(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every manifest of every environment, and the Applications that ApplicationSets generate."""
    judge = _Judge(state.config.kubernetes_version)
    for env in state.envs:
        yield from _of_env(env, state, judge)


def _of_env(env: Env, state: DesiredState, catalogue: _Judge) -> Iterator[Outcome]:
    told = {error for manifest in env.of_kind("ApplicationSet") for error in _as_application(manifest, catalogue)}
    generated = set(map(id, _generated(env)))
    for manifest in (*env.resources, *_generated(env)):
        if lacks_a_file(state, env.name, manifest.application):
            continue
        for error in catalogue.validate(manifest.body):
            if _has_own_rule(manifest, error):
                continue
            if id(manifest) not in generated or (error.path, error.kind) not in told:
                yield Hit(_place(manifest, error, state), f"`{manifest.name}`: {error.message}")


def _has_own_rule(manifest: Resource, error: SchemaError) -> bool:
    """Whether another rule says more of a fault: what became of a component that a DataScienceCluster lost (SGL406)."""
    return manifest.gvk.group == DSC and error.kind == "unknown-field" and error.path[:2] == ("spec", "components")


class _Judge:
    """Faults by manifest: environments share the manifests that come out alike, and each is judged once."""

    def __init__(self, kubernetes_version: str) -> None:
        self.kubernetes_version = kubernetes_version
        self.catalogue = SchemaCatalogue(kubernetes_version)
        self.known: dict[int, tuple[Mapping[str, Any], list[SchemaError]]] = {}

    def validate(self, body: Mapping[str, Any]) -> list[SchemaError]:
        """The faults of a manifest; where its kind has no schema, that it is not served, if that is known."""
        if id(body) not in self.known:
            faults = self.catalogue.validate(body)
            if faults is None:
                fault = unserved(str(body.get("apiVersion")), str(body.get("kind")), self.kubernetes_version)
                faults = [fault] if fault else []
            self.known[id(body)] = (body, faults)
        return self.known[id(body)][1]


def _generated(env: Env) -> list[Resource]:
    """Applications that no chart renders: ApplicationSets made them."""
    rendered = {resource.ref for resource in env.resources}
    return [a.manifest for a in env.applications if a.manifest is not None and a.manifest.ref not in rendered]


def _as_application(application_set: Resource, catalogue: _Judge) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Faults of an ApplicationSet's template, as paths in the Applications it generates."""
    for error in catalogue.validate(application_set.body):
        if error.path[:2] == ("spec", "template"):
            yield error.path[2:], error.kind


def _place(manifest: Resource, error: SchemaError, state: DesiredState) -> At:
    """The value at fault; the template where only its spelling of the field is."""
    if error.kind == "missing-field" and error.field:
        return manifest.at(*error.path, error.field)
    if error.field and _is_spelling(manifest, error) and _is_in_template(manifest, error, state):
        return manifest.written(*error.path)
    return manifest.at(*error.path)


def _is_spelling(manifest: Resource, error: SchemaError) -> bool:
    """Whether the fault is a name, or quotes that stand there or do not."""
    value = manifest.get(*error.path)
    if error.kind == "unknown-field":
        return True
    quoted = isinstance(value, str) and (value in ("true", "false") or value.isdecimal())
    return error.kind == "wrong-type" and (quoted or isinstance(value, (bool, int, float)))


def _is_in_template(manifest: Resource, error: SchemaError, state: DesiredState) -> bool:
    """Whether a template of the manifest's charts spells the field itself, and not with all that is below it."""
    field = re.compile(rf"""^[ -]*["']?{re.escape(str(error.field))}["']?\s*:(?P<value>.*\n?.*)""", re.MULTILINE)
    listed = isinstance(error.path[-1], int)
    for source in state.application_of(manifest).sources:
        chart = state.chart(source.path)
        for text in chart.templates.values() if chart else ():
            if any(not (listed and "toYaml" in found["value"]) for found in field.finditer(text)):
                return True
    return False
