"""SGL407: a second DataScienceCluster."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.operators import data_science_clusters
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_SECOND = "charts/signet-llm/templates/dsc.yaml"
_TEXT = (
    "apiVersion: datasciencecluster.opendatahub.io/v2\nkind: DataScienceCluster\nmetadata:\n  name: second\n"
    "spec:\n  components: {}\n"
)


@rule(
    id="SGL407",
    name="dsc-not-single",
    severity="error",
    section="5.2",
    summary="An environment renders more than one DataScienceCluster.",
    rationale="A cluster takes one DataScienceCluster; the operator's webhook refuses every further one.",
    remedy="merge them into one",
    each=Env,
    bad=(
        Example(title="one with a model service", files={_SECOND: _TEXT}, at=f"{_SECOND}:2"),
        Example(
            title="twice in one chart",
            files={"charts/openshift-ai/templates/second.yaml": _TEXT},
            at="charts/openshift-ai/templates/second.yaml:2",
        ),
    ),
    good=(
        Example(
            title="the second one is switched off",
            files={_SECOND: "{{- if .Values.ownCluster }}\n" + _TEXT + "{{- end }}\n"},
        ),
    ),
)
def dsc_not_single(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every DataScienceCluster of an environment after the first, if it has another name."""
    first, *others = data_science_clusters(env) or (None,)
    for other in others:
        if first is not None and other.name != first.name:
            yield Hit(
                other.declaration(),
                f"`{env.name}` has the DataScienceCluster `{first.name}` already; a cluster takes one only",
            )
