"""Whether the API server of the target serves a kind in the version that a manifest names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

from signet_lint.catalogue import kinds
from signet_lint.schema.catalogue import load
from signet_lint.schema.errors import SchemaError, nearest

_REMOVED = "extensions"  # gone since Kubernetes 1.22
_CUSTOM_CUTOFF = 0.88  # a group of custom kinds may have more than the catalogue knows


def unserved(api_version: str, kind: str, kubernetes_version: str) -> SchemaError | None:
    """The fault of a manifest whose kind is not served as it names it; None where it is, or where nobody can tell.

    Of Kubernetes' own groups every kind is known; of custom ones those of the catalogue, some with their versions.
    """
    group = api_version.rpartition("/")[0]
    own = _kubernetes_kinds(kubernetes_version)
    entry = kinds.lookup(group, kind)
    served = own.get(group, {}).get(kind) or [f"{group}/{one}" for one in (entry.versions if entry else ())]
    if served:
        message = f"{kind} is served as `{served[0]}`, not as `{api_version}`"
        return None if api_version in served else _fault("apiVersion", message)
    elsewhere = [one for of_group in own.values() for one in of_group.get(kind, ())]
    if group == _REMOVED and elsewhere:
        return _fault("apiVersion", f"{kind} is served as `{elsewhere[0]}`, not as `{api_version}`")
    if entry is not None:
        return None
    if group in own:
        return _fault("kind", f"`{api_version}` has no kind `{kind}`{_meant(nearest(kind, own[group]))}")
    beside = [one.kind for one in kinds.entries() if one.group == group]
    near = get_close_matches(kind, beside, n=1, cutoff=_CUSTOM_CUTOFF)
    if near:
        return _fault("kind", f"`{api_version}` has no kind `{kind}`{_meant(near[0])}")
    near = get_close_matches(api_version, elsewhere, n=1, cutoff=0.8)
    return _fault("apiVersion", f"`{api_version}` has no kind `{kind}`{_meant(near[0])}") if near else None


def _fault(field: str, message: str) -> SchemaError:
    return SchemaError((field,), "bad-enum", message, field)


def _meant(name: str | None) -> str:
    return f"; did you mean `{name}`?" if name else ""


@lru_cache(maxsize=4)
def _kubernetes_kinds(version: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Kubernetes' own kinds by group, each with the API versions that serve it, the most stable one first."""
    found: dict[str, dict[str, list[str]]] = {}
    for (api_version, kind), address in load(version)[1].items():
        if address.startswith("kubernetes:"):
            found.setdefault(api_version.rpartition("/")[0], {}).setdefault(kind, []).append(api_version)
    return {
        group: {kind: sorted(served, key=len) for kind, served in of_group.items()} for group, of_group in found.items()
    }
