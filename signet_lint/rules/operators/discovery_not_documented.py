"""SGL306: nobody can tell how package and channel were found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from signet_lint.model.application import Application
from signet_lint.model.operators import is_subscription
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.source.location import Location

_README = "charts/bootstrap-operators/README.md"
_COMMAND = re.compile(r"\b(?:oc|kubectl)\b[^\n|;`]*\bget\b[^\n|;`]*\bpackagemanifests?\b")


@rule(
    id="SGL306",
    name="discovery-not-documented",
    severity="warning",
    section="5.1",
    plan_only=True,
    summary="The README of the chart with the OpenShift AI Subscription does not show how to discover package and channel.",
    rationale="Package and channel are pinned by looking at the cluster's catalogue; the next person must be able to look again.",
    remedy="show `oc get packagemanifests -n openshift-marketplace` and `oc get packagemanifest <name>` in the chart's README",
    each=Application,
    bad=(
        Example(title="no README", files={_README: None}, at="charts/bootstrap-operators/Chart.yaml:1"),
        Example(
            title="a README about something else",
            files={_README: "# Operators\n\nA package manifest exists.\n"},
            at=f"{_README}:1",
        ),
    ),
    good=(
        Example(title="with kubectl", files={_README: "    kubectl get packagemanifests -A\n"}),
        Example(
            title="options before",
            files={_README: "`oc get -n openshift-marketplace packagemanifest rhods-operator`\n"},
        ),
    ),
)
def discovery_not_documented(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the charts of an Application that deploys the Subscription."""
    if not any(is_subscription(resource, "openshift-ai") for resource in application.resources):
        return
    for path in application.charts:
        chart = state.chart(path)
        if chart is None or _COMMAND.search(chart.readme):
            continue
        message = f"the README of `{path}` does not show how to discover package and channel (`oc get packagemanifest`)"
        yield Hit(Location(chart.file(chart.readme_file or "Chart.yaml")), message)
