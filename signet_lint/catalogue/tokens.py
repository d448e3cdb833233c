"""Decides what in a text is a secret: a token of a known form that is no placeholder."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby, pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.catalogue._files import read

_SHOWN = 4
_PLACEHOLDER = re.compile(
    r"example|placeholder|your[-_]?|change[-_]?me|redacted|dummy|sample|insert|<|>|\.\.\.|x{6,}|\*{3,}", re.IGNORECASE
)
_RUN = 8  # that many characters in order (abcdefgh, 12345678) are typed, not drawn
_KEY_TEXT = re.compile(r"[A-Za-z0-9+/=]{40,}")
_KEY_BLOCK = re.compile(r"(-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----)(.*?)(?=-----END|\Z)", re.DOTALL)
_KEY_CHARS = re.compile(r"\\.|[A-Za-z0-9+/=]")  # an escape such as \n stays, so that JSON stays JSON
_KEY_WORD = re.compile(r"[A-Za-z0-9+/=]{16,}")
_ENCODED_TOO = ("-----BEGIN", '{"auths"')  # texts with a secret further in
_LONG = 12  # a literal that long is a part of no other word by chance
_LEAST = 4  # a shorter literal is hidden nowhere but on its own line: it is a part of too many words
_NO_SECRETS = frozenset(
    (
        "empty",
        "none",
        "null",
        "dummy",
        "test",
        "unused",
        "fake",
        "not-needed",
        "not-used",
        "placeholder",
        "changeme",
        "n/a",
        "na",
    )
)
_REFERENCE = re.compile(
    r"^\s*(?:\$\w+|`.*`|\$\(.*\)|\$\{.*\}|\{\{.*\}\}|<.*>|vault:.*|ref\+.*|file:.*|/.*)\s*$", re.DOTALL
)


class TokenKind(Struct, frozen=True):
    """A form of secret: `literals` are texts of which one occurs in each, `entropy` the least in bits a character."""

    name: str
    title: str
    pattern: re.Pattern[str]
    literals: tuple[str, ...]
    entropy: float
    source: str
    verified: bool = True


class Token(Struct, frozen=True):
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


def may_hold_secret(content: bytes) -> bool:
    """Whether a file's bytes have a text that occurs in each secret of some form: else it need not be searched."""
    return _literals().search(content) is not None


@cache
def _literals() -> re.Pattern[bytes]:
    return re.compile(_one_literal().pattern.encode())


@cache
def _one_literal() -> re.Pattern[str]:
    known = sorted((*(literal for kind in kinds() for literal in kind.literals), *_encoded()))
    # By first character: Python's engine tries one alternative after the other.
    begins = [(first, [literal[1:] for literal in group]) for first, group in groupby(known, lambda one: one[:1])]
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(map(re.escape, rest))})" for first, rest in begins))


@cache
def _encoded() -> tuple[str, ...]:
    """How texts begin in base64 that hold a secret: as much as is the same whatever comes next."""
    begins = {literal for kind in kinds() if not kind.pattern.groups for literal in kind.literals} | {*_ENCODED_TOO}
    return tuple(sorted(base64.b64encode(text.encode()).decode()[: len(text) * 8 // 6] for text in begins))


@cache
def _encoded_words() -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9+/=_-])(?:{'|'.join(_encoded())})[A-Za-z0-9+/]{{16,}}={{0,2}}")


def tokens_in(text: str) -> Iterator[Token]:
    """Every secret in a text, form by form, then those in base64."""
    yield from _plain_tokens(text)
    if any(beginning in text for beginning in _encoded()):
        for match in _encoded_words().finditer(text):
            inside = next(_plain_tokens(decoded(match[0])), None)
            if inside is not None:
                kind = replace(inside.kind, name=f"{inside.kind.name}-base64", title=f"{inside.kind.title} in base64")
                yield Token(kind, match.start(), match.end())


def decoded(word: str) -> str:
    """What a word says in base64, empty where it is none or says no text."""
    try:
        return base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _plain_tokens(text: str) -> Iterator[Token]:
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
    if "PRIVATE KEY" in text:
        text = _KEY_BLOCK.sub(_masked_key, text)
    return "".join(_masked_line(line) if _has_literal(line) else line for line in text.splitlines(keepends=True))


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with each of `secrets` hidden, line by line, a short one where it is a word; nothing else moves."""
    lines = {line.strip() for secret in secrets for line in secret.splitlines()}
    for line in sorted((line for line in lines if len(line) >= _LEAST), key=len, reverse=True):
        if line in text:
            edge = "" if len(line) >= _LONG else r"[\w-]"
            pattern = rf"(?<!{edge}){re.escape(line)}(?!{edge})" if edge else re.escape(line)
            text = re.sub(pattern, hidden(line).replace("\\", r"\\"), text)
    return text


def _masked_key(block: re.Match[str]) -> str:
    """A private key with its content hidden; where its end is missing, words that are long enough to be of it."""
    head, body = block.groups()
    found = _KEY_TEXT.search(body)
    if found is None or is_placeholder(found[0][:64]):
        return block[0]
    if block.end() < len(block.string):
        return head + _KEY_CHARS.sub(lambda char: char[0] if len(char[0]) > 1 else "*", body)
    return head + _KEY_WORD.sub(lambda word: "*" * len(word[0]), body)


def _masked_line(line: str) -> str:
    for token in sorted(tokens_in(line), key=lambda one: one.start, reverse=True):
        if token.kind.name != "private-key":
            line = line[: token.start] + hidden(line[token.start : token.end]) + line[token.end :]
    return line


def _has_literal(text: str) -> bool:
    return _one_literal().search(text) is not None


def hidden(secret: str) -> str:
    """A secret as it may be shown: its first four characters at most, the rest as stars."""
    shown = min(_SHOWN, len(secret) // 3)
    return secret[:shown] + "*" * (len(secret) - shown)


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a secret that is to be put in its place."""
    return bool(_PLACEHOLDER.search(text)) or _has_run(text) or _entropy(text) < 1.5


def is_literal_secret(value: Any) -> bool:
    """Whether a text could be a secret: neither empty, nor a reference, nor a word that stands for none."""
    if not isinstance(value, str) or not value.strip():
        return False
    text = value.strip()
    return text.lower() not in _NO_SECRETS and not _REFERENCE.match(text) and not is_placeholder(text)


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
