"""SGL405: a component that is left to its default."""

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
_DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"
_REMOVED = "    {{- toYaml .Values.components.removed | nindent 4 }}\n"


@rule(
    id="SGL405",
    name="dsc-component-implicit",
    severity="warning",
    section="5.2",
    plan_only=True,
    summary="A component of the API v2 is not listed in the DataScienceCluster.",
    rationale="What is not listed is left to the default of whatever version is installed; the intent should be written.",
    remedy="list every component with `managementState: Removed`",
    fixable=True,
    each=Resource,
    kinds=("DataScienceCluster",),
    bad=(
        Example(
            title="one component left out",
            edits={_VALUES: (("    ray:\n      managementState: Removed\n", ""),)},
            at=f"{_DSC}:  components:",
        ),
        Example(title="none but two listed", edits={_DSC: ((_REMOVED, ""),)}, at=f"{_DSC}:  components:"),
        Example(
            title="listed without a state",
            edits={_VALUES: (("    ray:\n      managementState: Removed\n", "    ray: {}\n"),)},
            at=f"{_DSC}:  components:",
        ),
    ),
    good=(
        Example(
            title="in the template instead of the values",
            edits={
                _VALUES: (("    ray:\n      managementState: Removed\n", ""),),
                _DSC: ((_REMOVED, "    ray:\n      managementState: Removed\n" + _REMOVED),),
            },
        ),
    ),
)
def dsc_component_implicit(cluster: Resource, _: DesiredState) -> Iterator[Outcome]:
    """Judges one DataScienceCluster of v2, all components it leaves out together."""
    components = cluster.get("spec", "components")
    if (cluster.gvk.group, cluster.gvk.version) != (DSC, "v2"):
        return
    listed = components if isinstance(components, Mapping) else {}
    old_names = " ".join(dsc_components.gone(str(name)) for name in listed)  # each says what it is called now
    misspelt = {dsc_components.nearest(str(name)) for name in listed}
    left_out = [
        name
        for name in dsc_components.components()
        if name not in {*NEEDED, *misspelt} and f"`{name}`" not in old_names and _is_open(listed.get(name))
    ]
    if left_out:
        names = ", ".join(f"`{name}`" for name in left_out)
        yield Hit(
            cluster.written("spec", "components"),
            f"DataScienceCluster `{cluster.name}` does not say what becomes of {names}",
            key="implicit",
            repair=repair("remove them", *(_removed(cluster, name) for name in left_out)),
        )


def _removed(cluster: Resource, name: str) -> SetTo:
    """A component that is listed gets its state where it is listed, another one a line in the template."""
    path = ("spec", "components", name, "managementState")
    is_listed = cluster.get(*path[:-1]) is not None
    return SetTo(cluster.at(*path, probe="Removed") if is_listed else cluster.written(*path), "Removed")


def _is_open(component: object) -> bool:
    return not isinstance(component, Mapping) or component.get("managementState") is None
