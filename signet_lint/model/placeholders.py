"""Recognises placeholders that somebody was to replace: `<like-this>`, `<LIKE_THIS>`, and names that say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from signet_lint.model.resource import Path, Resource

_WHOLE = re.compile(r"<[A-Za-z][A-Za-z0-9]*(?:[-_ ][A-Za-z0-9]+)*>")
_MARKED = re.compile(r"<(?:[a-z][a-z0-9]*(?:-[a-z0-9]+)+|[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+)>")
_IN_URL = re.compile(r"<[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*>")
_NAMED = re.compile(r"(?<![\w-])deployed-(?:chat|embeddings?)-model-name(?![\w-])")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+")
_NO_PLACEHOLDERS = frozenset(("<no value>", "<nil>", "<none>", "<null>", "<unset>", "<unknown>", "<invalid>"))
_TEXTS = frozenset(("description", "summary", "message", "documentation", "usage"))
_OTHERS_OBJECTS = frozenset(("CustomResourceDefinition", "Template", "ConsoleQuickStart", "ConsoleYAMLSample"))


def placeholders(resource: Resource) -> Iterator[tuple[Path, str]]:
    """Each placeholder in a manifest with the path of the text it stands in.

    Kinds that hold objects of others are left out, and so are texts for people.
    """
    if resource.kind in _OTHERS_OBJECTS:
        return
    for path, text in _texts(resource.body):
        if not _TEXTS & set(map(str, path)):
            yield from ((path, found) for found in dict.fromkeys(_in_text(path, text)))


def _texts(value: Any) -> list[tuple[Path, str]]:
    """The texts in a mapping or list that may hold a placeholder, each with its path."""
    found: list[tuple[Path, str]] = []
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        step = str(key) if isinstance(value, dict) else key
        if isinstance(below, (dict, list)):
            found += [((step, *path), text) for path, text in _texts(below)]
        elif isinstance(below, str) and ("<" in below or "deployed-" in below):
            found.append(((step,), below))
    return found


def _in_text(path: Path, text: str) -> Iterator[str]:
    yield from _NAMED.findall(text)
    plain = text.strip()
    if _is_command(path):
        # Single words in angle brackets are tokens of models (`<think>`), XML, or redirections.
        yield from (found for found in _MARKED.findall(text) if f"</{found[1:]}" not in text)
    elif plain in _NO_PLACEHOLDERS or (path[0] == "data" and "\n" in plain):
        return
    elif _WHOLE.fullmatch(plain):
        yield plain
    elif _URL.fullmatch(plain):
        yield from _IN_URL.findall(plain)
    elif _is_variable(path) or (path[-1] in ("image", "host") and " " not in plain):
        yield from (found for found in _MARKED.findall(plain) if f"</{found[1:]}" not in plain)


def _is_command(path: Path) -> bool:
    return "args" in path or "command" in path


def _is_variable(path: Path) -> bool:
    return len(path) > 2 and path[-3] == "env" and path[-1] == "value"
