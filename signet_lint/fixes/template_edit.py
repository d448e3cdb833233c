"""Edits of a template's lines: text with actions is no YAML, so only what one line says is relied on.

Every function gives the edits, or None where the line is not of a kind that can surely be edited.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from signet_lint.finding import Edit
from signet_lint.fixes.text import Source
from signet_lint.fixes.yaml_edit import block, flow, styled
from signet_lint.source.location import Location

Edits = tuple[Edit, ...]

_KEY = r"(?P<indent>\s*)(?P<dash>(?:- +)?)(?P<key>[\w./\"'-]+):"
_OPENS = re.compile(rf"{_KEY}\s*(?:#.*)?\Z")
_ENTRY = re.compile(rf"{_KEY}\s+\S.*\Z")
_SCALAR = re.compile(rf"{_KEY}\s+(?![|>&*!])(?:\{{\{{[^{{}}]*\}}\}}|[^{{}}#\s])+(?:\s*#.*)?\Z")
_EMPTY = re.compile(rf"{_KEY}(?P<value>\s*(?:\[\s*\]|\{{\s*\}}))\s*(?:#.*)?\Z")
_FLOW_LIST = re.compile(rf"{_KEY}\s*\[(?P<items>[^\[\]{{}}]+)\](?:\s*#.*)?\s*\Z")
_NINDENT = re.compile(r"\|\s*nindent\s+(\d+)")
_ACTION_ONLY = re.compile(r"\s*\{\{.*\}\}\s*\Z")


def reword(source: Source, at: Location, old: str, new: str) -> Edits | None:
    """A word that stands exactly once at a place becomes another."""
    last = max(at.line, at.end_line)
    found: list[Edit] = []
    for number in range(at.line, last + 1):
        text = source.line(number)
        start = at.column - 1 if number == at.line else 0
        end = at.end_column - 1 if number == at.end_line and at.end_column > at.column else len(text)
        before = r"[\w.-]" if old[:1].isdecimal() else r"[\w-]"
        word = re.compile(rf"(?<!{before}){re.escape(old)}(?![\w-])")
        found += [source.replaced(number, m.start(), m.end(), new) for m in word.finditer(text, start, max(end, start))]
    return (found[0],) if len(found) == 1 else None


def put_under(source: Source, line: int, entry: Mapping[str, Any]) -> Edits | None:
    """An entry right under the line that opens a mapping, or begins an item of a list."""
    text = source.line(line)
    opens = _OPENS.match(text)
    if opens and not opens["dash"]:
        indent = _indent_below(source, line, len(opens["indent"]))
        return (source.inserted_after(_after_scalars(source, line, indent), block(entry, indent)),)
    if opens is None and (begun := _ENTRY.match(text)) and begun["dash"] and "{{-" not in text:
        return (source.inserted_after(line, block(entry, len(begun["indent"]) + len(begun["dash"]))),)
    empty = _EMPTY.match(text)
    if empty and empty["value"].strip().startswith("{"):
        below = source.inserted_after(line, block(entry, len(empty["indent"]) + len(empty["dash"]) + 2))
        return source.replaced(line, empty.start("value"), empty.end("value"), ""), below
    return None


def append(source: Source, line: int, item: Any) -> Edits | None:
    """One more item of the list that a line begins or holds."""
    text = source.line(line)
    held = _FLOW_LIST.match(text)
    if held:
        quoted = re.findall(r"([\"'])[^\"']*\1", held["items"])
        style = quoted[-1] if quoted else None
        end = held.start("items") + len(held["items"].rstrip().rstrip(","))
        return (source.replaced(line, end, held.end("items"), f", {styled(item, style)}"),)
    empty = _EMPTY.match(text)
    if empty and empty["value"].strip().startswith("["):
        shown = f" [{flow(item)}]"
        return (source.replaced(line, empty.start("value"), empty.end("value"), shown),)
    opens = _OPENS.match(text)
    return _append_below(source, line, len(opens["indent"]) + len(opens["dash"]), item) if opens else None


def put_behind(source: Source, flag: str) -> Edits:
    """A whole template that gives nothing unless a flag is on; a default that hides the flag is turned round."""
    hidden = re.compile(rf"{re.escape(flag)} \| default true\b|\bdefault true {re.escape(flag)}\b")
    for number, text in enumerate(source.lines, 1):
        if match := hidden.search(text):
            off = match.group().replace("default true", "default false")
            return (source.replaced(number, match.start(), match.end(), off),)
    start = source.inserted_after(0, [f"{{{{- if {flag} }}}}"])
    last = len(source.lines) - (0 if source.lines[-1] else 1)
    return start, source.inserted_after(last, ["{{- end }}"])


def _append_below(source: Source, line: int, indent: int, item: Any) -> Edits | None:
    """After the last item of the block list under a line; None where actions decide what the list holds."""
    lines = source.lines
    dash = re.compile(r"(\s*)- ")
    first = dash.match(lines[line]) if line < len(lines) else None
    if first is None or len(first[1]) < indent:
        return None
    depth, last, number = len(first[1]), line + 1, line
    while number < len(lines) and (not lines[number].strip() or _depth(lines[number]) >= depth):
        at = lines[number]
        if at.strip() and _depth(at) == depth and not dash.match(at):
            break
        last = number + 1 if at.strip() and not at.lstrip().startswith("#") else last
        number += 1
    written = re.match(r"\s*- ([\"'])", lines[line])
    if isinstance(item, str) and written:
        return (source.inserted_after(last, [" " * depth + f"- {styled(item, written[1])}"]),)
    new = [" " * depth + one.removeprefix("  ") for one in block({"x": [item]}, 0)[1:]]
    return (source.inserted_after(last, new),)


def _after_scalars(source: Source, line: int, indent: int) -> int:
    """The last of the plain entries (`name: x`) that follow a line, at this indent and without a break."""
    lines = source.lines
    while (
        line < len(lines)
        and (entry := _SCALAR.match(lines[line]))
        and not entry["dash"]
        and len(entry["indent"]) == indent
    ):
        following = next((text for text in lines[line + 1 :] if text.strip()), "")
        if _depth(following) > indent and not _ACTION_ONLY.match(following):
            break
        line += 1
    return line


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _indent_below(source: Source, line: int, indent: int) -> int:
    """How far the entries under a line are indented: as the next one is, or as its action says."""
    for text in source.lines[line:]:
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if _ACTION_ONLY.match(text):
            told = _NINDENT.search(text)
            if told and int(told[1]) > indent:
                return int(told[1])
            if told:
                break
            continue
        return _depth(text) if _depth(text) > indent and not text.lstrip().startswith("- ") else indent + 2
    return indent + 2
