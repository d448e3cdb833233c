"""What an environment's umbrella is given beside the template of its ApplicationSet: by a patch, or by values files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from signet_lint.model.application import Application, Env, Source
from signet_lint.model.resource import Key, Path, dig
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import EnvPlace, Wiring


class Given(Struct, frozen=True):
    """A value of the umbrella (None: not set) and where it is set, or ought to be."""

    at: EnvPlace
    value: Any


def given(path: Path, wiring: Wiring, env: Env, state: DesiredState) -> Given | None:
    """What an environment says of a value of the umbrella; None where the template passes it or there is no place for it."""
    if wiring.threads_to(path):
        return None
    for application, source in umbrella_sources(wiring, env):
        return _inline(application, source, path) or _in_files(source, path, wiring, state)
    return None


def umbrella_sources(wiring: Wiring, env: Env) -> Iterator[tuple[Application, Source]]:
    """The sources that deploy the umbrella in its environment, each with its Application."""
    for application in env.applications:
        for source in application.sources if application.manifest is not None else ():
            if source.path == wiring.umbrella.chart:
                yield application, source


def _inline(umbrella: Application, source: Source, path: Path) -> Given | None:
    at = umbrella.at(*source.field, "helm", "valuesObject", *path)
    return Given(at, at.value) if at.value is not None else None


def _in_files(source: Source, path: Path, wiring: Wiring, state: DesiredState) -> Given | None:
    """In the files that are the environment's own, the last one that has it; else it belongs in the last of them."""
    files = [entry.path for entry in source.value_files if entry.exists]
    own = [file for file in files if file not in wiring.umbrella.values_files]
    setting = [file for file in own if dig(state.values_of(file), path) is not None] or own
    return Given(Key(setting[-1], path), dig(state.values_of(setting[-1]), path)) if setting else None
