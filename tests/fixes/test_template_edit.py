"""Edits of template lines."""

from __future__ import annotations

import pytest

from signet_lint.fixes import template_edit
from signet_lint.fixes.text import Source, edited
from signet_lint.source.location import Location


def result(text: str, edits: tuple[object, ...] | None) -> str | None:
    """The text with edits made, None for none."""
    return None if edits is None else edited(text, edits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "old", "new", "expected"),
    [
        ("  x: --len=65536 # 1", "65536", "8192", "  x: --len=8192 # 1"),
        ("  x: 65536 65536", "65536", "8192", None),
        ("  x: 165536", "65536", "8192", None),
        ("  x: 0.65536", "65536", "8192", None),
        ("  x: {{ .basedomain }}", "basedomain", "baseDomain", "  x: {{ .baseDomain }}"),
        ("  x: {{ default true $e }}", "default true", "default false", "  x: {{ default false $e }}"),
    ],
)
def test_reword(line: str, old: str, new: str, expected: str | None) -> None:
    """A word is replaced only where it stands whole and once."""
    text = f"a\n{line}\nb\n"
    wanted = None if expected is None else f"a\n{expected}\nb\n"
    assert (
        result(text, template_edit.reword(Source("t", text), Location("t", 2, 1, 2, len(line) + 1), old, new)) == wanted
    )


def test_reword_keeps_to_the_place() -> None:
    """The same word elsewhere on the line is left alone."""
    text = "- a: 1\n- {x: 1, y: 1}\n"
    edits = template_edit.reword(Source("t", text), Location("t", 2, 4, 2, 8), "1", "2")
    assert result(text, edits) == "- a: 1\n- {x: 2, y: 1}\n"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("metadata:\n  name: x\nspec:\n", 1, "metadata:\n  name: x\n  k: v\nspec:\n"),
        (
            "metadata:\n  name: {{ .n | quote }}\n  labels:\n    a: b\n",
            1,
            "metadata:\n  name: {{ .n | quote }}\n  k: v\n  labels:\n    a: b\n",
        ),
        ("metadata:\n    labels:\n        a: b\n", 1, "metadata:\n    k: v\n    labels:\n        a: b\n"),
        (
            "limits:\n  {{- toYaml .Values.l | nindent 6 }}\n",
            1,
            "limits:\n      k: v\n  {{- toYaml .Values.l | nindent 6 }}\n",
        ),
        ("- name: x\n  image: y\n", 1, "- name: x\n  k: v\n  image: y\n"),
        ("annotations: {}\nspec:\n", 1, "annotations:\n  k: v\nspec:\n"),
        ("limits: {{ toYaml .x | nindent 2 }}\n", 1, None),
        ("limits: {a: 1}\n", 1, None),
        ("- resources:\n    a: 1\n", 1, None),
        ("{{- if .x }}\n", 1, None),
        ("metadata:\n  text: a\n    b\n", 1, "metadata:\n  k: v\n  text: a\n    b\n"),
    ],
)
def test_put_under(text: str, line: int, expected: str | None) -> None:
    """An entry goes under its parent's line, at the depth of those that follow, after plain ones."""
    assert result(text, template_edit.put_under(Source("t", text), line, {"k": "v"})) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('verbs: ["get", "list"]  # r\n', 'verbs: ["get", "list", "watch"]  # r\n'),
        ("verbs: [get]\n", "verbs: [get, watch]\n"),
        ("verbs: []\n", "verbs: [watch]\n"),
        ("verbs:\n  - get\n  - list\nz: 1\n", "verbs:\n  - get\n  - list\n  - watch\nz: 1\n"),
        ("verbs:\n- get\n# end\nz: 1\n", "verbs:\n- get\n- watch\n# end\nz: 1\n"),
        ("verbs:\n  - 'get'\n", "verbs:\n  - 'get'\n  - 'watch'\n"),
        ("verbs:\n  - get", "verbs:\n  - get\n  - watch"),
        ("verbs:\r\n  - get\r\n", "verbs:\r\n  - get\r\n  - watch\r\n"),
        ("verbs:\n  {{- range .v }}\n  - {{ . }}\n  {{- end }}\n", None),
        ("verbs: {{ .v }}\n", None),
        ("verbs: [{{ .v }}]\n", None),
    ],
)
def test_append(text: str, expected: str | None) -> None:
    """An item is written like those before it; what an action writes is left alone."""
    assert result(text, template_edit.append(Source("t", text), 1, "watch")) == expected
