"""SGL005: a manifest that the API server would refuse, or prune fields from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from signet_lint.model.application import Env
from signet_lint.model.resource import Field, Resource
from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import lacks_a_file
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.schema.catalogue import SchemaCatalogue
from signet_lint.schema.errors import SchemaError

_LLM = "charts/signet-llm/templates/inferenceservice.yaml"
_VALUES = "charts/signet-llm/values-common.yaml"
_TEST = "charts/signet-loadtest/templates/deployment.yaml"
_APPSET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"
_APP = "charts/signet-umbrella/templates/app-signet-llm.yaml"


@rule(
    id="SGL005",
    name="schema",
    severity="error",
    section="5.0",
    summary="A rendered manifest has an unknown field, a value of a wrong type or outside its set, or lacks a required field.",
    rationale=(
        "The API server refuses the manifest, or drops the field in silence, so that the setting has no effect. Either shows "
        "only on the cluster."
    ),
    remedy="correct the field to what its kind knows",
    each=Env,
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
            title="a required field is missing",
            edits={_TEST: (("      app.kubernetes.io/name: {{ .Values.name }}\n  template:", "  template:"), ("  selector:\n    matchLabels:\n", ""))},
            at=f"{_TEST}:spec:\n",
        ),
    ),
    good=(
        Example(title="a field of the same meaning", edits={_LLM: (("    minReplicas:", "    timeout: 60\n    minReplicas:"),)}),
        Example(title="numbers where both are taken", edits={_VALUES: (("    maxSurge: 0", "    maxSurge: 0%"),)}),
        Example(title="a kind without a schema", files={"charts/signet-llm/templates/x.yaml": "apiVersion: example.org/v1\nkind: Thing\nmetadata:\n  name: x\nspek: 1\n"}),
    ),
)
def schema(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every manifest of an environment, and the Applications that ApplicationSets generate for it."""
    catalogue = _catalogue(state.config.kubernetes_version)
    told = {error for manifest in env.of_kind("ApplicationSet") for error in _as_application(manifest, catalogue)}
    generated = set(map(id, _generated(env)))
    for manifest in (*env.resources, *_generated(env)):
        if lacks_a_file(state, env.name, manifest.application):
            continue
        for error in catalogue.validate(manifest.body) or ():
            if id(manifest) not in generated or (error.path, error.kind) not in told:
                yield Hit(_place(manifest, error), f"`{manifest.name}`: {error.message}")


@lru_cache(maxsize=8)
def _catalogue(kubernetes_version: str) -> SchemaCatalogue:
    return SchemaCatalogue(kubernetes_version)


def _generated(env: Env) -> list[Resource]:
    """Applications that no chart renders: ApplicationSets made them."""
    rendered = {resource.ref for resource in env.resources}
    return [a.manifest for a in env.applications if a.manifest is not None and a.manifest.ref not in rendered]


def _as_application(application_set: Resource, catalogue: SchemaCatalogue) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Faults of an ApplicationSet's template, as paths in the Applications it generates."""
    for error in catalogue.validate(application_set.body) or ():
        if error.path[:2] == ("spec", "template"):
            yield error.path[2:], error.kind


def _place(manifest: Resource, error: SchemaError) -> Field:
    if error.kind == "missing-field" and error.field:
        return manifest.at(*error.path, error.field)
    return manifest.at(*error.path)
