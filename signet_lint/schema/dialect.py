"""JSON Schema as the API server reads it: what jsonschema is told about nulls, formats, patterns and references."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    from signet_lint.schema.sources import Schema

# The pattern of every quantity in generated CRDs (kubernetes-sigs/controller-tools, pkg/crd/known_types.go, v0.18).
_QUANTITY = re.compile(
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?\Z"
)
_STANDARD: Mapping[str, Any] = Draft202012Validator.VALIDATORS


def _properties(validator: Any, properties: Schema, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    # The API server drops the null of an optional field; that of a required one stands for no value.
    required = schema.get("required", ())
    if isinstance(instance, dict):
        instance = {name: value for name, value in instance.items() if value is not None or name in required}
    yield from _STANDARD["properties"](validator, properties, instance, schema)


def _additional_properties(validator: Any, other: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    # Without a schema for them the names alone count, and a misspelled field is one even where it is null.
    if isinstance(instance, dict) and other is not False:
        instance = {name: value for name, value in instance.items() if value is not None}
    yield from _STANDARD["additionalProperties"](validator, other, instance, schema)


def _reference(validator: Any, reference: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    try:
        yield from _STANDARD["$ref"](validator, reference, instance, schema)
    except Unresolvable:
        # An old Kubernetes lacks a type that the custom kind's own schema has: nothing can be said of the field.
        return


def _pattern(validator: Any, pattern: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    # "$" in Kubernetes' regular expressions (RE2) is the end of the text, not the end of its last line.
    yield from _STANDARD["pattern"](validator, re.sub(r"(?<!\\)\$\Z", r"\\Z", pattern), instance, schema)


_ManifestValidator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "properties": _properties,
        "additionalProperties": _additional_properties,
        "$ref": _reference,
        "pattern": _pattern,
    },
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


_FORMATS = FormatChecker(formats=())
_FORMATS.checks("byte")(_is_base64)
_FORMATS.checks("int32")(_fits(32))
_FORMATS.checks("int64")(_fits(64))
_FORMATS.checks("quantity")(_is_quantity)


class Validators:
    """Validates manifests against schemas that refer to each other by their addresses."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        resources = ((address, DRAFT202012.create_resource(schema)) for address, schema in schemas.items())
        registry: Registry[Any] = Registry().with_resources(resources)
        self._any = _ManifestValidator({}, registry=registry, format_checker=_FORMATS)
        self._by_address: dict[str, Validator] = {}

    def errors(self, body: Mapping[str, Any], address: str) -> Iterator[ValidationError]:
        """Every error of ``body`` by the schema at ``address``."""
        validator = self._by_address.get(address)
        if validator is None:
            # Evolved, because every validator made anew copies the registry.
            validator = self._by_address[address] = self._any.evolve(schema={"$ref": address})
        return validator.iter_errors(body)
