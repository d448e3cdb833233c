"""`python -m signet_lint`."""

from __future__ import annotations

from signet_lint.cli import main

if __name__ == "__main__":
    main()
