"""Walks a manifest along its shape and collects every fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signet_lint.schema.errors import Path, SchemaError, bad_enum, bad_value, missing_field, unknown_field, wrong_type
from signet_lint.schema.json_types import json_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signet_lint.schema.shape import Shape


class ManifestWalk:
    """One walk through one manifest; the faults gather in ``errors``."""

    def __init__(self, document: str) -> None:
        self._document = document
        self.errors: list[SchemaError] = []

    def check(self, value: Any, shape: Shape, path: Path) -> None:
        """Collects the faults of ``value`` and of everything in it."""
        actual = json_type(value)
        if shape.types and not _accepts(shape.types, actual, value):
            self.errors.append(wrong_type(self._document, path, value, shape.types))
            return
        if shape.allowed and value not in shape.allowed:
            self.errors.append(bad_enum(self._document, path, value, shape.allowed))
        for demand in shape.demands:
            if not demand.is_met(value):
                self.errors.append(bad_value(self._document, path, value, demand.words))
        if actual == "object":
            self._check_fields(value, shape, path)
        elif actual == "array":
            item = shape.item_shape()
            if item is not None:
                for index, element in enumerate(value):
                    self.check(element, item, (*path, index))

    def _check_fields(self, value: Mapping[Any, Any], shape: Shape, path: Path) -> None:
        for name in shape.required:
            if name not in value:
                self.errors.append(missing_field(self._document, path, name))
        for key, inner in value.items():
            name = str(key)
            field = shape.field_shape(name)
            if field is None:
                if shape.closed:
                    self.errors.append(unknown_field(self._document, (*path, name), shape.names, value.keys()))
            # The API server drops the null of an optional field; that of a required one stands for no value.
            elif inner is not None or name in shape.required:
                self.check(inner, field, (*path, name))


def _accepts(types: frozenset[str], actual: str, value: Any) -> bool:
    if actual in types:
        return True
    if actual == "integer":
        return "number" in types
    # YAML's 1e6 and 2.0 reach the API server as the integers they are.
    return actual == "number" and "integer" in types and float(value).is_integer()
