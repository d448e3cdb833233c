"""Which rights Argo CD needs for what an Application deploys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from msgspec import Struct

from signet_lint.catalogue import kinds, rbac
from signet_lint.model.application import Application, Env
from signet_lint.model.resource import Resource
from signet_lint.model.roles import text

MANAGE = ("get", "list", "watch", "create", "update", "patch", "delete")  # in the order people write them
_APPLY = frozenset(MANAGE) - {"delete"}
# Roles for these come from outside Kubernetes' and OpenShift's own, with the version of the cluster.
_ADDED_BY_VERSION = frozenset({"gateway.networking.k8s.io", "resource.k8s.io"})


class Need(Struct, frozen=True, eq=False):
    """The verbs that Argo CD needs on a resource; `namespace` is empty for a cluster-scoped one.

    `plurals` are the names its kind may have in a rule: one where the kind is known. `is_ordinary` tells that the
    built-in `admin` covers the kind; `may_be_added` that something unknown may add the kind to `admin`.
    """

    application: Application
    resource: Resource
    group: str
    plurals: tuple[str, ...]
    namespace: str
    verbs: frozenset[str]
    is_ordinary: bool
    may_be_added: bool

    @property
    def name(self) -> str:
        """The resource's name."""
        return self.resource.name

    @property
    def plural(self) -> str:
        """How a rule names the kind."""
        return self.plurals[0]


def needs_of(application: Application, env: Env, installation: str) -> Iterator[Need]:
    """What Argo CD needs for each resource of an Application, but for those it never applies."""
    for resource in application.resources:
        if not is_excluded(resource, env, installation):
            need = _need(application, resource, env)
            if need is not None:
                yield need


def is_excluded(resource: Resource, env: Env, installation: str) -> bool:
    """Whether Argo CD never applies the kind.

    An ArgoCD resource that sets `resourceExclusions` itself replaces the operator's list; its text is searched for the
    kind.
    """
    if not rbac.excluded(resource.gvk.group, resource.kind, installation):
        return False
    set_here = [text(one.get("spec", "resourceExclusions")) for one in env.of_kind("ArgoCD", group="argoproj.io")]
    written = [exclusions for exclusions in set_here if exclusions]
    return not written or any(resource.kind in exclusions for exclusions in written)


def _need(application: Application, resource: Resource, env: Env) -> Need | None:
    group, kind = resource.gvk.group, resource.kind
    entry, definition = kinds.lookup(group, kind), _definition(resource, env)
    is_cluster_scoped = kinds.is_cluster_scoped(group, kind)
    if definition is not None:
        plurals: tuple[str, ...] = (text(definition.get("spec", "names", "plural")) or _guesses(kind)[0],)
        is_cluster_scoped = definition.get("spec", "scope") == "Cluster"
    else:
        plurals = (entry.plural,) if entry else _guesses(kind)
    if is_cluster_scoped is False and not resource.namespace:
        return None
    verbs = _APPLY | {"delete"} if _is_pruned(application, resource) else _APPLY
    namespace = "" if is_cluster_scoped else resource.namespace
    added = definition is None and _may_be_added(group, entry)
    return Need(application, resource, group, plurals, namespace, verbs, _is_ordinary(group, plurals[0]), added)


@cache
def _is_ordinary(group: str, plural: str) -> bool:
    """Whether the built-in `admin` covers a kind."""
    return not rbac.rules_allow(_admin(), group, plural, _APPLY)


def _definition(resource: Resource, env: Env) -> Resource | None:
    """The rendered CustomResourceDefinition of a resource's kind."""
    for definition in env.of_kind("CustomResourceDefinition"):
        names = (definition.get("spec", "group"), definition.get("spec", "names", "kind"))
        if names == (resource.gvk.group, resource.kind):
            return definition
    return None


def _is_pruned(application: Application, resource: Resource) -> bool:
    """Whether Argo CD deletes the resource once it is no longer in Git."""
    if not application.prunes or "Prune=false" in application.sync_options:
        return False
    annotation = resource.annotation("argocd.argoproj.io/sync-options") or ""
    return "Prune=false" not in [option.strip() for option in annotation.split(",")]


def _guesses(kind: str) -> tuple[str, ...]:
    """Plurals that a kind nobody knows may have."""
    lower = kind.lower()
    changed = (f"{lower}es", f"{lower[:-1]}ies") if lower else ()
    return (f"{lower}s", *changed, lower)


def _may_be_added(group: str, entry: kinds.KindEntry | None) -> bool:
    """Whether a role that the catalogue does not know may add the kind to `admin`."""
    if entry is None or entry.provenance == "unknown":
        return True
    if entry.provenance == "builtin":
        return group in _ADDED_BY_VERSION
    return entry.provenance == "operand" and group not in _added_groups()


@cache
def _added_groups() -> frozenset[str]:
    rows = rbac.aggregated_roles("admin")
    return frozenset(group for row in rows for rule in row.rules for group in rule.api_groups)


@cache
def _admin() -> tuple[rbac.PolicyRule, ...]:
    known = rbac.builtin_cluster_role("admin")
    return (known.rules if known else None) or ()
