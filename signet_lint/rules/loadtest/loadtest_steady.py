"""SGL808: the load test does not vary its requests and pauses."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.k6 import Script, Val
from signet_lint.model.application import Env
from signet_lint.model.k6_scripts import test_scripts
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_SCRIPT = "charts/signet-loadtest/templates/configmap.yaml"


@rule(
    id="SGL808",
    name="loadtest-steady",
    severity="warning",
    section="8",
    plan_only=True,
    summary="The load test does not randomise request sizes, token limits or pauses.",
    rationale="Equal requests at an equal pace measure a cache and a timer; real callers send long and short ones.",
    remedy="choose request sizes, `max_tokens` and the pause at random in each iteration",
    each=Env,
    bad=(
        Example(
            title="the same pause",
            edits={_SCRIPT: (("sleep(Math.random() * 1.5)", "sleep(1.5)"),)},
            at=f"{_SCRIPT}:sleep(1.5)",
        ),
        Example(
            title="the same token limit",
            edits={_SCRIPT: (("max_tokens: between(64, 512)", "max_tokens: 256"),)},
            at=f"{_SCRIPT}:max_tokens",
        ),
    ),
    good=(Example(title="a wider pause", edits={_SCRIPT: (("sleep(Math.random() * 1.5)", "sleep(between(1, 3))"),)}),),
)
def loadtest_steady(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the requests and pauses of each script that can be followed."""
    for one in test_scripts(env):
        script = one.script
        if script is None or script.problem or script.unread or not script.calls:
            continue
        steady = [(what, values) for what, values in _judged(script) if not any(value.varies for value in values)]
        if steady:
            value = next((value for _, values in steady for value in values), None)
            at = (one.at(value) if value and value.line else None) or one.start
            yield Hit(at, f"the script of `{one.name}` does not randomise {' and '.join(what for what, _ in steady)}")


def _judged(script: Script) -> Iterator[tuple[str, list[Val]]]:
    if script.sizes:
        yield "request sizes", script.sizes
    if any("chat/completions" in call.url.text for call in script.calls) and (script.limits or script.sizes):
        yield "token limits", script.limits
    if script.pauses or not _by_rate(script):
        yield "pauses", script.pauses


def _by_rate(script: Script) -> bool:
    """Whether k6 sets the pace of iterations, which then have no pause."""
    scenarios = script.options.get("scenarios") if script.options else None
    found = list(scenarios.value.values()) if scenarios and isinstance(scenarios.value, dict) else []
    executors = [one.get("executor") for one in found]
    return bool(executors) and all(executor and "arrival-rate" in executor.text for executor in executors)
