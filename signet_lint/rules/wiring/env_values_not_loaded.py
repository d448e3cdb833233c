"""SGL115: an Application does not load the environment's own values."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from signet_lint.model.application import Application, Source
from signet_lint.model.chart import Chart
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_APP = "charts/signet-umbrella/templates/app-signet-llm.yaml"


@rule(
    id="SGL115",
    name="env-values-not-loaded",
    severity="error",
    section="5.0",
    summary="An Application does not load the chart's `values-<env>.yaml`, or lists a file that is missing and not ignored.",
    rationale=(
        "The environment's values file is there and nobody reads it, so the environment runs with the common defaults. "
        "A missing file that is not ignored makes Helm fail instead, and nothing is deployed."
    ),
    remedy="list `values-<env>.yaml` in `valueFiles`, after the common file, with `ignoreMissingValueFiles: true`",
    each=Application,
    bad=(
        Example(
            title="the environment's file is not listed",
            edits={
                "charts/signet-umbrella/templates/app-signet-loadtest.yaml": (
                    ("        - values-{{ .Values.env }}.yaml\n", ""),
                )
            },
            at="charts/signet-umbrella/templates/app-signet-loadtest.yaml:valueFiles:",
        ),
        Example(
            title="missing files are not ignored",
            edits={
                "charts/signet-umbrella/templates/app-openshift-ai.yaml": (
                    ("      ignoreMissingValueFiles: true\n", ""),
                )
            },
            at="charts/signet-umbrella/templates/app-openshift-ai.yaml:values-{{",
        ),
    ),
    good=(Example(title="a chart without such a file", files={"charts/signet-llm/values-prod.yaml": None}),),
)
def env_values_not_loaded(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the Helm sources of one Application."""
    for source in application.sources:
        if application.manifest is None or source.kind != "helm":
            continue
        chart = state.chart(source.path)
        if chart is not None:
            yield from _not_listed(application, source, chart)
            yield from _misnamed(application, source, chart, state)
        if not source.ignore_missing_value_files:
            for entry in source.value_files:
                if not entry.exists:
                    message = f"`{entry.text}` is missing, and without `ignoreMissingValueFiles` Helm fails"
                    yield Hit(application.written(*entry.field), message, key=entry.path)


def _not_listed(application: Application, source: Source, chart: Chart) -> Iterator[Outcome]:
    own = [name for name in chart.values if posixpath.splitext(name)[0] == f"values-{application.env}"]
    loaded = {entry.path for entry in source.value_files}
    for name in own:
        if chart.file(name) not in loaded:
            at = application.written(*source.field, "helm", "valueFiles")
            yield Hit(at, f"Application `{application.name}` does not load `{chart.file(name)}`", key=source.path)


def _misnamed(application: Application, source: Source, chart: Chart, state: DesiredState) -> Iterator[Outcome]:
    """A file that is listed, missing and ignored, beside one of nearly its name that no environment loads."""
    spare = [name for name in chart.values if name != "values.yaml" and chart.file(name) not in _loaded(state)]
    for entry in source.value_files:
        stem = posixpath.splitext(posixpath.basename(entry.text))[0]
        if entry.exists or not source.ignore_missing_value_files or application.env not in stem:
            continue
        for name in spare:
            near = posixpath.splitext(name)[0]
            if near != stem and (near.startswith(stem) or get_close_matches(stem, [near], 1, 0.85)):
                message = f"`{entry.text}` is not there and ignored; did you mean `{name}`, which nothing loads?"
                yield Hit(application.written(*entry.field), message, key=entry.path)


@lru_cache(maxsize=8)  # asked for each Application
def _loaded(state: DesiredState) -> frozenset[str]:
    """The value files that some environment loads."""
    sources = (source for env in state.envs for one in env.applications for source in one.sources)
    return frozenset(entry.path for source in sources for entry in source.value_files)
