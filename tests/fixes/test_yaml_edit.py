"""Edits of YAML text: what is asked for changes, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from signet_lint.fixes import yaml_edit
from signet_lint.fixes.text import Source, edited
from signet_lint.source.yamldoc import Path, parse, parse_documents

TEXT = """\
# heading
name: web  # of the service
replicas: 1

resources:
  limits:
    cpu: "2"   # cores
  requests: {cpu: 1, memory: 1Gi}

args:
  - "--port=80"
  # the last one
  - "--x"
tolerations: []  # none yet
selector: {}
empty:
script: |
  echo a

  echo b
# about the tail
tail: 'it''s'
"""


def changed(text: str, path: Path, value: Any, after: str = "") -> str | None:
    """The text with a value set, None where no edit is made."""
    root = parse_documents(text)[0].node
    assert root is not None
    edits = yaml_edit.set_value(Source("f.yaml", text), root, path, value, after)
    return None if edits is None else edited(text, edits)


def appended(text: str, path: Path, item: Any) -> str | None:
    """The text with an item appended, None where no edit is made."""
    root = parse_documents(text)[0].node
    assert root is not None
    edits = yaml_edit.append(Source("f.yaml", text), root, path, item)
    return None if edits is None else edited(text, edits)


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("replicas",), 0, "replicas: 1\n", "replicas: 0\n"),
        (("name",), "api", "name: web  # of", "name: api  # of"),
        (("resources", "limits", "cpu"), 4, 'cpu: "2"   # cores', 'cpu: "4"   # cores'),
        (("tail",), "isn't", "tail: 'it''s'", "tail: 'isn''t'"),
        (("resources", "requests", "cpu"), 2, "{cpu: 1,", "{cpu: 2,"),
        (("resources", "limits", "gpu"), "1", '"2"   # cores\n', '"2"   # cores\n    gpu: "1"\n'),
        (("resources", "requests", "gpu"), 1, "memory: 1Gi}", "memory: 1Gi, gpu: 1}"),
        (("empty",), True, "empty:\n", "empty: true\n"),
        (("empty", "a", "b"), 1, "empty:\n", "empty:\n  a:\n    b: 1\n"),
        (("selector",), {"a": "true"}, "selector: {}\n", 'selector:\n  a: "true"\n'),
        (("selector", "a"), "b", "selector: {}\n", "selector:\n  a: b\n"),
        (
            ("tolerations",),
            [{"key": "gpu", "operator": "Exists"}],
            "tolerations: []  # none yet\n",
            "tolerations:  # none yet\n  - key: gpu\n    operator: Exists\n",
        ),
        (("tolerations", 0), "x", "tolerations: []  # none yet\n", "tolerations:  # none yet\n  - x\n"),
    ],
)
def test_one_place_changes(path: Path, value: Any, old: str, new: str) -> None:
    """Comments, quotes and everything around stay as they are."""
    assert changed(TEXT, path, value) == TEXT.replace(old, new, 1)


def test_a_new_key_goes_after_its_neighbour() -> None:
    """And stands apart where the neighbour does."""
    assert changed("a: 1\nb: 2\nc: 3\n", ("x",), 4, after="b") == "a: 1\nb: 2\nx: 4\nc: 3\n"
    assert changed("a: 1\n\nb:\n  c: 2\n", ("x", "z"), 4) == "a: 1\n\nb:\n  c: 2\n\nx:\n  z: 4\n"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a: 1", "a: 1\nx: 2"),
        ("a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\nx: 2\r\n"),
        ("a: |\n  text\n\n  more\n\n# end\n", "a: |\n  text\n\n  more\nx: 2\n\n# end\n"),
        ("a:\n- 1\n- 2\n# end\n", "a:\n- 1\n- 2\nx: 2\n# end\n"),
        ("a: &b\n  c: 1\nd: *b\n", "a: &b\n  c: 1\nd: *b\nx: 2\n"),
        ("a: {b: 1}  # c\n", "a: {b: 1}  # c\nx: 2\n"),
        ("{}\n", None),
    ],
)
def test_a_key_at_the_end_of_the_file(text: str, new: str | None) -> None:
    """Whatever the last entry is, and however the file ends."""
    assert changed(text, ("x",), 2) == new


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: &x {b: 1}\nc: *x\n", ("c", "b")),  # behind an alias
        ("a: |\n  text\n", ("a",)),  # a block of text
        ("a:\n  b: 1\n", ("a",)),  # something would be lost
        ("a: [1, 2]\n", ("a", 5)),  # no such place
        ("a: text\n", ("a", "b")),  # a text has no keys
        ("a: one\n  two\n", ("a",)),  # over several lines
    ],
)
def test_where_no_edit_is_right_there_is_none(text: str, path: Path) -> None:
    """Better none than a wrong one."""
    assert changed(text, path, 2) is None


@pytest.mark.parametrize(
    ("text", "item", "new"),
    [
        ('args:\n  - "--a"\n  - "--b"\nz: 1\n', "--c", 'args:\n  - "--a"\n  - "--b"\n  - "--c"\nz: 1\n'),
        ("args:\n- --a  # first\n", "--c", "args:\n- --a  # first\n- --c\n"),
        ("args: [--a, --b]\n", "--c", "args: [--a, --b, --c]\n"),
        ("args: ['a']\n", "c", "args: ['a', 'c']\n"),
        ("args: []\n", "c", "args:\n  - c\n"),
        ("other: 1\n", "c", "other: 1\nargs:\n  - c\n"),
        ("args:\n  - k: 1\n    l: 2\n", {"k": 3, "l": "4"}, 'args:\n  - k: 1\n    l: 2\n  - k: 3\n    l: "4"\n'),
    ],
)
def test_append(text: str, item: Any, new: str) -> None:
    """The item is written as those before it."""
    assert appended(text, ("args",), item) == new


def test_of_two_equal_keys_the_first_goes() -> None:
    """With all that is below it; the second, which counts, stays."""
    text = "a:\n  x: 1\n  y:\n    - 2\n# about b\nb: 1\na:\n  x: 3\n"
    root = parse_documents(text)[0].node
    assert root is not None
    edits = yaml_edit.drop_first_of_two(Source("f", text), root, 7)
    assert edits is not None
    assert edited(text, edits) == "# about b\nb: 1\na:\n  x: 3\n"
    assert yaml_edit.drop_first_of_two(Source("f", text), root, 6) is None


KEYS = st.sampled_from(["a", "b", "c", "enabled", "nvidia.com/gpu", "x y", "yes", "1"])
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-5, 70000),
    st.none(),
    st.sampled_from(["", "on", "1", "text", "a: b", "#x", "'", '"', "é"]),
)
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3))
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None)
@given(tree=TREES, data=st.data(), flow=st.sampled_from([False, None]), indent=st.sampled_from([2, 4]))
def test_setting_a_value_changes_that_value_only(
    tree: dict[str, Any], data: st.DataObject, flow: Any, indent: int
) -> None:
    """Whatever the tree and its style: read again, it is the same tree with the one value, and other lines are the same."""
    text = "# top\n" + yaml.safe_dump(tree, default_flow_style=flow, indent=indent, allow_unicode=True, width=1000)
    path: list[str | int] = []
    at: Any = parse(text)
    while isinstance(at, dict) and (not path or data.draw(st.booleans())):
        step = data.draw(st.sampled_from([*at, "new"]))
        path.append(step)
        at = at.get(step, {})
    value = data.draw(SCALARS.filter(lambda one: one is not None))
    new = changed(text, tuple(path), value)
    if new is None:
        return
    expected: Any = parse(text)
    _put(expected, path, value)
    assert _texts(parse(new)) == _texts(expected)
    kept = [line for line in text.splitlines() if line in new.splitlines()]
    assert len(text.splitlines()) - len(kept) <= 1


def _put(tree: Any, path: list[str | int], value: Any) -> None:
    for step in path[:-1]:
        if tree.get(step) is None:
            tree[step] = {}
        tree = tree[step]
    tree[path[-1]] = value


def _texts(value: Any) -> Any:
    """Scalars as text: where a text stood in quotes, a number is set in quotes, too."""
    if isinstance(value, dict):
        return {key: _texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_texts(one) for one in value]
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
