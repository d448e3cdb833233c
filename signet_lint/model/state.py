"""Everything that rules may look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct, field

from signet_lint.config import Config
from signet_lint.model.application import Application, Env
from signet_lint.model.chart import Chart
from signet_lint.model.found_secret import FoundSecret
from signet_lint.model.resource import (
    Declaration,
    Field,
    Gate,
    InstalledValue,
    Key,
    OutputLine,
    Resource,
    Written,
    WrittenOut,
)
from signet_lint.model.suppression import SuppressionFault
from signet_lint.model.wiring import Umbrella, Wiring
from signet_lint.source.location import Location

At = Field | Declaration | Gate | Key | InstalledValue | OutputLine | Written | WrittenOut | Location
"""A place to point at, symbolic until a finding is made of it."""

ProblemKind = Literal["yaml-syntax", "duplicate-key", "render-failed", "not-a-manifest"]


class Problem(Struct, frozen=True):
    """A file that cannot be read or a chart that cannot be rendered; `env` is empty for a fault of the file itself."""

    kind: ProblemKind
    message: str
    at: At
    env: str = ""
    application: str = ""


class LeftOut(Struct, frozen=True):
    """Something that was not looked at: what, why, and where."""

    what: str
    why: str
    at: At | None = None


class DesiredState(Struct, frozen=True, eq=False):
    """The repository as Argo CD would deploy it: charts, environments, wiring, and what could not be read.

    Compared by identity, so that what rules ask again and again can be remembered for it.

    `duplicates` are second Applications of a name in an environment, `entries` the charts everything starts from,
    `included_charts` those that another chart includes, `known_envs` all environments, also those not asked for,
    `defaults` what charts with a load test or Subscriptions give without any environment's values,
    `secrets` those in files that git would track (looked for only where a rule needs them), `suppressions` what is wrong
    with suppressions (known only after the other rules have run).
    """

    config: Config
    charts: tuple[Chart, ...]
    envs: tuple[Env, ...]
    wiring: Sequence[Wiring] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    duplicates: tuple[Application, ...] = ()
    entries: frozenset[str] = field(default_factory=frozenset)
    included_charts: tuple[str, ...] = ()
    known_envs: tuple[str, ...] = ()
    defaults: tuple[Resource, ...] = ()
    secrets: Sequence[FoundSecret] = ()
    suppressions: tuple[SuppressionFault, ...] = ()

    def env(self, name: str) -> Env:
        """The environment of that name; raises `KeyError`."""
        for env in self.envs:
            if env.name == name:
                return env
        raise KeyError(name)

    @property
    def umbrellas(self) -> tuple[Umbrella, ...]:
        """Every chart that an ApplicationSet deploys and that renders Applications, once."""
        return tuple({wiring.umbrella.chart: wiring.umbrella for wiring in self.wiring}.values())

    @property
    def wired_charts(self) -> frozenset[str]:
        """Charts that an Application deploys somewhere, or would with its flag on, and those they include."""
        return _wired_charts(self)

    def values_of(self, file: str) -> Mapping[str, Any]:
        """The data of a values file of a chart, by its path relative to the root; empty where it is absent or broken."""
        for chart in self.charts:
            name = file[len(chart.path) :].lstrip("/")
            if file == chart.file(name) and name in chart.values:
                values: Mapping[str, Any] = chart.values[name]
                return values
        return {}

    def chart(self, path: str) -> Chart | None:
        """The chart in that folder."""
        return next((chart for chart in self.charts if chart.path == path), None)

    def application_of(self, resource: Resource) -> Application:
        """The Application that deploys a manifest."""
        found = self.env(resource.env).application(resource.application)
        if found is None:
            raise KeyError(resource.application)
        return found


@lru_cache(maxsize=8)  # asked for each chart
def _wired_charts(state: DesiredState) -> frozenset[str]:
    deployed = {path for env in state.envs for a in env.applications for path in a.charts}
    deployed |= {path for umbrella in state.umbrellas for gate in umbrella.gates for path in gate.charts}
    deployed |= {umbrella.chart for umbrella in state.umbrellas}
    return frozenset(deployed | set(state.included_charts))
