"""The JSON type of a value that was read from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

_EXACT: dict[type, str] = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: "string",
    type(None): "null",
}
# Subclasses, in an order that knows a boolean from an integer.
_INHERITED: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("boolean", (bool,)),
    ("integer", (int,)),
    ("number", (float,)),
    ("string", (str, date)),
    ("object", (Mapping,)),
    ("array", (list, tuple)),
)


def json_type(value: Any) -> str:
    """One of "array", "boolean", "integer", "null", "number", "object", "string", or "unknown" (YAML sets, binaries).

    A date is a string, as it is to the API server.
    """
    name = _EXACT.get(type(value))
    if name is not None:
        return name
    return next((name for name, classes in _INHERITED if isinstance(value, classes)), "unknown")
