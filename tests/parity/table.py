"""The parity table: all rows, and the page made from them (`python -m tests.parity.table` writes it)."""

from __future__ import annotations

from pathlib import Path

from tests.parity import generator_rows, helm_rows, source_rows
from tests.parity.row import ARGO_CD, Row

ROWS: tuple[Row, ...] = (*source_rows.SOURCES, *helm_rows.ROWS, *generator_rows.ROWS)
PAGE = Path(__file__).parents[2] / "docs" / "parity.md"

_INTRODUCTION = f"""# What of Argo CD is simulated

The simulation follows Argo CD {ARGO_CD}, the line that OpenShift GitOps 1.18 and 1.19 deploy, unless a row names another version.
Each row is run as a test on a small repository of its own (`tests/parity/`); this page is made from those tests.

- **supported**: done here as Argo CD does it, or found where Argo CD would refuse it.
- **not examined**: not done here, and reported as such (`coverage.not_examined`) wherever it occurs.
- **not relevant**: accepted, and without effect on what is deployed.

A field that none of these rows covers is one that Argo CD {ARGO_CD} does not know: it is a finding (SGL005).
"""


def page() -> str:
    """The page."""
    parts = [_INTRODUCTION]
    for area in dict.fromkeys(row.area for row in ROWS):
        lines = [f"\n## {area}\n", "| behaviour | here | Argo CD | upstream |", "| --- | --- | --- | --- |"]
        lines += [_line(row) for row in ROWS if row.area == area]
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def _line(row: Row) -> str:
    return f"| {row.name} | {row.status} | {row.version} | {row.upstream} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
