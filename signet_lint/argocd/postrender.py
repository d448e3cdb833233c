"""What Argo CD makes of generated manifests before it syncs them: lists, hooks, namespaces, duplicates.

[reposerver/repository/repository.go GenerateManifests; controller/state.go DeduplicateTargetObjects; gitops-engine
pkg/sync/{reconcile,hook,ignore,syncwaves}; Argo CD v3.1.9]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from signet_lint.argocd.fieldpath import Path, mapping, text

HOOK = "argocd.argoproj.io/hook"
HELM_HOOK = "helm.sh/hook"
SYNC_WAVE = "argocd.argoproj.io/sync-wave"
_HELM_WEIGHT = "helm.sh/hook-weight"
_ARGO_HOOKS = frozenset(("PreSync", "Sync", "PostSync", "SyncFail", "Skip"))
_HELM_HOOKS = {
    "pre-install": "PreSync",
    "pre-upgrade": "PreSync",
    "post-upgrade": "PostSync",
    "post-install": "PostSync",
}
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)

ResourceKey = tuple[str, str, str, str]
"""Group, kind, namespace, name."""


def flatten_list(manifest: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Path]]:
    """The manifests inside a manifest with their paths in it: those of any object with a list `items`, else itself.

    `items: null` without spec and status yields none. Raises `ValueError` for an item that is no object.
    """
    items = manifest.get("items")
    if isinstance(items, list):
        if any(not isinstance(item, Mapping) for item in items):
            raise ValueError("resource list item has unexpected type")
        return [(item, ("items", index)) for index, item in enumerate(items)]
    if "items" in manifest and items is None and "spec" not in manifest and "status" not in manifest:
        return []
    return [(manifest, ())]


def hook_types(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The sync phases an object is a hook of; Helm's hooks count only where Argo CD's own annotation names none."""
    own = [value for value in _listed(manifest, HOOK) if value in _ARGO_HOOKS]
    if own:
        return tuple(own)
    return tuple(_HELM_HOOKS[value] for value in _listed(manifest, HELM_HOOK) if value in _HELM_HOOKS)


def is_hook(manifest: Mapping[str, Any]) -> bool:
    """Whether an object is run as a hook, or would be if Argo CD knew its kind of hook (`test`, `post-delete`)."""
    annotations = _annotations(manifest)
    if HOOK in annotations:
        return not is_skipped(manifest)
    return HELM_HOOK in annotations and annotations[HELM_HOOK] != "crd-install"


def is_skipped(manifest: Mapping[str, Any]) -> bool:
    """Whether the object is only there to be left alone (`argocd.argoproj.io/hook: Skip`)."""
    return hook_types(manifest) == ("Skip",)


def is_ignored(manifest: Mapping[str, Any]) -> bool:
    """Whether Argo CD never applies the object: a Helm hook it does not know, such as `test`."""
    return is_hook(manifest) and not hook_types(manifest)


def sync_wave(manifest: Mapping[str, Any]) -> int:
    """The object's wave: its annotation, else Helm's hook weight, else 0; text that is no integer is passed over."""
    annotations = _annotations(manifest)
    for key in (SYNC_WAVE, _HELM_WEIGHT):
        value = annotations.get(key)
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
    return 0


class Deduplicated(Struct, frozen=True):
    """Which of the objects are synced: indexes in `kept`, the namespace of each, and the keys that occur repeatedly."""

    kept: tuple[int, ...]
    namespaces: tuple[str, ...]
    repeated: Mapping[ResourceKey, tuple[int, ...]]


def deduplicate(
    manifests: Sequence[Mapping[str, Any]], *, namespace: str, is_namespaced: Callable[[str, str], bool | None]
) -> Deduplicated:
    """Of objects with equal group, kind, namespace and name only the last is synced.

    `namespace` is the destination's, for namespaced objects without one; `is_namespaced(group, kind)` is None for kinds
    nobody knows, which count as namespaced. `namespaces` has one entry per object given, "" for cluster-scoped ones.
    """
    namespaces: list[str] = []
    by_key: dict[ResourceKey, list[int]] = {}
    for index, manifest in enumerate(manifests):
        metadata = mapping(manifest.get("metadata"))
        group, kind = _group(manifest), text(manifest.get("kind"))
        cluster_scoped = is_namespaced(group, kind) is False
        place = "" if cluster_scoped else text(metadata.get("namespace")) or namespace
        name = text(metadata.get("name"))
        if not name and text(metadata.get("generateName")):
            name = f"{metadata['generateName']}{index}"
        namespaces.append(place)
        by_key.setdefault((group, kind, place, name), []).append(index)
    kept = tuple(sorted(indexes[-1] for indexes in by_key.values()))
    repeated = {key: tuple(indexes) for key, indexes in by_key.items() if len(indexes) > 1}
    return Deduplicated(kept, tuple(namespaces), repeated)


def _group(manifest: Mapping[str, Any]) -> str:
    group, slash, _ = text(manifest.get("apiVersion")).partition("/")
    return group if slash else ""


def _annotations(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(mapping(manifest.get("metadata")).get("annotations"))


def _listed(manifest: Mapping[str, Any], key: str) -> Iterable[str]:
    return dict.fromkeys(value.strip() for value in text(_annotations(manifest).get(key)).split(",") if value.strip())
