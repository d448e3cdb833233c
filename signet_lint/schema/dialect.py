"""JSON Schema as the API server reads it: what jsonschema is told about nulls, formats, patterns and references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from signet_lint.schema.formats import FORMATS
from signet_lint.schema.quick import anchored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    from signet_lint.schema.sources import Schema

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
    yield from _STANDARD["pattern"](validator, anchored(pattern), instance, schema)


_ManifestValidator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "properties": _properties,
        "additionalProperties": _additional_properties,
        "$ref": _reference,
        "pattern": _pattern,
    },
)


_FORMATS = FormatChecker(formats=())
for _name, _check in FORMATS.items():
    _FORMATS.checks(_name)(_check)


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
