"""Whatever text they are given, readers give a result or their own error, and positions that are in the text.

`SIGNET_LINT_FUZZ=long pytest tests/fuzz` tries a lot more.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from signet_lint.errors import UsageError
from signet_lint.k6.script import read_script
from signet_lint.settings import load
from signet_lint.source import scalars, yamldoc
from signet_lint.source.comments import comments
from signet_lint.triage import baseline
from signet_lint.vllm import Token, parse

ANY = st.text(max_size=200)
KEYS = st.text(alphabet="abc-_ ü:#'\"{}[]~.01", min_size=1, max_size=8)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)


def _pieces(*words: str) -> st.SearchStrategy[str]:
    """Texts made of what a grammar takes notice of."""
    return st.lists(st.sampled_from(words) | st.text(max_size=4), max_size=30).map("".join)


YAML = _pieces(
    "a: ",
    "- ",
    "\n",
    "  ",
    "&a ",
    "*a",
    "<<: ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "|\n",
    ">-\n",
    "# ",
    "---\n",
    "...\n",
    "? ",
    "!!str ",
    "\t",
    "%YAML 1.1\n",
    "\r\n",
    "\ufeff",
)
TEMPLATE = _pieces(
    "{{",
    "}}",
    "{{/*",
    "*/}}",
    "{{-",
    "-}}",
    "`",
    '"',
    "# signet-lint: ",
    "allow SGL801",
    " -- why",
    " until=2026-02-01",
    "\n",
    "|\n",
    "  ",
    "\r\n",
)
SCRIPT = _pieces(
    "import http from 'k6/http';\n",
    "export const options = {",
    "}",
    "stages: [",
    "]",
    "`${__ENV.A}/v1`",
    "http.post(",
    ")",
    "export default function () {",
    ";\n",
    "...",
    "=>",
    "let a = ",
    "a",
    "for (;;) {",
    "/*",
    "'",
)
COMMAND = st.sampled_from(
    (
        "--model",
        "--max-model-len=32K",
        "--max-model-len",
        "8192",
        "--",
        "-tp",
        "-O3",
        "--no-enable-x",
        "serve",
        "{",
        "--a.b",
        "1.048576e+06",
        "=",
        "--config",
    )
) | st.text(max_size=12)
CONFIGURATION = _pieces("rules:\n", "envs: ", "profile: ", "signet", "\n", "  ", "SGL001: ", "ignore:\n", "- ", "{", "}", "[", "]", "1", "~", "argocd: ", "paths: ", "reason: ", "'", "unknown: ")  # fmt: skip


def _leaves(value, at=()):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*at, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*at, index))
    else:
        yield at, value


@given(TREES, st.booleans())
@example(["\x85", None], False)
@example(["\u2028", 1], True)
def test_positions_are_those_of_the_value(tree, flow):
    """A value that was written is found where its text begins."""
    # In flow on one line, or in blocks: the text at the position is what PyYAML reads as that value.
    text = yaml.safe_dump({"top": tree}, default_flow_style=flow, allow_unicode=True, width=10_000)
    (document,) = yamldoc.parse_documents(text)
    lines = text.split("\n")
    assert document.node is not None
    for path, value in _leaves({"top": tree}):
        if any(not isinstance(scalars.scalar(step), str) for step in path if isinstance(step, str)):
            continue  # a key such as `n` or `0x1` is no text to goyaml
        node = yamldoc.node_at(document.node, path)
        location, found = yamldoc.locate(document.node, path, "f.yaml")
        assert found == len(path)
        assert 1 <= location.line <= len(lines)
        assert 1 <= location.column <= len(lines[location.line - 1]) + 1
        assert node is not None
        if isinstance(value, (bool, int)):
            written = [line + "\n" for line in lines]
            offset = sum(map(len, written[: node.start_mark.line])) + node.start_mark.column
            assert text[offset:].startswith(yaml.safe_dump(value).split("\n")[0])


@given(YAML | ANY)
@example("a: &a [*a]\n")
@example("? [a]\n: b\n")
@example("a: |\n\t")
def test_yaml(text):
    """A document, or an error that points into the text."""
    try:
        documents = yamldoc.parse_documents(text)
    except yamldoc.YamlError as raised:
        documents, error = [], raised
    else:
        error = None
    assert error is None or (1 <= error.line <= len(text.splitlines()) + 2 and error.column >= 1)
    for document in documents:
        for twice in document.duplicates:
            assert 1 <= twice.line <= len(text.splitlines()) + 1


@given(TEMPLATE | YAML | ANY, st.booleans())
def test_comments(text, template):
    """Comments lie in the text, in its order."""
    lines = text.count("\n") + text.count("\r") + 1
    found = comments(text, template=template)
    assert all(1 <= one.line <= lines for one in found)
    assert [one.line for one in found] == sorted(one.line for one in found)


@given(st.lists(COMMAND, max_size=12), st.sampled_from(("api-server", "serve")))
def test_arguments(words, server):
    """Each argument is read or named as what it is; none makes the parser fail."""
    invocation = parse([Token(word, ("args", index)) for index, word in enumerate(words)], server)
    assert invocation == parse([Token(word, ("args", index)) for index, word in enumerate(words)], server)


@given(SCRIPT | ANY, st.sampled_from(("a.js", "a.ts")))
def test_scripts(text, name):
    """A script is read, or it is said why not."""
    script = read_script(name, lambda path: text if path == name else None, {"A": "http://x"})
    assert script.problem or script.calls is not None


@given(CONFIGURATION | YAML | ANY)
def test_configuration(text):
    """A configuration, or an error that says what is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".signet-lint.yaml").write_text(text, encoding="utf-8", errors="replace")
        message = "none"
        try:
            load(Path(folder))
        except UsageError as error:
            message = str(error)
        assert message.strip()


@given(
    st.one_of(
        st.binary(max_size=100),
        ANY.map(lambda text: text.encode("utf-8", "replace")),
        TREES.map(lambda tree: json.dumps({"version": 1, "findings": tree}).encode()),
        TREES.map(lambda tree: json.dumps({"version": 1, "findings": [tree]}).encode()),
    )
)
def test_baselines(content):
    """A baseline, or an error that says what is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "b.json"
        file.write_bytes(content)
        try:
            read = baseline.read(file, "b.json")
        except UsageError as error:
            message, read = str(error), None
        else:
            message = ""
        assert ("b.json" in message) == (read is None)
        if read is None:
            return
        assert json.loads(content.decode("utf-8-sig"))["version"] == 1
        assert read == baseline.read(file, "b.json")
