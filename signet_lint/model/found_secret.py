"""A secret in a file. It stands apart: the process that searches for secrets needs no more of the model."""

from __future__ import annotations

from msgspec import Struct

from signet_lint.source.location import Location


class FoundSecret(Struct, frozen=True):
    """A secret in a file: its kind, where it is, and the few characters of it that may be shown.

    `texts` must not be printed: those that no form gives away.
    """

    kind: str
    title: str
    at: Location
    shown: str
    texts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """What it is and where, without the texts."""
        return f"FoundSecret({self.kind!r}, {self.at!r})"
