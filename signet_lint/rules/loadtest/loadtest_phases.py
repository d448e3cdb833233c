"""SGL805: the load test has no bursts, or does not take 10 to 20 minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from signet_lint.k6 import Val
from signet_lint.model.application import Env
from signet_lint.model.k6_scripts import TestScript, test_scripts
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_SCRIPT = "charts/signet-loadtest/templates/configmap.yaml"
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|ns|h|m|s)")
_LEAST, _MOST = 600, 1200
_OVERRIDES = re.compile(r"(?:^|\s)(?:-s|-d|-u|-i|--(?:stage|duration|vus|iterations|config))(?:[\s=]|$)")
_VARIABLES = ("K6_STAGES", "K6_DURATION", "K6_VUS", "K6_ITERATIONS")


@rule(
    id="SGL805",
    name="loadtest-phases",
    severity="warning",
    section="8",
    plan_only=True,
    summary="The load test lacks a phase, or does not take 10 to 20 minutes.",
    rationale="A quota request needs graphs with bursts and gaps over 10 to 20 minutes; steady load shows neither.",
    remedy="give it stages: warm-up, burst, cool-down and second burst, together 10 to 20 minutes",
    each=Env,
    bad=(
        Example(
            title="one burst",
            edits={_SCRIPT: (("{ duration: '3m', target: 45 }", "{ duration: '3m', target: 4 }"),)},
            at=f"{_SCRIPT}:stages:",
        ),
        Example(
            title="far too long",
            edits={_SCRIPT: (("{ duration: '2m', target: 0 }", "{ duration: '1h', target: 0 }"),)},
            at=f"{_SCRIPT}:stages:",
        ),
    ),
    good=(
        Example(
            title="seconds", edits={_SCRIPT: (("{ duration: '3m', target: 45 }", "{ duration: '180s', target: 45 }"),)}
        ),
    ),
)
def loadtest_phases(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges each scenario; several that follow one another are one."""
    for one in test_scripts(env):
        if one.script is None:
            continue
        words = " ".join(str(piece.value) for piece in one.container.words)
        if _OVERRIDES.search(words) or any(one.variable(name) for name in _VARIABLES):
            yield LeftOut(
                f"the phases of `{one.name}`", "its command or variables replace the script's options", one.named
            )
            continue
        if one.script.problem or (one.script.options is None and one.script.unread):
            yield LeftOut(f"the phases of `{one.name}`", one.script.problem or "its options are elsewhere", one.start)
            continue
        yield from _judged(one)


class _Plan(Struct, frozen=True):
    name: str
    start: float
    stages: tuple[tuple[float, float], ...]
    at: Val

    @property
    def end(self) -> float:
        return self.start + sum(duration for duration, _ in self.stages)


def _judged(one: TestScript) -> Iterator[Outcome]:
    options = one.script.options if one.script else None
    if options is None:
        yield Hit(one.start, f"the script of `{one.name}` sets no stages: k6 runs it once")
        return
    scenarios = options.get("scenarios")
    found = scenarios.value if scenarios and isinstance(scenarios.value, dict) else {"default": options}
    plans = [_plan(name, value) for name, value in found.items()]
    known = sorted((plan for plan in plans if plan is not None), key=lambda plan: plan.start)
    if len(known) < len(plans) or not known:
        yield LeftOut(f"the phases of `{one.name}`", "its options are not written out", one.at(options) or one.start)
        return
    follow = len(known) > 1 and all(b.start >= a.end - 1 for a, b in pairwise(known))
    if follow:
        stages = tuple(stage for plan in known for stage in plan.stages)
        known = [_Plan("", known[0].start, stages, scenarios or options)]
    for plan in known:
        faults = _faults(plan)
        if faults:
            title = f"scenario `{plan.name}` of " if plan.name and plan.name != "default" else ""
            yield Hit(one.at(plan.at) or one.start, f"{title}`{one.name}` {' and '.join(faults)}", key=plan.name)


def _plan(name: str, scenario: Val) -> _Plan | None:
    start = scenario.get("startTime")
    stages = scenario.get("stages")
    begins = _seconds(start) if start else 0.0
    if stages is not None and isinstance(stages.value, list):
        pairs = [(_seconds(s.get("duration")), _number(s.get("target"))) for s in stages.value]
        at = stages
    elif stages is not None or _ramps(scenario):
        return None  # computed
    else:
        length = scenario.get("duration") or scenario.get("maxDuration")
        if (
            length is None
            and not scenario.get("executor")
            and not scenario.get("iterations")
            and not scenario.get("vus")
        ):
            return _Plan(name, 0.0, (), scenario)
        level = scenario.get("rate") or scenario.get("vus")
        pairs = [(_seconds(length) if length else 600.0, _number(level) if level else 1.0)]
        at = length or scenario
    if begins is None or any(duration is None or target is None for duration, target in pairs):
        return None
    return _Plan(name, begins, tuple((d, t) for d, t in pairs if d is not None and t is not None), at)


def _ramps(scenario: Val) -> bool:
    """Whether an executor takes its load from stages."""
    executor = scenario.get("executor")
    return executor is not None and str(executor.value).startswith("ramping-")


def _faults(plan: _Plan) -> list[str]:
    targets = [target for _, target in plan.stages]
    faults = []
    missing = _missing(targets)
    if missing:
        faults.append(f"has no {' and no '.join(missing)}")
    length = sum(duration for duration, _ in plan.stages)
    if not _LEAST <= length <= _MOST:
        faults.append(f"runs for {length / 60:g} minutes, not 10 to 20")
    return faults


def _missing(targets: list[float]) -> list[str]:
    """What lacks of warm-up, burst, cool-down, second burst: each later than the one before."""
    best: list[str] = ["warm-up", "burst", "cool-down", "second burst"]
    for at, burst in enumerate(targets):
        if burst <= 0:
            continue
        warm = any(0 < target < burst for target in targets[:at])
        low = next((i for i in range(at + 1, len(targets)) if targets[i] < burst), None)
        later = low is not None and any(target > targets[low] for target in targets[low + 1 :])
        lacks = [
            name
            for name, has in (("warm-up", warm), ("cool-down", low is not None), ("second burst", later))
            if not has
        ]
        best = min(best, lacks, key=len)
    return best


def _seconds(value: Val | None) -> float | None:
    if value is None or isinstance(value.value, bool):
        return None
    if isinstance(value.value, (int, float)):
        return value.value / 1000
    text = value.value if isinstance(value.value, str) else ""
    parts = _PART.findall(text)
    return sum(float(n) * _UNITS[u] for n, u in parts) if parts and _PART.sub("", text) == "" else None


def _number(value: Val | None) -> float | None:
    return (
        float(value.value)
        if value and isinstance(value.value, (int, float)) and not isinstance(value.value, bool)
        else None
    )
