"""YAML is read as Helm reads it: each text here goes through Helm's own `fromYaml` (sigs.k8s.io/yaml), too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from signet_lint.render.engine import ChartFiles, Cluster, RenderFailure, RenderRequest
from signet_lint.render.sdk import SdkEngine
from signet_lint.render.start import available
from signet_lint.source import scalars, yamldoc

ANCHORS = (
    "a: &x 1\nb: &x 2\nc: *x\n",
    "a: &x {k: 1}\nb: &x [1]\nc: *x\n",
    "a: &x 1\na: &x 2\nb: *x\n",
    "b: &x 1\nc: {d: *x}",
    "a: *nope",
    "a: {b: *x, c: &x 1}",
    "a: &a [*a]",
    "a: &x\nb: *x",
    "&k a: b\nc: *k",
    "*k : b",
)
MERGES = (
    "<<: {a: 1}",
    "<<: [{a: 1}, {b: 2, a: 3}]\na: 4",
    "a: 4\n<<: [{a: 1}, {b: 2, a: 3}]",
    "<<: 1",
    "<<: [1]",
    "x: &x {a: 1}\nz:\n  <<: *x\n  a: 2",
    "x: &x {a: 1}\nz:\n  a: 2\n  <<: *x",
    "x: &x {a: 1}\nz:\n  <<: *x\n  <<: {a: 2}",
    "x: &x {a: {p: 1}}\nz: {<<: *x, a: {q: 1}}",
    "'<<': {a: 1}",
    "b: &x 1\nc: {<<: *x}",
)
SCALARS = (
    "1_000",
    "0o17",
    "017",
    "08",
    "0b11",
    "-0b11",
    "0x1F",
    "-0x1F",
    "+1",
    "1e3",
    "1.e3",
    ".5",
    "1.",
    "._5",
    "1:30",
    "2001-01-01",
    "2001-01-01T00:00:00Z",
    "~",
    "null",
    "NULL",
    "nULL",
    "y",
    "n",
    "Y",
    "yes",
    "On",
    "oN",
    ".inf",
    "-.INF",
    "+.inf",
    ".nan",
    ".NaN",
    "0",
    "-0",
    "00",
    "0_0",
    "1__0",
    "0x",
    "0b",
    "0o",
    "+",
    "-",
    ".",
    "..",
    "1e",
    "e1",
    "1e400",
    "12345678901234567890",
    "0.1",
    "0.0",
    "-1.5e-3",
    "1E5",
    "1_0.5",
    "0777_7",
    "0b12",
    "0xG",
    "190:20:30",
    "685_230.15",
    "True",
    "TRUE",
    "tRUE",
    "off",
    "OFF",
    "'yes'",
    '"1"',
    "=",
    "<<",
    "0x_1",
    "_1",
    "1_",
    "+0o7",
    "-017",
    "0O17",
    "0B1",
    "0X1",
    "1e+3",
    "1e-3",
    "1.5E+3",
    "9007199254740993",
    "1e22",
    "3000000.0",
    "123456789012345678901234567890",
)
TAGS = (
    "!!str 1",
    "!!str ~",
    "!!int '1'",
    "!!int 0x1f",
    "!!int '017'",
    "!!int 1.5",
    "!!int x",
    "!!int true",
    "!!float 1",
    "!!float 1e3",
    "!!float x",
    "!!float yes",
    "!!bool yes",
    "!!bool 'yes'",
    "!!bool maybe",
    "!!null ''",
    "!!null ~",
    "!!null x",
    "!foo bar",
    "!foo 1",
    "!<tag:yaml.org,2002:int> 3",
    "!!binary aGk=",
    "!!binary '@@'",
    "!!binary é",
    "!!binary |\n  aGVs\n  bG8=\n",
    "!!timestamp 2001-01-01",
    "!!set {a, b}",
    "!!seq [1]",
)
KEYS = (
    "1",
    "1.5",
    "1e3",
    "0x10",
    "1_0",
    "017",
    "+1",
    "true",
    "yes",
    "n",
    "null",
    "~",
    "''",
    "2001-01-01",
    "'1'",
    "a b",
)
STRUCTURES = (
    "? [a]\n: b",
    "? {a: 1}\n: b",
    "? a\n: b",
    "[a]: b",
    "a: b: c",
    "a: 'x'y",
    "a: \tb",
    "a:\tb",
    "a:\n\tb: 1",
    "a:\n  b: 1\n c: 2",
    "a: [1,2,",
    "a: [1 2]",
    "a: [1,,2]",
    "a: {b}",
    "a: {b: }",
    "a: {b:c}",
    "a: {'b':c}",
    "a: [a: 1, b]",
    "a: @x",
    "a: `x",
    "a: %x",
    "a: x#c # c",
    "a: 'x'#c",
    "a: b:",
    "a: - b",
    "a: -",
    "a:\n- b\n- c",
    "a: 1\na: 2",
    " a: 1\n b: 2",
    "a: 1\n b: 2",
)
TEXTS = (
    'a: "\\z"',
    'a: "\\x41\\u0042\\U00000043"',
    'a: "\\/"',
    'a: "\\\\/"',
    "a: '\\/'",
    "a: |\n  x\n  y",
    "a: |-\n  x\n",
    "a: |+\n  x\n\n",
    "a: >\n  x\n  y\n",
    "a: >-\n  x\n\n  y",
    "a: |2\n   x",
    "a: |\n   x\n  y",
    'a: "x\n  y"',
    'a: "x\\\n  y"',
    "a: 'it''s'",
    "a: x\n  y",
    "a: x\n\n  y",
    "a: x\r\nb: y\r\n",
    "a: x\rb: y",
    "a: x\u2028y",
    "a: \x07",
    "a: \x7f",
    "\ufeffa: 1",
    "",
    "# only a comment\n",
)
DOCUMENTS = (
    "---\na: 1",
    "a: 1\n---\nb: 2",
    "---\n---\na: 1",
    "a: 1\n...\n",
    "%YAML 1.1\n---\na: 1",
    "%YAML 1.2\n---\na: 1",
    "%YAML 2.0\n---\na: 1",
    "a: |\n  %YAML 1.2\n",
    "%TAG ! tag:x,2000:\n---\na: !b c",
    "%FOO\n---\na: 1",
)
ALL = (
    *ANCHORS,
    *MERGES,
    *(f"v: {text}" for text in (*SCALARS, *TAGS)),
    *(f"{key}: a" for key in KEYS),
    *STRUCTURES,
    *TEXTS,
    *DOCUMENTS,
)
REFUSED = "refused"


@pytest.fixture(scope="module")
def helm() -> Mapping[str, Any]:
    """What Helm reads in each text, or that it refuses it."""
    if not available():
        pytest.skip("helm-python-sdk is not installed")
    files = {"Chart.yaml": b"apiVersion: v2\nname: web\nversion: 0.1.0\n"}
    for number, text in enumerate(ALL):
        files[f"texts/{number}"] = text.encode()
        template = f'{{{{ .Files.Get "texts/{number}" | fromYaml | toJson }}}}'
        files[f"templates/{number}.yaml"] = template.encode()
    engine = SdkEngine(Cluster("1.32", ()))
    outputs = engine.render(RenderRequest(ChartFiles("web", "web", files), {}, "rel", "prod"))
    engine.close()
    assert not isinstance(outputs, RenderFailure)
    read = [json.loads(outputs[f"templates/{number}.yaml"], parse_int=float) for number in range(len(ALL))]
    return {text: REFUSED if "Error" in value else value for text, value in zip(ALL, read, strict=True)}


@pytest.mark.parametrize("text", ALL)
def test_is_read_as_helm_reads_it(text: str, helm: Mapping[str, Any]) -> None:
    """The same data, or refused by both."""
    if helm[text] == REFUSED:
        with pytest.raises(yamldoc.YamlError) as refused:
            yamldoc.parse_documents(text)
        assert 1 <= refused.value.line <= text.count("\n") + 2
        return
    documents = yamldoc.parse_documents(text)
    data = documents[0].data if documents else None
    # JSON's numbers are float64 in Go.
    assert json.loads(json.dumps({} if data is None else data), parse_int=float) == helm[text]


@pytest.mark.parametrize("text", [text for text in ALL if "&x" in text or "<<" in text])
def test_a_value_is_pointed_at_where_it_counts(text: str) -> None:
    """The node at a path is the one whose value came out, however often its key is given."""
    try:
        (document,) = yamldoc.parse_documents(text)
    except yamldoc.YamlError:
        return
    assert document.node is not None
    for path, value in _leaves(document.data):
        node = yamldoc.node_at(document.node, path)
        assert node is not None
        assert scalars.scalar(node.value) == value


def _leaves(value: Any, at: yamldoc.Path = ()) -> list[tuple[yamldoc.Path, Any]]:
    if isinstance(value, Mapping):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*at, key))]
    if isinstance(value, list):
        return [leaf for index, inner in enumerate(value) for leaf in _leaves(inner, (*at, index))]
    return [(at, value)]
