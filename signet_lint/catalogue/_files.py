"""Reads the catalogue's JSON files from the installed package."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def read(name: str) -> Any:
    """Return the parsed content of the catalogue file ``name``, such as ``kinds.json``."""
    return json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
