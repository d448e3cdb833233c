"""SGL401: a service of KServe without the DataScienceCluster that installs KServe."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.operators import SPOKEN_OF, data_science_clusters, is_installed
from signet_lint.model.serving import KSERVE
from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import unseen
from signet_lint.rule import Example, Hit, Outcome, rule

_APP = "charts/signet-umbrella/templates/app-openshift-ai.yaml"
_DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"
_LLM = "charts/signet-llm/templates/inferenceservice.yaml"
_EMBEDDINGS = "charts/signet-embeddings/templates/inferenceservice.yaml"


@rule(
    id="SGL401",
    name="dsc-missing",
    severity="error",
    section="5.2",
    summary="An environment with an InferenceService renders no DataScienceCluster.",
    rationale=(
        "OpenShift AI's operator installs nothing by itself: the DataScienceCluster says which components run. Without it "
        "there is no KServe, its CRDs are missing, and the sync of every model service fails."
    ),
    remedy="deploy a DataScienceCluster that manages kserve in this environment, too",
    each=Env,
    bad=(
        Example(
            title="the manifest is another kind, and the second service is gone",
            edits={_DSC: (("kind: DataScienceCluster", "kind: DSCInitialization"),)},
            files={_EMBEDDINGS: None},
            at=f"{_LLM}:kind: InferenceService",
        ),
        Example(
            title="the Application that deploys it is gone",
            files={_APP: None, _EMBEDDINGS: None},
            at=f"{_LLM}:kind: InferenceService",
        ),
    ),
    good=(
        Example(
            title="deployed with the service itself",
            files={
                _APP: None,
                "charts/signet-llm/templates/dsc.yaml": (
                    "apiVersion: datasciencecluster.opendatahub.io/v2\nkind: DataScienceCluster\n"
                    "metadata:\n  name: default-dsc\nspec:\n  components: {}\n"
                ),
            },
        ),
    ),
)
def dsc_missing(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges the services of an environment that has no DataScienceCluster of any version."""
    services = env.of_kind("InferenceService", "LLMInferenceService", group=KSERVE)
    if not services or data_science_clusters(env):
        return
    if env.is_local and state.config.profile == "signet":
        return  # the service itself must not be there
    # KServe without OpenShift AI is a platform of its own; the plan knows no other than OpenShift AI.
    if state.config.profile == "universal" and not is_installed(env, "openshift-ai", state.config):
        return
    for service in services:
        message = f"{service.kind} `{service.name}` needs KServe, and `{env.name}` deploys no DataScienceCluster to install it"
        hit = Hit(service.declaration(), message)
        what, called = f"the DataScienceCluster of `{env.name}`", SPOKEN_OF["openshift-ai"]
        yield unseen(state, env, what, hit.at, "DataScienceCluster", called=called) or hit
