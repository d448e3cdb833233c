"""Secrets in the files that git would track: where they are and of what kind, never what they are."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.catalogue.tokens import decoded, hidden, literals, tokens_in
from signet_lint.discover.tracked import tracked_files
from signet_lint.model.resource import dig
from signet_lint.model.secret import FoundSecret, is_literal_secret
from signet_lint.source.location import Location
from signet_lint.source.tree import Tree, text_of
from signet_lint.source.yamldoc import YamlError, parse_documents

_KUBECONFIG = re.compile(rb"""["']?kind["']?\s*:\s*["']?Config["']?\s*(?:$|[,}\n\r])""", re.MULTILINE)
_ENCODED_CONFIG = re.compile(r"(?<![A-Za-z0-9+/=])(?:YXBpVmVyc2lvbj|a2luZDog|Y2x1c3RlcnM)[A-Za-z0-9+/]{40,}={0,2}")
_ENCODED_BEGINNINGS = (b"YXBpVmVyc2lvbj", b"a2luZDog", b"Y2x1c3RlcnM")
_BLOCK = re.compile(r"^( *)[^\n#]*: *[|>][-+0-9]* *\n((?:\1 +[^\n]*\n|[ \t]*\n)+)", re.MULTILINE)
_CREDENTIALS = ("token", "password", "client-key-data")
_PROVIDER_CREDENTIALS = ("access-token", "id-token", "refresh-token", "client-secret")
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
    is_config = (b"users" in content and _KUBECONFIG.search(content) is not None) or any(
        beginning in content for beginning in _ENCODED_BEGINNINGS
    )
    if not is_config and not any(literal in content for literal in literals()):
        return
    try:
        text = text_of(content)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if is_config:
        for line, inside in _config_texts(text):
            if held := _credentials(inside):
                yield FoundSecret(KUBECONFIG, "a kubeconfig with credentials", Location(path, line), "", held)
                return
    for token in tokens_in(text):
        line = text.count("\n", 0, token.start) + 1
        start = token.start - (text.rfind("\n", 0, token.start) + 1) + 1
        secret = text[token.start : token.end]
        end = start + len(secret.partition("\n")[0])
        shown = hidden(secret)[:4].rstrip("*") if token.kind.name != "private-key" else ""
        yield FoundSecret(token.kind.name, token.kind.title, Location(path, line, start, line, end), shown)


def _config_texts(text: str) -> Iterator[tuple[int, str]]:
    """Texts that may be a kubeconfig, with the line each begins at: the file, a block in it, a word in base64."""
    yield 1, text
    for block in _BLOCK.finditer(text):
        yield text.count("\n", 0, block.start()) + 1, textwrap.dedent(block[2])
    for word in _ENCODED_CONFIG.finditer(text):
        yield text.count("\n", 0, word.start()) + 1, decoded(word[0])


def _credentials(text: str) -> tuple[str, ...]:
    try:
        documents = parse_documents(text)
    except YamlError:
        return ()
    found: list[str] = []
    for document in documents:
        is_config = isinstance(document.data, Mapping) and document.data.get("kind") == "Config"
        users = document.data.get("users") if is_config else None
        for user in users if isinstance(users, list) else []:
            found += _credentials_of(user)
    return tuple(found)


def _credentials_of(user: Any) -> Iterator[str]:
    held = user.get("user") if isinstance(user, Mapping) else None
    if not isinstance(held, Mapping):
        return
    provider = dig(held, ("auth-provider", "config"), {})
    own = [held.get(name) for name in _CREDENTIALS]
    provided = [provider.get(name) for name in _PROVIDER_CREDENTIALS] if isinstance(provider, Mapping) else []
    for value in (*own, *provided):
        if isinstance(value, str) and is_literal_secret(value) and len(value) > 3 and "{{" not in value:
            yield value
