"""An engine that several threads may ask: it answers one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

from signet_lint.render.engine import HelmEngine, Path, RenderFailure, RenderRequest


class SharedEngine:
    """`HelmEngine` over another one: while a thread waits for it, the others go on until they ask, too."""

    def __init__(self, engine: HelmEngine) -> None:
        self.engine = engine
        self._in_use = Lock()

    def render(self, request: RenderRequest) -> dict[str, str] | RenderFailure:
        """As the other engine."""
        with self._in_use:
            return self.engine.render(request)

    def render_variants(
        self, request: RenderRequest, template: str, changes: Sequence[tuple[Path, Any]]
    ) -> list[str | None]:
        """As the other engine."""
        with self._in_use:
            return self.engine.render_variants(request, template, changes)

    def parse_set(self, text: str, *, strings: bool = False) -> dict[str, Any] | RenderFailure:
        """As the other engine."""
        with self._in_use:
            return self.engine.parse_set(text, strings=strings)

    def close(self) -> None:
        """As the other engine."""
        with self._in_use:
            self.engine.close()
