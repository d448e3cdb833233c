"""SGL301: KServe is managed, and nothing installs cert-manager."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.operators import SPOKEN_OF, data_science_clusters, is_installed
from signet_lint.model.pods import containers, pod_spec
from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import unseen
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/bootstrap-operators/values-common.yaml"
_TEMPLATE = "charts/bootstrap-operators/templates/subscription-cert-manager.yaml"
_DSC_VALUES = "charts/openshift-ai/values-common.yaml"


@rule(
    id="SGL301",
    name="cert-manager-missing",
    severity="error",
    section="1",
    summary="An environment whose DataScienceCluster manages `kserve` has no cert-manager Subscription.",
    rationale="The model serving platform needs cert-manager for its certificates; without it KServe does not get ready.",
    remedy="subscribe to cert-manager in this environment, or list it under `exists.operators` in the configuration",
    each=Env,
    bad=(
        Example(
            title="switched off",
            edits={_VALUES: (("  certManager:\n    enabled: true", "  certManager:\n    enabled: false"),)},
            at=f"{_DSC_VALUES}:kserve: Managed",
        ),
        Example(title="removed", files={_TEMPLATE: None}, at=f"{_DSC_VALUES}:kserve: Managed"),
        Example(
            title="switched off in prod",
            files={"charts/bootstrap-operators/values-prod.yaml": "operators:\n  certManager:\n    enabled: false\n"},
            at=f"{_DSC_VALUES}:kserve: Managed",
        ),
    ),
    good=(
        Example(
            title="subscribed to by another chart",
            files={
                _TEMPLATE: None,
                "charts/cert-manager-config/templates/operator.yaml": (
                    "apiVersion: operators.coreos.com/v1alpha1\nkind: Subscription\nmetadata:\n  name: cm\n"
                    "  namespace: cert-manager-operator\nspec:\n  name: openshift-cert-manager-operator\n"
                    "  source: redhat-operators\n  sourceNamespace: openshift-marketplace\n"
                ),
            },
        ),
        Example(
            title="kserve is not managed",
            edits={
                _VALUES: (("  certManager:\n    enabled: true", "  certManager:\n    enabled: false"),),
                _DSC_VALUES: (("kserve: Managed", "kserve: Removed"),),
            },
        ),
    ),
)
def cert_manager_missing(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every DataScienceCluster of an environment that has no cert-manager, however installed."""
    for cluster in data_science_clusters(env):
        at = cluster.at("spec", "components", "kserve", "managementState")
        if at.value != "Managed" or is_installed(env, "cert-manager", state.config) or _runs_cert_manager(env):
            continue
        hit = Hit(at, f"`{env.name}` manages kserve and has no cert-manager: no Subscription installs it there")
        what, called = f"cert-manager in `{env.name}`", SPOKEN_OF["cert-manager"]
        yield unseen(state, env, what, hit.at, "Subscription", called=called) or hit


def _runs_cert_manager(env: Env) -> bool:
    """Whether cert-manager's own controller is deployed, from its chart or manifests."""
    for deployment in env.of_kind("Deployment", group="apps"):
        for _, _, container in containers(pod_spec(deployment) or {}):
            if "cert-manager-controller" in str(container.get("image") or ""):
                return True
    return False
