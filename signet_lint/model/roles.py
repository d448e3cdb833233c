"""The roles of an environment, rendered or known to exist, and what each allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from signet_lint.catalogue import kinds, rbac
from signet_lint.catalogue.rbac import PolicyRule
from signet_lint.model.application import Env
from signet_lint.model.resource import Resource

RBAC = "rbac.authorization.k8s.io"
_AGGREGATE = f"{RBAC}/aggregate-to-"
# A role takes what is added to these, because they are added to it in turn.
_INCLUDES = {
    "admin": ("admin", "edit", "view"),
    "edit": ("edit", "view"),
    "view": ("view",),
    "cluster-reader": ("cluster-reader", "view"),
}


class RoleRule(Struct, frozen=True):
    """A rule in force: `role` is the rendered role that holds it, as its item `index`.

    `later` says on what condition an operand brings it; empty where it is there from the start.
    """

    rule: PolicyRule
    role: Resource | None = None
    index: int = -1
    later: str = ""


class RoleRef(Struct, frozen=True):
    """What a binding's `roleRef` names; `namespace` is that of a Role, empty for a ClusterRole."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def of(cls, binding: Resource) -> RoleRef:
        """From a binding; absent or wrong fields become empty texts."""
        kind = text(binding.get("roleRef", "kind"))
        return cls(kind, "" if kind == "ClusterRole" else binding.namespace, text(binding.get("roleRef", "name")))


class Roles(Struct, frozen=True, eq=False):
    """Every role of an environment: `rendered` ones, and names that are said to exist ("name", "namespace/name")."""

    rendered: Mapping[RoleRef, Resource]
    existing: frozenset[str]

    @classmethod
    def of(cls, env: Env, existing: Iterable[str]) -> Roles:
        """The roles of an environment; of two alike the last one counts, as it does in the cluster."""
        found = env.of_kind("Role", "ClusterRole", group=RBAC)
        rendered = {RoleRef(r.kind, r.namespace if r.kind == "Role" else "", r.name): r for r in found}
        return cls(rendered, frozenset(existing))

    def exists(self, ref: RoleRef) -> bool:
        """Whether the role is rendered, built in, in the catalogue, or said to exist."""
        if ref in self.rendered or {ref.name, f"{ref.namespace}/{ref.name}"} & self.existing:
            return True
        return ref.kind == "ClusterRole" and rbac.builtin_cluster_role(ref.name) is not None

    def rules_of(self, ref: RoleRef) -> tuple[RoleRule, ...] | None:
        """What the role allows; None where only its name is known, or where there is no such role."""
        role = self.rendered.get(ref)
        if role is not None:
            return self._aggregated(role) if role.get("aggregationRule") else rules_in(role)
        if ref.kind != "ClusterRole":
            return None
        known = rbac.builtin_cluster_role(ref.name)
        if known is None:
            return None
        if known.rules is None:
            return _of_operand(ref.name)
        return (*(RoleRule(rule) for rule in known.rules), *self.added_to(ref.name))

    def added_to(self, name: str) -> tuple[RoleRule, ...]:
        """What is added to a built-in ClusterRole: by OLM, by operands once they run, and by rendered ClusterRoles."""
        labels = [f"{_AGGREGATE}{included}" for included in _INCLUDES.get(name, ())]
        rendered = [r for r in self.rendered.values() if any(r.label(label) == "true" for label in labels)]
        own = tuple(rule for role in rendered if role.kind == "ClusterRole" for rule in rules_in(role))
        return (*_of_operators(name), *own)

    def _aggregated(self, role: Resource) -> tuple[RoleRule, ...]:
        selectors = role.get("aggregationRule", "clusterRoleSelectors")
        found: list[RoleRule] = []
        for selector in selectors if isinstance(selectors, list) else ():
            for other in self.rendered.values():
                if other.kind == "ClusterRole" and other is not role and _selects(selector, other):
                    found.extend(rules_in(other))
            for name in _INCLUDES:
                if _labels_of(selector) == {f"{_AGGREGATE}{name}": "true"}:
                    found.extend(self.rules_of(RoleRef("ClusterRole", "", name)) or ())
        return tuple(found)


def rules_in(role: Resource) -> tuple[RoleRule, ...]:
    """The rules that a rendered role itself lists."""
    rows = role.get("rules")
    return tuple(
        RoleRule(
            PolicyRule(*(texts(row.get(key)) for key in ("apiGroups", "resources", "verbs", "resourceNames"))), role, at
        )
        for at, row in enumerate(rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping)
    )


def text(value: Any) -> str:
    """A text, or "" for anything else."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _of_operand(name: str) -> tuple[RoleRule, ...] | None:
    """The rules of a ClusterRole that an operand brings, by its name; None where it is none of them."""
    for row in dict.fromkeys(row for into in _INCLUDES for row in rbac.aggregated_roles(into)):
        if row.name == name:
            return tuple(RoleRule(rule, later=row.condition) for rule in row.rules)
    return None


@cache
def _of_operators(name: str) -> tuple[RoleRule, ...]:
    """What OLM adds to a built-in role for the kinds that a CSV owns, and what operands add once they run."""
    owned = [entry for entry in kinds.entries() if entry.provenance == "csv"]
    olm = (
        RoleRule(rule)
        for entry in owned
        for included in _INCLUDES.get(name, ())
        if (rule := rbac.csv_owned_rule(entry.group, entry.plural, included)) is not None
    )
    rows = rbac.aggregated_roles(name)
    return (*olm, *(RoleRule(rule, later=row.condition) for row in rows for rule in row.rules))


def _labels_of(selector: Any) -> Any:
    return selector.get("matchLabels") if isinstance(selector, Mapping) else None


def _selects(selector: Any, role: Resource) -> bool:
    """Whether a label selector picks a role; an empty one picks every role, one that is none picks nothing."""
    if not isinstance(selector, Mapping):
        return False
    labels = _labels_of(selector)
    if isinstance(labels, Mapping) and any(role.label(str(key)) != value for key, value in labels.items()):
        return False
    return all(_holds(expression, role) for expression in _expressions(selector))


def _expressions(selector: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    rows = selector.get("matchExpressions")
    return (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, Mapping))


def _holds(expression: Mapping[str, Any], role: Resource) -> bool:
    value = role.label(text(expression.get("key")))
    wanted = texts(expression.get("values"))
    return {
        "In": value in wanted,
        "NotIn": value not in wanted,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(text(expression.get("operator")), False)
