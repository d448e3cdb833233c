"""What templates see of defaults and given values: checked against Helm itself."""

from __future__ import annotations

import json

import pytest

from signet_lint.render.engine import ChartFiles, Cluster, RenderRequest
from signet_lint.render.sdk import SdkEngine
from signet_lint.render.start import available
from signet_lint.render.values import Layer, effective_values

pytestmark = pytest.mark.skipif(not available(), reason="no native Helm engine on this platform")

DEFAULTS = {"d": None, "e": {"f": None, "g": 1}, "h": {"i": 1, "list": [1, None]}, "t": "text"}
GIVEN = [
    {},
    {"x": None, "y": {"z": None}},
    {"e": {"g": None}},
    {"h": None},
    {"h": {"i": None, "j": None}},
    {"e": "text", "t": {"a": None, "b": 1}},
    {"h": {"list": [None]}, "d": {"a": 1}},
]


@pytest.fixture(scope="module")
def engine():
    """One engine for all of them."""
    opened = SdkEngine(Cluster("1.32", ()))
    yield opened
    opened.close()


@pytest.mark.parametrize("given", GIVEN, ids=json.dumps)
def test_nulls_as_helm_treats_them(engine, given):
    """A null takes a default away, stays where there is none, and is no default."""
    files = {
        "Chart.yaml": b"apiVersion: v2\nname: c\nversion: 0.1.0\n",
        "values.yaml": json.dumps(DEFAULTS).encode(),
        "templates/a.yaml": b"{{ .Values | toJson }}",
    }
    outputs = engine.render(RenderRequest(ChartFiles("c", "c", files), given, "rel", "ns"))
    ours = effective_values([Layer("defaults", DEFAULTS), Layer("file", given)])
    assert json.loads(outputs["templates/a.yaml"]) == ours
