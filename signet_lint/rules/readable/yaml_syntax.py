"""SGL001: a file that is not YAML."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import problems_of
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/signet-llm/values-common.yaml"
_PROD = "charts/signet-llm/values-prod.yaml"


@rule(
    id="SGL001",
    name="yaml-syntax",
    severity="error",
    section="5.0",
    summary="A values file, a Chart.yaml or a plain manifest that is not YAML.",
    rationale=(
        "Helm refuses to read the file, so Argo CD can render nothing of the chart: the Application shows a comparison "
        "error and keeps what was deployed last. What can be read without the file is still linted."
    ),
    remedy="correct the file at this place",
    each=DesiredState,
    bad=(
        Example(
            title="a tab as indentation",
            edits={_VALUES: (("  gpuMemoryUtilization:", "\tgpuMemoryUtilization:"),)},
            at=f"{_VALUES}:gpuMemoryUtilization",
        ),
        Example(
            title="an open list in an environment's file", files={_PROD: "exposed: true\nargs: [--a\n"}, at=f"{_PROD}:3"
        ),
        Example(
            title="a colon in plain text",
            edits={"charts/openshift-ai/Chart.yaml": (("description: ", "description: AI: "),)},
            at="charts/openshift-ai/Chart.yaml:description",
        ),
    ),
    good=(
        Example(title="an empty values file", files={_PROD: "# exposed: [true\n"}),
        Example(title="anchors and flow style", files={_PROD: "exposed: &on true\nlabels: {a: *on, b: 'c: d'}\n"}),
    ),
)
def yaml_syntax(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every YAML file that a deployment reads."""
    for problem in problems_of(state, "yaml-syntax"):
        yield Hit(
            problem.at, problem.message, envs=(problem.env,) if problem.env else (), application=problem.application
        )
