"""SGL201: an Application deploys into a namespace that Argo CD may not administer."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.access import Unmet, rights_in
from signet_lint.model.application import Application
from signet_lint.model.controllers import in_cluster
from signet_lint.model.repair import Allow, repair
from signet_lint.model.resource import Field, Written
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_UMBRELLA = "charts/signet-umbrella/templates"
_ACCESS = f"{_UMBRELLA}/rbac-argocd-access.yaml"
_GATEWAY_APP = f"{_UMBRELLA}/app-ollama-gateway.yaml"
_NAMESPACES = f"{_UMBRELLA}/namespace.yaml"
_SECOND_BINDING = """{{- if .Values.ollamaGateway.enabled }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: argocd-admin
  namespace: inference-gateway
  annotations:
    argocd.argoproj.io/sync-wave: "-1"
  labels:
    {{- include "signet-umbrella.labels" . | nindent 4 }}
subjects:
  {{- include "signet-umbrella.controller" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: admin
{{- end }}
"""
_CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: host\n"
_SERVICE_ROLE = """---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: argocd-gateway
  namespace: inference-gateway
rules:
  - apiGroups: [""]
    resources: [%s]
    verbs: [get, list, watch, create, update, patch, delete]
"""
_WITH_ROLE = _SECOND_BINDING.replace("ClusterRole\n  name: admin\n{{- end }}\n", "Role\n  name: argocd-gateway\n") + (
    _SERVICE_ROLE + "{{- end }}\n"
)


@rule(
    id="SGL201",
    name="no-access-to-namespace",
    severity="error",
    section="5.0",
    summary="An Application deploys into a namespace where Argo CD may not manage the built-in kinds it deploys.",
    rationale=(
        "OpenShift GitOps gives Argo CD little beyond reading. To create a Deployment, Service or Secret it needs a "
        "RoleBinding in the namespace, or the namespace must be labelled as managed by it. Without that the sync fails "
        "with a `forbidden` error, in the cluster only."
    ),
    remedy=(
        "add a RoleBinding to the ClusterRole `admin` for the application controller in that namespace, or label the "
        "Namespace `argocd.argoproj.io/managed-by`"
    ),
    fixable=True,
    each=Application,
    bad=(
        Example(
            title="no RoleBinding in a second namespace",
            edits={_ACCESS: ((_SECOND_BINDING, ""),)},
            at=f"{_GATEWAY_APP}:namespace: inference-gateway",
        ),
        Example(
            title="an Application moved to another namespace, which it creates",
            edits={
                _GATEWAY_APP: (
                    ("namespace: inference-gateway", "namespace: gateway"),
                    ("selfHeal: true", "selfHeal: true\n    syncOptions: [CreateNamespace=true]"),
                )
            },
            at=f"{_GATEWAY_APP}:namespace: gateway",
        ),
        Example(
            title="a resource sets a namespace of its own",
            edits={
                "charts/web-frontend/templates/service.yaml": (
                    ("metadata:\n", "metadata:\n  namespace: shared-services\n"),
                )
            },
            at="charts/web-frontend/templates/service.yaml:namespace: shared-services",
        ),
        Example(
            title="a custom Role that lacks the kind",
            edits={_ACCESS: ((_SECOND_BINDING, _WITH_ROLE % "secrets"),)},
            at=f"{_GATEWAY_APP}:namespace: inference-gateway",
        ),
    ),
    good=(
        Example(
            title="a namespace labelled as managed",
            edits={
                _ACCESS: ((_SECOND_BINDING, ""),),
                _NAMESPACES: (
                    (
                        '"-2"\n  labels:\n    {{- include "signet-umbrella.labels" . | nindent 4 }}\n{{- end }}',
                        '"-2"\n  labels:\n    argocd.argoproj.io/managed-by: openshift-gitops\n{{- end }}',
                    ),
                ),
            },
        ),
        Example(
            title="a custom Role for just the kind deployed",
            edits={_ACCESS: ((_SECOND_BINDING, _WITH_ROLE % "services"),)},
        ),
        Example(
            title="only what Argo CD may write everywhere",
            edits={_ACCESS: ((_SECOND_BINDING, ""),)},
            files={"charts/ollama-gateway/templates/service.yaml": _CONFIG_MAP},
        ),
    ),
)
def no_access_to_namespace(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the built-in kinds of one Application, namespace by namespace."""
    if application.manifest is None:
        return
    rights = rights_in(state.env(application.env), state.config)
    if not in_cluster(application):
        why = "it deploys to another cluster, whose rights are not in the repository"
        yield LeftOut(f"rights of Application `{application.name}`", why, application.at("spec", "destination"))
    for need in rights.unjudged:
        if need.application is application:
            why = "a role whose rules are not known may allow it"
            yield LeftOut(f"rights to {need.resource.kind} `{need.name}`", why, need.resource.declaration())
    lacking: dict[str, list[Unmet]] = {}
    for unmet in rights.unmet_of(application):
        if unmet.need.namespace and unmet.need.is_ordinary:
            lacking.setdefault(unmet.need.namespace, []).append(unmet)
    for namespace, all_of_it in lacking.items():
        yield _hit(application, namespace, all_of_it)


def _hit(application: Application, namespace: str, lacking: list[Unmet]) -> Hit:
    kinds = sorted({unmet.need.resource.kind for unmet in lacking})
    verbs = sorted(frozenset[str]().union(*(unmet.verbs for unmet in lacking)))
    listed = ", ".join(kinds)
    message = (
        f"Application `{application.name}` deploys {listed} into `{namespace}`, where Argo CD's application controller "
        f"may not {', '.join(verbs)} them"
    )
    minor = all(unmet.is_minor for unmet in lacking)
    at = _place(application, namespace, lacking)
    return Hit(
        at,
        message,
        subject=application.manifest,
        application=application.name,
        severity="warning" if minor else None,
        key=application.name if namespace == application.destination else namespace,
        repair=repair(
            f"bind `admin` in `{namespace}`", Allow(application.name, application.env, namespace, role="admin")
        ),
    )


def _place(application: Application, namespace: str, lacking: list[Unmet]) -> Field | Written:
    """The Application's own line for its destination, or where a resource sets a namespace of its own."""
    if namespace == application.destination or not application.destination:
        return application.written("spec", "destination", "namespace")
    return lacking[0].need.resource.at("metadata", "namespace")
