"""Decides which node labels something other than a MachineSet gives, and which resources are accelerators."""

from __future__ import annotations

from functools import cache
from typing import Literal

from msgspec import Struct

from signet_lint.catalogue._files import read


class NodeLabel(Struct, frozen=True):
    """A label key, or where ``match`` is ``prefix`` the start of keys, and the component that sets it on nodes."""

    name: str
    match: Literal["exact", "prefix"]
    given_by: str
    source: str
    verified: bool = True


class Accelerator(Struct, frozen=True):
    """An extended resource that stands for an accelerator; ``sharing`` is ``whole`` for an undivided device."""

    name: str
    match: Literal["exact", "prefix"]
    vendor: str
    sharing: str
    source: str
    verified: bool = True


class Gpu(Struct, frozen=True):
    """A GPU model; None means not established. ``product_labels`` are values of ``nvidia.com/gpu.product``."""

    name: str
    vendor: str
    memory_mib: int | None
    mig_capable: bool | None
    product_labels: tuple[str, ...]
    mig_profiles: tuple[str, ...]
    source: str
    verified: bool = True


@cache
def labels() -> tuple[NodeLabel, ...]:
    """Return every node label of the catalogue."""
    return tuple(NodeLabel(**row) for row in read("gpu_labels.json")["labels"])


@cache
def accelerators() -> tuple[Accelerator, ...]:
    """Return every accelerator resource of the catalogue."""
    return tuple(Accelerator(**row) for row in read("gpu_labels.json")["accelerators"])


@cache
def gpus() -> tuple[Gpu, ...]:
    """Return every GPU model of the catalogue."""
    rows = read("gpus.json")["gpus"]
    return tuple(
        Gpu(**{**row, "product_labels": tuple(row["product_labels"]), "mig_profiles": tuple(row["mig_profiles"])})
        for row in rows
    )


def label_known(label: str) -> bool:
    """Return whether a known discovery or the cluster itself gives nodes the label key ``label``."""
    return any(_named(entry, label) for entry in labels())


def accelerator(resource: str) -> Accelerator | None:
    """Return the accelerator that ``resource`` (such as ``nvidia.com/gpu``) stands for, or None."""
    return next((entry for entry in accelerators() if _named(entry, resource)), None)


def gpu(name: str) -> Gpu | None:
    """Return the GPU called ``name`` in the catalogue, as `instance_types` does, or None."""
    return next((entry for entry in gpus() if entry.name == name), None)


def gpu_by_product(label: str) -> Gpu | None:
    """Return the GPU whose nodes carry ``nvidia.com/gpu.product: label``, also when time-sliced or split by MIG."""
    whole = label.removesuffix("-SHARED").partition("-MIG-")[0]
    return next((entry for entry in gpus() if whole in entry.product_labels), None)


def _named(entry: NodeLabel | Accelerator, name: str) -> bool:
    return name.startswith(entry.name) if entry.match == "prefix" else name == entry.name
