"""Values as Go prints and flattens them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

_NOT_IN_NAME = re.compile("[^-a-z0-9.]")


class StringMap(dict[str, str]):
    """A Go `map[string]string`: unlike `map[string]any` it is not flattened [applicationset/generators, v3.1.9]."""


class StringList(list[str]):
    """A Go `[]string`: unlike `[]any` it is not flattened."""


def format_value(value: Any) -> str:
    """A JSON value as `fmt.Sprintf("%v", value)` prints it; numbers are float64, as `encoding/json` decodes them."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "<nil>", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{key}:{format_value(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, (list, tuple)):
        return "[" + " ".join(format_value(item) for item in value) + "]"
    return format_float(value)


def format_float(value: float) -> str:
    """A number as Go's `%v` prints a float64: shortest digits, an exponent below 1e-4 and from 1e6.

    [Go 1.24, strconv/ftoa.go; checked against Helm's engine]
    """
    number = float(value)
    if number == 0:
        return "-0" if str(number).startswith("-") else "0"
    if not isfinite(number):
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(number)]
    sign, digits, power = Decimal(repr(number)).normalize().as_tuple()
    text = "".join(str(digit) for digit in digits)
    exponent = len(text) + int(power) - 1
    lead = "-" if sign else ""
    if exponent < -4 or exponent >= 6:
        mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
        return f"{lead}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return lead + format(Decimal(text).scaleb(int(power)), "f")


def flatten(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested maps and lists as one map with dotted keys (`a.0.b`); empty ones disappear.

    [jeremywohl/flatten v1.0.2, DotStyle]
    """
    flat: dict[str, Any] = {}

    def add(key: str, value: Any) -> None:
        if isinstance(value, Mapping) and not isinstance(value, StringMap):
            for step, inner in value.items():
                add(f"{key}.{step}", inner)
        elif isinstance(value, list) and not isinstance(value, StringList):
            for index, inner in enumerate(value):
                add(f"{key}.{index}", inner)
        else:
            flat[key] = value

    for key, value in values.items():
        add(key, value)
    return flat


def flatten_strings(values: Mapping[str, Any]) -> dict[str, str]:
    """Flattened parameters as strings, as selectors and fasttemplate see them [flattenParameters, v3.1.9]."""
    return {key: format_value(value) for key, value in flatten(values).items()}


def sanitize_name(name: str) -> str:
    """A name as Argo CD's `normalize` makes it [applicationset/utils/template_functions.go SanitizeName, v3.1.9]."""
    return _NOT_IN_NAME.sub("-", name.lower())[:253].strip("-.")
