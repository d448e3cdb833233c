"""How much is tried: little and the same each time, or with `SIGNET_LINT_FUZZ=long` much, and new each time."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
short = settings(max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=_SLOW)
long = settings(max_examples=4_000, database=None, deadline=None, suppress_health_check=_SLOW, phases=tuple(Phase))
settings.register_profile("signet-short", short)
settings.register_profile("signet-long", long)
settings.load_profile("signet-long" if os.environ.get("SIGNET_LINT_FUZZ") == "long" else "signet-short")
