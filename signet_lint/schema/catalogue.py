"""The schemas of all kinds for one Kubernetes version, loaded on first use."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from signet_lint.schema.quick import Schemas
from signet_lint.schema.sources import custom_schemas, kubernetes_definitions
from signet_lint.schema.verdict import faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signet_lint.schema.dialect import Validators
    from signet_lint.schema.errors import SchemaError
    from signet_lint.schema.sources import Schema


class SchemaCatalogue:
    """Validates manifests of built-in kinds and of the custom kinds that ``schemas/`` describes."""

    def __init__(self, kubernetes_version: str) -> None:
        """``kubernetes_version`` is that of the cluster, such as "1.33"; see ``kubernetes_definitions``."""
        self._version = kubernetes_version

    def describes(self, api_version: str, kind: str) -> bool:
        """Whether there is a schema for this kind in this API version."""
        return (api_version, kind) in load(self._version)[1]

    def validate(self, body: Mapping[str, Any]) -> list[SchemaError] | None:
        """Every fault of a manifest in the order of its paths, or ``None`` where its kind has no schema."""
        api_version, kind = body.get("apiVersion"), body.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        schemas, addresses = load(self._version)
        address = addresses.get((api_version, kind))
        if address is None:
            return None
        return [] if schemas.fit(body, address) else faults(kind, _validators(self._version).errors(body, address))


@lru_cache(maxsize=4)
def load(version: str) -> tuple[Schemas, Mapping[tuple[str, str], str]]:
    """The schemas for a Kubernetes version, and the address of each kind's schema by API version and kind.

    A run may have them loaded while it waits for something else.
    """
    definitions = kubernetes_definitions(version)
    schemas = {f"kubernetes:{name}": schema for name, schema in definitions.items()} | custom_schemas()
    return Schemas(schemas), {kind: address for address, schema in schemas.items() for kind in _kinds_of(schema)}


@lru_cache(maxsize=4)
def _validators(version: str) -> Validators:
    """What tells the faults of a manifest that is not right; its library takes long to import."""
    from signet_lint.schema.dialect import Validators

    return Validators(load(version)[0].by_address)  # type: ignore[arg-type]


def _kinds_of(schema: Schema) -> list[tuple[str, str]]:
    """The API versions and kinds that a schema is for."""
    return [
        (f"{kind['group']}/{kind['version']}".removeprefix("/"), kind["kind"])
        for kind in schema.get("x-kubernetes-group-version-kind", ())
    ]
