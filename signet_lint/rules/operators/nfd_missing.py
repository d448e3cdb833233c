"""SGL310: a GPU operator that never finds a GPU node."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.operators import SPOKEN_OF, is_installed
from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import unseen
from signet_lint.rule import Example, Hit, Outcome, rule

_NFD = "charts/cluster-capacity/templates/nfd.yaml"
_GPU = "charts/cluster-capacity/templates/gpu-operator.yaml"
_PROD = "charts/cluster-capacity/values-prod.yaml"


@rule(
    id="SGL310",
    name="nfd-missing",
    severity="error",
    section="5.1",
    summary="A GPU operator's ClusterPolicy in an environment without Node Feature Discovery.",
    rationale=(
        "The GPU operator acts on nodes that carry the label of NVIDIA's PCI vendor. Node Feature Discovery sets it, and only "
        "once a NodeFeatureDiscovery tells it to. Without it there are nodes with GPUs that offer none."
    ),
    remedy="deploy the NFD Subscription and a NodeFeatureDiscovery in this environment",
    each=Env,
    bad=(
        Example(title="removed", files={_NFD: None}, at=f"{_GPU}:kind: ClusterPolicy"),
        Example(
            title="switched off",
            edits={_PROD: (("nfd:\n  enabled: true", "nfd:\n  enabled: false"),)},
            at=f"{_GPU}:kind: ClusterPolicy",
        ),
        Example(
            title="the operator without its instance",
            edits={_NFD: (("kind: NodeFeatureDiscovery", "kind: NodeFeatureRule"),)},
            at=f"{_GPU}:kind: ClusterPolicy",
        ),
    ),
    good=(
        Example(
            title="the instance comes with another chart",
            edits={_NFD: (("kind: NodeFeatureDiscovery", "kind: NodeFeatureRule"),)},
            files={
                "charts/signet-llm/templates/nfd.yaml": (
                    "apiVersion: nfd.openshift.io/v1\nkind: NodeFeatureDiscovery\nmetadata:\n  name: other\n  namespace: openshift-nfd\nspec: {}\n"
                )
            },
        ),
    ),
)
def nfd_missing(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every ClusterPolicy of an environment."""
    if "nfd" in state.config.exists.operators:
        return
    subscribed = is_installed(env, "nfd", state.config)
    discovers = bool(env.of_kind("NodeFeatureDiscovery", group="nfd.openshift.io"))
    if subscribed and discovers:
        return
    missing = "no NodeFeatureDiscovery" if subscribed else "no Subscription to Node Feature Discovery"
    for policy in env.of_kind("ClusterPolicy", group="nvidia.com"):
        message = f"`{env.name}` has the ClusterPolicy `{policy.name}` and {missing}: no node is found"
        what = f"Node Feature Discovery in `{env.name}`"
        yield unseen(
            state, env, what, policy.declaration(), "Subscription", "NodeFeatureDiscovery", called=SPOKEN_OF["nfd"]
        ) or Hit(policy.declaration(), message)
