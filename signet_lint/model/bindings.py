"""Bindings that miss their mark: a role that is not there, or a subject that is nearly the application controller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from signet_lint.catalogue.rbac import PolicyRule
from signet_lint.model.controllers import (
    Account,
    Controller,
    account_of,
    group_namespace,
    similar,
    subjects_of,
)
from signet_lint.model.resource import Path, Resource
from signet_lint.model.roles import RBAC, RoleRef, RoleRule, Roles, text

_ANYTHING = (RoleRule(PolicyRule(("*",), ("*",), ("*",))),)
# Other accounts of an Argo CD installation (argoproj-labs/argocd-operator 655c3e09f53f, controllers/argocd).
_OTHER_COMPONENTS = ("server", "applicationset-controller", "notifications-controller", "image-updater", "repo-server")


class Slip(Struct, frozen=True):
    """Where a binding is wrong and why; `key` is the same for bindings that get it wrong in the same way."""

    path: Path
    message: str
    key: str


class RoleSlip(Struct, frozen=True):
    """A wrong `roleRef`, and the role that was meant where that can be told."""

    slip: Slip
    meant: RoleRef | None


class Fault(Struct, frozen=True, eq=False):
    """A broken binding; once repaired it would give `rules` in `namespace` (everywhere where that is empty)."""

    binding: Resource
    slip: Slip
    namespace: str
    rules: tuple[RoleRule, ...]


def role_slip(binding: Resource, roles: Roles) -> RoleSlip | None:
    """What is wrong with a binding's `roleRef`."""
    ref = RoleRef.of(binding)
    group = binding.get("roleRef", "apiGroup")
    if group not in (None, "", RBAC):
        message = f"{_label(binding)} names a role of the API group `{group}`; roles are in `{RBAC}`"
        return RoleSlip(Slip(("roleRef", "apiGroup"), message, f"group {group}"), ref)
    if binding.kind == "ClusterRoleBinding" and ref.kind == "Role":
        message = f"{_label(binding)} names a Role; it can only give a ClusterRole"
        meant = RoleRef("ClusterRole", "", ref.name)
        return RoleSlip(Slip(("roleRef", "kind"), message, "kind"), meant if roles.exists(meant) else None)
    if not ref.kind and not ref.name:
        return RoleSlip(Slip(("roleRef",), f"{_label(binding)} names no role", "none"), None)
    if ref.kind not in ("Role", "ClusterRole"):
        message = f"{_label(binding)} names a role of the kind `{ref.kind}`; it is `Role` or `ClusterRole`"
        kind = "ClusterRole" if "cluster" in ref.kind.lower() else "Role"
        return RoleSlip(Slip(("roleRef", "kind"), message, "kind"), _with_kind(ref, kind, binding))
    return None if roles.exists(ref) or _of_operator(ref) else _unknown_role(binding, ref, roles)


def _unknown_role(binding: Resource, ref: RoleRef, roles: Roles) -> RoleSlip:
    """The slip of a reference to a role that is not there: of the kind, the namespace or the name."""
    other = _with_kind(ref, "Role" if ref.kind == "ClusterRole" else "ClusterRole", binding)
    lead = f"{_label(binding)} names the {ref.kind} `{ref.name}`"
    if binding.kind == "RoleBinding" and roles.exists(other):
        return RoleSlip(Slip(("roleRef", "kind"), f"{lead}, but that is a {other.kind}", f"kind {ref.name}"), other)
    elsewhere = [known for known in roles.rendered if known.kind == ref.kind == "Role" and known.name == ref.name]
    if elsewhere:
        message = f"{lead}, which is in the namespace `{elsewhere[0].namespace}`, not in `{ref.namespace}`"
        return RoleSlip(Slip(("roleRef", "name"), message, f"namespace {ref.name}"), elsewhere[0])
    near = _near(ref, roles)
    hint = f"; did you mean `{near.name}`?" if near else ""
    return RoleSlip(Slip(("roleRef", "name"), f"{lead}, which nothing renders{hint}", f"name {ref.name}"), near)


def _near(ref: RoleRef, roles: Roles) -> RoleRef | None:
    """The role of that kind and namespace whose name is nearest."""
    builtin = (RoleRef("ClusterRole", "", name) for name in ("admin", "edit", "view", "cluster-admin"))
    known = [*roles.rendered, *builtin]
    among = [one for one in known if (one.kind, one.namespace) == (ref.kind, ref.namespace)]
    close = [one for one in among if similar(one.name, ref.name, 0.75)]
    return max(close, key=lambda one: _likeness(one.name, ref.name)) if close else None


def _likeness(one: str, other: str) -> int:
    return sum(a == b for a, b in zip(one, other, strict=False)) - abs(len(one) - len(other))


def _with_kind(ref: RoleRef, kind: str, binding: Resource) -> RoleRef:
    return RoleRef(kind, binding.namespace if kind == "Role" else "", ref.name)


def _of_operator(ref: RoleRef) -> bool:
    """Whether the operator of Argo CD makes such a Role in the namespaces that an instance manages."""
    return ref.kind == "Role" and ref.name.endswith(("-argocd-application-controller", "-argocd-server"))


def subject_slip(binding: Resource, controller: Controller, own: frozenset[Account]) -> Slip | None:
    """The subject that is surely meant to be the controller, and what is wrong with it."""
    for at, subject in enumerate(subjects_of(binding)):
        slip = _slip_of(subject, at, binding, controller)
        if slip is not None and account_of(subject, binding) not in own:
            return slip
    return None


def _slip_of(subject: Mapping[str, Any], at: int, binding: Resource, controller: Controller) -> Slip | None:
    account = account_of(subject, binding)
    if account is None:
        return _slip_of_other(subject, at, binding, controller)
    if account.name in controller.accounts:
        if account.namespace == controller.namespace:
            who = f"{_who(account)} with an `apiGroup`, which must be empty,"
            return _slip(binding, ("subjects", at, "apiGroup"), who, controller)
        field = "namespace" if subject.get("kind") == "ServiceAccount" else "name"
        return _slip(binding, ("subjects", at, field), _who(account), controller)
    if _nearly(account, controller):
        return _slip(binding, ("subjects", at, "name"), _who(account), controller)
    return None


def _slip_of_other(subject: Mapping[str, Any], at: int, binding: Resource, controller: Controller) -> Slip | None:
    """A subject that names no account, but a group or a user that was meant to be the controller."""
    kind, name, namespace = text(subject.get("kind")), text(subject.get("name")), group_namespace(subject)
    if namespace and similar(namespace, controller.namespace):
        return _slip(binding, ("subjects", at, "name"), f"the group `{name}`", controller)
    if name in controller.accounts:
        return _slip(binding, ("subjects", at, "kind"), f"the {kind or 'subject'} `{name}`", controller)
    return None


def _nearly(account: Account, controller: Controller) -> bool:
    """Whether an account's name is a slip of the controller's, in the namespace or a slip of it."""
    if account.name.endswith(_OTHER_COMPONENTS):
        return False
    if account.name.endswith("application-controller"):
        return True
    here = account.namespace == controller.namespace
    near = any(similar(account.name, name) for name in controller.accounts)
    return (here and not account.name) or (near and (here or similar(account.namespace, controller.namespace)))


def doubtful_slips(
    binding: Resource, controller: Controller, own: frozenset[Account], role: Resource | None
) -> Iterator[Slip]:
    """Subjects that may be meant to be the controller, to be believed only where it lacks what the role gives.

    Those are accounts of the Argo CD namespace; with a role of the repository's own also any account that nothing in
    the environment uses, and a binding with no subject at all.
    """
    subjects = subjects_of(binding)
    if not subjects:
        message = f"{_label(binding)} names no subject; Argo CD's {_name(controller)} needs its role"
        yield Slip(("subjects",), message, "no subject")
    for at, subject in enumerate(subjects):
        account = account_of(subject, binding)
        if account is None or account in own:
            continue
        if account.namespace == controller.namespace or role is not None:
            yield _slip(binding, ("subjects", at, "name"), _who(account), controller)


def repaired(binding: Resource, slip: RoleSlip | None, roles: Roles) -> tuple[RoleRule, ...]:
    """What a binding would give once it is repaired; anything, where nothing tells which role was meant."""
    ref = slip.meant if slip else RoleRef.of(binding)
    found = roles.rules_of(ref) if ref else None
    return _ANYTHING if found is None else found


def _slip(binding: Resource, path: Path, who: str, controller: Controller) -> Slip:
    message = f"the role goes to {who}, not to Argo CD's {_name(controller)}"
    return Slip(path, message, f"{path[-1]} {binding.get(*path)}")


def _who(account: Account) -> str:
    name = f"the ServiceAccount `{account.name}`" if account.name else "a ServiceAccount of no name"
    return f"{name} in `{account.namespace}`" if account.namespace else f"{name} in no namespace"


def _name(controller: Controller) -> str:
    return f"application controller, `{min(controller.accounts)}` in `{controller.namespace}`"


def _label(binding: Resource) -> str:
    return f"{binding.kind} `{binding.name}`"
