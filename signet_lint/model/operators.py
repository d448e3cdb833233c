"""Operators that an environment installs through OLM, and what OLM makes of their OperatorGroups."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from signet_lint.catalogue import operators
from signet_lint.catalogue.operators import Operator
from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.resource import Resource

OLM = "operators.coreos.com"
GLOBAL_NAMESPACE = "openshift-operators"
"""Where OpenShift keeps an OperatorGroup for all namespaces [OLM, 0000_50_olm_13-operatorgroup-default.yaml]."""
DSC = "datasciencecluster.opendatahub.io"
SPOKEN_OF = {
    "cert-manager": r"cert-?manager",
    "nfd": r"\bnfd\b|node-feature-discovery|gpu-operator",
    "openshift-ai": r"rhods|rhoai|openshift-?ai|opendatahub",
}
"""How charts and folders that may install an operator speak of it, by its part."""


class Subscription(Struct, frozen=True):
    """A Subscription with what the catalogue knows of its package (None: nothing)."""

    resource: Resource
    package: str
    operator: Operator | None

    @property
    def channel(self) -> str:
        """The channel it subscribes to, "" for the package's default."""
        channel = self.resource.get("spec", "channel")
        return channel if isinstance(channel, str) else ""


@lru_cache(maxsize=64)
def subscriptions(env: Env) -> tuple[Subscription, ...]:
    """Every Subscription of an environment."""
    return tuple(map(subscription, env.of_kind("Subscription", group=OLM)))


def subscription(resource: Resource) -> Subscription:
    """A Subscription as the catalogue knows its package."""
    package = str(resource.get("spec", "name", default=""))
    return Subscription(resource, package, operators.lookup(package))


def is_subscription(resource: Resource, role: str) -> bool:
    """Whether a manifest subscribes to an operator with that part."""
    if (resource.gvk.group, resource.kind) != (OLM, "Subscription"):
        return False
    operator = subscription(resource).operator
    return operator is not None and operator.role == role


def with_role(env: Env, role: str) -> tuple[Subscription, ...]:
    """The Subscriptions of an environment to operators with that part."""
    return tuple(one for one in subscriptions(env) if one.operator and one.operator.role == role)


def is_installed(env: Env, role: str, config: Config) -> bool:
    """Whether an environment has an operator: subscribed to, or configured as installed otherwise."""
    if with_role(env, role):
        return True
    packages = {one.package for one in operators.entries() if one.role == role}
    return bool(packages & set(config.exists.operators))


def data_science_clusters(env: Env) -> tuple[Resource, ...]:
    """Every DataScienceCluster of an environment, of any version."""
    return env.of_kind("DataScienceCluster", group=DSC)


def operator_groups(env: Env, namespace: str) -> tuple[Resource, ...]:
    """The OperatorGroups that an environment puts into a namespace."""
    return tuple(group for group in env.of_kind("OperatorGroup", group=OLM) if group.namespace == namespace)


def install_mode(group: Resource) -> str:
    """The install mode that an OperatorGroup asks for, "" where a selector leaves it open.

    [operator-framework/api, pkg/operators/v1alpha1 InstallModeSet.Supports]
    """
    spec = group.get("spec")
    targets = spec.get("targetNamespaces") if isinstance(spec, dict) else None
    names = [str(one) for one in targets] if isinstance(targets, list) else []
    if isinstance(spec, dict) and spec.get("selector") and not names:
        return ""
    if not names or names == [""]:
        return "AllNamespaces"
    if len(names) > 1:
        return "MultiNamespace"
    return "OwnNamespace" if names[0] == group.namespace else "SingleNamespace"
