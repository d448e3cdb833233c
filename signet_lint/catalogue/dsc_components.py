"""Decides which components a DataScienceCluster of the API v2 has, and what became of those it lost."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from signet_lint.catalogue._files import read


@cache
def _file() -> Mapping[str, Any]:
    content: Mapping[str, Any] = read("dsc_components.json")
    return content


def components() -> tuple[str, ...]:
    """Every component of v2, as the CRD of OpenShift AI 3.0 has them."""
    return tuple(_file()["components"])


def gone(component: str) -> str:
    """What became of a component that v2 does not have any more, "" for others."""
    return str(_file()["gone"].get(component, ""))


def gone_fields(component: str) -> Mapping[str, str]:
    """Fields that a component lost, each with what became of it."""
    fields: Mapping[str, str] = _file()["gone_fields"].get(component, {})
    return fields


def is_later(component: str) -> bool:
    """Whether a later minor of OpenShift AI may have the component."""
    return component in _file()["later"]["names"]
