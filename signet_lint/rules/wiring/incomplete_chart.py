"""SGL101: a component chart without the files that make it one."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Iterator

from signet_lint.model.application import Application, Source, ValueFile
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule


@rule(
    id="SGL101",
    name="incomplete-chart",
    severity="error",
    section="5.0",
    summary="A component chart has no `Chart.yaml`, or lacks the common values file that its Application lists.",
    rationale=(
        "Without `Chart.yaml` Argo CD does not see a chart at all. A missing common values file is worse: with "
        "`ignoreMissingValueFiles` Argo CD drops it without a word and deploys the chart without its values."
    ),
    remedy="create the missing file in the chart's folder, or list the file that is there",
    each=Application,
    bad=(
        Example(
            title="the common values file is missing",
            files={"charts/signet-loadtest/values-common.yaml": None},
            at="charts/signet-umbrella/templates/app-signet-loadtest.yaml:- values-common.yaml",
        ),
        Example(
            title="the values file is misspelt",
            edits={
                "charts/signet-umbrella/templates/app-signet-loadtest.yaml": (
                    ("- values-common.yaml", "- values-comon.yaml"),
                )
            },
            at="charts/signet-umbrella/templates/app-signet-loadtest.yaml:- values-comon.yaml",
        ),
        Example(
            title="no Chart.yaml",
            files={"charts/signet-loadtest/Chart.yaml": None},
            at="charts/signet-umbrella/templates/app-signet-loadtest.yaml:path: charts/signet-loadtest",
        ),
    ),
    good=(
        Example(title="an environment without values of its own", files={"charts/signet-llm/values-prod.yaml": None}),
    ),
)
def incomplete_chart(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the sources of one Application."""
    for source in application.sources:
        if application.manifest is None or source.kind not in ("helm", "directory"):
            continue
        if _lacks_metadata(source, state):
            message = f"chart `{source.path}` has no `Chart.yaml`: Argo CD does not deploy it as a chart"
            yield Hit(application.written(*source.field, "path"), message, key=source.path)
        elif source.kind == "helm":
            for entry in source.value_files:
                if _is_missing_for_all(entry, source, state):
                    yield Hit(application.written(*entry.field), _message(entry, source, state), key=entry.path)


def _lacks_metadata(source: Source, state: DesiredState) -> bool:
    """Whether the folder is meant as a chart: the Application gives it Helm settings."""
    if state.chart(source.path) is not None:
        return False
    return source.kind == "helm" or bool(source.value_files)


def _is_missing_for_all(entry: ValueFile, source: Source, state: DesiredState) -> bool:
    """A file that is listed alike in every environment, is missing, and is dropped in silence."""
    if entry.exists or not source.ignore_missing_value_files:
        return False
    if posixpath.normpath(posixpath.join(source.path, entry.text)).startswith("../"):
        return False  # outside of the repository: Argo CD does not drop it, it fails
    stem = posixpath.splitext(posixpath.basename(entry.path))[0]
    return not any(env.name in stem.replace("_", "-").split("-") or env.name in stem for env in state.envs)


def _message(entry: ValueFile, source: Source, state: DesiredState) -> str:
    chart = state.chart(source.path)
    own = {f"values-{env.name}" for env in state.envs}
    names = [name for name in sorted(chart.values) if posixpath.splitext(name)[0] not in own] if chart else []
    near = difflib.get_close_matches(posixpath.basename(entry.text), names, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return f"chart `{source.path}` has no `{entry.text}`, and Argo CD drops it without a word{hint}"
