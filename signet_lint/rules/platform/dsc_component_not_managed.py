"""SGL403: a component that serving needs is not managed."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.operators import DSC
from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/openshift-ai/values-common.yaml"
_DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"
NEEDED = ("dashboard", "kserve")


@rule(
    id="SGL403",
    name="dsc-component-not-managed",
    severity="error",
    section="5.2",
    plan_only=True,
    summary="`dashboard` or `kserve` is absent from the DataScienceCluster or not `Managed`.",
    rationale="KServe serves the models and the dashboard shows them; a component that is not managed is not installed.",
    remedy="set its `managementState: Managed`",
    fixable=True,
    each=Resource,
    kinds=("DataScienceCluster",),
    bad=(
        Example(
            title="kserve removed",
            edits={_VALUES: (("kserve: Managed", "kserve: Removed"),)},
            at=f"{_VALUES}:kserve: Removed",
        ),
        Example(
            title="the dashboard left out",
            edits={_DSC: (("    dashboard:\n      managementState: {{ .Values.components.dashboard }}\n", ""),)},
            at=f"{_DSC}:  components:",
        ),
        Example(
            title="written in small letters",
            edits={_DSC: (("managementState: {{ .Values.components.dashboard }}", "managementState: managed"),)},
            at=f"{_DSC}:managementState: managed",
        ),
    ),
    good=(
        Example(
            title="written out in the template",
            edits={_DSC: (("managementState: {{ .Values.components.dashboard }}", "managementState: Managed"),)},
        ),
    ),
)
def dsc_component_not_managed(cluster: Resource, _: DesiredState) -> Iterator[Outcome]:
    """Judges the two components of one DataScienceCluster."""
    if cluster.gvk.group != DSC:
        return
    for component in NEEDED:
        state = cluster.get("spec", "components", component, "managementState")
        if state != "Managed":
            fact = f"is `{state}`" if state is not None else "is not set"
            is_listed = cluster.get("spec", "components", component) is not None
            state_at = cluster.at("spec", "components", component, "managementState", probe="Managed")
            yield Hit(
                state_at if is_listed else cluster.written("spec", "components"),
                f"`{component}` of DataScienceCluster `{cluster.name}` {fact}; it must be `Managed`",
                key=component,
                repair=repair(f"let `{component}` be managed", SetTo(state_at, "Managed")),
            )
