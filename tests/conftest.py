"""Property tests try the same each time, so that a change is judged by what it changes; `tests/fuzz` has a longer run."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("same-each-time", derandomize=True, database=None, deadline=None)
settings.load_profile("same-each-time")
