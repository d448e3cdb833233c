"""Maps laid over each other as the mergo library does for Argo CD [darccio/mergo v1.0.2, merge.go]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from signet_lint.argocd.fieldpath import mapping

if TYPE_CHECKING:
    from signet_lint.argocd.fieldpath import Path

# A RawExtension holds bytes: mergo takes it whole or not at all.
_OPAQUE = frozenset(("valuesObject",))


def override(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """`mergo.Merge(&base, top, WithOverride)` on maps: every key of `top` wins, also an empty, false or null one.

    Maps are merged key by key, lists are replaced whole.
    """
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        both_maps = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = override(mapping(below), value) if both_maps else value
    return merged


def fill_empty(
    top: Mapping[str, Any], base: Mapping[str, Any], top_at: Path, base_at: Path
) -> tuple[dict[str, Any], dict[Path, Path]]:
    """`mergo.Merge(&top, base)` on structs: only what is empty in `top` is taken from `base`.

    Returns the result and, for each path in it that was taken whole from one side, its path in the manifest.
    """
    merged: dict[str, Any] = {}
    origins: dict[Path, Path] = {}
    for key in dict.fromkeys((*top, *base)):
        above, below = top.get(key), base.get(key)
        if isinstance(above, Mapping) and isinstance(below, Mapping) and above and below and key not in _OPAQUE:
            merged[key], inner = fill_empty(above, below, (*top_at, key), (*base_at, key))
            origins.update({(key, *path): origin for path, origin in inner.items()})
        elif above or not below:
            merged[key], origins[(key,)] = (above, (*top_at, key)) if key in top else (below, (*base_at, key))
        else:
            merged[key], origins[(key,)] = below, (*base_at, key)
    return merged, origins
