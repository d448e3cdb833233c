"""Runs rules over the desired state: hits become findings, the same finding in several environments becomes one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from signet_lint.finding import SEVERITIES, Finding, Fix, Hop, NotExamined, Origin, Severity, Subject, fingerprint
from signet_lint.model.application import Application, Env
from signet_lint.model.chart import Chart
from signet_lint.model.later import is_ready
from signet_lint.model.repair import Repair
from signet_lint.model.resource import (
    INTO_TEXT,
    INTO_YAML,
    Declaration,
    Field,
    Gate,
    OutputLine,
    Path,
    Resource,
    Written,
    WrittenOut,
    pointer_step,
)
from signet_lint.model.state import At, DesiredState, LeftOut
from signet_lint.model.unwanted import unwanted_applications
from signet_lint.rule import Hit, Rule

_WIRING = "SGL1"


class Fixes(Protocol):
    """Turns what a rule wants changed into edits."""

    def fix(self, repair: Repair) -> Fix | None:
        """The fix, None where no text can surely be edited."""
        ...


class Places(Protocol):
    """Turns symbolic places into lines."""

    def origin(self, at: At) -> Origin:
        """The place to edit and the road to it."""
        ...

    def is_written_out(self, at: WrittenOut) -> bool:
        """Whether a template writes the field out, reading no value for it."""
        ...

    def road(self, env: str, application: str) -> tuple[Hop, ...]:
        """The hops from an environment to an Application."""
        ...


class Judgement(Struct):
    """What the rules said: findings in order, what they could not judge, and rules that crashed."""

    findings: list[Finding] = field(default_factory=list)
    not_examined: list[NotExamined] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    secret_lines: set[tuple[str, int]] = field(default_factory=set)


class _Placed(Struct, frozen=True):
    """A hit with its environment, its rule and its origin."""

    rule: Rule[Any]
    hit: Hit
    env: str
    origin: Origin

    @property
    def subject(self) -> Resource | None:
        return self.hit.subject or resource_of(self.hit.at)

    @property
    def is_about_being_there(self) -> bool:
        """Whether it is said of what switches something on, and not of what that is or lacks."""
        return isinstance(self.hit.at, Gate)

    @property
    def application(self) -> str:
        subject = self.subject
        return self.hit.application or (subject.application if subject else "") or _application_of(self.hit.at)

    @property
    def field(self) -> Path | None:
        return self.hit.at.path if isinstance(self.hit.at, (Field, Written, WrittenOut)) else None


def judge(
    state: DesiredState, rules: Sequence[Rule[Any]], places: Places, aside: Executor, fixes: Fixes | None = None
) -> Judgement:
    """The findings of the rules on the state, sorted, environments merged, with their `fixes`.

    Placing a hit waits for the Helm engine, and checking does not: hits are placed by the thread `aside` while the next
    rule checks. The rules on the wiring come once it is measured: most of what is placed is theirs.
    """
    judgement = Judgement()
    placed: list[_Placed] = []
    asked = {rule.id: _asked(rule, state, places, aside) for rule in _in_turn(rules, state)}
    for rule in rules:
        placing, error = asked[rule.id]
        try:
            for env, outcome, place in placing:
                found = place.result()
                if isinstance(found, NotExamined):
                    judgement.not_examined.append(found)
                elif found is not None and isinstance(outcome, Hit):
                    placed.append(_Placed(rule, outcome, env, found))
        except Exception as fault:  # noqa: BLE001 - one rule must not hide what the others say
            error = error or fault
        if error is not None:
            judgement.crashed.append(f"rule {rule.id} crashed: {type(error).__name__}: {error}")
            if _debugging():
                raise error
    placed = _without_what_follows(placed, state, places)
    holding = [one for one in placed if one.hit.secret]
    judgement.secrets = {one.hit.secret for one in holding}
    judgement.secret_lines = {_line(one.origin) for one in holding}
    groups = list(_merged(placed, state))
    # Fixes ask for places, too.
    mended = aside.submit(lambda: [_with_fix(finding, group, fixes) for finding, group in groups]).result()
    judgement.findings = sorted(mended, key=lambda finding: finding.sort_key)
    return judgement


def _in_turn(rules: Sequence[Rule[Any]], state: DesiredState) -> Iterator[Rule[Any]]:
    """The rules, those on the wiring as soon as none of them has to wait for it, and in the end all the same."""
    waiting = [rule for rule in rules if "wiring" in rule.needs]
    for rule in rules:
        if waiting and is_ready(state.wiring):
            yield from waiting
            waiting = []
        if "wiring" not in rule.needs:
            yield rule
    yield from waiting


def _without_what_follows(placed: list[_Placed], state: DesiredState, places: Places) -> list[_Placed]:
    """What is left where an Application is on against its flag: that it is there and why, but not at the flag itself.

    Where no rule tells why, nothing is left out.
    """
    if not any(one.rule.id.startswith(_WIRING) for one in placed):
        return placed
    unwanted = unwanted_applications(state)
    flags = {key: {places.origin(at).location for at in found} for key, found in unwanted.items()}

    def counts(one: _Placed) -> bool:
        ignored = flags.get((one.env, one.application))
        return ignored is None or (one.is_about_being_there and one.origin.location not in ignored)

    return [one for one in placed if one.rule.id.startswith(_WIRING) or counts(one)]


def _line(origin: Origin) -> tuple[str, int]:
    return origin.location.path, origin.location.line


_Placing = list[tuple[str, "Hit | LeftOut", "Future[Origin | NotExamined | None]"]]


def _asked(rule: Rule[Any], state: DesiredState, places: Places, aside: Executor) -> tuple[_Placing, Exception | None]:
    """What a rule says, each with its place in the making; and what ended it early, if anything did."""
    placing: _Placing = []
    try:
        for env, outcome in _outcomes(rule, state):
            placing.append((env, outcome, aside.submit(_place, outcome, places)))
    except Exception as error:  # noqa: BLE001 - a rule that crashes must not hide what the others say
        return placing, error
    return placing, None


def _place(outcome: Hit | LeftOut, places: Places) -> Origin | NotExamined | None:
    """Where a hit points (None: nowhere after all), or what was not examined."""
    if isinstance(outcome, LeftOut):
        return left_out(outcome, places)
    if isinstance(outcome.at, WrittenOut) and not places.is_written_out(outcome.at):
        return None
    return places.origin(outcome.at)


def _debugging() -> bool:
    import os

    return bool(os.environ.get("SIGNET_LINT_DEBUG"))


def left_out(left: LeftOut, places: Places) -> NotExamined:
    """Something not examined, with the line it stands at."""
    if left.at is None:
        return NotExamined(left.what, left.why)
    at = places.origin(left.at).location
    return NotExamined(left.what, left.why, at.path, at.line)


def resource_of(at: At) -> Resource | None:
    """The manifest that a place is in."""
    return at.resource if isinstance(at, (Field, Declaration, Gate, Written, WrittenOut)) else None


def _outcomes(rule: Rule[Any], state: DesiredState) -> Iterator[tuple[str, Hit | LeftOut]]:
    for env, subject in subjects(rule, state):
        for outcome in rule.check(subject, state):
            envs = outcome.envs if isinstance(outcome, Hit) else ()
            for name in envs or (_env_of(outcome) or env,):
                yield name, outcome


def _env_of(outcome: Hit | LeftOut) -> str:
    if isinstance(outcome, Hit) and (resource := outcome.subject or resource_of(outcome.at)):
        return resource.env
    return ""


def subjects(rule: Rule[Any], state: DesiredState) -> Iterable[tuple[str, Any]]:
    """What a rule judges, each with its environment ("" for none)."""
    if rule.each is DesiredState:
        return [("", state)]
    if rule.each is Chart:
        return [("", chart) for chart in state.charts]
    if rule.each is Env:
        return [(env.name, env) for env in state.envs]
    if rule.each is Application:
        return [(env.name, application) for env in state.envs for application in env.applications]
    if rule.each is Resource:
        return [
            (env.name, resource)
            for env in state.envs
            for resource in env.resources
            if not rule.kinds or resource.kind in rule.kinds
        ]
    raise TypeError(f"{rule.id}: no subjects of type {rule.each}")


def _with_fix(finding: Finding, group: Sequence[_Placed], fixes: Fixes | None) -> Finding:
    """The finding with the first fix that one of its hits comes with."""
    repairs = (one.hit.repair for one in group if fixes is not None and one.hit.repair is not None)
    fix = next((fix for repair in repairs if fixes and (fix := fixes.fix(repair))), None)
    return replace(finding, fix=fix) if fix else finding


def _merged(placed: Sequence[_Placed], state: DesiredState) -> Iterator[tuple[Finding, Sequence[_Placed]]]:
    """One finding for each group of hits that are equal but for their environment; and the group."""
    order = {env.name: at for at, env in enumerate(state.envs)}
    groups: dict[tuple[Any, ...], list[_Placed]] = {}
    for one in placed:
        groups.setdefault(_identity(one, state), []).append(one)
    seen: dict[str, int] = {}
    for group in groups.values():
        group.sort(key=lambda one: order.get(one.env, len(order)))
        envs = tuple(dict.fromkeys(one.env for one in group if one.env))
        finding = _finding(group[0], envs, state)
        count = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
        if count > 1:
            finding = _finding(group[0], envs, state, str(count))
        yield finding, group


def _identity(one: _Placed, state: DesiredState) -> tuple[Any, ...]:
    subject = one.subject
    label = f"{subject.kind}/{subject.name}" if subject else ""
    text = neutral(f"{label}|{one.hit.key or one.hit.message}", one.env, state)
    return one.rule.id, one.origin.location, one.field, text


def neutral(text: str, env: str, state: DesiredState) -> str:
    """A text with the environment's own names taken out."""
    known = next((known for known in state.envs if known.name == env), None)
    # The name first: a namespace usually holds it, and other environments' namespaces must come out alike.
    for name in filter(None, (known.name, known.namespace) if known else ()):
        text = re.sub(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", "<env>", text)
    return text


def _finding(one: _Placed, envs: tuple[str, ...], state: DesiredState, ordinal: str = "") -> Finding:
    rule, hit, subject = one.rule, one.hit, one.subject
    pointer = _pointer(one.field) if one.field else None
    label = f"{subject.gvk.group}/{subject.kind}/{subject.name}" if subject else one.origin.location.path
    parts = (rule.id, neutral(label, one.env, state), pointer or "", neutral(hit.key, one.env, state), ordinal)
    # What the user set for the rule beats what the rule itself says of one hit.
    configured = next((one for one in SEVERITIES if one == state.config.severity.get(rule.id)), None)
    severity: Severity = configured or hit.severity or rule.severity
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=severity,
        message=hit.message,
        origin=one.origin,
        envs=envs,
        application=one.application,
        subject=Subject(subject.kind, subject.namespace, subject.name) if subject else None,
        field=pointer,
        help=hit.help or rule.remedy,
        url=rule.url,
        fingerprint=fingerprint(*parts),
    )


def _pointer(path: Path) -> str:
    """The field as a JSON Pointer; a text in it is one field, whatever line of it is pointed at."""
    whole = path[: path.index(INTO_TEXT)] if INTO_TEXT in path else path
    return "/" + "/".join(pointer_step(step) for step in whole if step != INTO_YAML)


def _application_of(at: At) -> str:
    return at.application if isinstance(at, OutputLine) else ""
