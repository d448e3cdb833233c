"""Quantities as Kubernetes spells them."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?\Z")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {suffix: 1024**power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)}
_MAX_EXPONENT = 30


def quantity(value: Any) -> Fraction | None:
    """The number that a quantity stands for (`500m` is a half), None for what is none.

    As Kubernetes parses it (staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go).
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    match = _QUANTITY.match(str(value))
    if match is None:
        return None
    number, exponent, suffix = Fraction(match[1]), match[2], match[3]
    if suffix in _BINARY:
        return number * Fraction(_BINARY[suffix])
    power = int(exponent[1:]) if exponent else _DECIMAL.get(suffix, 0)
    if abs(power) > _MAX_EXPONENT:
        return None
    scale = Fraction(10**power) if power >= 0 else Fraction(1, 10**-power)
    return number * scale


def whole_number(value: Any) -> int | None:
    """The count that a quantity stands for, None where it is no quantity or not whole."""
    found = quantity(value)
    return int(found) if found is not None and found.denominator == 1 else None
