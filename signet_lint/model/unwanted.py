"""Applications that are on in an environment whose flag says off: their one fault there is that."""

from __future__ import annotations

import posixpath

from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import EnvKey, EnvPlace, Gate, Thread, Wiring, flag_name


def unwanted_applications(state: DesiredState) -> dict[tuple[str, str], tuple[EnvPlace, ...]]:
    """The flags, by environment and name, of each Application that they do not switch off, where they are off.

    The broken link between the two is reported (SGL105, SGL107, SGL112); what such an Application lacks there only
    follows from it.
    """
    return {
        (wiring.env, application.name): tuple(key.place for key in flags)
        for wiring in state.wiring
        for gate in wiring.umbrella.gates
        if (flags := _ignored_flags(gate, wiring))
        for application in state.env(wiring.env).applications
        if application.manifest is not None and set(gate.charts) & set(application.charts)
    }


def _ignored_flags(gate: Gate, wiring: Wiring) -> list[EnvKey]:
    """The flags behind an Application, where all of them are off and one does not reach it; else none.

    Where nothing that is passed reads a flag, the one that is named like the switch or the chart is meant.
    """
    threads = [thread for path in gate.values for thread in wiring.threads_to(path)]
    flags = [
        (element, key, thread)
        for thread in threads
        for key in wiring.keys_behind(thread)
        for element in sorted(key.elements & thread.keys)
        if key.is_flag
    ]
    if flags:
        reach = all(_reaches(*flag) and not _is_text(flag[2], gate) for flag in flags)
        return [] if reach else _all_off([key for _, key, _ in flags])
    names = {flag_name(".".join(map(str, path))) for path in gate.values}
    names |= {flag_name(posixpath.basename(chart)) for chart in gate.charts}
    return _all_off([key for key in wiring.env_keys if key.is_flag and flag_name(key.name) in names])


def _reaches(element: str, key: EnvKey, thread: Thread) -> bool:
    return element in key.switches_elements and element in thread.follows


def _is_text(thread: Thread, gate: Gate) -> bool:
    """Whether a flag arrives as a text that the template takes for true."""
    return thread.as_text and thread.path in gate.text_false_is_on


def _all_off(keys: list[EnvKey]) -> list[EnvKey]:
    return [] if any(str(key.value).lower() == "true" for key in keys) else keys
