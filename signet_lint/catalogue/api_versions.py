"""Decides which API versions templates are told that the cluster serves."""

from __future__ import annotations

from functools import cache

from signet_lint.catalogue._files import read


@cache
def served() -> tuple[str, ...]:
    """Return every `group/version` and `group/version/Kind` of a fresh cluster, sorted, as Argo CD passes them to Helm."""
    found: set[str] = set()
    for part in read("api_versions.json")["sources"]:
        for group_version, kinds in part["group_versions"].items():
            found.add(group_version)
            found.update(f"{group_version}/{kind}" for kind in kinds)
    return tuple(sorted(found))
