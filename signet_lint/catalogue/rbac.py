"""Decides what a set of RBAC rules allows, and what an Argo CD installation and the cluster's own roles grant."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from signet_lint.catalogue._files import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Requests of these verbs name no single object, so a rule with resourceNames never covers them.
_NAMELESS_VERBS = frozenset({"create", "deletecollection", "list", "watch"})


class PolicyRule(Struct, frozen=True):
    """One rule of a Role or ClusterRole; rules for non-resource URLs are not represented."""

    api_groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    resource_names: tuple[str, ...] = ()


class Baseline(Struct, frozen=True):
    """What an Argo CD installation may do before any role of the repository.

    ``cluster_rules`` hold everywhere; ``namespace_rules`` in the installation's own namespace and in each namespace
    whose ``managed_by_label`` has the installation's namespace as value (there is no such label where it is None).
    """

    name: str
    namespace: str
    service_account: str
    managed_by_label: str | None
    cluster_rules: tuple[PolicyRule, ...]
    namespace_rules: tuple[PolicyRule, ...]
    source: str
    verified: bool = True


class ClusterRoleEntry(Struct, frozen=True):
    """A ClusterRole that exists without being rendered; ``rules`` is None where only its name is known."""

    name: str
    rules: tuple[PolicyRule, ...] | None
    source: str
    verified: bool = True


class AggregatedRole(Struct, frozen=True):
    """A ClusterRole that adds to those named in ``into``, but only once ``condition`` holds.

    ``operator`` is the OLM package whose operand brings it, or None where the cluster does.
    """

    name: str
    into: tuple[str, ...]
    operator: str | None
    condition: str
    rules: tuple[PolicyRule, ...]
    source: str
    verified: bool = True


def rules_allow(
    rules: Iterable[PolicyRule], group: str, resource: str, verbs: Iterable[str], name: str | None = None
) -> frozenset[str]:
    """Return those of ``verbs`` that no rule grants; an empty set means everything is allowed.

    ``resource`` is a plural, with ``/subresource`` where one is meant. Without ``name`` all objects are meant. Follows
    kubernetes/kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go.
    """
    missing = frozenset(verbs)
    for rule in rules:
        if not missing:
            break
        if _matches(rule.api_groups, group) and _matches_resource(rule.resources, resource):
            missing -= frozenset(verb for verb in missing if _grants(rule, verb, name))
    return missing


def _matches(patterns: tuple[str, ...], value: str) -> bool:
    return "*" in patterns or value in patterns


def _matches_resource(patterns: tuple[str, ...], resource: str) -> bool:
    if _matches(patterns, resource):
        return True
    _, slash, subresource = resource.partition("/")
    return bool(slash) and f"*/{subresource}" in patterns


def _grants(rule: PolicyRule, verb: str, name: str | None) -> bool:
    if not _matches(rule.verbs, verb):
        return False
    return not rule.resource_names or (verb not in _NAMELESS_VERBS and name in rule.resource_names)


def installations() -> tuple[str, ...]:
    """Return the names that `baseline` accepts."""
    return tuple(_baselines())


def baseline(installation: str) -> Baseline:
    """Return the rights of ``installation``; raises KeyError for a name that `installations` does not list."""
    return _baselines()[installation]


@cache
def builtin_cluster_role(name: str) -> ClusterRoleEntry | None:
    """Return what is known of a ClusterRole that exists without being rendered, or None where ``name`` is unknown."""
    if name in _cluster_roles():
        return _cluster_roles()[name]
    for known in _role_names():
        start, star, _ = known.name.partition("*")
        if name == known.name or (star and name.startswith(start) and fnmatchcase(name, known.name)):
            return ClusterRoleEntry(name, None, known.source, known.verified)
    return None


@cache
def aggregated_roles(into: str) -> tuple[AggregatedRole, ...]:
    """Return the roles that may later be added to ClusterRole ``into`` (``admin``, ``edit``, ``view`` …)."""
    rows = (row for row in _content()["aggregated"] if into in row["into"])
    return tuple(AggregatedRole(**{**row, "into": tuple(row["into"]), "rules": _rules(row["rules"])}) for row in rows)


def csv_owned_rule(group: str, plural: str, role: str = "admin") -> PolicyRule | None:
    """Return the rule that OLM adds to ``role`` for a CRD that a ClusterServiceVersion owns; None for other roles."""
    verbs = _csv_owned_verbs().get(role)
    return PolicyRule((group,), (plural,), verbs) if verbs else None


@cache
def _csv_owned_verbs() -> dict[str, tuple[str, ...]]:
    return {row["role"]: tuple(row["verbs"]) for row in _content()["csv_owned"]}


def excluded(group: str, kind: str, installation: str) -> bool:
    """Return whether ``installation`` drops the kind by its default ``resourceExclusions`` and never applies it."""
    return (group, kind) in _exclusions().get(installation, frozenset())


@cache
def _content() -> Any:
    return read("rbac_baseline.json")


def _rules(rows: Iterable[Mapping[str, list[str]]]) -> tuple[PolicyRule, ...]:
    return tuple(PolicyRule(**{field: tuple(values) for field, values in row.items()}) for row in rows)


@cache
def _cluster_roles() -> dict[str, ClusterRoleEntry]:
    rows = {row["name"]: row for row in _content()["cluster_roles"]}
    return {
        name: ClusterRoleEntry(name, _collected(rows, name), row["source"], row.get("verified", True))
        for name, row in rows.items()
    }


def _collected(rows: Mapping[str, Any], name: str) -> tuple[PolicyRule, ...]:
    own = _rules(rows[name].get("rules", []))
    included = (rule for other in rows[name].get("includes", []) for rule in _collected(rows, other))
    # Aggregation repeats whole rules; the order is kept so that output is stable.
    return tuple(dict.fromkeys((*own, *included)))


@cache
def _role_names() -> tuple[ClusterRoleEntry, ...]:
    aggregated = (ClusterRoleEntry(row["name"], None, row["source"]) for row in _content()["aggregated"])
    named = (ClusterRoleEntry(row["pattern"], None, row["source"], row.get("verified", True)) for row in _named())
    return (*aggregated, *named)


def _named() -> Iterable[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = _content()["names"]
    return rows


@cache
def _baselines() -> dict[str, Baseline]:
    return {row["name"]: _baseline(row) for row in _content()["installations"]}


def _baseline(row: Mapping[str, Any]) -> Baseline:
    copied = (rule for role in row["namespace_cluster_roles"] for rule in _cluster_roles()[role].rules or ())
    return Baseline(
        name=row["name"],
        namespace=row["namespace"],
        service_account=row["service_account"],
        managed_by_label=row["managed_by_label"],
        cluster_rules=_rules(row["cluster_rules"]),
        namespace_rules=(*_rules(row["namespace_rules"]), *copied),
        source=row["source"],
        verified=row.get("verified", True),
    )


@cache
def _exclusions() -> dict[str, frozenset[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for row in read("exclusions.json")["exclusions"]:
        pairs = {(group, kind) for group in row["api_groups"] for kind in row["kinds"]}
        found.setdefault(row["installation"], set()).update(pairs)
    return {installation: frozenset(pairs) for installation, pairs in found.items()}
