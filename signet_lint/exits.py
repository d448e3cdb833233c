"""The exit codes of `signet-lint`."""

from __future__ import annotations

CLEAN = 0  # looked at everything, nothing at or over --fail-on
FINDINGS = 1  # findings at or over --fail-on
USAGE = 2  # bad arguments or configuration
INCOMPLETE = 3  # not fully analysed; outranks FINDINGS
