"""SGL303: OpenShift AI from a channel that is not of version 3."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from signet_lint.model.operators import is_subscription, subscription
from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_USUAL = "fast-3.x"
_VALUES = "charts/bootstrap-operators/values-common.yaml"
_TEMPLATE = "charts/bootstrap-operators/templates/subscription-openshift-ai.yaml"
_APP = "charts/signet-umbrella/templates/app-bootstrap-operators.yaml"
_CHANNEL = "  channel: {{ .Values.operators.openshiftAI.channel | quote }}\n"


@rule(
    id="SGL303",
    name="openshift-ai-channel",
    severity="error",
    section="5.1",
    plan_only=True,
    summary="The OpenShift AI Subscription's channel is not of the `fast-3.x` family (configurable), or there is none.",
    rationale=(
        "OpenShift AI 3.0 is published in `fast-3.x` alone. Without a channel the package's default is taken, which is still "
        "one of version 2."
    ),
    remedy="subscribe to the channel `fast-3.x`, or allow another under `channels` in the configuration",
    fixable=True,
    each=Resource,
    kinds=("Subscription",),
    bad=(
        Example(
            title="a channel of version 2",
            edits={_VALUES: (("channel: fast-3.x", "channel: stable-2.25"),)},
            at=f"{_VALUES}:channel: stable-2.25",
        ),
        Example(title="no channel", edits={_TEMPLATE: ((_CHANNEL, ""),)}, at=f"{_TEMPLATE}:20"),
        Example(
            title="passed by the Application",
            edits={
                _APP: (
                    (
                        "        - name: operators.vaultSecrets.enabled\n",
                        "        - name: operators.openshiftAI.channel\n          value: fast\n"
                        "        - name: operators.vaultSecrets.enabled\n",
                    ),
                )
            },
            at=f"{_APP}:value: fast",
        ),
    ),
    good=(
        Example(title="a minor of the family", edits={_VALUES: (("channel: fast-3.x", "channel: fast-3.2"),)}),
        Example(title="written in the template", edits={_TEMPLATE: ((_CHANNEL, "  channel: fast-3.x\n"),)}),
    ),
)
def openshift_ai_channel(resource: Resource, state: DesiredState) -> Iterator[Outcome]:
    """Judges one Subscription to OpenShift AI."""
    if not is_subscription(resource, "openshift-ai"):
        return
    found = subscription(resource)
    allowed = state.config.channels.get(found.package) or (found.operator.channels if found.operator else ())
    if not allowed or any(fnmatch.fnmatchcase(found.channel, pattern) for pattern in allowed):
        return
    fact = (
        f"takes channel `{found.channel}`" if found.channel else "names no channel: the package's default is a 2.x one"
    )
    at = resource.at("spec", "channel", probe=_USUAL)
    named = [pattern for pattern in allowed if not set(pattern) & set("*?[")]
    usual = [_USUAL for pattern in allowed if fnmatch.fnmatchcase(_USUAL, pattern)]
    # A channel that is named nowhere had better become a value, which is more than one edit.
    wanted = next(iter([*usual, *named]), "") if found.channel else ""
    fix = repair(f"take the channel `{wanted}`", SetTo(at, wanted)) if wanted else None
    yield Hit(at, f"Subscription `{resource.name}` {fact}; allowed: {', '.join(allowed)}", repair=fix)
