"""What a value of the right type must still meet: bounds, lengths, patterns and formats."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sized

# The pattern of every quantity in generated CRDs (kubernetes-sigs/controller-tools, pkg/crd/known_types.go, v0.18).
_QUANTITY = re.compile(
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?\Z"
)


@dataclass(frozen=True, slots=True)
class Demand:
    """A test of a value and the words for failing it ("must be at most 256")."""

    words: str
    is_met: Callable[[Any], bool]


def demands_of(keywords: Mapping[str, Any]) -> tuple[Demand, ...]:
    """The demands of a schema's keywords. As in JSON Schema, each one leaves values of other types alone.

    Raises:
        ValueError: a keyword that is not supported.
    """
    found = []
    for word, limit in keywords.items():
        make = _MAKERS.get(word)
        if make is None:
            raise ValueError(f"the schema keyword {word!r} is not supported")
        demand = make(limit)
        if demand is not None:
            found.append(demand)
    return tuple(found)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _minimum(limit: float) -> Demand:
    return Demand(f"must be at least {limit}", lambda value: not _is_number(value) or value >= limit)


def _maximum(limit: float) -> Demand:
    return Demand(f"must be at most {limit}", lambda value: not _is_number(value) or value <= limit)


def _pattern(pattern: str) -> Demand:
    # "$" in Kubernetes' regular expressions (RE2) is the end of the text, not the end of its last line.
    compiled = re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", pattern))
    return Demand(
        f"must match {pattern}",
        lambda value: not isinstance(value, str) or compiled.search(value) is not None,
    )


def _sizes(kind: type[Sized], unit: str) -> tuple[Callable[[int], Demand], Callable[[int], Demand]]:
    """The makers of the least and the greatest size of values of ``kind``, counted in ``unit``."""

    def least(limit: int) -> Demand:
        words = f"must have at least {limit} {unit}"
        return Demand(words, lambda value: not isinstance(value, kind) or len(value) >= limit)

    def greatest(limit: int) -> Demand:
        words = f"must have at most {limit} {unit}"
        return Demand(words, lambda value: not isinstance(value, kind) or len(value) <= limit)

    return least, greatest


def _is_base64(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    try:
        base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_quantity(value: Any) -> bool:
    return not isinstance(value, str) or _QUANTITY.match(value) is not None


def _fits(bits: int) -> Callable[[Any], bool]:
    limit = 1 << (bits - 1)
    return lambda value: not _is_number(value) or -limit <= value < limit


_FORMATS = {
    "byte": Demand("must be base64", _is_base64),
    "int32": Demand("must fit in 32 bits", _fits(32)),
    "int64": Demand("must fit in 64 bits", _fits(64)),
    "quantity": Demand('must be a quantity such as "500m", "2" or "16Gi"', _is_quantity),
}


def _format(name: str) -> Demand | None:
    return _FORMATS.get(name)


_LEAST_LENGTH, _GREATEST_LENGTH = _sizes(str, "characters")
_LEAST_ITEMS, _GREATEST_ITEMS = _sizes(list, "items")
_LEAST_FIELDS, _GREATEST_FIELDS = _sizes(dict, "fields")
_MAKERS: dict[str, Callable[[Any], Demand | None]] = {
    "format": _format,
    "minimum": _minimum,
    "maximum": _maximum,
    "pattern": _pattern,
    "minLength": _LEAST_LENGTH,
    "maxLength": _GREATEST_LENGTH,
    "minItems": _LEAST_ITEMS,
    "maxItems": _GREATEST_ITEMS,
    "minProperties": _LEAST_FIELDS,
    "maxProperties": _GREATEST_FIELDS,
}
