"""Where a value sits inside a manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]


def leaves(value: Any, prefix: Path = ()) -> Iterator[Path]:
    """Paths of all scalars, nulls and empty containers inside a value, in document order."""
    steps: Iterator[tuple[str | int, Any]]
    if isinstance(value, Mapping) and value:
        steps = iter(value.items())
    elif isinstance(value, (list, tuple)) and value:
        steps = iter(enumerate(value))
    else:
        yield prefix
        return
    for step, inner in steps:
        yield from leaves(inner, (*prefix, step))


def mapping(value: Any) -> Mapping[str, Any]:
    """The value when it is a mapping, else an empty one: Go reads an absent struct as its zero value."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> list[Any]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""
