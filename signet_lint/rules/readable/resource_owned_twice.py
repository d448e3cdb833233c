"""SGL007: two Applications of one environment deploy the same resource."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Application, Env
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_ACCOUNT = "charts/signet-embeddings/templates/serviceaccount.yaml"
_UMBRELLA = "charts/signet-umbrella/templates"
_IN_CLUSTER = "https://kubernetes.default.svc"

_Owned = tuple[Application, Resource]

_COPY = """\
{{- if .Values.signetLLM.enabled }}
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: signet-llm-second
  namespace: {{ .Values.argocd.namespace }}
spec:
  project: default
  source:
    repoURL: {{ .Values.repoUrl }}
    targetRevision: {{ .Values.targetRevision }}
    path: charts/signet-llm
    helm:
      valueFiles:
        - values-common.yaml
  destination:
    server: https://kubernetes.default.svc
    namespace: NAMESPACE
{{- end }}
"""
_SECOND = f"{_UMBRELLA}/app-the-llm-again.yaml"


@rule(
    id="SGL007",
    name="resource-owned-twice",
    severity="error",
    section="5.0",
    summary="Two Applications of one environment render the same group, kind, namespace and name.",
    rationale=(
        "Argo CD lets both own it: each sync of one makes the other out of sync, with self-heal they "
        "overwrite each other "
        "without end, and pruning one deletes what the other needs."
    ),
    remedy="leave the resource to one of the two, or give it another name or namespace",
    each=Env,
    bad=(
        Example(
            title="two charts with one name",
            edits={_ACCOUNT: (("  name: {{ .Values.name }}", "  name: signet-llm"),)},
            at="charts/signet-llm/templates/serviceaccount.yaml:kind",
        ),
        Example(
            title="one chart twice in one namespace",
            files={_SECOND: _COPY.replace("NAMESPACE", "{{ .Values.appNamespace }}")},
            at=f"{_SECOND}:kind",
        ),
    ),
    good=(Example(title="the chart in another namespace", files={_SECOND: _COPY.replace("NAMESPACE", "signet-two")}),),
)
def resource_owned_twice(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every manifest of every Application; what an entry chart installs is no Application's."""
    whole: dict[tuple[Application, Application], list[Resource]] = {}
    for (application, resource), (first, other) in _twice(env):
        if _sources(application) & _sources(first) and resource.ref.template == other.ref.template:
            whole.setdefault((application, first), []).append(resource)
        else:
            message = f"{_named(resource)} of `{application.name}` is deployed by `{first.name}` as well"
            yield Hit(resource.declaration(), message)
    for (application, first), resources in whole.items():
        if application.manifest:
            more = f" and {len(resources) - 1} more" if len(resources) > 1 else ""
            message = f"`{application.name}` deploys what `{first.name}` does: {_named(resources[0])}{more}"
            yield Hit(application.manifest.declaration(), message, application=application.name)


def _twice(env: Env) -> Iterator[tuple[_Owned, _Owned]]:
    """Each manifest that an earlier Application has too, with that one's."""
    owners: dict[tuple[str, ...], _Owned] = {}
    for application in env.applications:
        for resource in application.resources if application.manifest else ():
            if resource.get("metadata", "name") is None:
                continue  # a generated name is never the same twice
            key = (_cluster(application), resource.gvk.group, resource.kind, resource.namespace, resource.name)
            first = owners.setdefault(key, (application, resource))
            if first[0] is not application:
                yield (application, resource), first


def _sources(application: Application) -> set[str]:
    return {source.path for source in application.sources}


def _cluster(application: Application) -> str:
    destination = application.manifest.get("spec", "destination") if application.manifest else None
    if not isinstance(destination, dict):
        return ""
    server = destination.get("server") or destination.get("name")
    return _IN_CLUSTER if server == "in-cluster" else str(server)


def _named(resource: Resource) -> str:
    place = f" in namespace `{resource.namespace}`" if resource.namespace else ""
    return f"{resource.kind} `{resource.name}`{place}"
