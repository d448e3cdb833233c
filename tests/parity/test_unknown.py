"""Nothing outside the table passes in silence: a field that Argo CD does not know is told, and one it knows has a row."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signet_lint.config import Config
from signet_lint.pipeline import run
from signet_lint.registry import rules
from signet_lint.schema.sources import schema_folder
from signet_lint.source.tree import MemoryTree
from tests.parity.row import CHART, URL, application, elements, text
from tests.parity.table import ROWS

# One row tells of everything inside these.
WHOLE = (
    "source.kustomize",
    "source.plugin",
    "source.directory.jsonnet",
    "sourceHydrator",
    "ignoreDifferences",
    "info",
    "syncPolicy",
    "strategy",
    "preservedFields",
    "ignoreApplicationDifferences",
    "template",
    "generators.clusters",
    "generators.scmProvider",
    "generators.clusterDecisionResource",
    "generators.pullRequest",
    "generators.plugin",
    "generators.selector",
)
CONFIG = Config(repo_urls=(URL,))
# Where any key is allowed: labels, values, parameters of elements and plugins.
FREE = frozenset(("annotations", "labels", "valuesObject", "values", "elements", "matchLabels", "parameters"))
SOURCE = {
    "repoURL": URL,
    "path": "charts/x",
    "helm": {"parameters": [{"name": "a", "value": "b"}], "fileParameters": [{"name": "c", "path": "values.yaml"}]},
}
APPLICATION = application(
    SOURCE,
    syncPolicy={"automated": {}, "retry": {"backoff": {}}, "managedNamespaceMetadata": {}},
    ignoreDifferences=[{"kind": "Pod"}],
    info=[{"name": "a", "value": "b"}],
)
OTHERS = [
    application({"path": "charts/x", "directory": {"jsonnet": {"extVars": [{"name": "a", "value": "b"}]}}}, name="directory"),
    application({"path": "charts/x", "kustomize": {"patches": [{"target": {"kind": "Pod"}}], "replicas": [{"name": "a", "count": 1}]}}, name="kustomize"),
    application({"path": "charts/x", "plugin": {"env": [{"name": "a", "value": "b"}], "parameters": [{"name": "a"}]}}, name="plugin"),
    application(None, name="hydrator", sourceHydrator={"drySource": {"repoURL": URL, "path": "x", "targetRevision": "a"}, "syncSource": {"targetBranch": "b", "path": "c"}, "hydrateTo": {"targetBranch": "d"}}),
]  # fmt: skip
GENERATORS: list[dict[str, Any]] = [
    elements("a"),
    {"clusters": {"selector": {}}},
    {"git": {"repoURL": URL, "directories": [{"path": "envs/*"}], "files": [{"path": "*.json"}]}},
    {"scmProvider": {"github": {"organization": "o"}, "filters": [{"branchMatch": "a"}]}},
    {"clusterDecisionResource": {"configMapRef": "a"}},
    {"pullRequest": {"github": {"owner": "o", "repo": "r"}, "filters": [{"branchMatch": "a"}]}},
    {"plugin": {"configMapRef": {"name": "a"}, "input": {}}},
    {"matrix": {"generators": [elements("b"), elements("c")]}},
    {"merge": {"mergeKeys": ["env"], "generators": [elements("b"), elements("c")]}},
]
SET = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "ApplicationSet",
    "metadata": {"name": "set", "namespace": "argocd"},
    "spec": {
        "generators": GENERATORS,
        "template": {"metadata": {"name": "{{env}}"}, "spec": APPLICATION["spec"]},
        "syncPolicy": {},
        "strategy": {"type": "RollingSync", "rollingSync": {"steps": [{"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}]}},
        "preservedFields": {},
        "ignoreApplicationDifferences": [{"jsonPointers": ["/spec"]}],
    },
}  # fmt: skip


def _closed(node: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of mappings whose keys Argo CD knows."""
    if isinstance(node, dict):
        if at and at[-1] != "metadata":
            yield at
        for key, inner in node.items():
            if key not in FREE or (key == "parameters" and isinstance(inner, list)):
                yield from _closed(inner, (*at, key))
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _closed(inner, (*at, index))


def _poisoned(manifest: dict[str, Any], number: Iterator[int]) -> tuple[dict[str, Any], list[str]]:
    """A manifest with a key nobody knows in each of its mappings, and those keys."""
    poisoned, keys = copy.deepcopy(manifest), []
    for at in list(_closed(manifest)):
        node: Any = poisoned
        for step in at:
            node = node[step]
        keys.append(f"nobodyKnows{next(number)}x")
        node[keys[-1]] = "a"
    return poisoned, keys


@pytest.mark.parametrize(
    "manifest", [APPLICATION, *OTHERS, SET], ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
def test_unknown_fields_are_told(manifest: dict[str, Any]) -> None:
    """Each of them, by name: as a finding or as something that was not examined."""
    poisoned, keys = _poisoned(manifest, itertools.count())
    files = {**CHART, "apps.yaml": text(poisoned)}
    tree = MemoryTree({path: content.encode() for path, content in files.items()})
    report = run(Path("no-such-folder"), CONFIG, rules=rules(), tree=tree)
    told = [f.message for f in report.findings] + [f"{n.what}: {n.why}" for n in report.coverage.not_examined]
    assert len(keys) > 3
    assert [key for key in keys if not any(key in message for message in told)] == []


def test_unknown_generators_are_told() -> None:
    """An entry with a generator that a later Argo CD may have, beside one that is known."""
    manifest = {**SET, "spec": {**SET["spec"], "generators": [{**elements("a"), "later": {}}, {"newest": {}}]}}
    tree = MemoryTree({path: content.encode() for path, content in {**CHART, "apps.yaml": text(manifest)}.items()})
    report = run(Path("no-such-folder"), CONFIG, rules=rules(), tree=tree)
    told = " ".join(finding.message for finding in report.findings)
    assert "later" in told
    assert "newest" in told


def _fields(schema: dict[str, Any], node: Any, depth: int) -> Iterator[tuple[str, ...]]:
    """The paths of the properties that a schema gives, down to a depth."""
    node = _resolved(schema, _resolved(schema, node).get("items", node))
    for name, inner in node.get("properties", {}).items():
        yield (name,)
        if depth > 1 and isinstance(inner, dict):
            yield from ((name, *rest) for rest in _fields(schema, inner, depth - 1))


def _resolved(schema: dict[str, Any], node: Any) -> dict[str, Any]:
    while isinstance(node, dict) and str(node.get("$ref")).startswith("#/$defs/"):
        node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return node if isinstance(node, dict) else {}


@pytest.mark.parametrize(("kind", "prefix", "depth"), [("application", "", 4), ("applicationset", "set:", 3)])
def test_every_known_field_has_a_row(kind: str, prefix: str, depth: int) -> None:
    """What the schemas of the two kinds know is in the table (of inner fields their parent's row may tell)."""
    schema = json.loads((schema_folder() / f"argoproj.io_{kind}_v1alpha1.json").read_text(encoding="utf-8"))
    covered = {field for row in ROWS for field in row.fields}
    whole = {prefix + one for one in WHOLE}
    missing = []
    for path in _fields(schema, schema["properties"]["spec"], depth):
        steps = ("source", *path[1:]) if path[0] == "sources" else path
        names = [prefix + ".".join(steps[:length]) for length in range(1, len(steps) + 1)]
        if names[-1] not in covered and not (set(names[:-1]) & whole):
            missing.append(names[-1])
    assert missing == []


def test_rows_name_fields_that_exist() -> None:
    """No row covers a field that the kinds do not have."""
    known = set()
    for kind, prefix in (("application", ""), ("applicationset", "set:")):
        schema = json.loads((schema_folder() / f"argoproj.io_{kind}_v1alpha1.json").read_text(encoding="utf-8"))
        known |= {prefix + ".".join(path) for path in _fields(schema, schema["properties"]["spec"], 5)}
    assert {field for row in ROWS for field in row.fields} - known == set()
