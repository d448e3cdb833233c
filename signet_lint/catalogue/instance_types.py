"""Decides what a cloud instance type offers: processors, memory, accelerators and the quota it counts against."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cache

from msgspec import Struct

from signet_lint.catalogue._files import added_to, read

G_AND_VT = "G and VT"  # the quota group of most GPU types, those of the plan too


class InstanceType(Struct, frozen=True):
    """An EC2 instance type with nominal sizes; what pods can allocate is less.

    ``gpu_count`` is 0 and ``resource`` None for types with a fraction of a GPU. ``gpu_memory_mib`` is of one GPU.
    """

    name: str
    family: str
    arch: str
    vcpus: int
    memory_mib: int
    gpu: str
    gpu_count: int
    gpu_memory_mib: int | None
    resource: str | None
    quota_group: str
    source: str
    verified: bool = True


class Quota(Struct, frozen=True):
    """An EC2 service quota, counted in ``unit``, that limits the types of ``group`` in a region."""

    group: str
    name: str
    code: str | None
    spot_code: str | None
    unit: str
    source: str
    verified: bool = True


@cache
def _types() -> dict[str, InstanceType]:
    return {row["name"]: InstanceType(**row) for row in read("instance_types.json")["instance_types"]}


@cache
def quotas() -> tuple[Quota, ...]:
    """Return the quotas that instance types count against."""
    return tuple(Quota(**row) for row in read("instance_types.json")["quotas"])


_added: dict[str, InstanceType] = {}


def added(more: Iterable[InstanceType]) -> AbstractContextManager[None]:
    """While it lasts, the catalogue has these types too; one of a known name takes its place."""
    return added_to(_added, {one.name: one for one in more})


def entries() -> tuple[InstanceType, ...]:
    """Return every instance type of the catalogue."""
    return tuple({**_types(), **_added}.values())


def lookup(name: str) -> InstanceType | None:
    """Return the instance type called ``name``, such as ``g6e.xlarge``, or None where it is not in the catalogue."""
    return _added.get(name) or _types().get(name)
