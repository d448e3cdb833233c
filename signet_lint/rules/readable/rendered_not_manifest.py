"""SGL004: what a chart renders is no manifest."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.resource import OutputLine
from signet_lint.model.state import DesiredState, Problem
from signet_lint.model.unreadable import broken_files, lacks_a_file, problems_of
from signet_lint.rule import Example, Hit, Outcome, rule

_SERVICE = "charts/web-frontend/templates/service.yaml"
_LLM = "charts/signet-llm/templates/inferenceservice.yaml"
_ACCOUNT = "charts/signet-llm/templates/serviceaccount.yaml"


@rule(
    id="SGL004",
    name="rendered-not-manifest",
    severity="error",
    section="5.0",
    summary="Rendered output that is not YAML, or a document without apiVersion, kind or metadata.name.",
    rationale=(
        "Helm only pastes text together; that the text is a manifest is checked by Argo CD, which then "
        "refuses the whole "
        "Application. A wrong indentation or a name that renders empty is enough."
    ),
    remedy="correct the template so that each document it renders is a whole manifest",
    each=DesiredState,
    bad=(
        Example(
            title="a mapping where a text is",
            edits={_SERVICE: (("metadata:\n", "metadata: name: x\n"),)},
            at=f"{_SERVICE}:metadata:",
        ),
        Example(title="no kind", edits={_SERVICE: (("kind: Service", "type: Service"),)}, at=f"{_SERVICE}:apiVersion"),
        Example(
            title="a name that renders empty",
            edits={_ACCOUNT: (("  name: {{ .Values.name }}", "  name: {{ .Values.accountName }}"),)},
            at=f"{_ACCOUNT}:apiVersion",
        ),
    ),
    good=(
        Example(
            title="a template that renders nothing",
            edits={
                _SERVICE: (("apiVersion: v1", "{{ if .Values.never }}\napiVersion: v1"), ("TCP\n", "TCP\n{{ end }}\n"))
            },
        ),
        Example(
            title="a generated name",
            edits={_ACCOUNT: (("  name: {{ .Values.name }}", "  generateName: {{ .Values.name }}-"),)},
        ),
    ),
)
def rendered_not_manifest(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges everything that charts render and that plain manifest files hold."""
    for problem in problems_of(state, "not-a-manifest"):
        if _is_a_broken_file(problem, state) or lacks_a_file(state, problem.env, problem.application):
            continue
        envs = (problem.env,) if problem.env else ()
        yield Hit(problem.at, problem.message, envs=envs, application=problem.application)


def _is_a_broken_file(problem: Problem, state: DesiredState) -> bool:
    """Whether it comes of a file that is rendered as it stands (`crds/`) and is reported itself."""
    if not isinstance(problem.at, OutputLine):
        return False
    broken, template = broken_files(state), problem.at.template
    return any(file.endswith(f"/{template}") for file in broken)
