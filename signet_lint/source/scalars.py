"""Scalars as sigs.k8s.io/yaml types them: YAML 1.1 of goyaml.v2, and then what JSON can hold.

[sigs.k8s.io/yaml v1.4, goyaml.v2/resolve.go; checked against Helm's own parser by tests/conformance/test_yaml.py]
"""

from __future__ import annotations

import base64
import math
import re
from typing import Any

PLAIN = "signet:plain"
"""The tag of a scalar without quotes and without a tag of its own."""
STR = "tag:yaml.org,2002:str"
_BOOLS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_INT = re.compile(r"[-+]?(?:0[bB][01_]+|0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]*|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,), "null": (type(None),)}


def scalar(text: str) -> Any:
    """A plain scalar as goyaml.v2 types it (resolve.go of sigs.k8s.io/yaml v1.4)."""
    if text in NULLS:
        return None
    first = text[0]
    if first in "yYnNtTfFoO":
        return _BOOLS.get(text, text)
    if first in "0123456789+-.":
        return _number(text)
    return text


def _number(text: str) -> Any:
    if _INT.match(text):
        digits = text.replace("_", "")
        sign = -1 if digits.startswith("-") else 1
        digits = digits.lstrip("+-")
        try:
            if len(digits) > 1 and digits[0] == "0" and digits[1] not in "bBxXoO":
                return sign * int(digits, 8)
            return sign * int(digits, 0)
        except ValueError:
            return text
    if _FLOAT.match(text):
        try:
            value = float(text.replace("_", ""))
        except ValueError:
            return text
        if value in (float("inf"), float("-inf")):
            return text
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if _SPECIAL.match(text):
        return float(text.replace(".", "", 1) if "nan" not in text.lower() else "nan")
    return text


def key_text(value: Any) -> str:
    """A mapping key as JSON knows it."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return "null" if value is None else str(value)


def value_of(tag: str, text: str) -> Any:
    """The value of a scalar with this tag; raises `ValueError` for what neither Helm nor Argo CD reads."""
    if tag == STR:
        return text
    value = scalar(text) if tag == PLAIN else _tagged(tag.removeprefix("tag:yaml.org,2002:"), text)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"`{text}` is no value that JSON knows, so neither Helm nor Argo CD reads it")
    return value


def _tagged(name: str, text: str) -> Any:
    """A scalar with a tag of its own; one that goyaml does not know stays a text."""
    if name == "binary":
        try:
            return base64.b64decode(text.replace("\n", ""), validate=True).decode("utf-8", "replace")
        except ValueError:
            raise ValueError("!!binary value contains invalid base64 data") from None
    if name not in _TYPES:
        return text
    value = scalar(text)
    if not isinstance(value, _TYPES[name]) or (isinstance(value, bool) and name != "bool"):
        raise ValueError(f"cannot decode `{text}` as a !!{name}")
    return value
