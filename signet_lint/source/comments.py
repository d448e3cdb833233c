"""The comments of YAML files and Helm templates, and the lines each speaks of.

A line scanner rather than a parser, because a template is no YAML before it is rendered and a broken file has comments
too: actions are blanked out first, then strings and block scalars are followed from line to line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

_OPEN = re.compile(r"\{\{(?:-(?=\s))?")
_COMMENT_CLOSE = re.compile(r"\*/\s*-?\}\}")
# What ends an action, and the strings in which `}}` ends nothing.
_IN_ACTION = re.compile(r"\}\}|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`]*`")
_MARK = re.compile(r"[\"'#]")
_HEADER = re.compile(r"(?:^|[:?-])[ \t]+(?:[!&]\S*[ \t]+)*[|>](?:[1-9][+-]?|[+-][1-9]?)?[ \t]*$|^[|>][+-]?$")
_ACTION = "\0"  # stands for each character of an action that is no comment


class Comment(Struct, frozen=True):
    """A line of a comment: its text, where it stands, and the lines of the file that it speaks of.

    Those are its own, and (where nothing else stands there) the comments around it and the next line that is none; with
    a line that opens a block scalar or a string of several lines, all lines of that.
    """

    text: str
    line: int
    column: int
    end_column: int
    covers: range


def comments(text: str, *, template: bool) -> tuple[Comment, ...]:
    """Every line of every comment of a file, in order."""
    found: list[_Found] = []
    plain = _without_actions(text, found) if template else text
    lines = plain.split("\n")
    scan = _Scan()
    for number, line in enumerate(lines, 1):
        scan.read(number, line.rstrip("\r"))
    found += scan.found
    alone = {one.line for one in found if not _code(lines[one.line - 1], one, scan)}
    runs = _runs(alone)
    ordered = sorted(found, key=lambda one: (one.line, one.column))
    return tuple(
        Comment(one.text, one.line, one.column, one.end_column, _covers(one.line, runs, scan)) for one in ordered
    )


def _runs(alone: set[int]) -> dict[int, tuple[int, int]]:
    """For each line that is nothing but a comment, the first of those around it and the line behind them."""
    runs: dict[int, tuple[int, int]] = {}
    for line in sorted(alone):
        if line in runs:
            continue
        behind = line
        while behind in alone:
            behind += 1
        runs.update(dict.fromkeys(range(line, behind), (line, behind)))
    return runs


def _covers(line: int, runs: Mapping[int, tuple[int, int]], scan: _Scan) -> range:
    first, target = runs.get(line, (line, line))
    return range(first, scan.ends.get(target, target) + 1)


class _Found(Struct, frozen=True):
    """A line of a comment; `of_yaml` where it starts with `#`, so that nothing follows it."""

    text: str
    line: int
    column: int
    end_column: int
    of_yaml: bool


def _code(line: str, comment: _Found, scan: _Scan) -> str:
    """What else stands on a comment's line (a template's comments are blank in it)."""
    start = scan.starts.get(comment.line, len(line))
    return line[:start].strip()


def _without_actions(text: str, found: list[_Found]) -> str:
    """A template with comments blank and other actions as marks, of the same length; adds its comments to `found`."""
    parts: list[str] = []
    at = 0
    while opening := _OPEN.search(text, at):
        inside = _after_space(text, opening.end())
        is_comment = text.startswith("/*", inside)
        end = _end_of_comment(text, inside) if is_comment else _end_of_action(text, opening.end())
        if end < 0:
            break
        parts.append(text[at : opening.start()])
        parts.append(_blank(text[opening.start() : end], " " if is_comment else _ACTION))
        if is_comment:
            found += _lines_of(text, inside + 2, text.rindex("*/", inside, end))
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _end_of_comment(text: str, at: int) -> int:
    closing = _COMMENT_CLOSE.search(text, at + 2)
    return closing.end() if closing else -1


def _end_of_action(text: str, at: int) -> int:
    for token in _IN_ACTION.finditer(text, at):
        if token[0] == "}}":
            return token.end()
    return -1


def _blank(text: str, mark: str) -> str:
    return re.sub(r"[^\r\n]", mark, text)


def _lines_of(text: str, start: int, end: int) -> Iterator[_Found]:
    """Each line of the inside of a template's comment; empty ones are lines of it, too."""
    line = text.count("\n", 0, start) + 1
    for part in text[start:end].split("\n"):
        first = start - (text.rfind("\n", 0, start) + 1) + 1
        said = part.strip()
        column = first + part.find(said)
        yield _Found(said, line, column, column + len(said), of_yaml=False)
        start += len(part) + 1
        line += 1


class _Scan(Struct):
    """Follows strings and block scalars: where comments start, and where what a line opens ends."""

    found: list[_Found] = field(default_factory=list)
    starts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    _quote: str = ""
    _block: int | None = None
    _opened: int = 0

    def read(self, number: int, line: str) -> None:
        """The next line."""
        if self._block is not None:
            if not line.strip(f" \t{_ACTION}") or _indent(line) > self._block:
                self.ends[self._opened] = number
                return
            self._block = None
        if self._quote:
            self.ends[self._opened] = number
        start = self._start_of_comment(number, line)
        code = line[:start]
        if start < len(line):
            self.starts[number] = start
            said = line[start:].lstrip("#").strip()
            self.found.append(_Found(said, number, start + 1, len(line.rstrip()) + 1, of_yaml=True))
        if not self._quote and _HEADER.search(code):
            self._block, self._opened = _parent_indent(code), number

    def _start_of_comment(self, number: int, line: str) -> int:
        at, continued = 0, bool(self._quote)
        while mark := _MARK.search(line, at):
            at = mark.end()
            if self._quote:
                at = self._in_string(line, mark)
            elif mark[0] == "#":
                if mark.start() == 0 or line[mark.start() - 1] in " \t":
                    return mark.start()
            elif _starts_a_value(line, mark.start(), continued=continued):
                self._quote, self._opened = mark[0], number
        return len(line)

    def _in_string(self, line: str, mark: re.Match[str]) -> int:
        """Where to go on after a mark inside a string, which it may end."""
        if mark[0] != self._quote:
            return mark.end()
        if self._quote == "'" and line.startswith("''", mark.start()):
            return mark.end() + 1
        if self._quote == '"' and _is_escaped(line, mark.start()):
            return mark.end()
        self._quote = ""
        return mark.end()


def _is_escaped(line: str, at: int) -> bool:
    slashes = 0
    while at > slashes and line[at - slashes - 1] == "\\":
        slashes += 1
    return slashes % 2 == 1


def _starts_a_value(line: str, at: int, *, continued: bool) -> bool:
    """Whether a quote opens a string: elsewhere it is a character of plain text (`it's`).

    `continued` tells that the line began inside a string.
    """
    before = at - 1
    while before >= 0 and line[before] in " \t":
        before -= 1
    if before < 0 or line[before] in "[{":
        return True
    if line[before] == ",":  # between the items of `[]` or `{}`, which may have begun on an earlier line
        return continued or "[" in line[:before] or "{" in line[:before] or line.lstrip(" \t")[0] in "'\""
    if before == at - 1:
        return False
    word = line[max(line.rfind(" ", 0, before), line.rfind("\t", 0, before)) + 1 : before + 1]
    return word.endswith(":") or word in ("-", "?", "---") or word[0] in "!&"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _parent_indent(code: str) -> int:
    """The column that a block scalar's lines must be right of."""
    at = _indent(code)
    if code.startswith("--- ") or code[at] in "|>":
        return at - 1
    dash = at
    while code.startswith(("- ", "? "), at):
        dash = at
        at = len(code) - len(code[at + 1 :].lstrip(" "))
    return dash if code[at : at + 1] in "|>!&" else at
