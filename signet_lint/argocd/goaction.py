"""The actions of a Go template, parsed far enough to know what each reads and calls [Go 1.24, text/template/parse]."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal[
    "field", "dot", "variable", "name", "string", "raw", "number", "declare", "pipe", "open", "close", "comma"
]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')
    |(?P<raw>`[^`]*`)
    |(?P<number>[+-]?\.?\d[\w.]*(?:(?<=[eEpP])[+-]\d+)?)
    |(?P<field>\.[^\W\d]\w*)
    |(?P<dot>\.)
    |(?P<variable>\$\w*)
    |(?P<declare>:?=)
    |(?P<pipe>\|)|(?P<open>\()|(?P<close>\))|(?P<comma>,)
    |(?P<name>[^\W\d]\w*)""",
    re.VERBOSE,
)
_OPEN = re.compile(r"\{\{(?:-(?=\s))?")
_COMMENT = re.compile(r"\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)
_CLOSE = re.compile(r"\s+-\}\}|\}\}")
MAX_DEPTH = 100  # of parentheses; nobody writes more, and the parser recurses
KEYWORDS = frozenset(("if", "else", "end", "range", "with", "define", "template", "block", "break", "continue"))


class ActionError(Exception):
    """A template that Go's parser would refuse."""


class Token(Struct, frozen=True):
    """One token; `spaced` tells whether white space stands before it (`.a .b` is two operands, `.a.b` one)."""

    kind: Kind
    text: str
    spaced: bool


class Operand(Struct, frozen=True):
    """A dot, variable, literal, function name or parenthesised pipeline, and the fields read from it."""

    base: Token | Pipeline
    fields: tuple[str, ...] = ()


class Command(Struct, frozen=True):
    """A function or value and its arguments."""

    operands: tuple[Operand, ...]

    @property
    def function(self) -> str:
        """The function called, or ""."""
        base = self.operands[0].base
        return base.text if isinstance(base, Token) and base.kind == "name" else ""


class Pipeline(Struct, frozen=True):
    """Commands joined by `|`, and the variables they are declared as or assigned to."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    declares: str = ""


class Action(Struct, frozen=True):
    """One `{{ … }}`: its keyword words ("" for output, "else if", "template"), the name it takes, its pipeline."""

    left: str
    right: str
    raw: str
    keyword: str
    name: str
    pipeline: Pipeline | None


class Literally(Struct, frozen=True):
    """Text between actions, and comments."""

    text: str


def parse_template(text: str) -> list[Action | Literally]:
    """The text and actions of a template in order; raises `ActionError`."""
    parts: list[Action | Literally] = []
    position = 0
    while opening := _OPEN.search(text, position):
        if opening.start() > position:
            parts.append(Literally(text[position : opening.start()]))
        comment = _COMMENT.match(text, opening.end())
        if comment:
            parts.append(Literally(text[opening.start() : comment.end()]))
            position = comment.end()
            continue
        tokens, right, position = _scan(text, opening.end())
        parts.append(_action(opening.group(), right, text[opening.start() : position], tokens))
    if position < len(text):
        parts.append(Literally(text[position:]))
    return parts


def _scan(text: str, position: int) -> tuple[list[Token], str, int]:
    tokens: list[Token] = []
    spaced = False
    while True:
        closing = _CLOSE.match(text, position)
        if closing:
            return tokens, " -}}" if "-" in closing.group() else "}}", closing.end()
        match = _TOKEN.match(text, position)
        if not match:
            raise ActionError("unclosed action" if position >= len(text) else f"unexpected {text[position]!r}")
        if match.lastgroup == "space":
            spaced = True
        else:
            tokens.append(Token(match.lastgroup, match.group(), spaced))  # type: ignore[arg-type]
            spaced = False
        position = match.end()


def _action(left: str, right: str, raw: str, tokens: list[Token]) -> Action:
    words: list[str] = []
    rest = list(tokens)
    while rest and rest[0].kind == "name" and rest[0].text in KEYWORDS and (not words or words == ["else"]):
        words.append(rest.pop(0).text)
    name = ""
    if words and words[0] in ("define", "template", "block"):
        if not rest or rest[0].kind not in ("string", "raw"):
            raise ActionError(f"unexpected token in {words[0]} clause")
        name = rest.pop(0).text
    if not rest:
        if not words:
            raise ActionError("missing value for command")
        return Action(left, right, raw, " ".join(words), name, None)
    parser = _Parser(rest)
    pipeline = parser.pipeline()
    if parser.peek():
        raise ActionError("unexpected right paren")
    return Action(left, right, raw, " ".join(words), name, pipeline)


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def pipeline(self) -> Pipeline:
        variables, declares = self._declaration()
        commands = [self._command()]
        while (token := self.peek()) and token.kind == "pipe":
            self._take()
            after = self.peek()
            if after and after.kind != "close":  # Go's parser lets a pipe end a pipeline
                commands.append(self._command())
        return Pipeline(tuple(commands), variables, declares)

    def _declaration(self) -> tuple[tuple[str, ...], str]:
        ahead = self._tokens[self._next : self._next + 4]
        kinds = [token.kind for token in ahead]
        if kinds[:2] == ["variable", "declare"]:
            self._next += 2
            return (ahead[0].text,), ahead[1].text
        if kinds == ["variable", "comma", "variable", "declare"]:
            self._next += 4
            return (ahead[0].text, ahead[2].text), ahead[3].text
        return (), ""

    def _command(self) -> Command:
        operands: list[Operand] = []
        while (token := self.peek()) and token.kind not in ("pipe", "close"):
            operands.append(self._operand())
        if not operands:
            raise ActionError("missing value for command")
        return Command(tuple(operands))

    def _operand(self) -> Operand:
        token = self._take()
        fields: list[str] = []
        base: Token | Pipeline = token
        if token.kind == "field":
            base = Token("dot", ".", token.spaced)
            fields.append(token.text[1:])
        elif token.kind == "open":
            base = self._parenthesised()
        elif token.kind in ("declare", "comma"):
            raise ActionError(f"unexpected {token.text!r} in operand")
        while (after := self.peek()) and after.kind == "field" and not after.spaced:
            fields.append(self._take().text[1:])
        return Operand(base, tuple(fields))

    def _parenthesised(self) -> Pipeline:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ActionError("parentheses nested too deeply")
        inner = self.pipeline()
        if not self.peek():
            raise ActionError("unclosed left paren")
        self._take()
        self._depth -= 1
        return inner


def function_names(pipeline: Pipeline) -> Iterator[str]:
    """Every name called or read in a pipeline, also inside parentheses."""
    for command in pipeline.commands:
        for operand in command.operands:
            if isinstance(operand.base, Pipeline):
                yield from function_names(operand.base)
            elif operand.base.kind == "name":
                yield operand.base.text
