"""Who the Argo CD application controller is, and whether a binding's subjects name it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from msgspec import Struct

from signet_lint.config import ArgoCD
from signet_lint.model.application import Application, Env
from signet_lint.model.resource import Resource
from signet_lint.model.roles import text

_USER = "system:serviceaccount:"
_GROUP = "system:serviceaccounts"
_IN_CLUSTER = frozenset({"", "https://kubernetes.default.svc", "https://kubernetes.default.svc:443"})
_POD_SPECS: tuple[tuple[str, ...], ...] = (
    ("spec", "template", "spec"),
    ("spec", "jobTemplate", "spec", "template", "spec"),
    ("spec",),
    ("spec", "predictor"),
)


class Controller(Struct, frozen=True):
    """An application controller: namespace and names of its accounts; `configured` is that of the configuration."""

    namespace: str
    accounts: frozenset[str]
    configured: bool


class Account(Struct, frozen=True):
    """A ServiceAccount that a subject names."""

    namespace: str
    name: str


def controllers(env: Env, argocd: ArgoCD) -> tuple[Controller, ...]:
    """The configured controller, then those of other ArgoCD resources that the environment renders.

    The operator names the account after the ArgoCD resource (argoproj-labs/argocd-operator 655c3e09f53f,
    controllers/argocd/serviceaccount.go).
    """
    accounts: dict[str, set[str]] = {argocd.namespace: {argocd.service_account}}
    for instance in env.of_kind("ArgoCD", group="argoproj.io"):
        accounts.setdefault(instance.namespace, set()).add(f"{instance.name}-argocd-application-controller")
    return tuple(Controller(ns, frozenset(names), ns == argocd.namespace) for ns, names in accounts.items())


def controller_of(application: Application, known: tuple[Controller, ...]) -> Controller:
    """The controller that runs an Application: that of the Application's own namespace, else the configured one."""
    return next((one for one in known if one.namespace == application.namespace), known[0])


def in_cluster(application: Application) -> bool:
    """Whether it deploys to the cluster that Argo CD runs in, where roles decide what it may do."""
    destination = application.manifest.get("spec", "destination") if application.manifest else None
    if not isinstance(destination, Mapping):
        return True
    server, name = text(destination.get("server")), text(destination.get("name"))
    return server.rstrip("/") in _IN_CLUSTER and name in ("", "in-cluster")


def subjects_of(binding: Resource) -> tuple[Mapping[str, Any], ...]:
    """The subjects of a binding, in order; what is none becomes an empty one."""
    rows = binding.get("subjects")
    return tuple(row if isinstance(row, Mapping) else {} for row in rows) if isinstance(rows, list) else ()


def account_of(subject: Mapping[str, Any], binding: Resource) -> Account | None:
    """The ServiceAccount that a subject names, also as a user; None where it names none.

    Without a namespace a RoleBinding means its own (kubernetes/kubernetes, pkg/registry/rbac/validation/rule.go).
    """
    kind, name = text(subject.get("kind")), text(subject.get("name"))
    if kind == "ServiceAccount":
        return Account(text(subject.get("namespace")) or binding.namespace, name)
    if kind == "User" and name.startswith(_USER):
        namespace, _, account = name[len(_USER) :].partition(":")
        return Account(namespace, account)
    return None


def gives_to(binding: Resource, controller: Controller) -> bool:
    """Whether one of its subjects is the controller, by its account, its user name or a group it is in."""
    return any(_is(subject, binding, controller) for subject in subjects_of(binding))


def _is(subject: Mapping[str, Any], binding: Resource, controller: Controller) -> bool:
    if subject.get("kind") == "Group":
        groups = (_GROUP, f"{_GROUP}:{controller.namespace}", "system:authenticated")
        return subject.get("name") in groups
    account = account_of(subject, binding)
    # The API server refuses a ServiceAccount with an API group (pkg/apis/rbac/validation/validation.go).
    if account is None or (subject.get("kind") == "ServiceAccount" and subject.get("apiGroup")):
        return False
    return account.namespace == controller.namespace and account.name in controller.accounts


def group_namespace(subject: Mapping[str, Any]) -> str:
    """The namespace whose ServiceAccounts a Group subject means; "" where it means no such group."""
    name = text(subject.get("name"))
    return name[len(_GROUP) + 1 :] if subject.get("kind") == "Group" and name.startswith(f"{_GROUP}:") else ""


@lru_cache(maxsize=32)
def own_accounts(env: Env) -> frozenset[Account]:
    """ServiceAccounts that the environment renders or that its workloads run as."""
    found = {Account(r.namespace, r.name) for r in env.of_kind("ServiceAccount", group="")}
    for resource in env.resources:
        for path in _POD_SPECS:
            name = resource.get(*path, "serviceAccountName")
            if isinstance(name, str) and name:
                found.add(Account(resource.namespace, name))
    return frozenset(found)


def similar(one: str, other: str, least: float = 0.8) -> bool:
    """Whether two texts differ so little that one may be a slip of the other."""
    if one == other:
        return False
    one, other = one.casefold(), other.casefold()
    # Upper bounds first, from lengths alone before anything is compared.
    if 2 * min(len(one), len(other)) < least * (len(one) + len(other)):
        return False
    compared = SequenceMatcher(None, one, other)
    return compared.quick_ratio() >= least and compared.ratio() >= least
