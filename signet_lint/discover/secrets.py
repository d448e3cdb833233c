"""Secrets in the files that git would track: where they are and of what kind, never what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.catalogue.tokens import hidden, is_placeholder, literals, tokens_in
from signet_lint.discover.tracked import tracked_files
from signet_lint.model.secret import FoundSecret
from signet_lint.source.location import Location
from signet_lint.source.tree import Tree, text_of
from signet_lint.source.yamldoc import YamlError, parse_documents

_KUBECONFIG = re.compile(rb"""["']?kind["']?\s*:\s*["']?Config["']?\s*(?:$|[,}\n\r])""", re.MULTILINE)
_CREDENTIALS = ("token", "password", "client-key-data")
KUBECONFIG = "kubeconfig"
_HEAD = 8192  # as git does, a file with a NUL in its beginning is taken for binary


def secrets_in(tree: Tree) -> tuple[FoundSecret, ...]:
    """Every secret in a text file that git would track; a kubeconfig with credentials is one, whatever is in it."""
    return tuple(found for path in tracked_files(tree) for found in _in_file(tree, path))


def _in_file(tree: Tree, path: str) -> Iterator[FoundSecret]:
    try:
        content = tree.read(path)
    except KeyError:
        return
    if b"\0" in content[:_HEAD]:
        return
    is_config = b"users" in content and _KUBECONFIG.search(content) is not None
    if not is_config and not any(literal in content for literal in literals()):
        return
    try:
        text = text_of(content)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if is_config and (held := _credentials(text)):
        yield FoundSecret(KUBECONFIG, "a kubeconfig with credentials", Location(path), "", held)
        return
    for token in tokens_in(text):
        line = text.count("\n", 0, token.start) + 1
        start = token.start - (text.rfind("\n", 0, token.start) + 1) + 1
        secret = text[token.start : token.end]
        end = start + len(secret.partition("\n")[0])
        shown = hidden(secret)[:4].rstrip("*") if token.kind.name != "private-key" else ""
        yield FoundSecret(token.kind.name, token.kind.title, Location(path, line, start, line, end), shown)


def _credentials(text: str) -> tuple[str, ...]:
    try:
        documents = parse_documents(text)
    except YamlError:
        return ()
    found: list[str] = []
    for document in documents:
        users = document.data.get("users") if isinstance(document.data, Mapping) else None
        for user in users if isinstance(users, list) else []:
            found += _credentials_of(user)
    return tuple(found)


def _credentials_of(user: Any) -> Iterator[str]:
    held = user.get("user") if isinstance(user, Mapping) else None
    for value in [held.get(name) for name in _CREDENTIALS] if isinstance(held, Mapping) else []:
        if isinstance(value, str) and len(value) > 3 and "{{" not in value and not is_placeholder(value):
            yield value
