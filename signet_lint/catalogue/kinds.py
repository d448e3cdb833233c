"""Decides what is known of a group and kind: its plural, its scope and who brings its definition to the cluster."""

from __future__ import annotations

from functools import cache
from typing import Literal

from msgspec import Struct

from signet_lint.catalogue._files import read

Scope = Literal["Namespaced", "Cluster"]
Provenance = Literal["builtin", "csv", "operand", "unknown"]


class KindEntry(Struct, frozen=True):
    """One kind of the Kubernetes API.

    ``provenance`` says who defines it: ``builtin`` the cluster itself, ``csv`` an operator's ClusterServiceVersion
    (OLM aggregates such kinds into admin, edit and view), ``operand`` what an operator starts later, else ``unknown``.
    ``operator`` is the OLM package behind ``csv`` and ``operand``; ``versions`` are all that are served, where known.
    """

    group: str
    kind: str
    plural: str
    scope: Scope
    provenance: Provenance
    source: str
    operator: str | None = None
    verified: bool = True
    versions: tuple[str, ...] = ()


@cache
def entries() -> tuple[KindEntry, ...]:
    """Return every kind of the catalogue, sorted by group and kind."""
    return tuple(
        KindEntry(**{**row, "versions": tuple(row.get("versions", ()))}) for row in read("kinds.json")["kinds"]
    )


@cache
def _by_group_kind() -> dict[tuple[str, str], KindEntry]:
    return {(entry.group, entry.kind): entry for entry in entries()}


@cache
def _builtin_groups() -> frozenset[str]:
    return frozenset(entry.group for entry in entries() if entry.provenance == "builtin")


def lookup(group: str, kind: str) -> KindEntry | None:
    """Return the entry of ``kind`` in API group ``group`` (``""`` is core), or None where it is unknown."""
    return _by_group_kind().get((group, kind))


def is_cluster_scoped(group: str, kind: str) -> bool | None:
    """Return whether the kind has no namespace; None where the catalogue does not know it."""
    entry = lookup(group, kind)
    return None if entry is None else entry.scope == "Cluster"


def is_builtin(group: str, kind: str | None = None) -> bool:
    """Return whether the cluster itself serves ``group``, or exactly ``kind`` in it.

    Operators add kinds to groups of the cluster (CertManager to ``operator.openshift.io``), so name the kind if known.
    """
    if kind is None:
        return group in _builtin_groups()
    entry = lookup(group, kind)
    return entry is not None and entry.provenance == "builtin"
