"""A Helm chart as it stands in the repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Chart:
    """A folder with a `Chart.yaml`, or one that an Application deploys as a chart though it has none.

    `path` is the folder relative to the root; `files` are paths relative to it; `values` maps each values file at the
    chart's top (`values*.yaml`) to its data.
    """

    path: str
    name: str
    files: tuple[str, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_library(self) -> bool:
        """Whether Helm refuses to install it."""
        return self.metadata.get("type") == "library"

    @property
    def has_metadata_file(self) -> bool:
        """Whether `Chart.yaml` is there."""
        return "Chart.yaml" in self.files

    def file(self, name: str) -> str:
        """A file of the chart, relative to the root."""
        return f"{self.path}/{name}" if self.path else name
