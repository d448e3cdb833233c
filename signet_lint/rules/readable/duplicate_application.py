"""SGL008: two Applications of one environment with one name."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Application
from signet_lint.model.resource import Resource
from signet_lint.model.state import At, DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_TEMPLATES = "charts/signet-umbrella/templates"

_SELF = """\
{{- if eq .Values.env "prod" }}
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: signet-umbrella-{{ .Values.env }}
  namespace: {{ .Values.argocd.namespace }}
spec:
  project: default
  source:
    repoURL: {{ .Values.repoUrl }}
    targetRevision: {{ .Values.targetRevision }}
    path: charts/openshift-ai
    helm:
      valueFiles:
        - values-common.yaml
  destination:
    server: https://kubernetes.default.svc
    namespace: {{ .Values.appNamespace }}
{{- end }}
"""


@rule(
    id="SGL008",
    name="duplicate-application",
    severity="error",
    section="5.0",
    summary="Two Applications of one environment have the same name.",
    rationale=(
        "There can be only one of a name in Argo CD's namespace: one overwrites the other, or an "
        "ApplicationSet skips it, and "
        "the component of the other is not deployed."
    ),
    remedy="give the second Application a name of its own",
    each=DesiredState,
    bad=(
        Example(
            title="a child with the umbrella's name",
            files={f"{_TEMPLATES}/app-again.yaml": _SELF},
            at=f"{_TEMPLATES}/app-again.yaml:kind",
        ),
    ),
    good=(
        Example(
            title="another name",
            files={f"{_TEMPLATES}/app-again.yaml": _SELF.replace("signet-umbrella-{{", "signet-more-{{")},
        ),
    ),
)
def duplicate_application(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges the second Application of every name that an environment has twice."""
    for application in state.duplicates:
        if application.manifest is not None and not _is_the_same(application, state):
            envs = (application.env,) if application.env else ()
            message = f"an Application named `{application.name}` is there already; only one of the two is deployed"
            yield Hit(_place(application.manifest, state), message, application=application.name, envs=envs)


def _is_the_same(second: Application, state: DesiredState) -> bool:
    """Whether it is the first one met again: an entry chart that an Application of it deploys, too."""
    applications = [a for env in state.envs if second.parent and env.name == second.env for a in env.applications]
    known = [a.manifest for a in applications if a.name == second.name and a.manifest is not None]
    found = second.manifest
    return any(found is not None and m.body == found.body and m.ref.template == found.ref.template for m in known)


def _place(manifest: Resource, state: DesiredState) -> At:
    """The second template; where an ApplicationSet made the Application, the value behind its name."""
    resources = (r for env in state.envs for r in env.resources)
    return manifest.declaration() if any(r.ref == manifest.ref for r in resources) else manifest.at("metadata", "name")
