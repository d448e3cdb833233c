"""Expands the words of a shell command: parameters, defaults, arrays and field splitting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from signet_lint.vllm.expansion import MAX_LENGTH, Fragment, token_of
from signet_lint.vllm.word import ShellSyntaxError, Text, Unknowable, Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signet_lint.vllm.invocation import Token
    from signet_lint.vllm.word import Parameter

_BLANK_RUN = re.compile(r"[ \t\n]+")
_ALL = frozenset({"@", "*"})

Field = tuple[Fragment, ...]
"""One word after expansion."""


class Scope(Struct):
    """What a running script knows: the container's variables, its own, and its arguments, `$0` first.

    A variable of its own has one field, or several if it is an array.
    `read` gathers the positional parameters that something refers to, `@` for all of them but `$0`.
    """

    environment: Mapping[str, Fragment]
    positional: tuple[Field, ...] = ()
    variables: dict[str, tuple[Field, ...]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    expanded: int = 0

    def spend(self, value: Sequence[Field]) -> None:
        """Count the characters that expansion adds; raises ShellSyntaxError when no command line could hold them."""
        self.expanded += sum(len(fragment.text) + 1 for one in value for fragment in one)
        if self.expanded > MAX_LENGTH:
            raise ShellSyntaxError("its variables expand to more than a command line can hold")

    def value(self, name: str, written: Fragment) -> tuple[Field, ...] | None:
        """Return the value of a parameter that is referred to at `written`, None when it has none here."""
        if name in _ALL:
            self.read.add("@")
            return self.positional[1:]
        if name.isdecimal():
            position = int(name[:9])
            self.read.add(str(position))
            return self.positional[position : position + 1]
        if name in self.variables or name not in self.environment:
            return self.variables.get(name)
        value = self.environment[name]
        return ((replace(value, source=written.source, index=written.index, substituted=True),),)


def tokens_of(words: Sequence[Word], scope: Scope) -> list[Token]:
    """Return the words a command gets."""
    return [token_of(expanded) for word in words for expanded in expand_word(word, scope)]


def expand_word(word: Word, scope: Scope) -> list[Field]:
    """Return the fields one word becomes: none, one or several."""
    fields = _Fields()
    _expand_parts(word, scope, fields)
    return fields.finished()


def expand_unsplit(word: Word, scope: Scope) -> Field:
    """Return the single field that a word becomes where the shell does not split, as in an assignment."""
    fields = _Fields(splits=False)
    _expand_parts(word, scope, fields)
    joined: list[Fragment] = []
    for one in fields.finished():
        joined += (*([Fragment(" ", substituted=True)] if joined else []), *one)
    return tuple(joined)


class _Fields:
    def __init__(self, *, splits: bool = True) -> None:
        self.splits = splits
        self.done: list[Field] = []
        self.current: list[Fragment] | None = None

    def add(self, fragments: Sequence[Fragment]) -> None:
        """Add text that is not split."""
        self.current = [*(self.current or ()), *fragments]

    def split(self, fragment: Fragment) -> None:
        """Add text that is split at blanks, unless nobody knows it."""
        if fragment.unknown or not self.splits:
            self.add([fragment])
            return
        end = 0
        for blank in _BLANK_RUN.finditer(fragment.text):
            if blank.start() > end:
                self.add([fragment.part(end, blank.start())])
            self.close()
            end = blank.end()
        if end < len(fragment.text):
            self.add([fragment.part(end, len(fragment.text))])

    def close(self) -> None:
        if self.current is not None:
            self.done.append(tuple(self.current))
            self.current = None

    def finished(self) -> list[Field]:
        self.close()
        return self.done


def _expand_parts(word: Word, scope: Scope, fields: _Fields) -> None:
    for part in word.parts:
        if isinstance(part, Text):
            fields.add(part.fragments)
        elif isinstance(part, Unknowable):
            fields.add([replace(part.written, unknown=part.reason)])
        else:
            _expand_parameter(part, scope, fields)


def _expand_parameter(part: Parameter, scope: Scope, fields: _Fields) -> None:
    value = scope.value(part.name, part.written)
    is_empty = not any(fragment.text for one in value or () for fragment in one)
    absent = not value or (part.operator.startswith(":") and is_empty)
    operation = part.operator.removeprefix(":")
    if operation == "+":
        if not absent and part.default:
            _expand_default(part, part.default, scope, fields)
    elif absent and operation in {"-", "="} and part.default:
        _expand_default(part, part.default, scope, fields)
    elif value is None:
        fields.add([replace(part.written, unknown=f"`{part.name}` has no value in the pod spec")])
    else:
        scope.spend(value)
        _add_value(part, value, fields)


def _expand_default(part: Parameter, default: Word, scope: Scope, fields: _Fields) -> None:
    for inner in default.parts:
        if isinstance(inner, Text) and not inner.quoted and not part.quoted:
            for fragment in inner.fragments:
                fields.split(fragment)
        else:
            _expand_parts(Word((inner,)), scope, fields)
    if part.operator.endswith("="):
        scope.variables[part.name] = (expand_unsplit(default, scope),)


def _add_value(part: Parameter, value: Sequence[Field], fields: _Fields) -> None:
    """Add a value; the items of `$@` and of an array stay words of their own, and none of them is no word."""
    if not value and not fields.current:
        fields.current = None
    for position, item in enumerate(value):
        if position:
            fields.close()
        if part.quoted:
            fields.add(item)
        else:
            for fragment in item:
                fields.split(fragment)
