"""SGL203: an Application deploys a namespaced custom resource that Argo CD may not manage."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.access import Unmet, rights_in
from signet_lint.model.application import Application
from signet_lint.model.near_roles import remedy_for
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_UMBRELLA = "charts/signet-umbrella/templates"
_KSERVE = f"{_UMBRELLA}/rbac-argocd-kserve.yaml"
_CAPACITY = f"{_UMBRELLA}/rbac-argocd-capacity-cluster.yaml"
_VAULT = f"{_UMBRELLA}/rbac-argocd-vault.yaml"
_NFD_RULE = """  - apiGroups: ["nfd.openshift.io"]
    resources: ["nodefeaturediscoveries"]
    verbs: ["get", "list", "watch", "create", "update", "patch", "delete"]
"""
_VERBS = "verbs: [get, list, watch, create, update, patch, delete]"


@rule(
    id="SGL203",
    name="no-access-to-custom-resource",
    severity="error",
    section="5.0",
    summary="An Application deploys a namespaced custom resource that no role lets Argo CD manage.",
    rationale=(
        "The ClusterRole `admin` covers a custom kind only where something adds it: OLM for the kinds that an "
        "operator's ClusterServiceVersion owns, some operands (KServe) once they run. Until then, or without that, the "
        "sync of the resource fails with a `forbidden` error."
    ),
    remedy="grant the verbs in a Role of that namespace (or a ClusterRole), bound to the application controller",
    fixable=True,
    each=Application,
    bad=(
        Example(
            title="no right to the NodeFeatureDiscovery",
            edits={_CAPACITY: ((_NFD_RULE, ""),)},
            at="charts/cluster-capacity/templates/nfd.yaml:kind: NodeFeatureDiscovery",
        ),
        Example(
            title="the KServe role lacks a kind",
            edits={_KSERVE: (("      - servingruntimes\n", ""),)},
            at=f"{_KSERVE}:resources:",
        ),
        Example(
            title="a misspelt resource",
            edits={_CAPACITY: (('"machineautoscalers"', '"machineautoscaler"'),)},
            at=f'{_CAPACITY}:"machineautoscaler"]',
        ),
        Example(
            title="without delete, though the Application prunes",
            edits={_CAPACITY: ((_NFD_RULE, _NFD_RULE.replace(', "delete"', "")),)},
            at=f'{_CAPACITY}:"patch"]',
        ),
    ),
    good=(
        Example(title="what an operator's CSV owns is part of admin", files={_VAULT: None}),
        Example(
            title="a ClusterRole bound in the namespace",
            edits={
                _KSERVE: (
                    (
                        "kind: Role\nmetadata:\n  name: argocd-kserve\n  namespace: {{ .Values.appNamespace }}\n",
                        "kind: ClusterRole\nmetadata:\n  name: argocd-kserve\n",
                    ),
                    ("kind: Role\n  name: argocd-kserve", "kind: ClusterRole\n  name: argocd-kserve"),
                )
            },
        ),
        Example(
            title="several rules together",
            edits={
                _KSERVE: (
                    (
                        f"      - servingruntimes\n    {_VERBS}",
                        f"    {_VERBS}\n  - apiGroups: [serving.kserve.io]\n    resources: [servingruntimes]\n"
                        "    verbs: [get, create]\n  - apiGroups: [serving.kserve.io]\n    resources: ['*']\n"
                        "    verbs: [list, watch, update, patch, delete]",
                    ),
                )
            },
        ),
    ),
)
def no_access_to_custom_resource(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the custom resources of one Application: one finding per kind and namespace."""
    if application.manifest is None:
        return
    rights = rights_in(state.env(application.env), state.config)
    seen: set[tuple[str, str, str]] = set()
    for unmet in rights.unmet_of(application):
        need = unmet.need
        once = (need.group, need.resource.kind, need.namespace)
        if not need.namespace or need.is_ordinary or once in seen:
            continue
        seen.add(once)
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
    lead = (
        f"{need.resource.kind} `{need.name}` is in `{need.namespace}`, where Argo CD's application controller may not "
        f"{', '.join(sorted(unmet.verbs))} `{need.plural}` of the group `{need.group or 'core'}`"
    )
    until = f" until {unmet.later}" if unmet.later else ""
    return f"{lead}{until}: {note}" if note else f"{lead}{until}"
