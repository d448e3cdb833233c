"""SGL202: an Application deploys a cluster-scoped resource that Argo CD may not manage."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.access import Unmet, rights_in
from signet_lint.model.application import Application
from signet_lint.model.near_roles import remedy_for
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_UMBRELLA = "charts/signet-umbrella/templates"
_ROLE = f"{_UMBRELLA}/rbac-argocd-openshift-ai-cluster.yaml"
_CAPACITY = f"{_UMBRELLA}/rbac-argocd-capacity-cluster.yaml"
_DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"


@rule(
    id="SGL202",
    name="no-access-to-cluster-resource",
    severity="error",
    section="5.2",
    summary="An Application deploys a cluster-scoped resource that Argo CD's application controller may not manage.",
    rationale=(
        "A RoleBinding to `admin` never covers cluster-scoped resources, and OpenShift GitOps brings rights for a few "
        "kinds only: DataScienceCluster, ClusterPolicy, ClusterIssuer and ClusterAutoscaler are not among them. The "
        "sync then fails with a `forbidden` error."
    ),
    remedy="grant the verbs in a ClusterRole, bound to the application controller by a ClusterRoleBinding",
    fixable=True,
    each=Application,
    bad=(
        Example(
            title="no ClusterRole for the DataScienceCluster",
            files={_ROLE: None},
            at=f"{_DSC}:kind: DataScienceCluster",
        ),
        Example(
            title="the resource in the singular",
            edits={_ROLE: (("- datascienceclusters", "- datasciencecluster"),)},
            at=f"{_ROLE}:14",
        ),
        Example(
            title="another API group",
            edits={_ROLE: (("- datasciencecluster.opendatahub.io", "- opendatahub.io"),)},
            at=f"{_ROLE}:- opendatahub.io",
        ),
        Example(
            title="read only",
            edits={_ROLE: (("      - create\n      - update\n      - patch\n      - delete\n", ""),)},
            at=f"{_ROLE}:verbs:",
        ),
        Example(
            title="a kind left out of the list",
            edits={_CAPACITY: (('"clusterautoscalers", ', ""),)},
            at=f'{_CAPACITY}:resources: ["machineautoscalers"]',
        ),
    ),
    good=(
        Example(
            title="all verbs of the group",
            edits={_ROLE: (("      - create\n      - update\n      - patch\n      - delete\n", '      - "*"\n'),)},
        ),
        Example(
            title="the controller as a user",
            edits={
                _ROLE: (
                    (
                        'subjects:\n  {{- include "signet-umbrella.controller" . | nindent 2 }}',
                        "subjects:\n  - apiGroup: rbac.authorization.k8s.io\n    kind: User\n    name: "
                        "system:serviceaccount:openshift-gitops:openshift-gitops-argocd-application-controller",
                    ),
                )
            },
        ),
        Example(
            title="the right in a role made for something else",
            files={_ROLE: None},
            edits={
                _CAPACITY: (
                    (
                        '  - apiGroups: ["nvidia.com"]\n    resources: ["clusterpolicies"]',
                        '  - apiGroups: ["nvidia.com", "datasciencecluster.opendatahub.io"]\n'
                        '    resources: ["clusterpolicies", "datascienceclusters"]',
                    ),
                )
            },
        ),
    ),
)
def no_access_to_cluster_resource(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the cluster-scoped resources of one Application: one finding per kind and template."""
    if application.manifest is None:
        return
    rights = rights_in(state.env(application.env), state.config)
    seen: set[tuple[str, str, str]] = set()
    for unmet in rights.unmet_of(application):
        need = unmet.need
        template = (need.group, need.resource.kind, need.resource.ref.template)
        if need.namespace or template in seen:
            continue
        seen.add(template)
        remedy = remedy_for(unmet, rights)
        yield Hit(
            remedy.at,
            _message(unmet, remedy.note),
            subject=remedy.role or need.resource,
            application=application.name,
            severity="warning" if unmet.is_minor else None,
            key=f"{need.group}/{need.resource.kind}",
            repair=remedy.repair,
        )


def _message(unmet: Unmet, note: str) -> str:
    need = unmet.need
    group = need.group or "core"
    lead = (
        f"{need.resource.kind} `{need.name}` is cluster-scoped, and Argo CD's application controller may not "
        f"{', '.join(sorted(unmet.verbs))} `{need.plural}` of the group `{group}`"
    )
    return f"{lead}: {note}" if note else lead
