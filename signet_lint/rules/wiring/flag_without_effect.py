"""SGL112: a flag that cannot switch what it is for."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.repair import Repair, Reword, repair
from signet_lint.model.resource import dig, written
from signet_lint.model.state import At, DesiredState
from signet_lint.model.wiring import EnvKey, Gate, Thread, Wiring, flag_name
from signet_lint.rule import Example, Hit, Outcome, rule
from signet_lint.source.location import Location

_APPSET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"


@rule(
    id="SGL112",
    name="flag-without-effect",
    severity="error",
    section="5.0",
    summary="A boolean of an environment changes nothing, switches another Application, or cannot switch one off.",
    rationale=(
        '`default true` replaces an explicit false, the text "false" is true to a template\'s `if`, and a copied line '
        "may read its neighbour's flag. The environment's file then says one thing and the cluster runs another."
    ),
    remedy="pass the flag on as it is, with `default false` where it may be missing",
    fixable=True,
    each=DesiredState,
    needs=("wiring",),
    bad=(
        Example(
            title="default true in the element",
            edits={_APPSET: (("default false $e.webFrontendEnabled", "default true $e.webFrontendEnabled"),)},
            at=f"{_APPSET}:default true $e.webFrontendEnabled",
        ),
        Example(
            title="default true in the parameter",
            edits={
                _APPSET: (
                    ('"{{ .certManagerEnabled | default false }}"', '"{{ .certManagerEnabled | default true }}"'),
                )
            },
            at=f"{_APPSET}:.certManagerEnabled | default true",
        ),
        Example(
            title="the neighbour's flag",
            edits={
                _APPSET: (
                    (
                        "value: '{{ \"{{ .signetLLMEnabled }}\" }}'",
                        "value: '{{ \"{{ .signetEmbeddingsEnabled }}\" }}' # llm",
                    ),
                )
            },
            at=f"{_APPSET}:# llm",
        ),
    ),
    good=(
        Example(
            title="written with ternary",
            edits={
                _APPSET: (
                    (
                        "default false $e.certManagerEnabled",
                        'ternary "true" "false" (eq (toString $e.certManagerEnabled) "true") | quote',
                    ),
                )
            },
        ),
    ),
)
def flag_without_effect(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Follows every boolean of every environment through its chain."""
    for wiring in (one for one in state.wiring if one.elements):  # where there is none, nothing passes anything on
        for key in wiring.env_keys:
            if key.is_flag:
                yield from _broken_elements(key, wiring)
        switched = frozenset[str]().union(*(key.switches_elements for key in wiring.env_keys if key.is_flag))
        for thread in wiring.threads:
            yield from _broken_thread(thread, switched & thread.keys, wiring)
        yield from _bypassed(wiring)
        yield from _inverted(wiring, state)
        yield from _unread_flags(wiring, state)


def _broken_elements(key: EnvKey, wiring: Wiring) -> Iterator[Outcome]:
    """The element does not follow the flag, or a flag's element follows another's."""
    if not key.reaches and key.label in wiring.elements:
        at = written(wiring.elements[key.name])
        message = f"`{key.name}` is the same whatever the environment's `{key.label}` says"
        yield Hit(at, message, key=key.name, repair=_default_off(at))
    for element in sorted(key.elements - key.switches_elements):
        at = written(wiring.elements[element])
        message = f"`{element}` is the same whether `{key.label}` is true or false"
        yield Hit(at, message, key=element, repair=_default_off(at))
    crossed = [element for element in sorted(key.switches_elements) if flag_name(element) != flag_name(key.name)]
    for element in crossed:
        others = {flag_name(other.name): other.name for other in wiring.env_keys if other.is_flag and other is not key}
        if flag_name(element) in others and not _own_key_reaches(element, wiring):
            message = f"`{element}` follows `{key.label}` instead of `{others[flag_name(element)]}`"
            yield Hit(written(wiring.elements[element]), message, key=element)


def _default_off(at: At) -> Repair:
    """What most often keeps a flag from being switched off."""
    steps = Reword(at, "default true", "default false")
    return repair("let the flag be off where it is not set", steps, safety="unsafe")


def _own_key_reaches(element: str, wiring: Wiring) -> bool:
    return any(flag_name(key.name) == flag_name(element) and element in key.elements for key in wiring.env_keys)


def _broken_thread(thread: Thread, flags: frozenset[str], wiring: Wiring) -> Iterator[Outcome]:
    """The parameter does not follow the element, follows another flag's, or arrives as a text that is always true.

    `flags` are the elements that it reads and that an environment's boolean switches.
    """
    gates = wiring.umbrella.gates_of(thread.path)
    if flags and not thread.follows and (gates or _is_flag_only(thread, flags)):
        name = ", ".join(f"`{flag}`" for flag in sorted(flags))
        at = written(thread.value_at)
        message = f"`{thread.name}` is the same whether {name} is true or false"
        yield Hit(at, message, key=thread.name, repair=_default_off(at))
        return
    crossed = _crossed(thread, wiring)
    if crossed:
        yield Hit(
            written(thread.value_at),
            f"`{thread.name}` is set from `{next(iter(thread.follows))}` instead of `{crossed}`",
            key=thread.name,
            repair=repair(
                f"set it from `{crossed}`", Reword(written(thread.value_at), next(iter(thread.follows)), crossed)
            ),
        )
    elif thread.as_text and thread.follows and any(thread.path in gate.text_false_is_on for gate in gates):
        message = f'`{thread.name}` is passed as text: the template takes "false" for true, so the Application stays on'
        yield Hit(written(thread.value_at), message, key=thread.name)


def _bypassed(wiring: Wiring) -> Iterator[Outcome]:
    """A switching value that is set from something else than the element named like it."""
    for path in sorted(wiring.umbrella.gating_values, key=str):
        named = wiring.named_like(path)
        for thread in wiring.threads_to(path):
            if named and not thread.keys:
                message = f"`{thread.name}` is `{thread.text}` whatever `{named}` says"
                yield Hit(written(thread.value_at), message, key=thread.name)


def _inverted(wiring: Wiring, state: DesiredState) -> Iterator[Outcome]:
    """A flag that switches its Application off where it is true."""
    for gate in wiring.umbrella.gates:
        for path in gate.inverted:
            at = _switch(gate, wiring, state)
            if at is not None:
                name = ".".join(map(str, path))
                yield Hit(at, f"the Application is on where `{name}` is false, and off where it is true", key=name)


def _is_flag_only(thread: Thread, flags: frozenset[str]) -> bool:
    return thread.keys == flags and thread.text.strip().startswith("{{") and thread.text.strip().endswith("}}")


def _crossed(thread: Thread, wiring: Wiring) -> str:
    """The element a parameter ought to follow, by its name, where it follows one that is named like another parameter."""
    if len(thread.follows) != 1:
        return ""
    followed = next(iter(thread.follows))
    own = flag_name(thread.name)
    if flag_name(followed) == own or flag_name(followed) not in {flag_name(other.name) for other in wiring.threads}:
        return ""
    right = [element for element in wiring.elements if flag_name(element) == own]
    return right[0] if right else ""


def _unread_flags(wiring: Wiring, state: DesiredState) -> Iterator[Outcome]:
    """A flag that arrives at the umbrella, where the Application named like it does not look at it."""
    for thread in wiring.threads:
        inverted = any(thread.path in gate.inverted for gate in wiring.umbrella.gates)
        if inverted or not thread.follows or wiring.umbrella.gates_of(thread.path):
            continue
        if not _is_declared(thread, wiring, state):
            continue
        for gate in wiring.umbrella.gates:
            if any(flag_name(chart.rpartition("/")[2]) == flag_name(thread.name) for chart in gate.charts):
                at = _switch(gate, wiring, state) or written(thread.name_at)
                yield Hit(
                    at,
                    f"`{thread.name}` does not switch the Application that deploys `{gate.charts[0]}`",
                    key=thread.name,
                )


def _switch(gate: Gate, wiring: Wiring, state: DesiredState) -> At | None:
    """Where the template asks for the switch, else the Application of the gate, in another environment if need be."""
    if gate.line:
        return Location(gate.template, gate.line)
    for env in (state.env(wiring.env), *state.envs):
        for application in env.applications:
            if application.manifest is not None and set(application.charts) & set(gate.charts):
                return application.manifest.declaration()
    return None


def _is_declared(thread: Thread, wiring: Wiring, state: DesiredState) -> bool:
    """Whether the umbrella's values know the flag; an unknown one is a misspelt parameter, reported as that."""
    return any(dig(state.values_of(file), thread.path) is not None for file in wiring.umbrella.values_files)
