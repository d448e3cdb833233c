"""SGL309: OpenShift AI on somebody's desk."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.operators import DSC, is_subscription
from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Gate, Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_ENVS = "charts/argocd-apps/values.yaml"
_LOCAL = "    certManagerEnabled: true\n    openshiftAIEnabled: false\n    # Platform\n"
_ON = "    certManagerEnabled: true\n    openshiftAIEnabled: true # local\n    # Platform\n"


@rule(
    id="SGL309",
    name="openshift-ai-in-local",
    severity="error",
    section="11",
    plan_only=True,
    summary="A local environment renders an OpenShift AI Subscription or a DataScienceCluster.",
    rationale="OpenShift AI is nothing to run on a laptop; local environments use a GPU server outside of it.",
    remedy="switch it off in the local environment",
    fixable=True,
    each=Env,
    bad=(
        Example(title="switched on", edits={_ENVS: ((_LOCAL, _ON),)}, at=f"{_ENVS}:true # local"),
        Example(
            title="as text", edits={_ENVS: ((_LOCAL, _ON.replace("true #", "'true' #")),)}, at=f"{_ENVS}:'true' # local"
        ),
    ),
    good=(Example(title="off as text", edits={_ENVS: ((_LOCAL, _ON.replace("true #", "'false' #")),)}),),
)
def openshift_ai_in_local(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges a local environment: each flag that brings a part of OpenShift AI there, once.

    A Subscription that comes with its chart's own defaults is reported as that.
    """
    applications = env.applications if env.is_local else ()
    found = [(a, resource) for a in applications for resource in a.resources if _is_openshift_ai(resource)]
    by_default = any(is_subscription(resource, "openshift-ai") for resource in state.defaults)
    found = [(a, resource) for a, resource in found if not (by_default and resource.kind == "Subscription")]
    listed = ", ".join(f"{resource.kind} `{resource.name}`" for _, resource in found)
    for application, resource in found:
        # A chart of several operators has a gate for each; a chart of its own is switched with its Application.
        gated = resource if resource.kind == "Subscription" else application.manifest or resource
        message = f"the local environment `{env.name}` deploys OpenShift AI: {listed}"
        # One flag may bring several: the same subject makes them one finding.
        off = repair(f"switch it off in `{env.name}`", SetTo(Gate(gated), False))
        yield Hit(Gate(gated), message, subject=found[0][1], key="openshift-ai-in-local", repair=off)


def _is_openshift_ai(resource: Resource) -> bool:
    return is_subscription(resource, "openshift-ai") or (resource.gvk.group, resource.kind) == (
        DSC,
        "DataScienceCluster",
    )
