"""Splits a container's command and arguments into the statements it runs, looking into ``sh -c`` texts."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHELLS = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
_SHELL_TEXT_FLAG = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*")
_COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)
_REDIRECTION = re.compile(r"\d*[<>]&[\d-]?|&>")
_SEPARATORS = frozenset(";&|\n")
_MAX_NESTING = 3


class Statement(Struct, frozen=True):
    """The words of one command; ``items[i]`` is the index of the container item that ``words[i]`` stands in."""

    words: tuple[str, ...]
    items: tuple[int, ...]


def statements(items: Sequence[str]) -> tuple[Statement, ...]:
    """Return what ``items`` (a container's command followed by its args) runs, one statement for each command.

    Items outside a shell text stay whole. A text that no shell could parse is split at blanks.
    """
    return _statements(tuple(items))


@lru_cache(maxsize=1024)  # environments run the same scripts, and several rules ask what a container runs
def _statements(items: tuple[str, ...]) -> tuple[Statement, ...]:
    pairs = [(item, index) for index, item in enumerate(items)]
    return tuple(statement for statement in _unfold(pairs, 0) if statement.words)


def _unfold(pairs: list[tuple[str, int]], depth: int) -> Iterator[Statement]:
    at = _shell_text_at([word for word, _ in pairs]) if depth < _MAX_NESTING else None
    if at is None:
        yield Statement(tuple(word for word, _ in pairs), tuple(index for _, index in pairs))
        return
    text, item = pairs[at]
    for words in _split(text):
        yield from _unfold([(word, item) for word in words], depth + 1)
    # What follows the text are its positional parameters, which the text may pass on.
    yield Statement(tuple(word for word, _ in pairs[at + 1 :]), tuple(index for _, index in pairs[at + 1 :]))


def _shell_text_at(words: Sequence[str]) -> int | None:
    shell = next((at for at, word in enumerate(words) if word.rpartition("/")[2] in _SHELLS), None)
    if shell is None:
        return None
    for at in range(shell + 1, len(words) - 1):
        if _SHELL_TEXT_FLAG.fullmatch(words[at]):
            return at + 1
    return None


def _split(text: str) -> Iterator[list[str]]:
    joined = text.replace("\r\n", "\n").replace("\\\n", " ")
    # The ampersand of a redirection must not end the statement.
    plain = _REDIRECTION.sub(" ", _COMMENT.sub(r"\1", joined))
    lexer = shlex.shlex(plain, posix=True, punctuation_chars="".join(_SEPARATORS))
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        tokens = list(lexer)
    except ValueError:
        tokens = re.sub(r"([;&|\n])", r" \1 ", plain).replace("\n", " ; ").split()
    words: list[str] = []
    for token in tokens:
        if token and _SEPARATORS.issuperset(token):
            yield words
            words = []
        else:
            words.append(token.lstrip("("))
    yield words
