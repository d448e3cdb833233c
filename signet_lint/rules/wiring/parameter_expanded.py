"""SGL117: a `$NAME` that Argo CD replaces by nothing."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Application
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_APP = "charts/signet-umbrella/templates/app-web-frontend.yaml"


@rule(
    id="SGL117",
    name="parameter-expanded",
    severity="warning",
    section="5.0",
    summary="A Helm parameter or a `valueFiles` entry holds a `$NAME` that Argo CD expands to nothing.",
    rationale=(
        "Argo CD replaces `$NAME` in parameters and value file names by its own build variables, and any other name by "
        "the empty string. A password or an expression with a dollar sign arrives mutilated."
    ),
    remedy="write `$$` for a dollar sign, or pass the text through `values` or `valuesObject`",
    each=Application,
    bad=(
        Example(
            title="a dollar sign in a parameter",
            edits={_APP: (("value: {{ .Values.webFrontend.replicas | quote }}", "value: 'a$HOME'"),)},
            at=f"{_APP}:a$HOME",
        ),
    ),
    good=(
        Example(
            title="a build variable",
            edits={
                _APP: (("value: {{ .Values.webFrontend.replicas | quote }}", "value: '$ARGOCD_APP_REVISION_SHORT$$x'"),)
            },
        ),
    ),
)
def parameter_expanded(application: Application, _: DesiredState) -> Iterator[Outcome]:
    """Judges what was left out of one Application's parameters and value files."""
    for source in application.sources:
        for name, field in source.undefined_variables if application.manifest else ():
            yield Hit(application.at(*field), f"Argo CD expands `${name}` to nothing", key=name)
