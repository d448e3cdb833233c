"""An engine that renders no variant of a chart twice: for tracing every field of a manifest, not only some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signet_lint.render.engine import HelmEngine, Path, RenderFailure, RenderRequest


class RememberedVariants:
    """`HelmEngine` over another one; each value of a chart is changed once for all fields of a template."""

    def __init__(self, engine: HelmEngine) -> None:
        self.engine = engine
        self._known: dict[tuple[int, str], dict[tuple[Path, str], str | None]] = {}
        self._kept: list[RenderRequest] = []  # ids stay unique while the requests live

    def render(self, request: RenderRequest) -> dict[str, str] | RenderFailure:
        """As the other engine."""
        return self.engine.render(request)

    def render_variants(
        self, request: RenderRequest, template: str, changes: Sequence[tuple[Path, Any]]
    ) -> list[str | None]:
        """As the other engine, which is asked for what it has not been asked yet."""
        key = (id(request), template)
        if key not in self._known:
            self._kept.append(request)
            self._known[key] = {}
        known = self._known[key]
        named = {(path, repr(value)): (path, value) for path, value in changes}
        new = {name: change for name, change in named.items() if name not in known}
        known.update(zip(new, self.engine.render_variants(request, template, [*new.values()]), strict=True))
        return [known[path, repr(value)] for path, value in changes]

    def parse_set(self, text: str, *, strings: bool = False) -> dict[str, Any] | RenderFailure:
        """As the other engine."""
        return self.engine.parse_set(text, strings=strings)

    def close(self) -> None:
        """As the other engine."""
        self.engine.close()
