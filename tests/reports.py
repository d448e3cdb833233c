"""Reports made by hand, for the tests of the formats and of the command line."""

from __future__ import annotations

from signet_lint.finding import Coverage, Finding, Hop, NotExamined, Origin, Report, Subject
from signet_lint.source.location import Location

VALUES = "charts/llm/values.yaml"
APPSET = "charts/apps/values.yaml"

FILES = {
    VALUES: "model:\n  args:\n    - --max-model-len=16384\n",
    APPSET: "envs:\n  - name: prod\n    llmEnabled: true\n",
}


def finding(**changes):
    """A finding with a road from an environment; `changes` replace its fields."""
    fields = {
        "rule": "SGL602",
        "name": "max-model-len-too-high",
        "severity": "error",
        "message": "`--max-model-len` is 16384, more than 8192",
        "origin": origin(),
        "envs": ("sno", "prod"),
        "application": "llm-prod",
        "subject": Subject("InferenceService", "models", "llm"),
        "field": "/spec/predictor/model/args/0",
        "help": "lower it to 8192",
        "url": "https://example.org/max-model-len-too-high.md",
        "fingerprint": "0123456789abcdef",
    }
    return Finding(**{**fields, **changes})


def origin(precision="exact", at=None, trail=None):
    """An origin at the argument in the values file, by way of the environment's flag."""
    at = at or Location(VALUES, 3, 7, 3, 28)
    default = (
        Hop(Location(APPSET, 3, 5, 3, 21), "`envs[prod]` switches the Application on"),
        Hop(at, "value `model.args[0]`"),
    )
    return Origin(at, precision, default if trail is None else trail)


def report(*findings, incomplete=(), not_examined=(), **coverage):
    """A report on a small repository."""
    counts = {"charts": 12, "environments": ("local", "sno", "prod"), "applications": 20, "resources": 110}
    return Report("signet", findings, Coverage(**{**counts, **coverage}, not_examined=tuple(not_examined)), incomplete)


def left(number):
    """Something not examined."""
    return NotExamined(f"source `repo-{number}`", "another repository", "charts/a.yaml", number)
