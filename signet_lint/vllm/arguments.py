"""Decides which settings a vLLM server ends up with, given the words of its command line."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct, field

from signet_lint.vllm.configfile import insert_config
from signet_lint.vllm.invocation import Invocation, Refusal, Setting
from signet_lint.vllm.options import AmbiguousOptionError, Match, match_option
from signet_lint.vllm.spelling import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signet_lint.vllm.configfile import ConfigFile
    from signet_lint.vllm.invocation import Server, Token
    from signet_lint.vllm.spelling import Spelled

_NEGATIVE_NUMBER = re.compile(r"-\d+|-\d*\.\d+")
_NOTHING = frozenset({"", "None"})


def parse(argv: Sequence[Token], server: Server = "api-server", *, config_file: ConfigFile | None = None) -> Invocation:
    """Return what vLLM makes of its arguments (those after `serve`, or after the api_server module); never raises.

    `config_file` gives the content of a `--config` file by its path in the container, None where that is not known.
    As FlexibleArgumentParser on argparse does it (vLLM 0.11.0, vllm/utils/__init__.py and
    vllm/entrypoints/cli/serve.py; Python 3.12, Lib/argparse.py).
    """
    expanded = insert_config(argv, server, config_file)
    words, refusals = normalise(expanded.tokens)
    reading = _Reading(server, refusals=[*expanded.refusals, *refusals], unresolved=expanded.unresolved)
    if server == "vllm-serve":
        reading.refuse_model_options(argv)
    reading.read(_classify_all(words))
    return reading.invocation()


class _Word(Struct, frozen=True):
    """A word as argparse sees it: an option (known, ambiguous or unknown), else a value."""

    text: str
    token: Token
    is_option: bool = False
    match: Match | None = None
    problem: str = ""
    after_end_of_options: bool = False


def _classify_all(words: Sequence[Spelled]) -> list[_Word]:
    """Tell options from values; the first `--` is left out and ends the options."""
    end = next((index for index, word in enumerate(words) if word.text == "--"), len(words))
    after = [_Word(word.text, word.token, after_end_of_options=True) for word in words[end + 1 :]]
    return [*map(_classify, words[:end]), *after]


def _classify(word: Spelled) -> _Word:
    text, token = word.text, word.token
    if not text.startswith("-") or len(text) == 1:
        return _Word(text, token)
    try:
        match = match_option(text)
    except AmbiguousOptionError as error:
        return _Word(text, token, is_option=True, problem=str(error))
    if match:
        return _Word(text, token, is_option=True, match=match)
    if _NEGATIVE_NUMBER.fullmatch(text) or " " in text:
        return _Word(text, token)
    return _Word(text, token, is_option=True)


def _is_option_with_value_in_one_item(text: str) -> bool:
    head = next(iter(text.split(maxsplit=1)), "")
    if not head.startswith("-") or not head.strip("-") or head == text:
        return False
    try:
        return match_option(head.replace("_", "-")) is not None
    except AmbiguousOptionError:
        return True


class _Reading(Struct):
    """The state of one pass over the words."""

    server: Server
    refusals: list[Refusal]
    unresolved: str
    settings: dict[str, Setting] = field(default_factory=dict)
    positionals: list[_Word] = field(default_factory=list)
    ineffective: list[Token] = field(default_factory=list)
    unknown_options: list[Token] = field(default_factory=list)

    def refuse_model_options(self, argv: Sequence[Token]) -> None:
        self.refusals += [
            Refusal(token, "`vllm serve` takes the model as its first argument, not as `--model`")
            for token in argv
            if token.text == "--model"
        ]

    def read(self, words: Sequence[_Word]) -> None:
        position = 0
        while position < len(words):
            word = words[position]
            position += 1
            values = _values_from(words, position) if word.is_option else []
            if not word.is_option:
                self._take_positional(word)
            elif word.match:
                position += self._take_option(word.token, word.match, values)
            else:
                position += self._take_unknown(word, values)

    def _take_positional(self, word: _Word) -> None:
        self.positionals.append(word)
        names_model = self.server == "vllm-serve" and len(self.positionals) == 1
        if not names_model:
            self.unresolved = self.unresolved or word.token.unknown

    def _take_unknown(self, word: _Word, values: Sequence[_Word]) -> int:
        """Note an option that vLLM does not have and return how many words must be its values."""
        token = word.token
        if token.unknown:
            self.unresolved = self.unresolved or token.unknown
            return 0
        self.unknown_options.append(token)
        self.refusals.append(Refusal(token, word.problem or f"vLLM 0.11.0 has no option `{token.text}`"))
        value_may_be_model = self.server == "vllm-serve" and not self.positionals
        return 1 if values and "=" not in token.text and not value_may_be_model else 0

    def _take_option(self, token: Token, match: Match, values: Sequence[_Word]) -> int:
        """Note an option and return how many of the words after it are its values."""
        if match.option.kind == "flag":
            self._set_flag(token, match)
            return 0
        if match.explicit is not None:
            self._set(match, token, token, [match.explicit])
            return 0
        taken = values if match.option.kind == "list" else values[:1]
        if taken:
            self._note_swallowed(taken)
            self._set(match, token, taken[0].token, [value.text for value in taken])
        elif match.option.value_optional:
            self._set(match, token, token, ["true"])
        else:
            self.refusals.append(Refusal(token, f"`{token.text}` has no value"))
        return len(taken)

    def _note_swallowed(self, taken: Sequence[_Word]) -> None:
        self.ineffective += [word.token for word in taken if _is_option_with_value_in_one_item(word.text)]
        for word in taken[1:]:
            # An unquoted variable may expand to options that would end the list.
            self.unresolved = self.unresolved or word.token.unknown

    def _set_flag(self, token: Token, match: Match) -> None:
        if match.explicit is not None:
            self.refusals.append(Refusal(token, f"`{match.spelling}` takes no value"))
            return
        if match.option.name == "help":
            self.refusals.append(Refusal(token, f"with `{token.text}` vLLM prints its options and exits"))
            return
        value = "false" if match.spelling.startswith("--no-") else "true"
        self.settings[match.option.name] = Setting(match.option.name, value, token, token, (value,))

    def _set(self, match: Match, token: Token, value_token: Token, values: Sequence[str]) -> None:
        option = match.option
        value: str | None = values[0]
        if option.optional and not value_token.unknown and value in _NOTHING:
            value = None
            self.ineffective.append(token)
        if option.name == "config":
            # vLLM looks for the bare word `--config` only, before argparse; the option itself is never read.
            self.ineffective.append(token)
            return
        earlier = self.settings[option.name].values if option.repeatable and option.name in self.settings else ()
        self.settings[option.name] = Setting(option.name, value, token, value_token, (*earlier, *values))

    def invocation(self) -> Invocation:
        model = self._model()
        return Invocation(
            server=self.server,
            settings=MappingProxyType(self.settings),
            model=model,
            ineffective=tuple(self.ineffective),
            unknown_options=tuple(self.unknown_options),
            refusals=tuple(self.refusals),
            unresolved=self.unresolved,
        )

    def _model(self) -> Setting | None:
        first, extra = self.positionals[:1], self.positionals[1:]
        self.refusals += [
            Refusal(word.token, f"`{word.text}` belongs to no option") for word in extra if not word.token.unknown
        ]
        named = self.settings.get("model")
        if self.server == "api-server":
            self.ineffective += [word.token for word in self.positionals if not word.token.unknown]
            return named
        self.ineffective += [word.token for word in self.positionals if _is_option_with_value_in_one_item(word.text)]
        if not first:
            return named
        if named:
            self.ineffective.append(named.token)
        return Setting("model", first[0].text, first[0].token, first[0].token, (first[0].text,))


def _values_from(words: Sequence[_Word], position: int) -> list[_Word]:
    """Return the words that an option may take: those up to the next option or the end of options."""
    values = []
    for word in words[position:]:
        if word.is_option or word.after_end_of_options:
            break
        values.append(word)
    return values
