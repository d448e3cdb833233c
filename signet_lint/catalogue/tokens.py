"""Decides what in a text is a secret: a token of a known form that is no placeholder."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from signet_lint.catalogue._files import read

_SHOWN = 4
_PLACEHOLDER = re.compile(
    r"example|placeholder|your[-_]?|change[-_]?me|redacted|dummy|sample|insert|<|>|\.\.\.|x{6,}|\*{3,}", re.IGNORECASE
)
_RUN = 8  # that many characters in order (abcdefgh, 12345678) are typed, not drawn
_KEY_TEXT = re.compile(r"[A-Za-z0-9+/=]{40,}")


@dataclass(frozen=True, slots=True)
class TokenKind:
    """A form of secret: `literals` are texts of which one occurs in each, `entropy` the least in bits a character."""

    name: str
    title: str
    pattern: re.Pattern[str]
    literals: tuple[str, ...]
    entropy: float
    source: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """A secret in a text, from `start` up to `end`; its own text stays where it is."""

    kind: TokenKind
    start: int
    end: int


@cache
def kinds() -> tuple[TokenKind, ...]:
    """Every form of secret that is looked for."""
    return tuple(
        TokenKind(**{**row, "pattern": re.compile(row["pattern"]), "literals": tuple(row["literals"])})
        for row in read("tokens.json")["tokens"]
    )


@cache
def literals() -> tuple[bytes, ...]:
    """Texts of which one occurs in each secret: what has none of them need not be searched."""
    return tuple(literal.encode() for kind in kinds() for literal in kind.literals)


def tokens_in(text: str) -> Iterator[Token]:
    """Every secret in a text, form by form."""
    for kind in kinds():
        if not any(literal in text for literal in kind.literals):
            continue
        for match in kind.pattern.finditer(text):
            group = 1 if kind.pattern.groups else 0
            if _is_secret(kind, match[group], text[match.end() : match.end() + 400]):
                yield Token(kind, match.start(group), match.end(group))


def masked(text: str) -> str:
    """The text with every secret hidden behind its first characters, each as long as before."""
    if not _has_literal(text):
        return text
    return "".join(_masked_line(line) if _has_literal(line) else line for line in text.splitlines(keepends=True))


def _masked_line(line: str) -> str:
    for token in sorted(tokens_in(line), key=lambda one: one.start, reverse=True):
        if token.kind.name != "private-key":
            line = line[: token.start] + hidden(line[token.start : token.end]) + line[token.end :]
    return line


def _has_literal(text: str) -> bool:
    return any(literal in text for kind in kinds() for literal in kind.literals)


def hidden(secret: str) -> str:
    """A secret as it may be shown: its first four characters at most, the rest as stars."""
    shown = min(_SHOWN, len(secret) // 3)
    return secret[:shown] + "*" * (len(secret) - shown)


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a secret that is to be put in its place."""
    return bool(_PLACEHOLDER.search(text)) or _has_run(text) or _entropy(text) < 1.5


def _is_secret(kind: TokenKind, text: str, behind: str) -> bool:
    if kind.name == "private-key":
        found = _KEY_TEXT.search(behind)
        return found is not None and not is_placeholder(found[0][:64])
    body = text[4:]
    return _entropy(body) >= kind.entropy and not _PLACEHOLDER.search(text) and not _has_run(body)


def _entropy(text: str) -> float:
    """Shannon entropy in bits a character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values()) if text else 0.0


def _has_run(text: str) -> bool:
    run = 1
    for before, char in pairwise(text):
        run = run + 1 if ord(char) == ord(before) + 1 else 1
        if run >= _RUN:
            return True
    return False
