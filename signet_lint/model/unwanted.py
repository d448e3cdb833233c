"""Applications that are on in an environment whose flag says off: their one fault there is that."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import EnvKey, Gate, Thread, Wiring, flag_name


def unwanted_applications(state: DesiredState) -> frozenset[tuple[str, str]]:
    """Environment and name of each Application that its flag does not switch off, where the flag is off.

    The broken link between the two is reported (SGL105, SGL107, SGL112); what such an Application lacks there only
    follows from it.
    """
    return frozenset(found for wiring in state.wiring for found in _in_wiring(wiring, state))


def _in_wiring(wiring: Wiring, state: DesiredState) -> Iterator[tuple[str, str]]:
    ignored = {chart for gate in wiring.umbrella.gates if _is_ignored(gate, wiring) for chart in gate.charts}
    for application in state.env(wiring.env).applications:
        if application.manifest is not None and ignored & set(application.charts):
            yield wiring.env, application.name


def _is_ignored(gate: Gate, wiring: Wiring) -> bool:
    """Whether every flag behind an Application is off, and one of them does not reach it.

    Where nothing that is passed reads a flag, the one that is named like the switch or the chart is meant.
    """
    threads = [thread for path in gate.values for thread in wiring.threads_to(path)]
    flags = [
        (element, key, thread)
        for thread in threads
        for element in thread.keys
        for key in wiring.keys_of(element)
        if key.is_flag
    ]
    if flags:
        return not any(_is_true(key) for _, key, _ in flags) and not all(_reaches(*flag) for flag in flags)
    names = {flag_name(".".join(map(str, path))) for path in gate.values}
    names |= {flag_name(posixpath.basename(chart)) for chart in gate.charts}
    meant = [key for key in wiring.env_keys if key.is_flag and flag_name(key.name) in names]
    return bool(meant) and not any(map(_is_true, meant))


def _reaches(element: str, key: EnvKey, thread: Thread) -> bool:
    return element in key.switches_elements and element in thread.follows


def _is_true(key: EnvKey) -> bool:
    return str(key.value).lower() == "true"
