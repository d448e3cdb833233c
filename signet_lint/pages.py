"""The rules as a reader meets them, from a file generated out of their declarations: no rule is imported to explain one."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).parent / "pages.json"  # written by .ci/generate.py


class RulePage(NamedTuple):
    """One rule: its catalogue entry with examples as plain data, and its page as Markdown."""

    id: str
    name: str
    severity: str
    summary: str
    plan_only: bool
    url: str
    detail: dict[str, Any]
    page: str

    @property
    def entry(self) -> dict[str, Any]:
        """The catalogue entry without the settings and the examples."""
        return {key: value for key, value in self.detail.items() if key not in ("settings", "bad", "good")}


@cache
def pages() -> tuple[RulePage, ...]:
    """Every rule, sorted by id."""
    return tuple(_page(row) for row in json.loads(FILE.read_text(encoding="utf-8")))


def _page(row: dict[str, Any]) -> RulePage:
    detail = row["detail"]
    plan_only = detail["profiles"] == ["signet"]
    return RulePage(
        detail["id"],
        detail["name"],
        detail["severity"],
        detail["summary"],
        plan_only,
        detail["url"],
        detail,
        row["page"],
    )
