"""Comments that say where a manifest and its fields come from."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor

from signet_lint.argocd.origins import Origins
from signet_lint.finding import Hop, Origin
from signet_lint.model.resource import Path, Resource
from signet_lint.source.location import Location

_ARROW = " -> "


class FieldOrigins:
    """The roads of fields as texts; counts the fields asked for (`seen`), and those without a line (`untraced`).

    `aside` is the thread that may use the engine behind `origins`.
    """

    def __init__(self, origins: Origins, aside: Executor) -> None:
        self.origins = origins
        self.aside = aside
        self.seen = 0
        self.untraced = 0

    def manifest(self, resource: Resource) -> str:
        """The road from the environment to the Application that deploys a manifest; empty for an entry's own."""
        hops = self.aside.submit(self.origins.road, resource.env, resource.application).result()
        return f"deployed by: {_ARROW.join(map(_noted, hops))}" if hops else ""

    def field(self, resource: Resource, path: Path) -> str:
        """The places a field's value went through, the one to edit first; what is less than a line is said so."""
        source, emitted = self.aside.submit(self.origins.field, resource, path).result()
        self.seen += 1
        if {source.precision, emitted.precision} <= {"exact", "line"}:
            return _ARROW.join(_places(source.trail) or [_place(source.location)])
        self.untraced += 1
        before = [place for place in _places(source.trail) if place != _place(emitted.location)]
        return _ARROW.join([*before, _less_than_a_line(source, emitted)])


def _less_than_a_line(source: Origin, emitted: Origin) -> str:
    """What is known where a line is not: the template, or the chart alone."""
    if "chart" in (source.precision, emitted.precision):
        return f"{emitted.location.path} (its chart; file and line not known)"
    return f"{emitted.location.path} (line not known)"


def _places(hops: Iterable[Hop]) -> list[str]:
    return list(dict.fromkeys(_place(hop.location) for hop in hops))


def _place(at: Location) -> str:
    return f"{at.path}:{at.line}"


def _noted(hop: Hop) -> str:
    return f"{_place(hop.location)} ({hop.note})"
