"""Reads the catalogue's JSON files from the installed package, and adds to them for a while."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from msgspec import json

T = TypeVar("T")


def read(name: str) -> Any:
    """Return the parsed content of the catalogue file ``name``, such as ``kinds.json``."""
    # importlib.resources takes longer to load than all files take to read.
    return json.decode(pkgutil.get_data(__package__, name) or b"")


@contextmanager
def added_to(table: dict[str, T], more: Mapping[str, T]) -> Iterator[None]:
    """While it lasts, ``table`` has the entries of ``more`` too."""
    before = dict(table)
    table.update(more)
    try:
        yield
    finally:
        table.clear()
        table.update(before)
