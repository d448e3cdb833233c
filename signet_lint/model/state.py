"""Everything that rules may look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from signet_lint.config import Config
from signet_lint.model.application import Application, Env
from signet_lint.model.chart import Chart
from signet_lint.model.resource import Declaration, Field, InstalledValue, Key, OutputLine, Resource
from signet_lint.model.wiring import Wiring
from signet_lint.source.location import Location

At = Field | Declaration | Key | InstalledValue | OutputLine | Location
"""A place to point at, symbolic until a finding is made of it."""

ProblemKind = Literal["yaml-syntax", "duplicate-key", "render-failed", "not-a-manifest"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that cannot be read or a chart that cannot be rendered; `env` is empty for a fault of the file itself."""

    kind: ProblemKind
    message: str
    at: At
    env: str = ""
    application: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was not looked at: what, why, and where."""

    what: str
    why: str
    at: At | None = None


@dataclass(frozen=True, slots=True)
class DesiredState:
    """The repository as Argo CD would deploy it: charts, environments, wiring, and what could not be read."""

    config: Config
    charts: tuple[Chart, ...]
    envs: tuple[Env, ...]
    wiring: tuple[Wiring, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    duplicates: tuple[Application, ...] = ()
    entries: frozenset[str] = field(default_factory=frozenset)

    def env(self, name: str) -> Env:
        """The environment of that name; raises `KeyError`."""
        for env in self.envs:
            if env.name == name:
                return env
        raise KeyError(name)

    def chart(self, path: str) -> Chart | None:
        """The chart in that folder."""
        return next((chart for chart in self.charts if chart.path == path), None)

    def application_of(self, resource: Resource) -> Application:
        """The Application that deploys a manifest."""
        found = self.env(resource.env).application(resource.application)
        if found is None:
            raise KeyError(resource.application)
        return found
