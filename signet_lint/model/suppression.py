"""What is wrong with the suppressions of a repository: those that do nothing, are past their date, or say too little."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from signet_lint.source.location import Location

FaultKind = Literal["unused", "expired", "incomplete"]


class SuppressionFault(Struct, frozen=True):
    """A fault of one suppression; `key` tells apart those of one file, whatever their lines."""

    kind: FaultKind
    at: Location
    message: str
    help: str
    key: str
