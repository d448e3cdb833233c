"""SGL304: a chart that installs OpenShift AI unless somebody switches it off."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.operators import is_subscription
from signet_lint.model.repair import OffByDefault, repair
from signet_lint.model.resource import Gate
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/bootstrap-operators/values-common.yaml"
_TEMPLATE = "charts/bootstrap-operators/templates/subscription-openshift-ai.yaml"
_GATE = "{{- if .Values.operators.openshiftAI.enabled }}"
_OFF = "  openshiftAI:\n    enabled: false"


@rule(
    id="SGL304",
    name="openshift-ai-on-by-default",
    severity="error",
    section="5.1",
    plan_only=True,
    summary="The operators chart renders the OpenShift AI Subscription with its own defaults.",
    rationale="An environment that says nothing must not pull in OpenShift AI, least of all a laptop's.",
    remedy="put the Subscription behind a flag whose default is false",
    fixable=True,
    each=DesiredState,
    bad=(
        Example(
            title="on by default",
            edits={_VALUES: ((_OFF, "  openshiftAI:\n    enabled: true # by default"),)},
            at=f"{_VALUES}:true # by default",
        ),
        Example(
            title="no gate",
            edits={_TEMPLATE: ((_GATE, "{{- if true }}"),)},
            at=f"{_TEMPLATE}:kind: Subscription",
        ),
        Example(
            title="a default in the template",
            edits={
                _TEMPLATE: ((_GATE, "{{- if .Values.operators.openshiftAI.enabled | default true }}"),),
            },
            at=f"{_TEMPLATE}:kind: Subscription",
        ),
    ),
    good=(
        Example(
            title="a gate of another spelling",
            edits={_TEMPLATE: ((_GATE, '{{- if eq (toString .Values.operators.openshiftAI.enabled) "true" }}'),)},
        ),
        Example(
            title="a gate that nobody declared",
            edits={_VALUES: ((_OFF, "  openshiftAI:"),)},
        ),
    ),
)
def openshift_ai_on_by_default(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges what charts give with their own defaults alone."""
    for resource in state.defaults:
        if is_subscription(resource, "openshift-ai"):
            message = f"Subscription `{resource.name}` is rendered with the chart's own defaults"
            off = repair("switch it off by default", OffByDefault(resource.at("spec", "name")))
            yield Hit(Gate(resource), message, repair=off)
