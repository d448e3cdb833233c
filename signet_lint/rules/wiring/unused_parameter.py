"""SGL111: a parameter that no template of the umbrella reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from signet_lint.model.repair import Reword, repair
from signet_lint.model.resource import written
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import Thread, Wiring
from signet_lint.rule import Example, Hit, Outcome, rule


@rule(
    id="SGL111",
    name="unused-parameter",
    severity="warning",
    section="5.0",
    summary="A Helm parameter of the ApplicationSet sets a value that no template of the umbrella reads.",
    rationale="The value goes nowhere. Often it is a misspelling of one that a template does read.",
    remedy="correct the parameter's name, or remove it",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="a misspelt name",
            edits={
                "charts/argocd-apps/templates/applicationset-umbrella.yaml": (
                    ("- name: webFrontend.replicas", "- name: webFrontend.replica"),
                )
            },
            at="charts/argocd-apps/templates/applicationset-umbrella.yaml:- name: webFrontend.replica",
        ),
    ),
    good=(
        Example(
            title="read through a variable",
            edits={
                "charts/signet-umbrella/templates/app-web-frontend.yaml": (
                    (
                        "{{ .Values.webFrontend.replicas | quote }}",
                        '{{ $w := .Values.webFrontend }}{{ get $w "replicas" | quote }}',
                    ),
                )
            },
        ),
    ),
)
def unused_parameter(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges the parameters of every environment."""
    for wiring in state.wiring:
        for thread in wiring.threads:
            if thread.is_parameter and thread.path in wiring.unread:
                near, at = _near(thread, wiring), written(thread.name_at)
                hint = f"; did you mean `{near}`?" if near else ""
                message = f"no template of `{wiring.umbrella.chart}` reads `{thread.name}`{hint}"
                renamed = repair(f"call it `{near}`", Reword(at, thread.name, near), safety="unsafe") if near else None
                yield Hit(at, message, key=thread.name, repair=renamed)


def _near(thread: Thread, wiring: Wiring) -> str:
    """The value of nearly that name that a template reads and nothing sets."""
    set_already = {other.name for other in wiring.threads}
    known = {".".join(map(str, path)) for path in wiring.umbrella.reads} - set_already
    return next(iter(difflib.get_close_matches(thread.name, sorted(known), n=1, cutoff=0.8)), "")
