"""SGL406: a component or field that the API v2 does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from signet_lint.catalogue import dsc_components
from signet_lint.model.operators import DSC
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/openshift-ai/values-common.yaml"
_DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"
_KSERVE = "      managementState: {{ .Values.components.kserve | quote }}\n"


@rule(
    id="SGL406",
    name="dsc-component-unknown",
    severity="error",
    section="5.2",
    summary="A component that the DataScienceCluster API v2 does not have, or a field that a component lost.",
    rationale=(
        "The API server drops what the CRD does not know in silence: the component is not installed, and Argo CD shows the "
        "DataScienceCluster out of sync for ever."
    ),
    remedy="remove it, or correct its name",
    each=Resource,
    kinds=("DataScienceCluster",),
    bad=(
        Example(
            title="pipelines by their old name",
            edits={_VALUES: (("    aipipelines:", "    datasciencepipelines:"),)},
            at=f"{_VALUES}:datasciencepipelines:",
        ),
        Example(
            title="a component of version 2 in the template",
            edits={_DSC: (("    kserve:\n", "    codeflare:\n      managementState: Removed\n    kserve:\n"),)},
            at=f"{_DSC}:codeflare:",
        ),
        Example(
            title="the deployment mode of version 2",
            edits={_DSC: ((_KSERVE, _KSERVE + "      defaultDeploymentMode: RawDeployment\n"),)},
            at=f"{_DSC}:defaultDeploymentMode",
        ),
    ),
    good=(
        Example(
            title="a field that kserve has",
            edits={_DSC: ((_KSERVE, _KSERVE + "      rawDeploymentServiceConfig: Headed\n"),)},
        ),
    ),
)
def dsc_component_unknown(cluster: Resource, _: DesiredState) -> Iterator[Outcome]:
    """Judges the keys under `components` of one DataScienceCluster of v2, and the fields known to be gone."""
    components = cluster.get("spec", "components")
    if (cluster.gvk.group, cluster.gvk.version) != (DSC, "v2") or not isinstance(components, Mapping):
        return
    for name, content in components.items():
        at = cluster.at("spec", "components", name)
        if dsc_components.is_later(str(name)):
            yield LeftOut(
                f"the component `{name}` of DataScienceCluster `{cluster.name}`", "OpenShift AI 3.0 has none", at
            )
        elif name not in dsc_components.components():
            yield Hit(at, f"`{name}` is no component of a DataScienceCluster of v2{_hint(str(name))}")
        for field, fate in dsc_components.gone_fields(str(name)).items():
            if isinstance(content, Mapping) and field in content:
                yield Hit(cluster.at("spec", "components", name, field), f"`{name}.{field}` is gone: {fate}")


def _hint(name: str) -> str:
    fate = dsc_components.gone(name)
    if fate:
        return f": {fate}"
    near = dsc_components.nearest(name)
    return f"; did you mean `{near}`?" if near else ""
