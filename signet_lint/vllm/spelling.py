"""Rewrites the words of a command line as vLLM's FlexibleArgumentParser does before argparse sees them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from signet_lint.vllm.invocation import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signet_lint.vllm.invocation import Token

_NAME = re.compile(r"(?<=--)[^\.]*")
_LEVELS = frozenset("0123")


class Spelled(Struct, frozen=True):
    """A word as argparse gets it, and the token it was written as."""

    text: str
    token: Token


def normalise(tokens: Sequence[Token]) -> tuple[list[Spelled], list[Refusal]]:
    """Return the words with dashes in option names and with dotted options gathered into JSON at the end.

    Also returns the words on which vLLM stops (vLLM 0.11.0, vllm/utils/__init__.py, FlexibleArgumentParser.parse_args).
    """
    return _gather_dotted([Spelled(_respell(tokens, position), token) for position, token in enumerate(tokens)])


def _respell(tokens: Sequence[Token], position: int) -> str:
    text = tokens[position].text
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        name = _NAME.sub(lambda match: match.group().replace("_", "-"), name, count=1)
        return f"{name}{equals}{value}"
    if text.startswith("-O") and text != "-O" and text[2] != ".":
        level = text[3:] if text[2] == "=" else text[2:]
        return f"-O.level={level}"
    if text == "-O" and position + 1 < len(tokens) and tokens[position + 1].text in _LEVELS:
        return "-O.level"
    return text


def _gather_dotted(words: Sequence[Spelled]) -> tuple[list[Spelled], list[Refusal]]:
    kept: list[Spelled] = []
    refusals: list[Refusal] = []
    gathered: dict[str, tuple[Token, dict[str, Any]]] = {}
    remaining = iter(words)
    for word in remaining:
        name, equals, value = word.text.partition("=")
        if not (name.startswith("-") and "." in name):
            kept.append(word)
            continue
        if not equals:
            following = next(remaining, None)
            if following is None:
                refusals.append(Refusal(word.token, f"`{name}` is read as a dotted option and has no value"))
                break
            value = following.text
        option, *keys = name.removesuffix("+").split(".")
        _, settings = gathered.setdefault(option, (word.token, {}))
        _merge(settings, keys, _json_value(value, as_list=name.endswith("+")))
    for option, (token, settings) in gathered.items():
        kept += [Spelled(option, token), Spelled(_json_text(settings), token)]
    return kept, refusals


def _json_text(settings: dict[str, Any]) -> str:
    try:
        return json.dumps(settings)
    except RecursionError:
        return "{}"


def _json_value(text: str, *, as_list: bool) -> Any:
    if as_list:
        return text.split(",")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _merge(settings: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    """Put a value under its path of keys; lists grow, dictionaries join, anything else is replaced."""
    if len(keys) > 1:
        settings = _descend(settings, keys[:-1])
    present = settings.get(keys[-1])
    if isinstance(present, dict) and isinstance(value, dict):
        for key, inner in value.items():
            _merge(present, [key], inner)
    elif isinstance(present, list) and isinstance(value, list):
        present += value
    else:
        settings[keys[-1]] = value


def _descend(settings: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    for key in keys:
        inner = settings.get(key)
        if not isinstance(inner, dict):
            inner = settings[key] = {}
        settings = inner
    return settings
