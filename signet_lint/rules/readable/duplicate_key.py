"""SGL002: the same key twice in one mapping."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.repair import DropKey, repair
from signet_lint.model.resource import OutputLine
from signet_lint.model.state import DesiredState, Problem
from signet_lint.model.unreadable import problems_of
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.source.location import Location

_LLM = "charts/signet-llm/values-common.yaml"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"


@rule(
    id="SGL002",
    name="duplicate-key",
    severity="error",
    section="5.0",
    summary="The same key stands twice in one mapping.",
    rationale=(
        "Helm and Argo CD take the last one and say nothing about it, so that an edit of the first one has no effect. "
        "Usually the second was meant for another place."
    ),
    remedy="remove one of the two, or move it to where it belongs",
    fixable=True,
    each=DesiredState,
    bad=(
        Example(
            title="twice in a values file",
            edits={_LLM: (("networkPolicy:\n", "replicas: 2\n\nnetworkPolicy:\n"),)},
            at=f"{_LLM}:replicas: 2",
        ),
        Example(
            title="twice in a template",
            edits={_SERVICE: (("    model:\n", "    minReplicas: 1\n    model:\n"),)},
            at=f"{_SERVICE}:minReplicas: 1",
        ),
    ),
    good=(
        Example(
            title="a merge that is overridden",
            edits={
                _LLM: (("networkPolicy:\n", "base: &base\n  a: 1\nmore:\n  <<: *base\n  a: 2\n\nnetworkPolicy:\n"),)
            },
        ),
        Example(
            title="the same key in two mappings", edits={_LLM: (("networkPolicy:\n", "networkPolicy:\n  name: x\n"),)}
        ),
    ),
)
def duplicate_key(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges the YAML files that a deployment reads, and what the charts render."""
    problems = list(problems_of(state, "duplicate-key"))
    files = {problem.at.path for problem in problems if isinstance(problem.at, Location)}
    for problem in problems:
        if not _told_of_the_file(problem, files, state):
            envs = (problem.env,) if problem.env else ()
            fix = (
                repair("drop the first, which has no effect", DropKey(problem.at.path, problem.at.line))
                if isinstance(problem.at, Location)
                else None
            )
            yield Hit(problem.at, problem.message, envs=envs, application=problem.application, repair=fix)


def _told_of_the_file(problem: Problem, files: set[str], state: DesiredState) -> bool:
    """Whether it comes of a file that is rendered as it stands (`crds/`) and is reported itself."""
    if not isinstance(problem.at, OutputLine):
        return False
    application = next((env.application(problem.application) for env in state.envs if env.name == problem.env), None)
    folders = [source.path for source in application.sources] if application else []
    return any(f"{folder}/{problem.at.template}".lstrip("/") in files for folder in folders)
