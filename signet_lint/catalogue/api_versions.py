"""Decides which API versions templates are told that the cluster serves."""

from __future__ import annotations

from functools import cache

from signet_lint.catalogue._files import read


@cache
def served() -> tuple[str, ...]:
    """Return every `group/version` and `group/version/Kind` of a fresh cluster, sorted, as Argo CD passes them to Helm."""
    found: set[str] = set()
    for row in read("api_versions.json")["group_versions"]:
        found.add(row["name"])
        found.update(f"{row['name']}/{kind}" for kind in row["kinds"])
    return tuple(sorted(found))
