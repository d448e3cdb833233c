"""Secrets in the files that git would track: where they are and of what kind, never what they are."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from signet_lint.catalogue.tokens import decoded, hidden, may_hold_secret, tokens_in
from signet_lint.discover.tracked import tracked_files
from signet_lint.model.found_secret import FoundSecret
from signet_lint.source.location import Location
from signet_lint.source.tree import Tree, text_of

_KUBECONFIG = re.compile(rb"""["']?kind["']?\s*:\s*["']?Config["']?\s*(?:$|[,}\n\r])""", re.MULTILINE)
_ENCODED_CONFIG = re.compile(r"(?<![A-Za-z0-9+/=])(?:YXBpVmVyc2lvbj|a2luZDog|Y2x1c3RlcnM)[A-Za-z0-9+/]{40,}={0,2}")
_ENCODED_BEGINNINGS = (b"YXBpVmVyc2lvbj", b"a2luZDog", b"Y2x1c3RlcnM")
_BLOCK = re.compile(r"^( *)[^\n#]*: *[|>][-+0-9]* *\n((?:\1 +[^\n]*\n|[ \t]*\n)+)", re.MULTILINE)
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
    if not is_config and not may_hold_secret(content):
        return
    try:
        text = text_of(content)
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if is_config:
        # A YAML parser takes longer to load than most searches.
        from signet_lint.discover.kubeconfig import credentials

        for line, inside in _config_texts(text):
            if held := credentials(inside):
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
