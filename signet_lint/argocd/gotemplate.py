"""Rewrites an ApplicationSet's goTemplate so that Helm's engine answers as Argo CD v3.1.9 would.

Argo CD runs text/template with sprig and its own functions; Helm's engine differs in five ways, and each is undone here
[Argo CD applicationset/utils/utils.go; Helm v4.2.3 pkg/engine/engine.go and funcs.go]:

- functions: `normalize` and `slugify` become includes of templates defined in the text; what only Helm has is refused.
- Helm deletes "<no value>": each output that is nil prints a mark instead, which `restore_no_value` turns back.
- Helm sets missingkey=zero, so `.a.b` fails where `.a` is missing; Argo CD's default yields "<no value>".
- missingkey=error: every field read from a map is preceded by a `hasKey` test, evaluated in place, so a read in a
  branch not taken does not fail.
- `fromJson` is Helm's own; sprig's `mustFromJson` accepts the same texts.

Exact for params that the engine decodes from JSON text (`mustFromJson`); Helm drops nulls from values given as such.
Not exact: `.a.b` where `.a` is null (prints "<no value>" instead of failing, unless missingkey=error); `fromYaml` of
invalid YAML (Helm returns a map with "Error"); `fromJson` of invalid JSON (fails instead of nil); "<no value>" inside a
value; missing keys of maps that are not map[string]any; a `slugify` length that is a parameter; wording of some errors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from signet_lint.argocd.goaction import (
    Action,
    ActionError,
    Command,
    Literally,
    Operand,
    Pipeline,
    function_names,
    parse_template,
)
from signet_lint.argocd.gofunctions import CONSTANTS, FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_VALUE = "<no value>"
_MARK = "\ue000no value\ue001"
_OPTIONS = frozenset(f"missingkey={mode}" for mode in ("default", "invalid", "zero", "error"))
_MAX_GUARDED = 8  # fields in one chain; the guards' text doubles with each

_NORMALIZE = (
    '{{ define "argocd.normalize" }}{{ regexReplaceAll "^[-.]+|[-.]+$" '
    '(trunc 253 (regexReplaceAll "[^-a-z0-9.]" (lower .) "-")) "" }}{{ end }}'
)
# gosimple/slug v1.15.0 MakeLang after SanitizeName: what is left is [-a-z0-9.], so only dots, dashes and length matter.
_SLUGIFY = (
    '{{ define "argocd.slugify" }}{{ $size := 50 }}{{ $smart := true }}'
    "{{ if gt (len .) 1 }}{{ $size = first . }}{{ end }}{{ if gt (len .) 2 }}{{ $smart = index . 1 }}{{ end }}"
    '{{ $name := include "argocd.normalize" (last .) }}{{ if not $smart }}{{ $name = trunc $size $name }}{{ end }}'
    '{{ $name = regexReplaceAll "^-+|-+$" (regexReplaceAll "-+" (replace "." "-" $name) "-") "" }}'
    "{{ if and $smart (gt $size 0) (gt (len $name) $size) }}{{ $head := trunc (int (add1 $size)) $name }}"
    '{{ if contains "-" $head }}{{ regexReplaceAll "-[^-]*$" $head "" }}{{ else }}{{ trunc $size $name }}{{ end }}'
    "{{ else }}{{ $name }}{{ end }}{{ end }}"
)
_REASON = re.compile(r'.*gotpl:\d+(?::\d+)?: (?:executing "[^"]*" at <.*?>: )?(?:error calling \w+: )?', re.DOTALL)


class TemplateFailure(Struct, frozen=True):
    """Why a template text cannot be expanded."""

    message: str


def helm_compatible(text: str, options: Sequence[str] = ()) -> str | TemplateFailure:
    """The text for Helm's `tpl`, given the ApplicationSet's `goTemplateOptions`; its output goes to `restore_no_value`.

    A text that Go's parser refuses is returned as it is: the engine words that error.
    """
    unknown = [option for option in options if option not in _OPTIONS]
    if unknown:
        return TemplateFailure(f"unrecognized option: {unknown[0]}")
    try:
        parts = parse_template(text)
    except ActionError:
        return text
    used = {
        name for part in parts if isinstance(part, Action) and part.pipeline for name in function_names(part.pipeline)
    }
    undefined = sorted(used - FUNCTIONS - CONSTANTS)
    if undefined:
        return TemplateFailure(f'function "{undefined[0]}" not defined')
    modes = [option.partition("=")[2] for option in options]
    rewriter = _Rewriter(modes[-1] if modes else "default")
    rewritten = "".join(rewriter.part(part) for part in parts)
    head = _NORMALIZE if used & {"normalize", "slugify"} else ""
    return head + (_SLUGIFY if "slugify" in used else "") + rewritten


def restore_no_value(output: str) -> str:
    """What Argo CD would have written: the marks of nil outputs turned into "<no value>"."""
    return output.replace(_MARK, NO_VALUE)


def failure_reason(message: str) -> str:
    """The innermost reason in an error of Helm's `tpl`, without the engine's own frames."""
    reason = _REASON.sub("", message).replace("HELM_ERR_START", "").replace("HELM_ERR_END", "")
    if reason == message and "): " in message:
        reason = message.rpartition("): ")[2]  # `fail` is reported by the place of the outer template
    return reason.strip()


class _Rewriter(Struct, frozen=True):
    missing: str

    def part(self, part: Action | Literally) -> str:
        if isinstance(part, Literally):
            return part.text.replace(NO_VALUE, _MARK)
        if part.pipeline is None:
            return part.raw
        inner = self._pipeline(part.pipeline)
        if part.keyword or part.pipeline.declares:
            words = " ".join(word for word in (part.keyword, part.name, inner) if word)
            return f"{part.left} {words} {part.right}"
        return (
            f'{part.left} $signetValue := {inner} }}}}{{{{ if kindIs "invalid" $signetValue }}}}{_MARK}'
            f"{{{{ else }}}}{{{{ $signetValue }}}}{{{{ end {part.right}"
        )

    def _pipeline(self, pipeline: Pipeline) -> str:
        head = f"{', '.join(pipeline.variables)} {pipeline.declares} " if pipeline.declares else ""
        return head + " | ".join(self._command(command) for command in pipeline.commands)

    def _command(self, command: Command) -> str:
        arguments = [self._operand(operand) for operand in command.operands[1:]]
        match command.function:
            case "normalize":
                return " ".join(('include "argocd.normalize"', *arguments))
            case "slugify":
                return " ".join(("list", *arguments)) + ' | include "argocd.slugify"'
            case "fromJson":
                return " ".join(("mustFromJson", *arguments))
        return " ".join((self._operand(command.operands[0]), *arguments))

    def _operand(self, operand: Operand) -> str:
        base = f"({self._pipeline(operand.base)})" if isinstance(operand.base, Pipeline) else operand.base.text
        if not operand.fields or len(operand.fields) > _MAX_GUARDED:
            return _read(base, *operand.fields)
        if self.missing == "error":
            return _read_or_fail(base, operand.fields)
        if self.missing in ("default", "invalid"):
            return _read_or_nil(base, operand.fields)
        return _read(base, *operand.fields)


def _read(base: str, *fields: str) -> str:
    return base + "".join(f".{field}" for field in fields) if base != "." or not fields else "." + ".".join(fields)


def _has(base: str, field: str) -> str:
    # Only JSON's maps are asked: `hasKey` takes no other, and other values answer for themselves.
    return f'(not (typeIs "map[string]interface {{}}" {base})) (hasKey {base} "{field}")'


def _read_or_fail(base: str, fields: Sequence[str]) -> str:
    guards = []
    for index, field in enumerate(fields):
        message = f'(fail "map has no entry for key \\"{field}\\"")'
        guards.append(f"(or {_has(_read(base, *fields[:index]), field)} {message})")
    return f"(index (list {' '.join(guards)} {_read(base, *fields)}) {len(fields)})"


def _read_or_nil(base: str, fields: Sequence[str]) -> str:
    for field in fields[:-1]:
        # A missing map reads as an empty one.
        base = f"(ternary {_read(base, field)} dict (or {_has(base, field)}))"
    return _read(base, fields[-1])
