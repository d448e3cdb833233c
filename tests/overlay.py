"""The fixture repository with changes laid over it, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from signet_lint.config import Config
from signet_lint.finding import Report
from signet_lint.pipeline import run
from signet_lint.rule import Rule
from signet_lint.source.tree import DiskTree, MemoryTree
from signet_lint.triage.baseline import Baseline

FIXTURE = Path(__file__).parent / "fixtures" / "signet"

TODAY = date(2026, 1, 15)

Edits = Mapping[str, Sequence[tuple[str, str]]]
Files = Mapping[str, str | None]


@cache
def fixture_files() -> dict[str, bytes]:
    """Every file of the fixture by path."""
    tree = DiskTree(FIXTURE)
    return {path: tree.read(path) for path in tree.files()}


def overlay(files: Files | None = None, edits: Edits | None = None) -> dict[str, bytes]:
    """The fixture's files with some replaced, removed (None) or edited; each old text must stand there exactly once."""
    contents = dict(fixture_files())
    for path, text in (files or {}).items():
        if text is None:
            gone = [known for known in contents if known == path or known.startswith(f"{path}/")]
            assert gone, f"{path} is not in the fixture"
            for known in gone:
                del contents[known]
        else:
            contents[path] = text.encode()
    for path, changes in (edits or {}).items():
        content = contents[path].decode()
        for old, new in changes:
            assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times in {path}"
            content = content.replace(old, new)
        contents[path] = content.encode()
    return contents


def check(
    rules: Sequence[Rule[Any]],
    *,
    files: Files | None = None,
    edits: Edits | None = None,
    config: Config | None = None,
    envs: Sequence[str] = (),
    today: date = TODAY,
    baseline: Baseline | None = None,
) -> Report:
    """The report on the fixture with changes laid over it."""
    tree = MemoryTree(overlay(files, edits))
    return run(FIXTURE, config or Config(), rules=rules, envs=envs, tree=tree, today=today, baseline=baseline)


def places(report: Report) -> list[str]:
    """Each finding as "RULE path:line"."""
    return [f"{f.rule} {f.location.path}:{f.location.line}" for f in report.findings]


def line_of(contents: Mapping[str, bytes], at: str) -> str:
    """ "path:line" from "path:line" or from "path:text", where the text stands in exactly one line of the file."""
    path, _, text = at.partition(":")
    if text.isdigit():
        return at
    lines = [number for number, line in enumerate(contents[path].decode().splitlines(), 1) if text in line]
    assert len(lines) == 1, f"{text!r} stands in lines {lines} of {path}"
    return f"{path}:{lines[0]}"
