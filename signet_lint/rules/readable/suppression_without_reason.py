"""SGL011: a suppression without rule or reason."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/signet-loadtest/values-common.yaml"
_TEMPLATE = "charts/signet-loadtest/templates/deployment.yaml"


def _running(comment: str) -> tuple[str, str]:
    return "replicas: 0\n", f"replicas: 1 # {comment}\n"


@rule(
    id="SGL011",
    name="suppression-without-reason",
    severity="error",
    section="",
    summary="A suppression names no rule that exists, gives no reason, or is written otherwise wrongly; it suppresses nothing.",
    rationale=(
        "Whoever reads the line later must know which finding was accepted, and why, to tell whether it still is. A date "
        "that cannot be read would never expire."
    ),
    remedy="write `signet-lint: allow RULE until=YYYY-MM-DD -- reason`, the date if you want one",
    each=DesiredState,
    needs=("suppressions",),
    bad=(
        Example(
            title="no reason", edits={_VALUES: (_running("signet-lint: allow SGL801"),)}, at=f"{_VALUES}:signet-lint"
        ),
        Example(
            title="no rule",
            edits={_TEMPLATE: (("spec:\n  rep", "spec:\n  {{/* signet-lint: allow -- a test run */}}\n  rep"),)},
            at=f"{_TEMPLATE}:signet-lint",
        ),
        Example(
            title="a rule that does not exist",
            edits={_VALUES: (_running("signet-lint: allow loadtest-runing -- a test run"),)},
            at=f"{_VALUES}:signet-lint",
        ),
        Example(
            title="a day that does not exist",
            edits={_VALUES: (_running("signet-lint: allow SGL801 until=2026-02-30 -- a test run"),)},
            at=f"{_VALUES}:signet-lint",
        ),
    ),
    good=(
        Example(
            title="two rules and a reason",
            edits={_VALUES: (_running("signet-lint: allow SGL801, loadtest-one-sided -- the quota evidence run"),)},
        ),
        Example(
            title="a comment about the tool",
            edits={_VALUES: (("replicas: 0", "replicas: 0 # signet-lint watches this"),)},
        ),
    ),
)
def suppression_without_reason(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges what is known of suppressions once the other rules have run."""
    for fault in state.suppressions:
        if fault.kind == "incomplete":
            yield Hit(fault.at, fault.message, help=fault.help, key=fault.key)
