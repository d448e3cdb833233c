"""Compiles the part of JSON Schema that Kubernetes uses into shapes, each on first use.

Supported keywords are those of structural schemas (Kubernetes, apiextensions-apiserver, pkg/apiserver/schema, v1.33);
another one is an error, so that no demand is dropped in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signet_lint.schema.demands import Demand, demands_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from signet_lint.schema.sources import Schema

_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_EXTERNAL = re.compile(r"kubernetes:([^#]+)(?:#(/.*))?")
_ANNOTATIONS = {"$defs", "$schema", "$id", "default", "description", "title"}
_STRUCTURAL = {"type", "properties", "additionalProperties", "required", "items", "enum", "const", "oneOf"}


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a value must look like. Empty ``types`` means any type; children are compiled on first use."""

    types: frozenset[str] = frozenset()
    allowed: tuple[Any, ...] = ()
    required: frozenset[str] = frozenset()
    closed: bool = False
    demands: tuple[Demand, ...] = ()
    names: frozenset[str] = frozenset()
    _properties: dict[str, Schema] = field(default_factory=dict)
    _other: Schema | None = None
    _items: Schema | None = None
    _compile: Callable[[Schema], Shape] | None = None
    _compiled: dict[str, Shape] = field(default_factory=dict)

    def field_shape(self, name: str) -> Shape | None:
        """The shape of the field ``name``; ``None`` when there is none (an open object takes anything then)."""
        if name in self._compiled:
            return self._compiled[name]
        schema = self._properties.get(name, self._other)
        return None if schema is None else self._child(name, schema)

    def item_shape(self) -> Shape | None:
        """The shape of a list's items; ``None`` when they may be anything."""
        # No field is named so, hence one memo serves both.
        return self._compiled.get("[]") or (None if self._items is None else self._child("[]", self._items))

    def _child(self, name: str, schema: Schema) -> Shape:
        if self._compile is None:
            raise TypeError("a shape with children needs a compiler")
        shape = self._compiled[name] = self._compile(schema)
        return shape


class ShapeCompiler:
    """Compiles the schemas of one document; references to ``kubernetes:`` go to ``kubernetes``, the definitions."""

    def __init__(self, document: Schema, kubernetes: Callable[[str], Shape]) -> None:
        self._document = document
        self._kubernetes = kubernetes
        self._by_reference: dict[str, Shape] = {}

    def compile(self, schema: Schema) -> Shape:
        """The shape of ``schema``.

        Raises:
            ValueError: a keyword that is not supported.
            KeyError: a reference that leads nowhere.
        """
        reference = schema.get("$ref")
        if reference is not None:
            return self._refer(reference)
        others = schema.get("additionalProperties", True)
        properties = schema.get("properties", {})
        return Shape(
            types=_types_of(schema),
            allowed=tuple(schema["enum"]) if "enum" in schema else (schema["const"],) if "const" in schema else (),
            required=frozenset(schema.get("required", ())),
            closed=others is False,
            demands=demands_of(_demanding(schema)),
            names=frozenset(properties),
            _properties=properties,
            _other=others if isinstance(others, dict) else None,
            _items=schema.get("items"),
            _compile=self.compile,
        )

    def _refer(self, reference: str) -> Shape:
        shape = self._by_reference.get(reference)
        if shape is None:
            external = _EXTERNAL.fullmatch(reference)
            shape = self._compile_target(reference) if external is None else self._foreign(external[1], external[2])
            self._by_reference[reference] = shape
        return shape

    def _foreign(self, name: str, pointer: str | None) -> Shape:
        try:
            return self._kubernetes(f"#/$defs/{name}{pointer or ''}")
        except KeyError:
            # An old Kubernetes lacks a type that the custom kind's own schema has: nothing can be said of the field.
            return Shape()

    def _compile_target(self, pointer: str) -> Shape:
        target: Any = self._document
        for step in pointer.removeprefix("#/").split("/"):
            target = target[step]
        if pointer.endswith(_QUANTITY):
            target = {**target, "format": "quantity"}
        return self.compile(target)

    def definition(self, pointer: str) -> Shape:
        """The shape at ``pointer`` ("#/$defs/name") of the document."""
        return self._refer(pointer)


def _demanding(schema: Schema) -> dict[str, Any]:
    """The keywords of ``schema`` that restrict values of the right type."""
    skipped = _ANNOTATIONS | _STRUCTURAL
    return {word: value for word, value in schema.items() if word not in skipped and not word.startswith("x-")}


def _types_of(schema: Schema) -> frozenset[str]:
    declared = schema.get("type", ())
    types = {declared} if isinstance(declared, str) else set(declared)
    for alternative in schema.get("oneOf", ()):
        if alternative.keys() != {"type"}:
            raise ValueError(f"only alternatives of type are supported, not {alternative}")
        types |= _types_of(alternative)
    return frozenset(types)
