"""Turns the errors of jsonschema into the faults of a manifest."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from signet_lint.schema.errors import SchemaError, bad_enum, bad_value, missing_field, unknown_field, wrong_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema import ValidationError

    from signet_lint.schema.errors import Path

FORMATS = {
    "byte": "must be base64",
    "int32": "must fit in 32 bits",
    "int64": "must fit in 64 bits",
    "quantity": 'must be a quantity such as "500m", "2" or "16Gi"',
}
DEMANDS = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "pattern": "must match {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "minProperties": "must have at least {} fields",
    "maxProperties": "must have at most {} fields",
}


def faults(document: str, found: Iterable[ValidationError]) -> list[SchemaError]:
    """Each fault once, in the order of paths; ``document`` is the kind of the manifest.

    Of a value of the wrong type nothing else is said.
    """
    errors = [error for error in found if not _is_date_as_string(error)]
    mistyped = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
    kept = (error for error in errors if error.validator == "type" or tuple(error.absolute_path) not in mistyped)
    told = {fault for error in kept for fault in _told(document, error)}
    return sorted(told, key=lambda fault: (_order(fault.path), fault.kind, fault.message))


def _told(document: str, error: ValidationError) -> Iterator[SchemaError]:
    path = tuple(error.absolute_path)
    value: Any = error.instance
    demand: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "additionalProperties":
            known = schema.get("properties", {})
            yield from (unknown_field(document, (*path, name), known, value) for name in value if name not in known)
        case "required":
            yield from (missing_field(document, path, name) for name in demand if name not in value)
        case "type":
            yield wrong_type(document, path, value, _types(demand))
        case "enum":
            yield bad_enum(document, path, value, demand)
        case "const":
            yield bad_enum(document, path, value, (demand,))
        case keyword:
            yield bad_value(document, path, value, _words(str(keyword), demand))


def _words(keyword: str, demand: Any) -> str:
    if keyword == "format":
        return FORMATS[demand]
    return DEMANDS.get(keyword, f"must meet `{keyword}` of its schema").format(demand)


def _types(declared: Any) -> set[str]:
    return {declared} if isinstance(declared, str) else set(declared)


def _is_date_as_string(error: ValidationError) -> bool:
    """Whether the fault is a YAML date where the API server gets the string it was written as."""
    return error.validator == "type" and isinstance(error.instance, date) and "string" in _types(error.validator_value)


def _order(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """A sort key that puts ``[10]`` after ``[9]`` and never compares a name with a number."""
    return tuple((False, step, "") if isinstance(step, int) else (True, 0, step) for step in path)
