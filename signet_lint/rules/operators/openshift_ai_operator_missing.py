"""SGL302: a DataScienceCluster without the operator that acts on it."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.operators import SPOKEN_OF, data_science_clusters, is_installed
from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import unseen
from signet_lint.rule import Example, Hit, Outcome, rule

_TEMPLATE = "charts/bootstrap-operators/templates/subscription-openshift-ai.yaml"
_APP = "charts/signet-umbrella/templates/app-bootstrap-operators.yaml"
_VALUES = "charts/bootstrap-operators/values-common.yaml"
_DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"


@rule(
    id="SGL302",
    name="openshift-ai-operator-missing",
    severity="error",
    section="5.1",
    summary="An environment with a DataScienceCluster has no OpenShift AI Subscription.",
    rationale="The operator brings the CRD and installs the components; without it the sync fails on an unknown kind.",
    remedy="subscribe to OpenShift AI in this environment, or list it under `exists.operators` in the configuration",
    each=Env,
    bad=(
        Example(title="the Subscription is gone", files={_TEMPLATE: None}, at=f"{_DSC}:kind: DataScienceCluster"),
        Example(
            title="its flag is not passed on",
            edits={
                _APP: (
                    (
                        "        - name: operators.openshiftAI.enabled\n          value: {{ .Values.openshiftAI.enabled | quote }}\n",
                        "",
                    ),
                )
            },
            at=f"{_DSC}:kind: DataScienceCluster",
        ),
        Example(
            title="another package",
            edits={_VALUES: (("package: rhods-operator", "package: rhods-operators"),)},
            at=f"{_DSC}:kind: DataScienceCluster",
        ),
    ),
    good=(
        Example(
            title="beside the DataScienceCluster",
            files={
                _TEMPLATE: None,
                "charts/openshift-ai/templates/operator.yaml": (
                    "apiVersion: operators.coreos.com/v1alpha1\nkind: Subscription\nmetadata:\n  name: ai\n"
                    "  namespace: redhat-ods-operator\nspec:\n  name: rhods-operator\n  channel: fast-3.x\n"
                    "  source: redhat-operators\n  sourceNamespace: openshift-marketplace\n"
                ),
            },
        ),
    ),
)
def openshift_ai_operator_missing(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every DataScienceCluster of an environment."""
    if is_installed(env, "openshift-ai", state.config):
        return
    for cluster in data_science_clusters(env):
        message = f"`{env.name}` has the DataScienceCluster `{cluster.name}` and no Subscription to OpenShift AI"
        hit = Hit(cluster.declaration(), message)
        what, called = f"OpenShift AI's Subscription in `{env.name}`", SPOKEN_OF["openshift-ai"]
        yield unseen(state, env, what, hit.at, "Subscription", called=called) or hit
