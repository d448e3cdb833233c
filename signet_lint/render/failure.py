"""Helm's error texts read: the reason on one line, and the template and line it names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

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
_KUBE_VERSION = "chart requires kubeVersion"
_KUBE_VERSION_KEY = re.compile(rb"^[\"']?kubeVersion[\"']?[ \t]*:", re.MULTILINE)


def failure(text: str) -> RenderFailure:
    """Helm's error text as a reason and the template and line it names (the innermost it names)."""
    found = None
    for pattern in _PLACES:
        found = None
        for found in pattern.finditer(text):
            pass
        if found:
            break
    reason = _reason(text)
    if found is None:
        return RenderFailure(reason)
    groups = found.groupdict()
    # Columns are not kept: Go counts bytes from the start of the action, not where a person would look.
    return RenderFailure(reason, inside(groups["template"]), int(groups["line"]))


def located(found: RenderFailure, files: Mapping[str, bytes]) -> RenderFailure:
    """The failure at the key of `Chart.yaml` that caused it, where it was that file's `kubeVersion`."""
    at = found.reason.find(_KUBE_VERSION)
    if at < 0:
        return found
    text = files.get("Chart.yaml", b"")
    key = _KUBE_VERSION_KEY.search(text)
    line = text.count(b"\n", 0, key.start()) + 1 if key else 1
    return replace(found, reason=found.reason[at:], template="Chart.yaml", line=line)


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
