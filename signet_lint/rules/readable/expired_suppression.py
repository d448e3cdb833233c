"""SGL010: a suppression whose last day is past."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/signet-loadtest/values-common.yaml"


def _running(comment: str) -> tuple[str, str]:
    return "replicas: 0\n", f"# {comment}\nreplicas: 1\n"


@rule(
    id="SGL010",
    name="expired-suppression",
    severity="error",
    section="8",
    summary="The `until` date of a suppression is past; what it covered is reported again.",
    rationale=(
        "The date was the promise that something is put right by then: a load test that runs for a day, a quota that is "
        "asked for. The day itself still counts."
    ),
    remedy="correct what it covered and remove it; set a later date only where the reason still holds",
    each=DesiredState,
    needs=("suppressions",),
    bad=(
        Example(
            title="a load test that was not switched off again",
            edits={_VALUES: (_running("signet-lint: allow SGL801 until=2020-01-31 -- quota evidence run"),)},
            at=f"{_VALUES}:signet-lint",
        ),
        Example(
            title="switched off, the comment forgotten",
            edits={_VALUES: (("replicas: 0\n", "replicas: 0 # signet-lint: allow SGL801 until=2020-01-31 -- run\n"),)},
            at=f"{_VALUES}:signet-lint",
        ),
    ),
    good=(
        Example(
            title="a day to come",
            edits={_VALUES: (_running("signet-lint: allow SGL801 until=2999-01-31 -- quota evidence run"),)},
        ),
        Example(
            title="no date",
            edits={_VALUES: (_running("signet-lint: allow loadtest-running -- this is a test cluster"),)},
        ),
    ),
)
def expired_suppression(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges what is known of suppressions once the other rules have run."""
    for fault in state.suppressions:
        if fault.kind == "expired":
            yield Hit(fault.at, fault.message, help=fault.help, key=fault.key)
