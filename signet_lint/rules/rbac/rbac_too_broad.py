"""SGL205: a role of the repository gives Argo CD more than it says."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.access import rights_in
from signet_lint.model.application import Env
from signet_lint.model.resource import Path
from signet_lint.model.roles import RoleRef, RoleRule
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_UMBRELLA = "charts/signet-umbrella/templates"
_ISSUER = f"{_UMBRELLA}/rbac-argocd-cert-manager-cluster.yaml"
_CAPACITY = f"{_UMBRELLA}/rbac-argocd-capacity-cluster.yaml"

_FOR_PEOPLE = """apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: admins
subjects:
  - kind: Group
    name: admins
    apiGroup: rbac.authorization.k8s.io
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
"""


@rule(
    id="SGL205",
    name="rbac-too-broad",
    severity="warning",
    section="5.0",
    summary="A rendered role gives the application controller `*`, or a binding gives it `cluster-admin`.",
    rationale=(
        "Whoever can push to the repository acts with the controller's rights. Named groups, resources and verbs keep "
        "a mistake, or a stolen token, from reaching the whole cluster."
    ),
    remedy="name the groups, resources and verbs that the Applications need",
    each=Env,
    bad=(
        Example(
            title="any verb",
            edits={_ISSUER: (("[get, list, watch, create, update, patch, delete]", "['*']"),)},
            at=f"{_ISSUER}:verbs: ['*']",
        ),
        Example(
            title="any resource of a group",
            edits={_CAPACITY: (('resources: ["clusterpolicies"]', 'resources: ["*"]'),)},
            at=f'{_CAPACITY}:resources: ["*"]',
        ),
        Example(
            title="cluster-admin",
            edits={
                _ISSUER: (
                    ("kind: ClusterRole\n  name: argocd-cert-manager", "kind: ClusterRole\n  name: cluster-admin"),
                )
            },
            at=f"{_ISSUER}:name: cluster-admin",
        ),
    ),
    good=(
        Example(
            title="cluster-admin for people",
            files={f"{_UMBRELLA}/admins.yaml": _FOR_PEOPLE},
        ),
        Example(
            title="a wildcard in a role that nothing gives to the controller",
            files={
                f"{_UMBRELLA}/reader.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n"
                "  name: reader\nrules:\n  - apiGroups: ['*']\n    resources: ['*']\n    verbs: [get]\n"
            },
        ),
    ),
)
def rbac_too_broad(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every binding that gives something to the controller of an environment."""
    seen: set[tuple[int, int]] = set()
    for grant in rights_in(env, state.config).grants:
        if grant.binding is not None and RoleRef.of(grant.binding).name == "cluster-admin":
            binding = grant.binding
            message = f"{binding.kind} `{binding.name}` gives Argo CD's application controller `cluster-admin`"
            yield Hit(binding.at("roleRef", "name"), message)
        for rule_of_role in grant.rules or ():
            role, place = rule_of_role.role, _wildcard(rule_of_role)
            if role is None or place is None or (id(role), rule_of_role.index) in seen:
                continue
            seen.add((id(role), rule_of_role.index))
            message = f"{role.kind} `{role.name}` gives Argo CD's application controller `*` in `{place[2]}`"
            yield Hit(role.at(*place), message)


def _wildcard(one: RoleRule) -> Path | None:
    """The first `*` of a rule."""
    fields = (("apiGroups", one.rule.api_groups), ("resources", one.rule.resources), ("verbs", one.rule.verbs))
    for name, values in fields:
        if "*" in values:
            return ("rules", one.index, name, values.index("*"))
    return None
