"""The schemas of all kinds for one Kubernetes version, each loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signet_lint.schema.sources import custom_schema, kubernetes_definitions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema.protocols import Validator
    from referencing import Registry

    from signet_lint.schema.errors import SchemaError
    from signet_lint.schema.sources import Schema


class SchemaCatalogue:
    """Validates manifests of built-in kinds and of the custom kinds that ``schemas/`` describes."""

    def __init__(self, kubernetes_version: str) -> None:
        """``kubernetes_version`` is that of the cluster, such as "1.33"; see ``kubernetes_definitions``."""
        self._version = kubernetes_version
        self._validators: dict[tuple[str, str], Validator | None] = {}
        self._registry: Registry[Any] | None = None
        self._built_in: dict[tuple[str, str], Schema] = {}

    def describes(self, api_version: str, kind: str) -> bool:
        """Whether there is a schema for this kind in this API version."""
        return self._validator(api_version, kind) is not None

    def validate(self, body: Mapping[str, Any]) -> list[SchemaError] | None:
        """Every fault of a manifest in the order of its paths, or ``None`` where its kind has no schema."""
        from signet_lint.schema.verdict import faults

        api_version, kind = body.get("apiVersion"), body.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        validator = self._validator(api_version, kind)
        return None if validator is None else faults(kind, validator.iter_errors(body))

    def _validator(self, api_version: str, kind: str) -> Validator | None:
        key = (api_version, kind)
        if key not in self._validators:
            # jsonschema takes 70 ms to import, which commands that judge no manifest need not wait for.
            from signet_lint.schema.dialect import validator_of

            registry = self._load()
            schema = _custom(*key) or self._built_in.get(key)
            self._validators[key] = None if schema is None else validator_of(schema, registry)
        return self._validators[key]

    def _load(self) -> Registry[Any]:
        if self._registry is None:
            from signet_lint.schema.dialect import kubernetes_registry

            definitions = kubernetes_definitions(self._version)
            for schema in definitions.values():
                for kind in _kinds_of(schema):
                    api_version = f"{kind['group']}/{kind['version']}".removeprefix("/")
                    self._built_in[api_version, kind["kind"]] = schema
            self._registry = kubernetes_registry(definitions)
        return self._registry


def _custom(api_version: str, kind: str) -> Schema | None:
    group, _, version = api_version.rpartition("/")
    schema = custom_schema(group, version, kind)
    if schema is None or {"group": group, "version": version, "kind": kind} not in _kinds_of(schema):
        return None
    return schema


def _kinds_of(schema: Mapping[str, Any]) -> list[dict[str, str]]:
    kinds: list[dict[str, str]] = schema.get("x-kubernetes-group-version-kind", [])
    return kinds
