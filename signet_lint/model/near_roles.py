"""Where a missing right is best added: the rendered role that nearly grants it, else the resource that needs it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from msgspec import Struct

from signet_lint.catalogue import kinds, rbac
from signet_lint.model.access import Rights, Unmet
from signet_lint.model.controllers import similar
from signet_lint.model.needs import MANAGE, Need
from signet_lint.model.repair import Allow, Append, Repair, Reword, SetTo, repair
from signet_lint.model.resource import Declaration, Field, Resource
from signet_lint.model.roles import RoleRule, rules_in


class Remedy(Struct, frozen=True):
    """A place to edit and what is wrong there (the end of a message); `role` is None where no role comes near.

    `repair` is the edit, where one is right.
    """

    at: Field | Declaration
    note: str
    role: Resource | None
    repair: Repair | None = None


def remedy_for(unmet: Unmet, rights: Rights) -> Remedy:
    """The best place to edit: a rule in force, a binding of too small a scope, an unbound role, or the resource."""
    need = unmet.need
    bound = [(rule, rule.role) for grant in rights.grants if grant.covers(need.namespace) for rule in grant.rules or ()]
    in_force = [_near_rule(rule, role, unmet) for rule, role in bound if role is not None and rule.index >= 0]
    ranked = sorted((near for near in in_force if near is not None), key=lambda near: near[0])
    if ranked:
        return ranked[0][1]
    for remedy in (*_too_narrow(unmet, rights), *_unbound(unmet, rights)):
        return remedy
    return Remedy(need.resource.declaration(), "", None, _new_role(need, rights))


def _near_rule(rule: RoleRule, role: Resource, unmet: Unmet) -> tuple[int, Remedy] | None:
    """How near a rule comes (less is nearer) and what to edit in it; None where it has nothing to do with the need."""
    need, policy = unmet.need, rule.rule
    same_group = need.group in policy.api_groups
    listed = any(plural in policy.resources for plural in need.plurals)
    label = f"the {role.kind} `{role.name}`"
    if same_group and (listed or "*" in policy.resources):
        if policy.resource_names and not rbac.rules_allow([_unnamed(rule)], need.group, need.plural, unmet.verbs):
            note = f"{label} allows it for named objects only, which does not hold for `create`, `list` and `watch`"
            return 1, Remedy(role.at("rules", rule.index, "resourceNames"), note, role)
        verbs = role.at("rules", rule.index, "verbs")
        added = repair("add the verbs", *(Append(verbs, verb) for verb in _ordered(unmet.verbs)))
        return 0, Remedy(verbs, f"{label} lacks the verbs", role, added)
    slip = _near_resource(policy.resources, need)
    if same_group and slip is not None:
        note = f"{label} lists `{policy.resources[slip]}`"
        at = role.at("rules", rule.index, "resources", slip)
        renamed = repair(f"name `{need.plural}`", Reword(at, policy.resources[slip], need.plural))
        return 2, Remedy(at, note, role, renamed)
    group = _near_group(policy, need)
    if group is not None and (listed or slip is not None):
        note = f"{label} names the group `{policy.api_groups[group]}`"
        at = role.at("rules", rule.index, "apiGroups", group)
        renamed = repair(f"name the group `{need.group}`", SetTo(at, need.group))
        return 3, Remedy(at, note, role, renamed)
    if same_group and need.group:
        at = role.at("rules", rule.index, "resources")
        return 4, Remedy(
            at, f"{label} does not list it", role, repair(f"list `{need.plural}`", Append(at, need.plural))
        )
    return None


def _ordered(verbs: frozenset[str]) -> list[str]:
    """Verbs as people write them."""
    return [verb for verb in MANAGE if verb in verbs]


def _new_role(need: Need, rights: Rights) -> Repair:
    """A role of its own, where none comes near: for all of the group that anything lacks in the same namespace."""
    alike = (one.need for one in rights.unmet if (one.need.group, one.need.namespace) == (need.group, need.namespace))
    plurals = tuple(sorted({one.plural for one in alike}))
    application = need.application
    step = Allow(application.name, application.env, need.namespace, need.group, plurals)
    return repair(f"allow it to manage {', '.join(f'`{plural}`' for plural in plurals)}", step)


def _unnamed(rule: RoleRule) -> rbac.PolicyRule:
    policy = rule.rule
    return rbac.PolicyRule(policy.api_groups, policy.resources, policy.verbs)


def _near_resource(resources: tuple[str, ...], need: Need) -> int | None:
    """The resource of a rule that is a slip of the kind's plural: the singular, the kind's name, a typo."""
    for at, resource in enumerate(resources):
        plain = resource.casefold()
        if plain == need.resource.kind.casefold() or plain in need.plurals:
            return at
        if any(similar(resource, plural, 0.85) for plural in need.plurals):
            return at
    return None


def _near_group(policy: rbac.PolicyRule, need: Need) -> int | None:
    """The API group of a rule that is a slip of the one wanted: a typo, a part of it, it with a version, or none."""
    wanted = need.group
    for at, group in enumerate(policy.api_groups):
        if not group and wanted and not _core_plurals() & set(policy.resources):
            return at
        parted = bool(group) and (wanted.endswith(f".{group}") or group.startswith(f"{wanted}/"))
        if group.casefold() == wanted.casefold() or parted or similar(group, wanted):
            return at
    return None


@cache
def _core_plurals() -> frozenset[str]:
    return frozenset(entry.plural for entry in kinds.entries() if not entry.group)


def _too_narrow(unmet: Unmet, rights: Rights) -> Iterator[Remedy]:
    """Roles that grant a cluster-scoped resource, but in one namespace only, where that has no effect."""
    if unmet.need.namespace:
        return
    for grant in rights.grants:
        if not grant.namespace or grant.binding is None or not _allows(grant.rules, unmet):
            continue
        role = next((rule.role for rule in grant.rules or () if rule.role is not None), None)
        if role is None:
            continue
        label = f"the {role.kind} `{role.name}` grants it in the namespace `{grant.namespace}` only"
        wrong = grant.binding if role.kind == "ClusterRole" else role
        yield Remedy(wrong.declaration(), label, role)


def _unbound(unmet: Unmet, rights: Rights) -> Iterator[Remedy]:
    """Rendered roles that would grant it, but that no binding names."""
    namespace = unmet.need.namespace
    for ref, role in rights.roles.rendered.items():
        fits = ref.kind == "ClusterRole" or (ref.namespace == namespace and namespace)
        if fits and ref not in rights.bound and _allows(rules_in(role), unmet):
            yield Remedy(role.declaration(), f"the {role.kind} `{role.name}` grants it, but no binding names it", role)


def _allows(rules: tuple[RoleRule, ...] | None, unmet: Unmet) -> bool:
    need = unmet.need
    policy = [rule.rule for rule in rules or () if rule.role is not None and not rule.later]
    return any(not rbac.rules_allow(policy, need.group, plural, unmet.verbs, need.name) for plural in need.plurals)
