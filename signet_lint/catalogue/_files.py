"""Reads the catalogue's JSON files from the installed package, and adds to them for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from typing import Any, TypeVar

T = TypeVar("T")


def read(name: str) -> Any:
    """Return the parsed content of the catalogue file ``name``, such as ``kinds.json``."""
    return json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


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
