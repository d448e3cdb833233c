"""SGL115: an Application does not load the environment's own values."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from functools import lru_cache

from signet_lint.model.application import Application, Source, ValueFile
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
        misnamed = [*_missing(source, chart), *_misnamed(application, source, chart, state)]
        for entry, _, message in misnamed:
            yield Hit(application.written(*entry.field), message, key=entry.path)
        if chart is not None:
            # A file that is listed under another name is told at that name.
            yield from _not_listed(application, source, chart, {name for _, name, _ in misnamed})


_Misnamed = tuple[ValueFile, str, str]
"""An entry that is not there, the file that was meant ("" unknown), and what is wrong."""


def _missing(source: Source, chart: Chart | None) -> Iterator[_Misnamed]:
    """The entries that Helm fails for."""
    for entry in () if source.ignore_missing_value_files else source.value_files:
        if not entry.exists:
            near = next((name for name in (chart.values if chart else ()) if _is_meant(entry, name)), "")
            hint = f"; did you mean `{near}`?" if near else ""
            message = f"`{entry.text}` is missing, and without `ignoreMissingValueFiles` Helm fails{hint}"
            yield entry, near, message


def _misnamed(
    application: Application, source: Source, chart: Chart | None, state: DesiredState
) -> Iterator[_Misnamed]:
    """A file that is listed, missing and ignored, beside one of nearly its name that no environment loads."""
    if chart is None or not source.ignore_missing_value_files:
        return
    spare = [name for name in chart.values if name != "values.yaml" and chart.file(name) not in _loaded(state)]
    for entry in source.value_files:
        if entry.exists or application.env not in posixpath.basename(entry.text):
            continue
        for name in spare:
            if _is_meant(entry, name):
                message = f"`{entry.text}` is not there and ignored; did you mean `{name}`, which nothing loads?"
                yield entry, name, message


def _not_listed(application: Application, source: Source, chart: Chart, told: Collection[str]) -> Iterator[Outcome]:
    own = [name for name in chart.values if posixpath.splitext(name)[0] == f"values-{application.env}"]
    loaded = {entry.path for entry in source.value_files}
    for name in own:
        if chart.file(name) not in loaded and name not in told:
            at = application.written(*source.field, "helm", "valueFiles")
            yield Hit(at, f"Application `{application.name}` does not load `{chart.file(name)}`", key=source.path)


def _is_meant(entry: ValueFile, name: str) -> bool:
    """Whether an entry is a file's name written wrong."""
    stem, near = (posixpath.splitext(posixpath.basename(text))[0] for text in (entry.text, name))
    return near != stem and (near.startswith(stem) or bool(get_close_matches(stem, [near], 1, 0.85)))


@lru_cache(maxsize=8)  # asked for each Application
def _loaded(state: DesiredState) -> frozenset[str]:
    """The value files that some environment loads."""
    sources = (source for env in state.envs for one in env.applications for source in one.sources)
    return frozenset(entry.path for source in sources for entry in source.value_files)
