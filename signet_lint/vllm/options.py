"""Knows the options of the vLLM server and finds the one that a word on the command line means."""

from __future__ import annotations

import functools
import pkgutil
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, json

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["scalar", "flag", "list", "json"]


class Option(Struct, frozen=True):
    """One option; `optional` ones are unset by an empty value or `None`, `repeatable` ones gather their values."""

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    optional: bool = False
    negatable: bool = False
    value_optional: bool = False
    repeatable: bool = False


class Match(Struct, frozen=True):
    """An option as spelled: `spelling` in full, and the text after `=` (or glued to a short alias), if any."""

    option: Option
    spelling: str
    explicit: str | None


class AmbiguousOptionError(ValueError):
    """An abbreviation that several options begin with."""


@functools.cache
def load_options() -> tuple[Option, ...]:
    """Return all options of the server, from the data file beside this module."""
    entries = json.decode(pkgutil.get_data(__package__, "options.json") or b"")["options"]
    return tuple(Option(**(entry | {"aliases": tuple(entry.get("aliases", ()))})) for entry in entries)


@functools.cache
def option_by_spelling() -> Mapping[str, Option]:
    """Return every full spelling (`--max-model-len`, `-tp`, `--no-enforce-eager`) with its option."""
    spellings: dict[str, Option] = {}
    for option in load_options():
        spellings |= dict.fromkeys((f"--{option.name}", *option.aliases), option)
        if option.negatable:
            spellings[f"--no-{option.name}"] = option
    return spellings


def match_option(text: str) -> Match | None:
    """Return the option that a word means, None when it means none.

    Raises AmbiguousOptionError for an abbreviation of several options. As argparse of Python 3.12 does it
    (Lib/argparse.py, _parse_optional and _get_option_tuples).
    """
    spellings = option_by_spelling()
    if text in spellings:
        return Match(spellings[text], text, None)
    name, equals, value = text.partition("=")
    if equals and name in spellings:
        return Match(spellings[name], name, value)
    found = _abbreviated(text)
    if len(found) > 1:
        raise AmbiguousOptionError(f"`{text}` could be any of {', '.join(match.spelling for match in found)}")
    return found[0] if found else None


def _abbreviated(text: str) -> list[Match]:
    spellings = option_by_spelling()
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        explicit = value if equals else None
        return [Match(option, full, explicit) for full, option in spellings.items() if full.startswith(name)]
    found = []
    for full, option in spellings.items():
        if full == text[:2]:
            found.append(Match(option, full, text[2:]))
        elif full.startswith(text):
            found.append(Match(option, full, None))
    return found
