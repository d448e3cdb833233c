"""Whether a manifest is certainly right, found out at a glance.

Nearly every manifest is, and jsonschema takes long to say so: it makes an error's whole context ready for each value. What
is not certainly right here is left to it, and so is every keyword that is not among `_CHECKS`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from signet_lint.schema.formats import FORMATS

Schema = Mapping[str, Any]
_Check = Callable[[Any, Any, Schema, "_Scope"], bool]


class Schemas:
    """Schemas by their addresses, which refer to each other and to definitions of their own (`#/$defs/name`)."""

    def __init__(self, by_address: Mapping[str, Schema]) -> None:
        self.by_address = by_address
        self._scopes: dict[str, _Scope] = {}
        self._demands: dict[int, list[tuple[_Check, Any]]] = {}

    def fit(self, value: Any, address: str) -> bool:
        """Whether a value is certainly right by the schema at an address."""
        if address not in self._scopes:
            document, _, pointer = address.partition("#/")
            root = self.by_address.get(document, {})
            schema = _inside(root, pointer) if pointer else self.by_address.get(document)
            self._scopes[address] = _Scope(self, schema, root.get("$defs", {}))
        scope = self._scopes[address]
        return _fits(value, scope.schema, scope)

    def demands(self, schema: Schema) -> list[tuple[_Check, Any]]:
        """What a schema of these demands, keyword by keyword."""
        known = self._demands.get(id(schema))
        if known is None:
            known = self._demands[id(schema)] = list(_demands(schema))
        return known


class _Scope:
    """A schema (None: there is none) with the definitions of its document, among all others."""

    __slots__ = ("own", "schema", "schemas")

    def __init__(self, schemas: Schemas, schema: Schema | None, own: Mapping[str, Schema]) -> None:
        self.schemas = schemas
        self.schema = schema
        self.own = {f"#/$defs/{name}": inside for name, inside in own.items()}


def _inside(schema: Schema, pointer: str) -> Schema | None:
    """The part of a schema that a JSON Pointer leads to."""
    found: Any = schema
    for step in pointer.split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _fits(value: Any, schema: Any, scope: _Scope) -> bool:
    if not isinstance(schema, dict):
        return schema is True
    for check, demand in scope.schemas.demands(schema):  # noqa: SIM110 - `all` over a generator takes longer
        if not check(value, demand, schema, scope):
            return False
    return True


def _demands(schema: Schema) -> Iterator[tuple[_Check, Any]]:
    for keyword, demand in schema.items():
        if keyword == "type" and isinstance(demand, str) and demand in _OF_ONE_TYPE:
            yield _of_one_type, _OF_ONE_TYPE[demand]
        elif keyword not in _SAY_NOTHING and not keyword.startswith("x-"):
            yield _CHECKS.get(keyword, _unknown), demand


def _unknown(*_: Any) -> bool:
    """A keyword that is left to jsonschema."""
    return False


def _reference(value: Any, address: str, _: Schema, scope: _Scope) -> bool:
    own = scope.own.get(address)
    return scope.schemas.fit(value, address) if own is None else _fits(value, own, scope)


def _type(value: Any, demand: Any, _: Schema, __: _Scope) -> bool:
    types = _types_of(value)
    return demand in types if isinstance(demand, str) else any(name in types for name in demand)


def _of_one_type(value: Any, demand: type, _: Schema, __: _Scope) -> bool:
    return type(value) is demand


def _types_of(value: Any) -> tuple[str, ...]:
    """The types of JSON Schema that a value is of."""
    if isinstance(value, float):
        return ("number", "integer") if math.isfinite(value) and value.is_integer() else ("number",)
    return _TYPES.get(type(value), ())


_TYPES: Mapping[type, tuple[str, ...]] = {
    bool: ("boolean",),
    dict: ("object",),
    list: ("array",),
    str: ("string",),
    int: ("number", "integer"),
    type(None): ("null",),
}


_OF_ONE_TYPE: Mapping[Any, type] = {names[0]: one for one, names in _TYPES.items() if len(names) == 1}


def _properties(value: Any, demand: Schema, schema: Schema, scope: _Scope) -> bool:
    """As the API server reads them: the null of an optional field is no value."""
    if not isinstance(value, dict):
        return True
    required = schema.get("required", ())
    for name, inside in value.items():
        known = demand.get(name)
        if known is None or (inside is None and name not in required):
            continue
        if not _fits(inside, known, scope):
            return False
    return True


def _additional(value: Any, demand: Any, schema: Schema, scope: _Scope) -> bool:
    if not isinstance(value, dict):
        return True
    known = schema.get("properties", {})
    if value.keys() <= known.keys():
        return True
    others = (inside for name, inside in value.items() if name not in known and (demand is False or inside is not None))
    return all(_fits(inside, demand, scope) for inside in others)


def _items(value: Any, demand: Any, _: Schema, scope: _Scope) -> bool:
    return not isinstance(value, list) or all(_fits(inside, demand, scope) for inside in value)


def _required(value: Any, demand: Any, _: Schema, __: _Scope) -> bool:
    return not isinstance(value, dict) or all(name in value for name in demand)


def _enum(value: Any, demand: Any, _: Schema, __: _Scope) -> bool:
    return isinstance(value, str) and value in demand  # other types compare by rules of their own


def _const(value: Any, demand: Any, _: Schema, __: _Scope) -> bool:
    return isinstance(value, str) and value == demand


def _format(value: Any, demand: Any, _: Schema, __: _Scope) -> bool:
    check = FORMATS.get(demand)
    return check is None or check(value)


def _pattern(value: Any, demand: str, _: Schema, __: _Scope) -> bool:
    return not isinstance(value, str) or _compiled(demand).search(value) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(anchored(pattern))


def anchored(pattern: str) -> str:
    """A pattern of Kubernetes for Python: "$" in RE2 is the end of the text, not the end of its last line."""
    return re.sub(r"(?<!\\)\$\Z", r"\\Z", pattern)


def _bound(holds: Callable[[Any, Any], bool], measure: Callable[[Any], Any]) -> _Check:
    def check(value: Any, demand: Any, _: Schema, __: _Scope) -> bool:
        size = measure(value)
        return size is None or holds(size, demand)

    return check


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _length(of: type) -> Callable[[Any], Any]:
    return lambda value: len(value) if isinstance(value, of) else None  # type: ignore[arg-type]


def _least(size: Any, demand: Any) -> bool:
    return bool(size >= demand)


def _most(size: Any, demand: Any) -> bool:
    return bool(size <= demand)


_SAY_NOTHING = frozenset(
    ("$comment", "$defs", "$id", "$schema", "default", "description", "example", "examples", "title")
)
_CHECKS: Mapping[str, _Check] = {
    "$ref": _reference,
    "additionalProperties": _additional,
    "const": _const,
    "enum": _enum,
    "format": _format,
    "items": _items,
    "maximum": _bound(_most, _number),
    "maxItems": _bound(_most, _length(list)),
    "maxLength": _bound(_most, _length(str)),
    "minimum": _bound(_least, _number),
    "minItems": _bound(_least, _length(list)),
    "minLength": _bound(_least, _length(str)),
    "pattern": _pattern,
    "properties": _properties,
    "required": _required,
    "type": _type,
}
