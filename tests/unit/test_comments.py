"""Comments of YAML files and templates, and the lines they speak of."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from signet_lint.source.comments import comments


def found(text, *, template=False):
    """Each comment that says `x` as its line and the lines it covers."""
    return [(one.line, sorted(one.covers)) for one in comments(text, template=template) if one.text == "x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1 # x\nb: 2\n", [(1, [1])]),
        ("# x\na: 1\n", [(1, [1, 2])]),
        ("# x\n# y\n\ta: 1\n", [(1, [1, 2, 3])]),
        ("# y\n# x\na: 1\n", [(2, [1, 2, 3])]),
        ("# x\n\na: 1\n", [(1, [1, 2])]),
        ("  ## x\na: 1", [(1, [1, 2])]),
        ("#x\na: 1", [(1, [1, 2])]),
        ("a:\t#x\r\nb: 1\r\n", [(1, [1])]),
        ("a: b#x\n", []),
        ("a: 'b # x'\n", []),
        ('a: "b # x"\n', []),
        ('a: "b\n  # x\n  " # x\n', [(3, [3])]),
        ('# x\na: "b\n  c"\nd: 1\n', [(1, [1, 2, 3])]),
        ('a: "b \\" # x"\n', []),
        ('a: "b \\\\" # x\n', [(1, [1])]),
        ("a: 'it''s # x'\n", []),
        ("a: it's # x\n", [(1, [1])]),
        ("a: [b, 'c # x', \"d\"] # x\n", [(1, [1])]),
        ("- 'b # x'\n- !!str 'c # x'\n- ? 'd # x'\n", []),
        ("a: |\n  # x\nb: 1 # x\n", [(3, [3])]),
        ("a: |-\n  b\n\n  # x\n# x\nb: 1\n", [(5, [5, 6])]),
        ("a: >2-\n  # x\nb: 1\n", []),
        ("a: !!str |+\n  # x\n", []),
        ("- |\n # x\n- b # x\n", [(3, [3])]),
        ("- a: |\n    # x\n  b: 1 # x\n", [(3, [3])]),
        ("- - a: |\n      # x\n    b: 1 # x\n", [(3, [3])]),
        ("--- |\n# y\nb # x\n", []),
        ("a: | # x\n  b\n  c\nd: 1\n", [(1, [1, 2, 3])]),
        ("# x\na: |\n  b\n\n  c\nd: 1\n", [(1, [1, 2, 3, 4, 5])]),
        ("a: b | c # x\n", [(1, [1])]),
        ("a: {{/* x */}}\n", []),
    ],
)
def test_yaml(text, expected):
    """Strings and block scalars hold no comments; a comment alone speaks of the next line, with all that it opens."""
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{/* x */}}\na: 1\n", [(1, [1, 2])]),
        ("{{- /* x */ -}}\na: 1\n", [(1, [1, 2])]),
        ("{{- /*x*/}}\na: 1\n", [(1, [1, 2])]),
        ("a: 1 {{/* x */}}\nb: 2\n", [(1, [1])]),
        ("{{- /*\n  y\n  x\n*/}}\na: 1\n", [(3, [1, 2, 3, 4, 5])]),
        ("{{/* x */}}\n# y\n{{- /* z */}}\na: 1\n", [(1, [1, 2, 3, 4])]),
        ("# x\n{{- if .Values.a }}\na: 1\n", [(1, [1, 2])]),
        ('a: {{ "# x" }}\n', []),
        ('a: {{ "}} # x" }} # x\n', [(1, [1])]),
        ("a: {{ `\n # x\n` }} # x\n", [(3, [3])]),
        ("a: '{{ \"it's\" }}' # x\n", [(1, [1])]),
        ("a: |\n{{- if .b }}\n  # x\n{{- end }}\n  c\n# x\nd: 1\n", [(6, [6, 7])]),
        ("a: |\n  {{- /* x */}}\n  b\nc: 1\n", [(2, [2, 3])]),
        ("a: {{ .b }} # x\nc: {{ open\n# x\n", [(1, [1]), (3, [3, 4])]),
        ("{{/* open\n# x\n", [(2, [2, 3])]),
    ],
)
def test_template(text, expected):
    """Actions are no comments, comments of the template are, wherever they stand."""
    assert found(text, template=True) == expected


_KEYS = st.text("abc", min_size=1, max_size=3)
_TEXT = st.text("ab #'\":,-|>\n", max_size=12)
_SCALARS = st.one_of(_TEXT, st.integers(), st.booleans())
_TREES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3))


@given(
    st.dictionaries(_KEYS, _TREES, min_size=1, max_size=4), st.sampled_from(["'", '"', "|", ">", None]), st.booleans()
)
def test_what_yaml_writes_holds_no_comment(data, style, flow):
    """However PyYAML writes data, with hashes, quotes and colons in its texts, nothing of it is a comment."""
    text = yaml.safe_dump(data, default_style=style, default_flow_style=flow, width=20)
    assert comments(text, template=False) == ()


@given(st.dictionaries(_KEYS, _TREES, min_size=1, max_size=4), st.sampled_from(["'", '"', "|", None]))
@example({"a": [":,'"]}, None)
def test_a_comment_behind_anything_is_found(data, style):
    """Whatever stands before it, a comment at the left edge between two mappings is one, and speaks of what follows."""
    before = yaml.safe_dump(data, default_style=style, default_flow_style=False)
    line = before.count("\n") + 1
    assert found(f"{before}# x\nzz: 1\n") == [(line, [line, line + 1])]


@given(st.text("{}/*`'\"#x \n-|:", max_size=60))
def test_any_text_is_scanned(text):
    """No text makes the scanner fail, and every comment lies in the file."""
    last = text.count("\n") + 1
    for template in (True, False):
        assert all(1 <= one.line <= last for one in comments(text, template=template))
