"""What the Argo CD application controller may do in an environment, and which rights it lacks there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.catalogue import rbac
from signet_lint.catalogue.rbac import Baseline
from signet_lint.config import ArgoCD, Config
from signet_lint.model.application import Application, Env
from signet_lint.model.bindings import Fault, RoleSlip, doubtful_slips, repaired, role_slip, subject_slip
from signet_lint.model.controllers import (
    Controller,
    controller_of,
    controllers,
    gives_to,
    in_cluster,
    own_accounts,
)
from signet_lint.model.needs import Need, needs_of
from signet_lint.model.resource import Resource
from signet_lint.model.roles import RBAC, RoleRef, RoleRule, Roles, text

_OPEN_ROLES = frozenset({"admin", "edit"})


class Grant(Struct, frozen=True, eq=False):
    """Rules that hold in `namespace` (everywhere where that is empty); `rules` is None where they are not known.

    `binding` is the rendered binding that gives them. `is_open` tells that others may add to them, as to `admin`.
    """

    namespace: str
    rules: tuple[RoleRule, ...] | None
    binding: Resource | None = None
    is_open: bool = False

    def covers(self, namespace: str) -> bool:
        """Whether it holds in a namespace ("" stands for cluster-scoped resources)."""
        return self.namespace in ("", namespace)


class Unmet(Struct, frozen=True, eq=False):
    """A right that is lacking: `verbs` at all, or, with `later`, until an operand has started."""

    need: Need
    verbs: frozenset[str]
    later: str = ""

    @property
    def is_minor(self) -> bool:
        """Whether the resource can be applied all the same, if perhaps not at the first attempt."""
        return bool(self.later) or self.verbs <= {"delete"}


class Rights(Struct, frozen=True, eq=False):
    """The rights of the application controller in an environment.

    `unmet` leaves out what follows from a fault; `unjudged` are needs that nobody can decide from the repository.
    `bound` are the roles that some rendered binding names.
    """

    grants: tuple[Grant, ...]
    faults: tuple[Fault, ...]
    unmet: tuple[Unmet, ...]
    unjudged: tuple[Need, ...]
    roles: Roles
    bound: frozenset[RoleRef]

    def unmet_of(self, application: Application) -> tuple[Unmet, ...]:
        """What an Application lacks."""
        return tuple(one for one in self.unmet if one.need.application is application)


def rights_in(env: Env, config: Config) -> Rights:
    """The rights of the controller in an environment: the installation's baseline and what the environment renders."""
    return _rights(env, config.argocd, config.exists.roles)


@lru_cache(maxsize=32)
def _rights(env: Env, argocd: ArgoCD, existing: tuple[str, ...]) -> Rights:
    roles = Roles.of(env, existing)
    known = controllers(env, argocd)
    baseline = rbac.baseline(argocd.installation)
    grants = {one: tuple(_grants(env, one, baseline, roles)) for one in known}
    faults = list(_sure_faults(env, known, roles))
    needs = [need for need in _needs(env, argocd) if in_cluster(need.application)]

    verdicts: dict[Any, Unmet | None] = {}
    in_force: dict[Any, list[RoleRule]] = {}

    def judged(need: Need) -> Unmet | None:
        # Most manifests of an environment ask for the same rights.
        where = (controller_of(need.application, known), need.namespace, need.group)
        key = (*where, need.plurals, need.verbs, need.name if has_names else None)
        if key not in verdicts:
            if where not in in_force:
                in_force[where] = _rules_for(need, grants[where[0]])
            verdicts[key] = _unmet(need, in_force[where])
        verdict = verdicts[key]
        return None if verdict is None else replace(verdict, need=need)

    has_names = any(rule.rule.resource_names for given in grants.values() for one in given for rule in one.rules or ())

    def lacking() -> tuple[Unmet, ...]:
        mended = tuple(_mended(faults, baseline))
        found = (judged(need) for need in needs)
        return tuple(unmet for unmet in found if unmet is not None and not _mends(unmet, mended))

    unmet = lacking()
    doubtful = list(_doubtful_faults(env, known, roles, unmet))
    if doubtful:
        faults.extend(doubtful)
        unmet = lacking()
    open_to_doubt = [one for one in unmet if _undecided(one.need, grants[controller_of(one.need.application, known)])]
    return Rights(
        grants=grants[known[0]],
        faults=tuple(faults),
        unmet=tuple(one for one in unmet if one not in open_to_doubt),
        unjudged=tuple(one.need for one in open_to_doubt),
        roles=roles,
        bound=frozenset(RoleRef.of(binding) for binding in _bindings(env)),
    )


def _needs(env: Env, argocd: ArgoCD) -> Iterator[Need]:
    for application in env.applications:
        if not application.is_entry:
            yield from needs_of(application, env, argocd.installation)


def _grants(env: Env, controller: Controller, baseline: Baseline, roles: Roles) -> Iterator[Grant]:
    """The baseline of an installation, then each binding that gives something to the controller."""
    if controller.configured:
        yield Grant("", tuple(RoleRule(rule) for rule in baseline.cluster_rules))
    if baseline.namespace_rules:
        rules = (*(RoleRule(rule) for rule in baseline.namespace_rules), *roles.added_to("admin"))
        for namespace in (controller.namespace, *_managed(env, controller, baseline.managed_by_label)):
            yield Grant(namespace, rules, is_open=True)
    for binding in _bindings(env):
        if gives_to(binding, controller):
            ref = RoleRef.of(binding)
            rules_of_role = roles.rules_of(ref)
            if rules_of_role is None and not roles.exists(ref):
                continue
            is_open = ref.kind == "ClusterRole" and ref.name in _OPEN_ROLES
            yield Grant(_scope(binding), rules_of_role, binding, is_open)


def _managed(env: Env, controller: Controller, label: str | None) -> Iterator[str]:
    """Namespaces that are labelled as managed, by a Namespace or by an Application that creates one."""
    if label is None:
        return
    for namespace in env.of_kind("Namespace", group=""):
        if namespace.label(label) == controller.namespace:
            yield namespace.name
    for application in env.applications:
        if application.manifest and "CreateNamespace=true" in application.sync_options:
            path = ("spec", "syncPolicy", "managedNamespaceMetadata", "labels", label)
            if application.manifest.get(*path) == controller.namespace:
                yield application.destination


def _bindings(env: Env) -> tuple[Resource, ...]:
    return env.of_kind("RoleBinding", "ClusterRoleBinding", group=RBAC)


def _scope(binding: Resource) -> str:
    return binding.namespace if binding.kind == "RoleBinding" else ""


def _sure_faults(env: Env, known: tuple[Controller, ...], roles: Roles) -> Iterator[Fault]:
    """Bindings that name the controller, or surely mean it, and miss the role or the controller."""
    own = own_accounts(env)
    for binding in _bindings(env):
        wrong_role = role_slip(binding, roles)
        reached = any(gives_to(binding, one) for one in known)
        subject = None if reached else subject_slip(binding, known[0], own)
        rules = repaired(binding, wrong_role, roles)
        if wrong_role and (reached or subject or _is_nowhere(binding)):
            yield Fault(
                binding, wrong_role.slip, _meant_scope(binding, wrong_role), rules if reached or subject else ()
            )
        if subject:
            yield Fault(binding, subject, _scope(binding), rules)


def _meant_scope(binding: Resource, wrong: RoleSlip) -> str:
    """Where a binding would hold once it is repaired: a Role of another namespace may be right where it is."""
    meant = wrong.meant
    return meant.namespace if meant and meant.kind == "Role" and binding.kind == "RoleBinding" else _scope(binding)


def _is_nowhere(binding: Resource) -> bool:
    """Whether a binding for others is to be judged too: its Role would have to be in this repository."""
    ref = RoleRef.of(binding)
    system = ref.namespace.startswith(("kube-", "openshift")) or ref.name.startswith("system:")
    return ref.kind == "Role" and binding.kind == "RoleBinding" and not system


def _doubtful_faults(
    env: Env, known: tuple[Controller, ...], roles: Roles, lacking: tuple[Unmet, ...]
) -> Iterator[Fault]:
    """Bindings whose subject may be meant to be the controller, believed where it lacks what they would give."""
    own = own_accounts(env)
    for binding in _bindings(env):
        if any(gives_to(binding, one) for one in known) or subject_slip(binding, known[0], own):
            continue
        ref = RoleRef.of(binding)
        slip = next(doubtful_slips(binding, known[0], own, roles.rendered.get(ref)), None)
        rules = roles.rules_of(ref) if slip else None
        if slip and rules and any(_mends(one, (Grant(_scope(binding), rules),)) for one in lacking):
            yield Fault(binding, slip, _scope(binding), rules)


def _mended(faults: Iterable[Fault], baseline: Baseline) -> Iterator[Grant]:
    """What broken bindings would give; a wrong namespace of Argo CD itself would be one it manages."""
    for fault in faults:
        yield Grant(fault.namespace, fault.rules)
        at = fault.slip.path
        named = fault.binding.get(*at[:-1], "namespace") if at[0] == "subjects" and len(at) == 3 else None
        if text(named):
            rules = tuple(RoleRule(rule) for rule in baseline.namespace_rules)
            yield Grant(text(named), rules)


def _mends(unmet: Unmet, grants: Iterable[Grant]) -> bool:
    """Whether further grants would make a lack smaller."""
    need = unmet.need
    had = RoleRule(rbac.PolicyRule((need.group,), need.plurals, tuple(need.verbs - unmet.verbs)))
    after = _unmet(need, [had, *_rules_for(need, grants)])
    return after is None or after.verbs < unmet.verbs


def _rules_for(need: Need, grants: Iterable[Grant]) -> list[RoleRule]:
    """The rules that hold where something is needed and speak of its API group."""
    rules = (rule for grant in grants if grant.covers(need.namespace) for rule in grant.rules or ())
    return [rule for rule in rules if need.group in rule.rule.api_groups or "*" in rule.rule.api_groups]


def _unmet(need: Need, rules: list[RoleRule]) -> Unmet | None:
    absent = _absent(need, [rule for rule in rules if not rule.later])
    if not absent:
        return None
    finally_absent = _absent(need, rules)
    if finally_absent < absent and finally_absent <= {"delete"}:
        return Unmet(need, absent, _condition(need, rules, absent))
    return Unmet(need, absent)


def _absent(need: Need, rules: list[RoleRule]) -> frozenset[str]:
    """Verbs that the rules do not give; of the plurals a kind may have, the best covered counts."""
    policy = [rule.rule for rule in rules]
    options = (rbac.rules_allow(policy, need.group, plural, need.verbs, need.name) for plural in need.plurals)
    return min(options, key=len)


def _condition(need: Need, rules: list[RoleRule], absent: frozenset[str]) -> str:
    for rule in rules:
        if rule.later and any(
            rbac.rules_allow([rule.rule], need.group, plural, absent, need.name) < absent for plural in need.plurals
        ):
            return rule.later
    return ""


def _undecided(need: Need, grants: tuple[Grant, ...]) -> bool:
    """Whether a role of unknown rules holds there, or one that someone unknown may have added the kind to."""
    holding = [grant for grant in grants if grant.covers(need.namespace)]
    if any(grant.rules is None for grant in holding):
        return True
    return need.may_be_added and any(grant.is_open for grant in holding)
