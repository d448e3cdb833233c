"""Whether a field follows the release's own name or namespace, measured like a value: changed, and rendered again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec.structs import replace

from signet_lint.model.resource import dig
from signet_lint.render.engine import RenderFailure
from signet_lint.render.rendering import Rendering, solid_documents
from signet_lint.render.trace import Spot, Tracer
from signet_lint.source.yamldoc import YamlError

Part = Literal["namespace", "release"]

_PARTS: tuple[Part, ...] = ("namespace", "release")
_MISSING = object()


class ReleaseTracer:
    """Tells which part of a release a field repeats; renders each template once for each part."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self._changed: dict[tuple[int, str, Part], str] = {}
        self._kept: list[Rendering] = []  # ids stay unique while the renderings live

    def behind(self, rendering: Rendering, spot: Spot) -> Part | None:
        """The part of the release that gives a field another value when it changes; None where none does."""
        before = _value(rendering.outputs[spot.template], spot)
        for part in _PARTS:
            after = _value(self._output(rendering, spot.template, part), spot)
            if after is not _MISSING and after != before:
                return part
        return None

    def _output(self, rendering: Rendering, template: str, part: Part) -> str:
        key = (id(rendering), template, part)
        if key not in self._changed:
            self._kept.append(rendering)
            self._changed[key] = self._rendered(rendering, template, part)
        return self._changed[key]

    def _rendered(self, rendering: Rendering, template: str, part: Part) -> str:
        base = self.tracer.base(rendering, template)
        if base is None or not any(b".Release" in text for text in base.chart.files.values()):
            return ""
        changes: Mapping[str, Any] = {part: f"{getattr(base, part)}x"}
        outputs = self.tracer.engine.render(replace(base, **changes))
        return "" if isinstance(outputs, RenderFailure) else outputs.get(template, "")


def _value(output: str, spot: Spot) -> Any:
    try:
        documents = solid_documents(output)
    except YamlError:
        return _MISSING
    return dig(documents[spot.index].data, spot.full_path, _MISSING) if spot.index < len(documents) else _MISSING
