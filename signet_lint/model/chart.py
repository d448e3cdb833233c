"""A Helm chart as it stands in the repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

_README = re.compile(r"readme(\.\w+)?", re.IGNORECASE)


class Chart(Struct, frozen=True):
    """A folder with a `Chart.yaml`, or one that an Application deploys as a chart though it has none.

    `path` is the folder relative to the root; `files` are paths relative to it; `values` maps each values file at the
    chart's top (`values*.yaml`) to its data. `readme` is the text of its README file, "" where it has none.
    """

    path: str
    name: str
    files: tuple[str, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    readme: str = ""

    @property
    def is_library(self) -> bool:
        """Whether Helm refuses to install it."""
        return self.metadata.get("type") == "library"

    @property
    def has_metadata_file(self) -> bool:
        """Whether `Chart.yaml` is there."""
        return "Chart.yaml" in self.files

    @property
    def readme_file(self) -> str:
        """The name of its README file, "" where it has none."""
        return next((name for name in self.files if _README.fullmatch(name)), "")

    @property
    def fetched_dependencies(self) -> tuple[str, ...]:
        """The charts that Argo CD would fetch to render it: neither in `charts/` nor in this repository."""
        return tuple(
            name
            for name, repository in declared_dependencies(self.metadata)
            if not repository.startswith("file://") and not has_dependency(self.files, name)
        )

    def file(self, name: str) -> str:
        """A file of the chart, relative to the root."""
        return f"{self.path}/{name}" if self.path else name


def declared_dependencies(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and repository of each dependency in `Chart.yaml`."""
    dependencies = metadata.get("dependencies")
    for dependency in dependencies if isinstance(dependencies, list) else []:
        if isinstance(dependency, dict) and isinstance(dependency.get("name"), str):
            yield dependency["name"], str(dependency.get("repository") or "")


def has_dependency(files: Iterable[str], name: str) -> bool:
    """Whether a chart's `charts/` folder holds a dependency, unpacked or as an archive."""
    return any(path.startswith((f"charts/{name}/", f"charts/{name}-")) for path in files)
