"""The schemas of all kinds for one Kubernetes version, loaded and compiled on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signet_lint.schema.shape import Shape, ShapeCompiler
from signet_lint.schema.sources import custom_schema, kubernetes_definitions
from signet_lint.schema.walk import ManifestWalk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signet_lint.schema.errors import Path, SchemaError


class SchemaCatalogue:
    """Validates manifests of built-in kinds and of the custom kinds that ``schemas/`` describes."""

    def __init__(self, kubernetes_version: str) -> None:
        """``kubernetes_version`` is that of the cluster, such as "1.33"; see ``kubernetes_definitions``."""
        self._version = kubernetes_version
        self._shapes: dict[tuple[str, str], Shape | None] = {}
        self._compiler: ShapeCompiler | None = None
        self._definition_names: dict[tuple[str, str], str] = {}

    def describes(self, api_version: str, kind: str) -> bool:
        """Whether there is a schema for this kind in this API version."""
        return self._shape(api_version, kind) is not None

    def validate(self, body: Mapping[str, Any]) -> list[SchemaError] | None:
        """Every fault of a manifest in the order of its paths, or ``None`` where its kind has no schema."""
        api_version, kind = body.get("apiVersion"), body.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        shape = self._shape(api_version, kind)
        if shape is None:
            return None
        walk = ManifestWalk(kind)
        walk.check(body, shape, ())
        return sorted(set(walk.errors), key=lambda error: (_order(error.path), error.kind, error.message))

    def _shape(self, api_version: str, kind: str) -> Shape | None:
        key = (api_version, kind)
        if key not in self._shapes:
            self._shapes[key] = self._custom(*key) or self._built_in(*key)
        return self._shapes[key]

    def _custom(self, api_version: str, kind: str) -> Shape | None:
        group, _, version = api_version.rpartition("/")
        schema = custom_schema(group, version, kind)
        if schema is None or {"group": group, "version": version, "kind": kind} not in _kinds_of(schema):
            return None
        return ShapeCompiler(schema, self._kubernetes).compile(schema)

    def _built_in(self, api_version: str, kind: str) -> Shape | None:
        self._load()
        name = self._definition_names.get((api_version, kind))
        return None if name is None else self._kubernetes(f"#/$defs/{name}")

    def _kubernetes(self, pointer: str) -> Shape:
        return self._load().definition(pointer)

    def _load(self) -> ShapeCompiler:
        if self._compiler is None:
            definitions = kubernetes_definitions(self._version)
            for name, schema in definitions.items():
                for kind in _kinds_of(schema):
                    api_version = f"{kind['group']}/{kind['version']}".removeprefix("/")
                    self._definition_names[api_version, kind["kind"]] = name
            self._compiler = ShapeCompiler({"$defs": definitions}, self._kubernetes)
        return self._compiler


def _kinds_of(schema: Mapping[str, Any]) -> list[dict[str, str]]:
    kinds: list[dict[str, str]] = schema.get("x-kubernetes-group-version-kind", [])
    return kinds


def _order(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """A sort key that puts ``[10]`` after ``[9]`` and never compares a name with a number."""
    return tuple((False, step, "") if isinstance(step, int) else (True, 0, step) for step in path)
