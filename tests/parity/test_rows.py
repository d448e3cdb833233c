"""Each row of the parity table is run: its small repository must give what the row says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signet_lint.config import Config
from signet_lint.judge import judge
from signet_lint.model.resource import dig
from signet_lint.registry import rules
from signet_lint.render.opening import open_engine
from signet_lint.simulated import Simulated, simulated
from signet_lint.source.tree import MemoryTree
from tests.parity.row import URL, Row
from tests.parity.table import PAGE, ROWS, page

CONFIG = Config(repo_urls=(URL,))


class _Shared:
    """One engine for every row: each asks that it be closed, and the last does."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def engine() -> Iterator[_Shared]:
    shared = _Shared(open_engine(CONFIG))
    yield shared
    shared.engine.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(row: Row, engine: _Shared) -> None:
    """The simulation gives what Argo CD gives, or tells that it did not look."""
    tree = MemoryTree({path: content.encode() for path, content in row.files.items()})
    with simulated(Path("no-such-folder"), CONFIG, engine=engine, tree=tree) as found:
        if row.expect.finding:
            (wanted,) = (rule for rule in rules() if rule.id == row.expect.finding)
            assert judge(found.state, [wanted], found.origins, found.aside).findings
        _compare(row, found)


def _compare(row: Row, found: Simulated) -> None:
    expect, state = row.expect, found.state
    told = [f"{left.what}: {left.why}" for left in state.left_out]
    problems = [problem.message for problem in state.problems]
    assert [text for text in told if not expect.told or expect.told not in text] == []
    assert bool(told) == bool(expect.told)
    assert [text for text in problems if not expect.problem or expect.problem not in text] == []
    assert bool(problems) == bool(expect.problem)
    assert row.status != "not examined" or told

    applications = [a for env in state.envs for a in env.applications if a.manifest is not None]
    assert all(a.rendered for a in applications) == expect.rendered
    if expect.applications is not None:
        assert sorted(a.name for a in applications) == sorted(expect.applications)
    resources = [r for a in applications for r in a.resources]
    if expect.resources is not None:
        assert sorted(f"{r.kind} {r.namespace}/{r.name}" for r in resources) == sorted(expect.resources)
    if expect.spec:
        assert applications[0].manifest is not None
        _contains(applications[0].manifest.get("spec"), expect.spec)
    if expect.values or expect.seen:
        (data,) = (dig(r.body, ("data",)) for r in resources if r.name == "seen")
        _contains(data, expect.seen)
        _contains(json.loads(data["values"]), expect.values)


def _contains(whole: Any, part: Any) -> None:
    for key, value in part.items():
        if key == "destination":
            _contains(whole[key], value)
        else:
            assert whole.get(key) == value
            assert type(whole.get(key)) is type(value)


def test_rows_are_told_apart() -> None:
    """No row hides another, and each says something that is checked."""
    assert len({row.id for row in ROWS}) == len(ROWS)
    for row in ROWS:
        said = (
            row.expect.told,
            row.expect.problem,
            row.expect.finding,
            row.expect.values,
            row.expect.seen,
            row.expect.spec,
        )
        assert any(said) or row.expect.applications is not None or row.expect.resources is not None, row.id


def test_page_is_the_table() -> None:
    """docs/parity.md is made from the rows: `python -m tests.parity.table` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
