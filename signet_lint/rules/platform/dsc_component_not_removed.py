"""SGL404: a component that inference does not need is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from signet_lint.catalogue import dsc_components
from signet_lint.model.operators import DSC
from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.rules.platform.dsc_component_not_managed import NEEDED

_VALUES = "charts/openshift-ai/values-common.yaml"


@rule(
    id="SGL404",
    name="dsc-component-not-removed",
    severity="error",
    section="5.2",
    plan_only=True,
    summary="A component of the DataScienceCluster other than `dashboard` and `kserve` is not `Removed`.",
    rationale="The footprint is to be minimal: each further component brings operators, pods and CRDs nobody uses.",
    remedy="set its `managementState: Removed`",
    fixable=True,
    each=Resource,
    kinds=("DataScienceCluster",),
    bad=(
        Example(
            title="workbenches managed",
            edits={
                _VALUES: (
                    (
                        "    workbenches:\n      managementState: Removed",
                        "    workbenches:\n      managementState: Managed",
                    ),
                )
            },
            at=f"{_VALUES}:managementState: Managed",
        ),
        Example(
            title="kueue unmanaged",
            edits={
                _VALUES: (
                    (
                        "QueueName: default\n      managementState: Removed",
                        "QueueName: default\n      managementState: Unmanaged",
                    ),
                )
            },
            at=f"{_VALUES}:managementState: Unmanaged",
        ),
    ),
    good=(
        Example(
            title="written in one line",
            edits={_VALUES: (("    ray:\n      managementState: Removed", '    ray: {managementState: "Removed"}'),)},
        ),
    ),
)
def dsc_component_not_removed(cluster: Resource, _: DesiredState) -> Iterator[Outcome]:
    """Judges every listed component of one DataScienceCluster that has a state."""
    components = cluster.get("spec", "components")
    if cluster.gvk.group != DSC or not isinstance(components, Mapping):
        return
    for name in components:
        known = name in dsc_components.components() or cluster.gvk.version == "v1" or dsc_components.is_later(name)
        state = cluster.get("spec", "components", name, "managementState")
        if known and name not in NEEDED and state not in (None, "Removed"):
            message = f"`{name}` of DataScienceCluster `{cluster.name}` is `{state}`; it must be `Removed`"
            at = cluster.at("spec", "components", name, "managementState")
            yield Hit(at, message, repair=repair(f"remove `{name}`", SetTo(at, "Removed")))
