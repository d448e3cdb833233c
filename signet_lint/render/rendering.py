"""One chart rendered for one Application: its output, and the values it was given."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct

from signet_lint.render.engine import RenderRequest
from signet_lint.render.values import Layer, effective_values
from signet_lint.source.yamldoc import Document, parse_documents


class Rendering(Struct, frozen=True, eq=False, dict=True):
    """A request, the text each template gave (by its path in the chart), and the layers of values behind it."""

    request: RenderRequest
    outputs: Mapping[str, str]
    layers: tuple[Layer, ...]

    @property
    def folder(self) -> str:
        """The chart's folder, relative to the root."""
        return self.request.chart.folder

    def source_file(self, template: str) -> str:
        """A template's path relative to the root."""
        return f"{self.folder}/{template}" if self.folder else template

    @cached_property
    def effective(self) -> dict[str, Any]:
        """The values as templates saw them (subcharts' own defaults left out)."""
        return effective_values(self.layers)

    def document(self, template: str, index: int) -> Document:
        """One non-empty document of a template's output, with its nodes."""
        return solid_documents(self.outputs[template])[index]


@lru_cache(maxsize=8192)  # the same text comes back for tracing, and from one environment to the next
def solid_documents(text: str) -> tuple[Document, ...]:
    """The documents of a text that are not empty; raises `YamlError`."""
    return tuple(document for document in parse_documents(text) if document.data is not None)
