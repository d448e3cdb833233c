"""How environments reach Applications: measured facts about an ApplicationSet and the umbrella chart it deploys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signet_lint.model.resource import Field, Path, Resource


@dataclass(frozen=True, slots=True)
class Wiring:
    """Placeholder."""

    application_set: Resource
    umbrella: str
