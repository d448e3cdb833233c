"""`python -m signet_lint`."""

from __future__ import annotations

from signet_lint.cli import main

main()
