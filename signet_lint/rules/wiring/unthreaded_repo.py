"""SGL116: an Application that names its repository itself."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Application, Source
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import Wiring
from signet_lint.rule import Example, Hit, Outcome, rule

_APP = "charts/signet-umbrella/templates/app-signet-llm.yaml"
_KEYS = ("repoURL", "targetRevision")


@rule(
    id="SGL116",
    name="unthreaded-repo",
    severity="warning",
    section="5.0",
    summary="An Application's `repoURL` or `targetRevision` is written out though the umbrella is given them.",
    rationale=(
        "A branch or a fork is tried out by changing the values the umbrella is given. An Application that has its own "
        "copy keeps deploying the old revision."
    ),
    remedy="use the umbrella's value, as the other Applications do",
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="a fixed revision",
            edits={_APP: (("targetRevision: {{ .Values.targetRevision }}", "targetRevision: main"),)},
            at=f"{_APP}:targetRevision: main",
        ),
        Example(
            title="a fixed URL",
            edits={_APP: (("repoURL: {{ .Values.repoUrl }}", "repoURL: https://github.com/example-org/gitops.git"),)},
            at=f"{_APP}:repoURL:",
        ),
    ),
    good=(
        Example(
            title="quoted",
            edits={
                _APP: (
                    (
                        "targetRevision: {{ .Values.targetRevision }}",
                        "targetRevision: {{ .Values.targetRevision | quote }}",
                    ),
                )
            },
        ),
    ),
)
def unthreaded_repo(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Compares each child with the umbrella it belongs to: given a value, does it follow it?"""
    for wiring in state.wiring:
        env = state.env(wiring.env)
        for application in env.applications:
            if application.parent == _umbrella_name(wiring, state):
                yield from _fixed(application, wiring, state)


def _umbrella_name(wiring: Wiring, state: DesiredState) -> str:
    applications = state.env(wiring.env).applications
    return next((a.name for a in applications if wiring.umbrella.chart in a.charts and a.manifest), "")


def _fixed(application: Application, wiring: Wiring, state: DesiredState) -> Iterator[Outcome]:
    template = f"{wiring.umbrella.chart}/{application.manifest.ref.template}" if application.manifest else ""
    for source in application.sources:
        for key in _KEYS:
            # Another repository, or a chart with its own versions, is not this one's to thread.
            if source.kind == "remote" and not (
                _is_same_repository(source.repo_url, wiring) or _is_ours(source, state)
            ):
                continue
            if key in wiring.umbrella.unfollowed.get((template, source.path), ()):
                text = f"`{key}` of Application `{application.name}` is written out; the umbrella is given it"
                yield Hit(application.at(*source.field, key), text, key=f"{application.name} {key}")


def _is_same_repository(url: str, wiring: Wiring) -> bool:
    given = str(wiring.application_set.get("spec", "template", "spec", "source", "repoURL", default=""))
    return url == given


def _is_ours(source: Source, state: DesiredState) -> bool:
    """Whether a source of another repository names a chart that is here, and that nothing deploys from here."""
    here = {path for env in state.envs for application in env.applications for path in application.charts}
    return state.chart(source.path) is not None and source.path not in here
