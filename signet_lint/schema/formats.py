"""The formats of Kubernetes' schemas, each as a check that holds for values of other types."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

# The pattern of every quantity in generated CRDs (kubernetes-sigs/controller-tools, pkg/crd/known_types.go, v0.18).
_QUANTITY = re.compile(
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?\Z"
)


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
    return lambda value: isinstance(value, bool) or not isinstance(value, (int, float)) or -limit <= value < limit


FORMATS: Mapping[str, Callable[[Any], bool]] = {
    "byte": _is_base64,
    "int32": _fits(32),
    "int64": _fits(64),
    "quantity": _is_quantity,
}
