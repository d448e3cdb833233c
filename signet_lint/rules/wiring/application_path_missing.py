"""SGL103: an Application points at a folder that is not there."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Iterator

from signet_lint.model.application import Application
from signet_lint.model.repair import Reword, repair
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.source.location import Location


@rule(
    id="SGL103",
    name="application-path-missing",
    severity="error",
    section="5.0",
    summary="An Application's `path` is not in the repository, or holds nothing to deploy.",
    rationale="Argo CD reports a comparison error for such an Application and deploys nothing of it.",
    remedy="correct the path, or add the chart",
    fixable=True,
    each=Application,
    needs=("wiring",),
    bad=(
        Example(
            title="a misspelt path",
            edits={
                "charts/signet-umbrella/templates/app-signet-llm.yaml": (("charts/signet-llm", "charts/signet-lm"),)
            },
            at="charts/signet-umbrella/templates/app-signet-llm.yaml:path: charts/signet-lm",
        ),
        Example(
            title="the chart was removed",
            files={"charts/web-frontend": None},
            at="charts/signet-umbrella/templates/app-web-frontend.yaml:path: charts/web-frontend",
        ),
    ),
    good=(
        Example(
            title="a path with slashes around it",
            edits={
                "charts/signet-umbrella/templates/app-signet-llm.yaml": (
                    ("path: charts/signet-llm", "path: ./charts/signet-llm/"),
                )
            },
        ),
    ),
)
def application_path_missing(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the sources of one Application."""
    for source in application.sources:
        if application.manifest is None:
            continue
        at = application.at(*source.field, "path")
        if source.kind == "missing":
            near = nearest_chart(source.path, state)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            message = f"Application `{application.name}` deploys `{source.path}`, which is not here{hint}"
            meant = repair(f"deploy `{near[0]}`", Reword(at, source.path, near[0]), safety="unsafe") if near else None
            yield Hit(at, message, key=source.path, repair=meant)
        elif source.kind == "directory" and not source.value_files and not application.resources:
            folder = posixpath.normpath(source.path or ".")
            if _holds_unread(folder, state):
                continue  # whether it deploys something is not known
            message = f"Application `{application.name}` deploys `{folder}`, which has no chart and no manifests"
            yield Hit(at, message, key=source.path)


def _holds_unread(folder: str, state: DesiredState) -> bool:
    """Whether a folder has files that Argo CD would evaluate and nobody does here (jsonnet)."""
    places = (left.at for left in state.left_out)
    return any(isinstance(at, Location) and posixpath.dirname(at.path) == folder for at in places)


def nearest_chart(path: str, state: DesiredState) -> list[str]:
    """The chart that a path which is not there was likely meant to name, if any: one nothing else deploys first."""
    wired = state.wired_charts
    known = sorted((chart.path for chart in state.charts), key=lambda known: known in wired)
    unwired = [chart for chart in known if chart not in wired]
    return difflib.get_close_matches(path, unwired, n=1, cutoff=0.7) or difflib.get_close_matches(
        path, known, n=1, cutoff=0.7
    )
