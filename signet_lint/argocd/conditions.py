"""On what a template's text makes its Applications depend: hints where to look, which rendering then confirms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from signet_lint.render.marks import actions
from signet_lint.render.named import NamedValues
from signet_lint.render.references import references_by_line

_WORD = re.compile(
    r"\{\{-?\s*(?:(?P<block>if|with|range|define|block)\b|(?P<end>end)\b|(?P<else>else)\b|(?P<set>\$\w+)\s*:?=)"
)
_IF = re.compile(r"\{\{-?\s*if\b")
_VARIABLE = re.compile(r"\$\w+")
_ASKS_VARIABLE = re.compile(r"\{\{-?\s*if\s+(\$\w+)\s*-?\}\}")
_APPLICATION = re.compile(r"^\s*kind:\s*[\"']?Application\b", re.MULTILINE)


class _Action(Struct, frozen=True):
    """A template action with its line (from 1)."""

    text: str
    line: int


class _Surroundings(Struct, frozen=True):
    """The blocks that an Application stands in, outermost first, with their `else`; where variables were set last."""

    blocks: tuple[_Action, ...]
    set_at: dict[str, int]


def writes_application(template: bytes) -> bool:
    """Whether a template has an Application in its text."""
    return bool(_APPLICATION.search(template.decode("utf-8", "replace")))


def switch_line(template: bytes) -> int:
    """The line of the `if` that an only Application stands in, or the one that sets the variable it asks; 0 for none."""
    found = list(_surroundings(template.decode("utf-8", "replace")))
    if len(found) != 1:
        return 0
    asked = next((action for action in reversed(found[0].blocks) if _IF.match(action.text)), None)
    if asked is None:
        return 0
    alone = _ASKS_VARIABLE.fullmatch(asked.text)
    return found[0].set_at.get(alone.group(1), asked.line) if alone else asked.line


def values_asked(template: bytes) -> NamedValues:
    """The values named by the blocks that Applications stand in, and by what sets the variables that these ask."""
    text = template.decode("utf-8", "replace")
    lines: set[int] = set()
    for around in _surroundings(text):
        variables = {name for action in around.blocks for name in _VARIABLE.findall(action.text)}
        lines.update(action.line for action in around.blocks)
        lines.update(line for name, line in around.set_at.items() if name in variables)
    named = references_by_line(text)
    return NamedValues(path for line in lines for path in named.get(line, ()))


def _surroundings(text: str) -> Iterator[_Surroundings]:
    """What stands around each Application of a template."""
    declared = [match.start() for match in _APPLICATION.finditer(text)]
    opened: list[list[_Action]] = []
    set_at: dict[str, int] = {}
    for match in (*actions(text), None):
        while declared and (match is None or match.start() > declared[0]):
            declared.pop(0)
            yield _Surroundings(tuple(action for block in opened for action in block), dict(set_at))
        word = _WORD.match(match.group()) if match else None
        if match is None or word is None:
            continue
        action = _Action(match.group(), text.count("\n", 0, match.start()) + 1)
        if word["block"]:
            opened.append([action])
        elif word["else"] and opened:
            opened[-1].append(action)
        elif word["end"] and opened:
            opened.pop()
        elif word["set"]:
            set_at[word["set"]] = action.line
