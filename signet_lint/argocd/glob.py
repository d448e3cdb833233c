"""The three kinds of path pattern that Argo CD v3.1.9 uses, as regular expressions."""

from __future__ import annotations

import re
from functools import lru_cache

_STAR = None  # stands for `*` among the regular expressions of single characters
_MAX_ALTERNATIVES = 256
_MAX_BRACES = 64
_GIT_WILDCARD = re.compile(r"[*?\[\\]")


class PatternError(Exception):
    """A pattern that its library refuses."""


@lru_cache(maxsize=256)
def path_match(pattern: str) -> re.Pattern[str]:
    """Go's `path.Match` (git generator directories): `*` and `?` stop at `/`, `**` is no more than `*`."""
    return re.compile(_expression(_atoms(pattern, any_one="[^/]", negators="^"), "[^/]", ""), re.DOTALL)


@lru_cache(maxsize=256)
def git_pathspec(pattern: str) -> re.Pattern[str]:
    """A pathspec of `git ls-files` (git generator files): `*` crosses `/`, a plain path also names a whole folder.

    [util/git/client.go LsFiles; git's pathspec without magic is wildmatch without WM_PATHNAME]
    """
    if pattern in ("", "."):
        return re.compile(".*", re.DOTALL)
    folder = re.escape(pattern.rstrip("/")) + ("/.*" if pattern.endswith("/") else "(?:/.*)?")
    if not _GIT_WILDCARD.search(pattern):
        return re.compile(folder, re.DOTALL)
    wild = _expression(_atoms(pattern, any_one=".", negators="!^"), ".", "")
    return re.compile(f"{folder}|{wild}", re.DOTALL)


@lru_cache(maxsize=256)
def gobwas(pattern: str) -> re.Pattern[str]:
    """gobwas/glob without separators (directory include and exclude): `*` crosses `/`, `{a,b}` are alternatives.

    [util/glob/glob.go Match; gobwas/glob v0.2.3]
    """
    if pattern.count("{") > _MAX_BRACES:
        raise PatternError("too many alternatives in pattern")
    alternatives = _alternatives(pattern)
    expressions = [
        _expression(_atoms(one, any_one=".", negators="!"), ".", f"_{index}") for index, one in enumerate(alternatives)
    ]
    return re.compile("|".join(expressions), re.DOTALL)


def _expression(atoms: list[str | None], any_one: str, suffix: str) -> str:
    """One regular expression that never backtracks into an earlier `*`: the leftmost match after it is enough."""
    pieces = [""]
    for atom in atoms:
        if atom is not _STAR:
            pieces[-1] += atom
        elif len(pieces) == 1 or pieces[-1]:
            pieces.append("")
    first, *rest = pieces
    if not rest:
        return first
    middle = "".join(
        f"(?=(?P<g{index}{suffix}>{any_one}*?{piece}))(?P=g{index}{suffix})" for index, piece in enumerate(rest[:-1])
    )
    return f"{first}{middle}{any_one}*{rest[-1]}"


def _atoms(pattern: str, *, any_one: str, negators: str) -> list[str | None]:
    atoms: list[str | None] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == "*":
            atoms.append(_STAR)
        elif char == "?":
            atoms.append(any_one)
        elif char == "[":
            text, position = _char_class(pattern, position, negators)
            atoms.append(text)
        elif char == "\\":
            if position >= len(pattern):
                raise PatternError("syntax error in pattern")
            atoms.append(re.escape(pattern[position]))
            position += 1
        else:
            atoms.append(re.escape(char))
    return atoms


def _alternatives(pattern: str) -> list[str]:
    """The patterns without braces that a pattern with `{a,b}` stands for; they may nest."""
    opening = _next_of(pattern, 0, "{}")
    if opening < 0:
        return [pattern]
    depth, start, position = 1, opening + 1, opening + 1
    choices: list[str] = []
    if pattern[opening] == "}":
        raise PatternError("syntax error in pattern")
    while depth:
        position = _next_of(pattern, position, "{},")
        if position < 0:
            raise PatternError("syntax error in pattern")
        depth += {"{": 1, "}": -1, ",": 0}[pattern[position]]
        if depth == 0 or (depth == 1 and pattern[position] == ","):
            choices.append(pattern[start:position])
            start = position + 1
        position += 1
    tails = _alternatives(pattern[position:])
    heads = [pattern[:opening] + inner for choice in choices for inner in _alternatives(choice)]
    if len(heads) * len(tails) > _MAX_ALTERNATIVES:
        raise PatternError("too many alternatives in pattern")
    return [head + tail for head in heads for tail in tails]


def _next_of(pattern: str, position: int, wanted: str) -> int:
    while position < len(pattern):
        if pattern[position] == "\\":
            position += 1
        elif pattern[position] in wanted:
            return position
        position += 1
    return -1


def _char_class(pattern: str, position: int, negators: str) -> tuple[str, int]:
    negated = pattern[position : position + 1] in tuple(negators)
    position += negated
    members: list[str] = []
    while position < len(pattern) and (pattern[position] != "]" or not members):
        position += pattern[position] == "\\"
        low, position = pattern[position : position + 1], position + 1
        high = low
        if pattern[position : position + 1] == "-" and pattern[position + 1 : position + 2] not in ("", "]"):
            high, position = pattern[position + 1], position + 2
        if not low or high < low:
            raise PatternError("syntax error in pattern")
        members.append(f"{re.escape(low)}-{re.escape(high)}")
    if position >= len(pattern):
        raise PatternError("syntax error in pattern")
    return f"[{'^' if negated else ''}{''.join(members)}]", position + 1
