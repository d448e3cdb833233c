"""SGL009: a suppression that suppresses nothing."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.repair import DropComment, repair
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/signet-loadtest/values-common.yaml"
_TEMPLATE = "charts/signet-loadtest/templates/deployment.yaml"
_ALLOW = "signet-lint: allow SGL801 -- evidence for the quota request"


@rule(
    id="SGL009",
    name="unused-suppression",
    severity="warning",
    section="",
    summary="A suppression, an entry of the configuration's `ignore` or an entry of the baseline matches no finding.",
    rationale=(
        "What it once covered is gone, or it stands at the wrong line. Left where it is, it will hide the next finding "
        "there, which nobody has looked at. Only suppressions of rules that ran are judged, and only when every "
        "environment could be looked at."
    ),
    remedy="remove it, or move it to the line that the finding points at",
    fixable=True,
    each=DesiredState,
    needs=("suppressions",),
    bad=(
        Example(
            title="what it covered is corrected",
            edits={_VALUES: (("replicas: 0\n", f"replicas: 0  # {_ALLOW}\n"),)},
            at=f"{_VALUES}:signet-lint",
        ),
        Example(
            title="in the template, while the finding is at the value",
            edits={
                _VALUES: (("replicas: 0\n", "replicas: 1\n"),),
                _TEMPLATE: (("  replicas:", f"  {{{{- /* {_ALLOW} */}}}}\n  replicas:"),),
            },
            at=f"{_TEMPLATE}:signet-lint",
        ),
    ),
    good=(
        Example(title="above its line", edits={_VALUES: (("replicas: 0\n", f"# {_ALLOW}\nreplicas: 1\n"),)}),
        Example(
            title="a literal in the template",
            edits={
                _TEMPLATE: (("  replicas: {{ .Values.replicas }}\n", f"  {{{{- /* {_ALLOW} */}}}}\n  replicas: 1\n"),)
            },
        ),
        Example(
            title="a text that is content",
            edits={_VALUES: (("replicas: 0\n", f"replicas: 0\nnotes: |\n  # {_ALLOW}\n"),)},
        ),
    ),
)
def unused_suppression(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges what is known of suppressions once the other rules have run."""
    for fault in state.suppressions:
        if fault.kind == "unused":
            dropped = repair("drop the comment", DropComment(fault.at.path, fault.at.line))
            yield Hit(fault.at, fault.message, help=fault.help, key=fault.key, repair=dropped)
