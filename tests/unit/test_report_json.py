"""The report for programs."""

from __future__ import annotations

import json

import jsonschema
import pytest

from signet_lint import __version__
from signet_lint.finding import Hop
from signet_lint.report import json_v1
from signet_lint.schema.sources import schema_folder
from signet_lint.source.location import Location
from tests.reports import APPSET, VALUES, finding, left, origin, report

SCHEMA = json.loads((schema_folder() / "report-v1.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

FINDING = {
    "rule": "SGL602",
    "name": "max-model-len-too-high",
    "severity": "error",
    "message": "`--max-model-len` is 16384, more than 8192",
    "path": VALUES,
    "line": 3,
    "column": 7,
    "end_line": 3,
    "end_column": 28,
    "precision": "exact",
    "envs": ["sno", "prod"],
    "application": "llm-prod",
    "resource": {"kind": "InferenceService", "namespace": "models", "name": "llm"},
    "field": "/spec/predictor/model/args/0",
    "trail": [
        {"path": APPSET, "line": 3, "column": 5, "note": "`envs[prod]` switches the Application on"},
        {"path": VALUES, "line": 3, "column": 7, "note": "value `model.args[0]`"},
    ],
    "help": "lower it to 8192",
    "url": "https://example.org/max-model-len-too-high.md",
    "fingerprint": "0123456789abcdef",
    "fix": None,
}


def parsed(*findings, **about):
    """The report as its readers get it."""
    return json.loads(json_v1.render(report(*findings, **about), lambda _: None))


def test_a_whole_report():
    """Every key of the format, in its order."""
    expected = {
        "version": 1,
        "tool": {"name": "signet-lint", "version": __version__},
        "root": ".",
        "profile": "signet",
        "summary": {"errors": 1, "warnings": 0, "notes": 0, "suppressed": 0, "baselined": 0, "fixable": 0},
        "coverage": {
            "charts": 12,
            "environments": ["local", "sno", "prod"],
            "applications": 20,
            "resources": 110,
            "not_examined": [
                {"what": "source `repo-1`", "why": "another repository", "path": "charts/a.yaml", "line": 1}
            ],
        },
        "findings": [FINDING],
    }
    found = parsed(finding(), not_examined=[left(1)])
    assert found == expected
    assert json.dumps(found) == json.dumps(expected)


@pytest.mark.parametrize(
    "findings",
    [
        [],
        [finding()],
        [finding(envs=(), application="", subject=None, field=None, severity="note", origin=origin("chart", trail=()))],
        [finding(field="/metadata/annotations/a~1b~0c"), finding(severity="warning")],
    ],
    ids=["empty", "full", "bare", "two"],
)
def test_the_output_is_valid(findings):
    """What is written is what the schema describes."""
    VALIDATOR.validate(parsed(*findings, not_examined=[left(1)]))


def test_the_schema_is_a_schema_with_descriptions():
    """Draft 2020-12, and every property says what it is."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def walk(node):
        for name, child in node.get("properties", {}).items():
            assert child.get("description"), name
            yield from walk(child)
        if node.get("type") == "object":
            yield node
        for child in [*node.get("$defs", {}).values(), node.get("items")]:
            if isinstance(child, dict):
                yield from walk(child)

    objects = list(walk(SCHEMA))
    assert len(objects) > 5
    assert all(one["additionalProperties"] is False for one in objects)
    assert all(set(one["required"]) == set(one["properties"]) for one in objects)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("extra",), 1),
        (("findings", 0, "line"), 0),
        (("findings", 0, "path"), "/etc/passwd"),
        (("findings", 0, "path"), "charts/../../x"),
        (("findings", 0, "path"), "charts\\x"),
        (("findings", 0, "path"), ""),
        (("findings", 0, "severity"), "fatal"),
        (("findings", 0, "fingerprint"), "short"),
        (("findings", 0, "field"), "spec/x"),
        (("coverage", "charts"), -1),
    ],
    ids=str,
)
def test_the_schema_is_strict(path, value):
    """A report that breaks a promise does not validate."""
    document = parsed(finding())
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(document)


def test_sorted_and_the_same_bytes():
    """The order in which findings come in changes no byte."""
    found = [
        finding(origin=origin(at=Location(path, line, column)), rule=rule)
        for path, line, column, rule in [
            ("b", 1, 1, "SGL1"),
            ("a", 2, 1, "SGL1"),
            ("a", 1, 5, "SGL2"),
            ("a", 1, 5, "SGL1"),
        ]
    ]
    gaps = [left(2), left(1)]
    one = json_v1.render(report(*found, not_examined=gaps), lambda _: None)
    other = json_v1.render(report(*found[::-1], not_examined=gaps[::-1]), lambda _: None)
    assert one == other
    order = [(f["path"], f["line"], f["rule"]) for f in json.loads(one)["findings"]]
    assert order == [("a", 1, "SGL1"), ("a", 1, "SGL2"), ("a", 2, "SGL1"), ("b", 1, "SGL1")]


def test_the_bytes_are_ascii():
    """No locale, terminal or lone surrogate can spoil the output."""
    trail = (Hop(Location("f", 1, 1), "\ud800\x1b\u202e"),)
    out = json_v1.render(report(finding(message="名前", origin=origin(trail=trail))), lambda _: None)
    assert out.isascii()
    assert json.loads(out)["findings"][0]["message"] == "名前"
    assert out.endswith("}\n")
