"""SGL003: Helm cannot render a chart as Argo CD calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from signet_lint.model.resource import Field
from signet_lint.model.state import DesiredState, Problem
from signet_lint.model.unreadable import lacks_a_file, problems_of
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.source.location import Location

# As text/template of Go says it, under `missingkey=error`.
_MISSING_KEY = re.compile(r'map has no entry for key "([^"]*)"')
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_ACCOUNT = "charts/signet-llm/templates/serviceaccount.yaml"
_WEB = "charts/web-frontend/templates/service.yaml"


@rule(
    id="SGL003",
    name="render-failed",
    severity="error",
    section="5.0",
    summary="Helm cannot render a chart with the values that Argo CD passes in some environment.",
    rationale=(
        "Argo CD renders the chart just as this run does, meets the same error and deploys nothing of the Application. "
        "A chart that renders with its own defaults can still fail with those of one environment."
    ),
    remedy="correct the template, or set the value that it asks for in that environment",
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="a value that no file sets",
            edits={_SERVICE: (("{{ .Values.runtime.name }}", "{{ .Values.serving.runtime }}"),)},
            at=f"{_SERVICE}:.Values.serving",
        ),
        Example(
            title="an open action", edits={_ACCOUNT: (("{{ .Values.name }}", "{{ .Values.name }"),)}, at=f"{_ACCOUNT}:4"
        ),
        Example(
            title="a demand that no environment meets",
            edits={_WEB: (("metadata:\n", 'metadata: # {{ required "set owner" .Values.owner }}\n'),)},
            at=f"{_WEB}:set owner",
        ),
    ),
    good=(
        Example(
            title="a value that may be absent",
            edits={
                _SERVICE: (
                    ("{{ .Values.runtime.name }}", "{{ (.Values.serving).runtime | default .Values.runtime.name }}"),
                )
            },
        ),
        Example(
            title="a file that is not YAML is told of itself",
            edits={"charts/signet-llm/values-common.yaml": (("model:\n", "model: x: y\n"),)},
        ),
    ),
)
def render_failed(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every chart that an Application or an installation renders."""
    for problem in problems_of(state, "render-failed"):
        if lacks_a_file(state, problem.env, problem.application) or _is_undefined_element(problem, state):
            continue
        # A template that fails in several environments fails for one reason, whatever values its message quotes.
        key = "template" if isinstance(problem.at, Location) else ""
        envs = (problem.env,) if problem.env else ()
        yield Hit(problem.at, problem.message, envs=envs, application=problem.application, key=key)


def _is_undefined_element(problem: Problem, state: DesiredState) -> bool:
    """Whether it is a key that no element has, in a template that another rule judges whole."""
    key = _MISSING_KEY.search(problem.message)
    if key is None or not isinstance(problem.at, Field):
        return False
    name = problem.at.resource.name
    return any(key[1] in one.undefined_reads for one in state.wiring if one.application_set.name == name)
