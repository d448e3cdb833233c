"""What is said of a simulated repository: findings judged, placed, mended and sorted out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from msgspec.structs import replace

from signet_lint.discover.search import search
from signet_lint.finding import Coverage, NotExamined, Report
from signet_lint.fixes.fixer import Fixer
from signet_lint.judge import Judgement, judge, left_out
from signet_lint.model.found_secret import FoundSecret
from signet_lint.model.secret import secret_texts
from signet_lint.model.state import DesiredState
from signet_lint.model.suppression import SuppressionFault
from signet_lint.rule import Rule
from signet_lint.simulated import Simulated
from signet_lint.triage.baseline import Baseline
from signet_lint.triage.suppress import Scope, Suppressions, directives_in

_NOTHING = "nothing to lint: no chart or file here gives an Argo CD Application or ApplicationSet"


def report_on(
    found: Simulated,
    rules: Sequence[Rule[Any]],
    envs: Sequence[str] = (),
    *,
    secrets: Sequence[FoundSecret] | None = None,
    today: date | None = None,
    baseline: Baseline | None = None,
) -> Report:
    """Judge a simulated repository, and sort out what a comment, the configuration or the baseline keeps back.

    `secrets` are those in its files, where they have been looked for already.
    """
    if secrets is None:
        secrets = search(found.tree) if any("secrets" in rule.needs for rule in rules) else ()
    state = replace(found.state, secrets=secrets)
    on_suppressions = [rule for rule in rules if "suppressions" in rule.needs]
    on_state = [rule for rule in rules if "suppressions" not in rule.needs]
    fixer = Fixer(state, found.origins, found.repository)
    judgement = judge(state, on_state, found.origins, found.aside, fixer)
    placed = [found.aside.submit(left_out, left, found.origins) for left in state.left_out]
    not_examined = [one.result() for one in placed] + judgement.not_examined
    incomplete = (*_nothing_looked_at(state, envs), *judgement.crashed)
    scope = Scope(frozenset(rule.id for rule in on_state), complete=not incomplete and _saw_everything(state))

    suppressions = Suppressions(directives_in(found.repository, found.files), state.config.ignore, today)
    findings, suppressed = suppressions.apply(judgement.findings)
    faults = _judge_faults(found, on_suppressions, suppressions.faults(scope))
    more, also_suppressed = suppressions.apply(faults.findings)
    findings, baselined = baseline.split([*findings, *more]) if baseline else ([*findings, *more], [])
    stale = _judge_faults(found, on_suppressions, baseline.faults(scope) if baseline else ())

    return Report(
        profile=found.state.config.profile,
        findings=tuple(sorted([*findings, *stale.findings], key=lambda finding: finding.sort_key)),
        coverage=_coverage(found, not_examined),
        incomplete=(*incomplete, *faults.crashed, *stale.crashed),
        suppressed=(*suppressed, *also_suppressed),
        baselined=tuple(baselined),
        secrets=tuple(sorted(judgement.secrets | _held(state))),
        secret_lines=frozenset(judgement.secret_lines),
    )


def _held(state: DesiredState) -> set[str]:
    """Texts that nothing may print, whichever rules are on."""
    held = {text for env in state.envs for text in secret_texts(env.resources, env)}
    return held | {text for found in state.secrets for text in found.texts}


def _judge_faults(found: Simulated, rules: Sequence[Rule[Any]], faults: Iterable[SuppressionFault]) -> Judgement:
    """The findings on suppressions, by the rules for them: these run last, since others tell what was suppressed."""
    known = tuple(faults) if rules else ()
    if not known:
        return Judgement()
    fixer = Fixer(found.state, found.origins, found.repository)
    return judge(replace(found.state, suppressions=known), rules, found.origins, found.aside, fixer)


def _saw_everything(state: DesiredState) -> bool:
    """Whether no environment was left out, and nothing failed that might have had findings."""
    seen = {env.name for env in state.envs}
    return all(name in seen for name in state.known_envs) and not any(
        problem.kind != "duplicate-key" for problem in state.problems
    )


def _coverage(found: Simulated, not_examined: Sequence[NotExamined]) -> Coverage:
    applications = [a for env in found.state.envs for a in env.applications]
    skipped = [NotExamined(f"file `{left.path}`", left.why, left.path) for left in found.tree.left_out]
    return Coverage(
        charts=len(found.state.charts),
        environments=tuple(env.name for env in found.state.envs),
        applications=sum(a.manifest is not None for a in applications),
        resources=sum(len(a.resources) for a in applications),
        not_examined=tuple(sorted({*not_examined, *skipped})),
    )


def _nothing_looked_at(state: DesiredState, envs: Sequence[str]) -> Iterator[str]:
    if not state.envs and not state.known_envs:
        told = any(problem.kind == "render-failed" for problem in state.problems)
        yield "no environment could be simulated: see the findings" if told else _NOTHING
    for name in envs:
        if name not in [env.name for env in state.envs]:
            known = ", ".join(state.known_envs) or "none"
            yield f"environment `{name}` could not be simulated; environments found: {known}"
    for env in state.envs:
        if not any(application.manifest is not None for application in env.applications):
            yield f"environment `{env.name}` could not be simulated: no Application comes out of its entry"
