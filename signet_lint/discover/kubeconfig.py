"""The credentials in a kubeconfig."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.catalogue.tokens import is_literal_secret
from signet_lint.model.resource import dig
from signet_lint.source.yamldoc import YamlError, parse_documents

_CREDENTIALS = ("token", "password", "client-key-data")
_PROVIDER_CREDENTIALS = ("access-token", "id-token", "refresh-token", "client-secret")


def credentials(text: str) -> tuple[str, ...]:
    """The credentials that are written out in a text, where it is a kubeconfig."""
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
