"""What the configuration adds to the catalogues, for the time of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from signet_lint.catalogue import instance_types, operators
from signet_lint.catalogue.instance_types import InstanceType
from signet_lint.catalogue.operators import Operator
from signet_lint.config import Config
from signet_lint.model.pods import GPU

_MODES = ("OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces")


@contextmanager
def catalogue_additions(config: Config) -> Iterator[None]:
    """The catalogues with the machine types and operators of a configuration."""
    with instance_types.added(_types(config)), operators.added(_operators(config)):
        yield


def _types(config: Config) -> Iterator[InstanceType]:
    for one in config.instance_types:
        yield InstanceType(
            name=one.name,
            family=one.name.partition(".")[0],
            arch="",
            vcpus=one.vcpus,
            memory_mib=one.memory_mib,
            gpu=one.gpu,
            gpu_count=one.gpu_count,
            gpu_memory_mib=one.gpu_memory_mib,
            resource=GPU if one.gpu_count else None,
            quota_group=one.quota_group,
            source="configuration",
        )


def _operators(config: Config) -> Iterator[Operator]:
    for one in config.operators:
        yield Operator(
            package=one.package,
            title=one.package,
            role=one.role,
            namespace="",
            install_modes=one.install_modes or _MODES,
            channels=(),
            brings=tuple((group, kind) for group, _, kind in (text.rpartition("/") for text in one.brings)),
            operands_bring=(),
            source="configuration",
        )
