"""SGL113: the template reads a key that the elements do not have."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from signet_lint.model.repair import Reword, repair
from signet_lint.model.resource import written
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_APPSET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"


@rule(
    id="SGL113",
    name="undefined-element",
    severity="error",
    section="5.0",
    summary="A parameter or another field of the ApplicationSet's template reads a key that no element has.",
    rationale=(
        "Without `missingkey=error` the key reads as nothing, and a `default` hides even that. With it the ApplicationSet "
        "generates no Application at all."
    ),
    remedy="add the key to the generator's elements, or correct its name",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="a misspelt key",
            edits={_APPSET: (("'{{ \"{{ .baseDomain }}\" }}'", "'{{ \"{{ .basedomain }}\" }}'"),)},
            at=f"{_APPSET}:.basedomain",
        ),
        Example(
            title="a default hides it",
            edits={
                _APPSET: (
                    ("'{{ \"{{ .vaultAddress }}\" }}'", "'{{ \"{{ .vaultAddr | default `none` }}\" }}'"),
                    ('goTemplateOptions: ["missingkey=error"]', "goTemplateOptions: []"),
                )
            },
            at=f"{_APPSET}:.vaultAddr |",
        ),
    ),
    good=(
        Example(
            title="read with index",
            edits={_APPSET: (("'{{ \"{{ .baseDomain }}\" }}'", "'{{ `{{ index . \"baseDomain\" }}` }}'"),)},
        ),
    ),
)
def undefined_element(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every field of every ApplicationSet's template."""
    for wiring in state.wiring:
        flags = {thread.value_at.path for thread in wiring.threads if thread.path in wiring.umbrella.gating_values}
        for path, at in wiring.template_reads:
            # Of a flag's parameter a rule of its own tells.
            if path and str(path[0]) not in wiring.elements and wiring.elements and at.path not in flags:
                near = difflib.get_close_matches(str(path[0]), sorted(wiring.elements), n=1, cutoff=0.75)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                message = f"`.{'.'.join(map(str, path))}` is read here, and no element has it{hint}"
                renamed = Reword(written(at), str(path[0]), near[0]) if near else None
                fix = repair(f"read `.{near[0]}`", renamed, safety="unsafe") if renamed else None
                yield Hit(written(at), message, key=str(path), repair=fix)
