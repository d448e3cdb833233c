"""SGL102: a chart that nothing deploys."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.chart import Chart
from signet_lint.model.missing import is_unwired
from signet_lint.model.repair import Wire, repair
from signet_lint.model.resource import Key
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.rules.wiring.application_path_missing import nearest_chart


@rule(
    id="SGL102",
    name="unwired-chart",
    severity="error",
    section="5.0",
    summary="A chart beside the others is deployed by no Application, in no environment and with no flag.",
    rationale=(
        "A chart is deployed only if a child Application of the umbrella points at its folder. A chart that was written "
        "but never wired passes every check of its own and never reaches a cluster."
    ),
    remedy="add a child Application for it to the umbrella's templates, with its flag (wiring steps 2 to 4)",
    fixable=True,
    each=Chart,
    needs=("wiring",),
    bad=(
        Example(
            title="the child Application is missing",
            files={"charts/signet-umbrella/templates/app-signet-loadtest.yaml": None},
            at="charts/signet-loadtest/Chart.yaml:apiVersion: v2",
        ),
        Example(
            title="a new chart",
            files={"charts/reranker/Chart.yaml": "apiVersion: v2\nname: reranker\nversion: 0.1.0\n"},
            at="charts/reranker/Chart.yaml:1",
        ),
    ),
    good=(
        Example(
            title="a library chart",
            files={"charts/common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 0.1.0\ntype: library\n"},
        ),
        Example(
            title="a chart outside the deployed ones",
            files={"examples/demo/Chart.yaml": "apiVersion: v2\nname: demo\nversion: 0.1.0\n"},
        ),
        Example(
            title="off in every environment",
            edits={
                "charts/argocd-apps/values.yaml": (
                    ("    signetLoadtestEnabled: true", "    signetLoadtestEnabled: false"),
                )
            },
        ),
    ),
)
def unwired_chart(chart: Chart, state: DesiredState) -> Iterator[Outcome]:
    """Judges one chart against everything that is, or with its flag on would be, deployed."""
    if not is_unwired(chart, state) or _deploys_unknown(state):
        return  # what it would deploy is not known; why it cannot be rendered is reported
    misspelt = _misspelt(state)
    if chart.path in misspelt or any(_renders_applications(state.chart(path)) for path in misspelt):
        return  # the Application's path is reported
    message = f"chart `{chart.path}` is deployed by no Application, in no environment"
    wired_up = repair(f"wire `{chart.path}` like its neighbours", Wire(chart.path))
    yield Hit(Key(chart.file("Chart.yaml")), message, repair=wired_up)


def _misspelt(state: DesiredState) -> set[str]:
    """Charts that a path which is not there was meant to name."""
    sources = [source for env in state.envs for application in env.applications for source in application.sources]
    missing = [source.path for source in sources if source.kind == "missing"]
    return {near for path in missing for near in nearest_chart(path, state)}


def _renders_applications(chart: Chart | None) -> bool:
    """Whether what the chart would deploy is unknown while nothing deploys the chart itself."""
    return chart is not None and any("kind: Application" in text for text in chart.templates.values())


def _deploys_unknown(state: DesiredState) -> bool:
    """Whether a chart that renders Applications could not be rendered, or an environment generated none at all."""
    if any(all(application.manifest is None for application in env.applications) for env in state.envs):
        return True
    failed = [a for env in state.envs for a in env.applications if not a.rendered]
    return any(_renders_applications(state.chart(path)) for a in failed for path in a.charts)
