"""The quick look at a manifest never calls right what jsonschema finds fault with."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet_lint.config import Config
from signet_lint.schema import catalogue
from signet_lint.schema.quick import Schemas
from signet_lint.simulated import simulate
from tests.overlay import FIXTURE

VERSION = "1.33"
SCHEMAS, ADDRESSES = catalogue.load(VERSION)
BODIES = [dict(r.body) for env in simulate(FIXTURE, Config()).envs for r in env.resources]
KNOWN = [body for body in BODIES if (body.get("apiVersion"), body.get("kind")) in ADDRESSES]
ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        2.0,
        2**40,
        float("inf"),
        "",
        "x",
        "1",
        "10Gi",
        "-5m",
        "a\n",
        [],
        ["x"],
        {},
        {"x": 1},
        [None],
    ]
)


def verdicts(body: dict[str, Any]) -> tuple[bool, bool]:
    """What the quick look says, and whether jsonschema finds nothing."""
    address = ADDRESSES[body["apiVersion"], body["kind"]]
    return SCHEMAS.fit(body, address), not list(catalogue._validators(VERSION).errors(body, address))


def test_the_fixture_is_right_at_a_glance() -> None:
    """Nothing of it needs the slow way, which would not even be imported."""
    assert len(KNOWN) > 50
    assert all(verdicts(body) == (True, True) for body in KNOWN)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_what_is_right_at_a_glance_is_right(data: st.DataObject) -> None:
    """Whatever value stands wherever in a manifest."""
    body = copy.deepcopy(data.draw(st.sampled_from(KNOWN)))
    at: Any = body
    while True:
        steps = [step for step in at if step not in ("apiVersion", "kind")] if isinstance(at, dict) else range(len(at))
        step = data.draw(st.sampled_from([*steps, "odd"] if isinstance(at, dict) else list(steps)))
        inside = at.get(step) if isinstance(at, dict) else at[step]
        if not inside or not isinstance(inside, (dict, list)) or data.draw(st.integers(0, 3)) == 0:
            at[step] = data.draw(ODD)
            break
        at = inside
    quick, slow = verdicts(body)
    assert slow or not quick


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"anyOf": [{}]}, 1),  # a keyword that is not looked at
        ({"$ref": "nowhere"}, 1),
        ({"$ref": "#/$defs/nowhere"}, 1),
        ({"enum": [1]}, True),
        ({"const": 0}, False),
        ({"type": "integer"}, True),
        ({"type": "string", "pattern": "^a$"}, "a\n"),
        ({"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"a": None}),
        ({"additionalProperties": False}, {"a": None}),
        (False, 1),
    ],
)
def test_what_is_not_surely_right_is_left_to_jsonschema(schema: Any, value: Any) -> None:
    """It may be right all the same."""
    assert not Schemas({"it": {"items": schema}}).fit([value], "it")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$ref": "it#/$defs/a"}, "x"),
        ({"$ref": "#/$defs/a"}, "x"),
        ({"type": ["integer", "string"]}, 2.0),
        ({"properties": {"a": {"type": "string"}}}, {"a": None}),  # the API server drops it
        ({"format": "unheard-of"}, "x"),
        ({"x-note": 1, "description": "y"}, "x"),
    ],
)
def test_what_is_surely_right(schema: Any, value: Any) -> None:
    """By the rules of the API server."""
    assert Schemas({"it": {"items": schema, "$defs": {"a": {"type": "string"}}}}).fit([value], "it")
