"""Judges one rendered manifest against the schema of its kind and collects every fault."""

from __future__ import annotations

from signet_lint.schema.catalogue import SchemaCatalogue
from signet_lint.schema.errors import ErrorKind, SchemaError

__all__ = ["ErrorKind", "SchemaCatalogue", "SchemaError"]
