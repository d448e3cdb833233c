"""SGL617: a deployment mode that the installed KServe does not have."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.operators import with_role
from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Resource
from signet_lint.model.serving import KSERVE
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

ANNOTATION = "serving.kserve.io/deploymentMode"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_TWO = "charts/signet-embeddings/templates/inferenceservice.yaml"
_WHY = {
    "Serverless": "needs Knative, which OpenShift AI 3 does not install: KServe rejects the service",
    "ModelMesh": "is gone from OpenShift AI 3",
}


@rule(
    id="SGL617",
    name="deployment-mode",
    severity="error",
    section="5.4",
    summary="A `serving.kserve.io/deploymentMode` that the installed KServe does not know or cannot serve.",
    rationale=(
        "OpenShift AI 3.0 serves raw deployments only. An unknown mode is ignored at first, and every later update of the "
        "service is then rejected, as the recorded mode is another one."
    ),
    remedy="write `RawDeployment`, or leave the annotation out",
    fixable=True,
    each=Resource,
    kinds=("InferenceService",),
    bad=(
        Example(
            title="Knative",
            edits={_SERVICE: (("deploymentMode: RawDeployment", "deploymentMode: Serverless"),)},
            at=f"{_SERVICE}:deploymentMode",
        ),
        Example(
            title="the name of a later KServe",
            edits={_TWO: (('deploymentMode: "RawDeployment"', "deploymentMode: Standard"),)},
            at=f"{_TWO}:deploymentMode",
        ),
        Example(
            title="in small letters",
            edits={_TWO: (('deploymentMode: "RawDeployment"', "deploymentMode: rawdeployment"),)},
            at=f"{_TWO}:deploymentMode",
        ),
    ),
    good=(
        Example(
            title="the default",
            edits={_SERVICE: (("    serving.kserve.io/deploymentMode: RawDeployment\n", ""),)},
        ),
    ),
)
def deployment_mode(service: Resource, state: DesiredState) -> Iterator[Outcome]:
    """Judges the mode of one InferenceService where OpenShift AI 3 serves it."""
    mode = service.annotation(ANNOTATION)
    if service.gvk.group != KSERVE or mode in (None, "RawDeployment"):
        return
    channels = [one.channel for one in with_role(state.env(service.env), "openshift-ai")]
    if not any("-3." in channel for channel in channels) and (channels or state.config.profile == "universal"):
        return
    why = _WHY.get(str(mode), "is a mode that the KServe of OpenShift AI 3.0 does not know")
    at = service.at("metadata", "annotations", ANNOTATION)
    raw = repair("use RawDeployment", SetTo(at, "RawDeployment"))
    yield Hit(at, f"`{service.name}`: deployment mode `{mode}` {why}", repair=raw)
