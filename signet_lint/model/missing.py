"""Charts that ought to be deployed in an environment and are not: what is missing there follows from that."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.chart import Chart
from signet_lint.model.state import DesiredState


def missing_charts(env: Env, state: DesiredState) -> Iterator[Chart]:
    """Charts that are not deployed in an environment, and of which that is reported.

    Those that the plan requires there, and those beside the deployed ones that nothing deploys in any environment.
    """
    here = {path for application in env.applications for path in application.charts}
    required = state.config.required if env.runs_inference and state.config.profile == "signet" else ()
    for chart in state.charts:
        if chart.path not in here and (posixpath.basename(chart.path) in required or is_unwired(chart, state)):
            yield chart


def is_unwired(chart: Chart, state: DesiredState) -> bool:
    """Whether a chart beside the deployed ones is deployed by no Application, in no environment.

    Charts live beside each other; an example or a test chart elsewhere is nobody's component.
    """
    wired = state.wired_charts
    if not wired or chart.is_library or chart.path in wired or chart.path in state.entries:
        return False
    return posixpath.dirname(chart.path) in {posixpath.dirname(path) for path in wired}


def says(chart: Chart, text: str) -> bool:
    """Whether a chart is called by a text, or its templates or values have it as a word."""
    if text == chart.name:
        return True
    word = re.compile(rf"(?<![\w.-]){re.escape(text)}(?![\w.-])")
    texts = (*chart.templates.values(), *map(str, chart.values.values()))
    return any(map(word.search, texts))
