"""Which parameters a template string of an ApplicationSet reads."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from signet_lint.argocd.goaction import Action, ActionError, Command, Operand, Pipeline, Token, parse_template

if TYPE_CHECKING:
    from signet_lint.argocd.fieldpath import Path

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@lru_cache(maxsize=1024)  # environments share templates
def references(text: str, *, go_template: bool) -> frozenset[Path]:
    """Paths of the parameters that a text reads; `()` means all of them (`toYaml .`).

    fasttemplate parameters are flat: `{{values.a}}` reads `("values.a",)`. Of a list only the list is named: inside
    `range` the reads belong to its path. A text that does not parse reads nothing.
    """
    if not go_template:
        return frozenset((tag.strip(),) for tag in _TAG.findall(text) if tag.strip())
    try:
        parts = parse_template(text)
    except ActionError:
        return frozenset()
    reader = _Reader()
    for part in parts:
        if isinstance(part, Action):
            reader.action(part)
    return frozenset(reader.found)


class _Scope(Struct, frozen=True):
    """What dot and the variables stand for: the path of a parameter, or None for anything else."""

    dot: Path | None
    variables: dict[str, Path | None]
    within_list: bool = False


class _Reader(Struct):
    found: set[Path] = field(default_factory=set)
    scopes: list[_Scope] = field(default_factory=lambda: [_Scope((), {"$": ()})])

    def action(self, action: Action) -> None:
        if action.keyword == "end":
            self.scopes = self.scopes[:-1] or self.scopes
            return
        outer = self.scopes[-1]
        if action.keyword.startswith("else") and len(self.scopes) > 1:
            outer = self.scopes[-2]
            self.scopes.pop()
        path = self._read(action.pipeline, outer) if action.pipeline else None
        self._enter(action, outer, path)

    def _enter(self, action: Action, outer: _Scope, path: Path | None) -> None:
        """Open the scope of a block, or note the variables that a plain action sets."""
        opener = action.keyword.rpartition(" ")[2]
        pipeline = action.pipeline
        variables = pipeline.variables if pipeline else ()
        if opener in ("if", "with", "range", "define", "block", "else"):
            dot = path if opener in ("with", "range", "block") else None if opener == "define" else outer.dot
            inner = _Scope(dot, dict(outer.variables), outer.within_list or opener == "range")
            inner.variables.update(dict.fromkeys(variables, path))
            self.scopes.append(inner)
        elif variables:
            self.scopes[-1].variables.update(dict.fromkeys(variables, path))

    def _read(self, pipeline: Pipeline, scope: _Scope) -> Path | None:
        """Note what a pipeline reads; its own path when its value is a parameter."""
        path: Path | None = None
        for index, command in enumerate(pipeline.commands):
            path = self._command(command, scope, piped=index > 0)
        return path if len(pipeline.commands) == 1 else None

    def _command(self, command: Command, scope: _Scope, *, piped: bool) -> Path | None:
        if not piped and (keyed := _keyed_read(command)):
            base, keys = keyed
            path = self._path(base, scope)
            for operand in command.operands[1:]:
                if operand is not base:
                    self._operand(operand, scope)
            return self._note((*path, *keys) if path is not None else None)
        paths = [self._operand(operand, scope) for operand in command.operands]
        return paths[0] if len(paths) == 1 and not piped else None

    def _operand(self, operand: Operand, scope: _Scope) -> Path | None:
        return self._note(self._path(operand, scope))

    def _note(self, path: Path | None) -> Path | None:
        if path is not None:
            self.found.add(path)
        return path

    def _path(self, operand: Operand, scope: _Scope) -> Path | None:
        if isinstance(operand.base, Pipeline):
            before = set(self.found)
            base = self._read(operand.base, scope)
            if base is not None and operand.fields and base not in before:
                self.found.discard(base)  # `(index . "a").b` reads `a.b`, not all of `a`
        elif operand.base.kind == "dot":
            base = scope.dot
        else:
            base = scope.variables.get(operand.base.text) if operand.base.kind == "variable" else None
        return base if base is None or (scope.within_list and base) else (*base, *operand.fields)


def _keyed_read(command: Command) -> tuple[Operand, Path] | None:
    """`index . "a" "b"`, `get . "a"`, `hasKey . "a"` and `dig "a" "b" default .`: what is read, by which keys."""
    operands = command.operands
    if command.function in ("index", "get", "hasKey") and len(operands) > 2:
        keys = [_literal(operand) for operand in operands[2:]]
        base = operands[1]
    elif command.function == "dig" and len(operands) > 3:
        keys = [_literal(operand) for operand in operands[1:-2]]
        base = operands[-1]
    else:
        return None
    known: list[str | int] = []
    for key in keys:
        if key is None:
            break
        known.append(key)
    return base, tuple(known)


def _literal(operand: Operand) -> str | int | None:
    base = operand.base
    if not isinstance(base, Token) or operand.fields:
        return None
    if base.kind in ("string", "raw"):
        return _ESCAPE.sub(r"\1", base.text[1:-1]) if base.kind == "string" else base.text[1:-1]
    return int(base.text) if base.kind == "number" and base.text.isdigit() else None
