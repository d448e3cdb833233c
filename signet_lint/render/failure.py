"""Helm's error texts read: the reason on one line, and the template and line it names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from signet_lint.render.engine import RenderFailure

_REASON_LENGTH = 400
_PLACES = (
    re.compile(r"execution error at \((?P<template>[^:)]+):(?P<line>\d+):(?P<column>\d+)\):? ?"),
    re.compile(r"parse error at \((?P<template>[^:)]+):(?P<line>\d+)\):? ?"),
    re.compile(r"template: (?P<template>[^:\s]+):(?P<line>\d+):(?P<column>\d+)"),
    re.compile(r"^(?P<template>[^\s:]+/[^\s:]+):(?P<line>\d+):(?P<column>\d+)", re.MULTILINE),
    re.compile(r"^(?P<template>[^\s:]+/[^\s:]+):(?P<line>\d+)", re.MULTILINE),
)
_CALL = re.compile(r"(?:template: )?[^\s:]+:\d+:\d+:? executing \"[^\"]*\" at <.*?>:? error calling (?:include|tpl): ")
_METADATA = (
    (re.compile(r"chart requires kubeVersion: .*"), "kubeVersion"),
    (re.compile(r"\S+ charts are not installable"), "type"),
)


def failure(text: str) -> RenderFailure:
    """Helm's error text as a reason and the template and line it names (the innermost it names)."""
    found = None
    for pattern in _PLACES:
        found = next(iter(reversed(list(pattern.finditer(text)))), None)
        if found:
            break
    reason = _reason(text)
    if found is None:
        return RenderFailure(reason)
    groups = found.groupdict()
    # Columns are not kept: Go counts bytes from the start of the action, not where a person would look.
    return RenderFailure(reason, inside(groups["template"]), int(groups["line"]))


def located(found: RenderFailure, files: Mapping[str, bytes]) -> RenderFailure:
    """The failure at the key of `Chart.yaml` that it speaks of, if it does."""
    for pattern, key in _METADATA:
        told = pattern.search(found.reason)
        if told:
            text = files.get("Chart.yaml", b"")
            at = re.search(rf"^[\"']?{key}[\"']?[ \t]*:".encode(), text, re.MULTILINE)
            line = text.count(b"\n", 0, at.start()) + 1 if at else 1
            return replace(found, reason=told.group(), template="Chart.yaml", line=line)
    return found


def inside(name: str) -> str:
    """A template's path in its chart: Helm puts the chart's name before it."""
    return name.split("/", 1)[1] if "/" in name else name


def _reason(text: str) -> str:
    """Helm's reason on one line, without the chain of includes that led to it."""
    line = " ".join(part.strip() for part in text.splitlines() if part.strip())
    line = _CALL.sub("", line)
    for pattern in _PLACES[:2]:
        line = pattern.sub("", line, count=1)
    return line if len(line) <= _REASON_LENGTH else f"{line[: _REASON_LENGTH // 2]} … {line[-_REASON_LENGTH // 2 :]}"
