"""What a Helm engine does, and what it is given and gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol

from msgspec import Struct

Path = tuple[str | int, ...]


class Cluster(Struct, frozen=True):
    """What `.Capabilities` says: the Kubernetes version ("1.32" or "1.32.5") and the API versions served."""

    kubernetes_version: str
    api_versions: tuple[str, ...]


class ChartFiles(Struct, frozen=True, dict=True, eq=False):
    """A chart as Helm reads it: `folder` relative to the root, and each file's bytes by its path in the chart."""

    folder: str
    name: str
    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """A name for the content, so that equal charts are loaded once."""
        summed = sha256(self.name.encode())
        for path in sorted(self.files):
            summed.update(f"\0{path}\0{len(self.files[path])}\0".encode())
            summed.update(self.files[path])
        return summed.hexdigest()


class RenderRequest(Struct, frozen=True):
    """One `helm template`: a chart, the values given to it (without the chart's own defaults), release and namespace.

    `cluster` is what the Application itself says of it (None: the engine's). `integers` are paths of values that Helm's
    `--set` made integers too large for the engine's JSON to keep as such.
    """

    chart: ChartFiles
    values: Mapping[str, Any]
    release: str
    namespace: str
    integers: tuple[Path, ...] = ()
    include_crds: bool = True
    cluster: Cluster | None = None


class RenderFailure(Struct, frozen=True):
    """Why a chart cannot be rendered; `template` is relative to the chart ("" unknown), `line` 0 unknown."""

    reason: str
    template: str = ""
    line: int = 0
    column: int = 0
    limit: bool = False


class HelmEngine(Protocol):
    """Renders charts offline. Two implementations: in process (in a worker), and the `helm` command."""

    def render(self, request: RenderRequest) -> dict[str, str] | RenderFailure:
        """The output of each template by its path in the chart (`templates/x.yaml`, `charts/sub/templates/y.yaml`)."""
        ...

    def render_variants(
        self, request: RenderRequest, template: str, changes: Sequence[tuple[Path, Any]]
    ) -> list[str | None]:
        """The output of one template with one value changed at a time; None where it fails to render."""
        ...

    def parse_set(self, text: str, *, strings: bool = False) -> dict[str, Any] | RenderFailure:
        """What Helm makes of a `--set` (or `--set-string`) text."""
        ...

    def close(self) -> None:
        """End worker processes."""
        ...
