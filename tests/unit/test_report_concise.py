"""The report for editors and grep."""

from __future__ import annotations

import pytest

from signet_lint.report import concise
from signet_lint.source.location import Location
from tests.reports import FILES, finding, left, origin, report


def shown(*findings, **options):
    """The concise report on some findings."""
    return concise.render(report(*findings, not_examined=[left(1)]), FILES.get, **options)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "charts/llm/values.yaml:3:7: error SGL602 `--max-model-len` is 16384, more than 8192 [sno,prod]"),
        ({"envs": (), "severity": "note", "message": "m"}, "charts/llm/values.yaml:3:7: note SGL602 m"),
        ({"envs": ("prod",), "message": "two\nlines"}, "charts/llm/values.yaml:3:7: error SGL602 two lines [prod]"),
    ],
    ids=["envs", "no-envs", "lines"],
)
def test_one_line_a_finding(changes, expected):
    """Place, severity, rule, message and environments."""
    assert shown(finding(**changes)) == f"{expected}\n"


def test_nothing_found_is_nothing_printed():
    """The format holds findings alone."""
    assert shown() == ""


def test_sorted():
    """By path, line and column."""
    found = [finding(origin=origin(at=Location("f", line, column))) for line, column in ((2, 1), (1, 9), (1, 2))]
    assert [line.split(" ")[0] for line in shown(*found).splitlines()] == ["f:1:2:", "f:1:9:", "f:2:1:"]


def test_statistics():
    """Counts follow the findings when asked for."""
    assert shown(finding(), statistics=True).splitlines()[1] == "    1  SGL602 error   max-model-len-too-high"
