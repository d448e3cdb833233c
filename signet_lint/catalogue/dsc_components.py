"""Decides which components a DataScienceCluster of the API v2 has, and what became of those it lost."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from signet_lint.catalogue._files import read


@cache
def _rows(section: str) -> tuple[Mapping[str, str], ...]:
    return tuple(read("dsc_components.json")[section])


def components() -> tuple[str, ...]:
    """Every component of v2, as the CRD of OpenShift AI 3.0 has them."""
    return tuple(row["name"] for row in _rows("components"))


def gone(component: str) -> str:
    """What became of a component that v2 does not have any more, "" for others."""
    return next((row["fate"] for row in _rows("gone") if row["name"] == component), "")


def nearest(component: str) -> str:
    """The component of v2 that a misspelt name is likely to mean, "" where there is none, and for names that are known."""
    if component in components() or gone(component) or is_later(component):
        return ""
    near = get_close_matches(component.lower(), components(), n=1, cutoff=0.6)
    return near[0] if near else ""


def gone_fields(component: str) -> Mapping[str, str]:
    """Fields that a component lost, each with what became of it."""
    return {row["name"]: row["fate"] for row in _rows("gone_fields") if row["component"] == component}


def is_later(component: str) -> bool:
    """Whether a later minor of OpenShift AI may have the component."""
    return any(row["name"] == component for row in _rows("later"))
