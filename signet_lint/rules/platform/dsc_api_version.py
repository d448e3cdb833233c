"""SGL402: a DataScienceCluster of an API version that OpenShift AI 3 only converts."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.operators import data_science_clusters, with_role
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"
_OPERATORS = "charts/bootstrap-operators/values-common.yaml"


@rule(
    id="SGL402",
    name="dsc-api-version",
    severity="error",
    section="5.2",
    summary="A DataScienceCluster is not of the API version v2 though OpenShift AI 3 is installed.",
    rationale=(
        "OpenShift AI 3 stores v2 and converts v1: components that v2 does not have are dropped on the way, and Argo CD "
        "compares what it sent with what it gets back."
    ),
    remedy="write it as `datasciencecluster.opendatahub.io/v2`",
    each=Env,
    bad=(
        Example(
            title="the old version",
            edits={_DSC: (("opendatahub.io/v2", "opendatahub.io/v1"),)},
            at=f"{_DSC}:apiVersion:",
        ),
        Example(
            title="an older one still",
            edits={_DSC: (("opendatahub.io/v2", "opendatahub.io/v1alpha1"),)},
            at=f"{_DSC}:apiVersion:",
        ),
    ),
    good=(
        Example(
            title="OpenShift AI 2 is installed",
            edits={
                _DSC: (("opendatahub.io/v2", "opendatahub.io/v1"),),
                _OPERATORS: (("channel: fast-3.x", "channel: stable-2.25"),),
            },
        ),
    ),
)
def dsc_api_version(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every DataScienceCluster of an environment by the channels its operator comes from."""
    channels = [one.channel for one in with_role(env, "openshift-ai")]
    third = any(_is_third(channel) for channel in channels) or (not channels and state.config.profile == "signet")
    for cluster in data_science_clusters(env) if third else ():
        if cluster.gvk.version != "v2":
            message = (
                f"DataScienceCluster `{cluster.name}` is of version `{cluster.gvk.version}`; OpenShift AI 3 has v2"
            )
            yield Hit(cluster.at("apiVersion"), message)


def _is_third(channel: str) -> bool:
    """Whether a channel gives version 3 (`fast-3.x`, `stable-3.3`, `eus-3.5`)."""
    return "-3." in channel or channel.startswith("3.")
