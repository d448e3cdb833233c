"""SGL307: a Subscription that OLM cannot act on, for want of the right OperatorGroup."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.operators import (
    GLOBAL_NAMESPACE,
    OLM,
    Subscription,
    install_mode,
    operator_groups,
    subscriptions,
)
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_AI = "charts/bootstrap-operators/templates/subscription-openshift-ai.yaml"
_GPU = "charts/cluster-capacity/templates/gpu-operator.yaml"
_CERT = "charts/bootstrap-operators/templates/subscription-cert-manager.yaml"
_GROUP = (
    "apiVersion: operators.coreos.com/v1\nkind: OperatorGroup\nmetadata:\n  name: {}\n  namespace: {}\nspec: {{}}\n"
)
_TARGET = "spec:\n  targetNamespaces:\n    - {{ .Values.gpuOperator.namespace }}\n"
_SECOND = "charts/bootstrap-operators/templates/second.yaml"
_VALUES = "charts/bootstrap-operators/values-common.yaml"


@rule(
    id="SGL307",
    name="operator-group",
    severity="error",
    section="5.1",
    summary=(
        "A Subscription in a namespace with no OperatorGroup or with two, or whose OperatorGroup has a mode that the operator "
        "does not support."
    ),
    rationale=(
        "OLM installs an operator only where exactly one OperatorGroup says which namespaces it watches, and only in a mode "
        "that the operator declares. Otherwise the operator's version stays failed, and Argo CD shows the Subscription in sync."
    ),
    remedy="give the namespace one OperatorGroup, with the target namespaces that the operator supports",
    each=Env,
    bad=(
        Example(
            title="the GPU operator for all namespaces",
            edits={_GPU: ((_TARGET, "spec: {}\n"),)},
            at=f"{_GPU}:spec: {{}}",
        ),
        Example(
            title="OpenShift AI for its own namespace",
            edits={_AI: (("spec: {}\n", "spec:\n  targetNamespaces:\n    - redhat-ods-operator\n"),)},
            at=f"{_AI}:targetNamespaces:",
        ),
        Example(
            title="a second one",
            files={_SECOND: _GROUP.format("second", "cert-manager-operator")},
            at=f"{_CERT}:kind: OperatorGroup",
        ),
        Example(
            title="one too many in openshift-operators",
            files={_SECOND: _GROUP.format("global", "openshift-operators")},
            at=f"{_SECOND}:2",
        ),
        Example(
            title="in a namespace that has none",
            edits={
                _AI: (
                    (
                        "  name: openshift-ai\n  namespace: {{ .Values.operators.openshiftAI.namespace }}",
                        "  name: openshift-ai\n  namespace: redhat-ods",
                    ),
                )
            },
            at=f"{_AI}:kind: Subscription",
        ),
    ),
    good=(
        Example(
            title="OpenShift AI in openshift-operators",
            edits={
                _VALUES: (("    namespace: redhat-ods-operator", "    namespace: openshift-operators"),),
                _AI: (
                    (
                        "apiVersion: operators.coreos.com/v1\nkind: OperatorGroup\nmetadata:\n  name: openshift-ai\n"
                        "  namespace: {{ .Values.operators.openshiftAI.namespace }}\nspec: {}\n---\n",
                        "",
                    ),
                ),
            },
        ),
        Example(
            title="cert-manager for all namespaces",
            edits={_CERT: (("spec:\n  targetNamespaces:\n    - {{ $op.namespace }}\n", "spec: {}\n"),)},
        ),
        Example(
            title="one empty target is all namespaces",
            edits={_AI: (("spec: {}\n", 'spec:\n  targetNamespaces: [""]\n'),)},
        ),
    ),
)
def operator_group(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every namespace that an environment puts a Subscription into."""
    by_namespace: dict[str, list[Subscription]] = {}
    for one in subscriptions(env):
        by_namespace.setdefault(one.resource.namespace, []).append(one)
    for namespace, subscribed in by_namespace.items():
        groups = operator_groups(env, namespace)
        if namespace == GLOBAL_NAMESPACE:
            for group in groups:
                message = f"`{namespace}` has an OperatorGroup of its own; with `{group.name}` there are two, and OLM installs nothing"
                yield Hit(group.declaration(), message)
            yield from _modes(subscribed, "AllNamespaces", None)
        elif not groups:
            yield from _without_group(namespace, subscribed, state)
        elif len(groups) > 1:
            message = f"`{namespace}` has the OperatorGroup `{groups[0].name}` already; with two, OLM installs nothing"
            yield Hit(groups[-1].declaration(), message)
        else:
            yield from _modes(subscribed, install_mode(groups[0]), groups[0])


def _without_group(namespace: str, subscribed: list[Subscription], state: DesiredState) -> Iterator[Outcome]:
    for one in subscribed:
        if namespace in state.config.exists.namespaces:
            yield LeftOut(
                f"the OperatorGroup of `{namespace}`",
                "the namespace is in the cluster already",
                one.resource.declaration(),
            )
        else:
            message = f"Subscription `{one.resource.name}` is in `{namespace}`, which has no OperatorGroup: OLM installs nothing there"
            yield Hit(one.resource.declaration(), message)


def _modes(subscribed: list[Subscription], mode: str, group: Resource | None) -> Iterator[Outcome]:
    for one in subscribed:
        operator = one.operator
        if operator is None or not mode:
            why = "it is in no catalogue here" if mode else "its OperatorGroup selects namespaces by label"
            yield LeftOut(f"where the operator `{one.package}` may be installed", why, one.resource.declaration())
        elif mode not in operator.install_modes and operator.verified:
            supported = ", ".join(operator.install_modes)
            where = f"OperatorGroup `{group.name}`" if group else f"the OperatorGroup of `{GLOBAL_NAMESPACE}`"
            message = f"{where} has the mode {mode}, which `{one.package}` does not support; it supports {supported}"
            has_targets = (
                group is not None and group.gvk.group == OLM and group.get("spec", "targetNamespaces") is not None
            )
            at = group.at("spec", "targetNamespaces") if group and has_targets else None
            yield Hit(at or (group.written("spec") if group else one.resource.at("metadata", "namespace")), message)
