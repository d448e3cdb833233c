"""goTemplate texts rewritten for Helm's engine answer as Argo CD's own text/template would."""

from __future__ import annotations

import io
import json
import tarfile

import pytest
from helm_python import Chart, HelmError

from signet_lint.argocd.gotemplate import TemplateFailure, failure_reason, helm_compatible, restore_no_value
from signet_lint.argocd.references import references

ERROR = ("missingkey=error",)
ZERO = ("missingkey=zero",)


def _chart() -> Chart:
    files = {
        "Chart.yaml": "apiVersion: v2\nname: t\nversion: 0.1.0\n",
        "templates/t.txt": "{{ tpl .Values.text (mustFromJson .Values.params) }}",
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"t/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return Chart.load_archive(buffer.getvalue())


@pytest.fixture(scope="module")
def chart():
    return _chart()


def expand(chart: Chart, text: str, params: dict, options=()) -> str | TemplateFailure:
    prepared = helm_compatible(text, options)
    if isinstance(prepared, TemplateFailure):
        return prepared
    try:
        rendered = chart.render({"text": prepared, "params": json.dumps(params)})
    except HelmError as error:
        return TemplateFailure(failure_reason(str(error)))
    return restore_no_value(rendered["t/templates/t.txt"])


# Argo CD v3.1.9 applicationset/utils/utils.go Replace: text/template with missingkey=default unless told otherwise.
OUTPUT = [
    ("value", "a-{{ .a }}", {"a": "x"}, (), "a-x"),
    ("true", "{{ .a }}", {"a": True}, (), "true"),
    ("small-number", "{{ .a }}", {"a": 999999}, (), "999999"),
    ("large-number-is-float64", "{{ .a }}", {"a": 1048576}, (), "1.048576e+06"),
    ("missing", "{{ .a }}", {}, (), "<no value>"),
    ("null", "{{ .a }}", {"a": None}, (), "<no value>"),
    ("null-is-no-missing-key", "{{ .a }}", {"a": None}, ERROR, "<no value>"),
    ("missing-map", "{{ .a.b }}", {}, (), "<no value>"),
    ("missing-deep", "{{ .a.b.c.d }}", {"a": {}}, (), "<no value>"),
    ("present-deep", "{{ .a.b.c.d }}", {"a": {"b": {"c": {"d": 1}}}}, (), "1"),
    ("missing-in-range", "{{ range .l }}{{ .n }},{{ end }}", {"l": [{"n": 1}, {}]}, (), "1,<no value>,"),
    ("missing-in-with", "{{ with .m }}{{ .k }}{{ end }}", {"m": {"x": 1}}, (), "<no value>"),
    ("missing-by-index", '{{ index . "a" }}', {}, ERROR, "<no value>"),
    ("zero", "{{ .a }}", {}, ZERO, "<no value>"),
    ("printf-nil", '{{ printf "%v" .a }}', {}, (), "<nil>"),
    ("literal-no-value", '<no value>{{ "x" }}', {}, (), "<no value>x"),
    ("default-of-missing", '{{ .a | default "x" }}', {}, (), "x"),
    ("default-true-hides-false", "{{ .a | default true }}", {"a": False}, (), "true"),
    ("branch-not-taken", "{{ if .q }}{{ .a }}{{ end }}ok", {"q": False}, ERROR, "ok"),
    ("short-circuit", "{{ if and .q .a }}y{{ else }}n{{ end }}", {"q": False}, ERROR, "n"),
    ("dig", '{{ dig "a" "b" "z" . }}', {}, ERROR, "z"),
    ("haskey", '{{ hasKey . "a" }}', {}, ERROR, "false"),
    ("map-of-strings", '{{ (split "/" .p)._1 }}', {"p": "x/y"}, ERROR, "y"),
    ("variable", "{{ $x := .a }}{{ $x.b }}", {"a": {"b": 3}}, ERROR, "3"),
    ("root-variable", "{{ range .l }}{{ $.a }}{{ end }}", {"l": [1, 2], "a": "x"}, ERROR, "xx"),
    ("range-pair", "{{ range $i, $x := .l }}{{ $i }}={{ $x.n }};{{ end }}", {"l": [{"n": 1}]}, ERROR, "0=1;"),
    ("trim-markers", "a {{- .a -}} b", {"a": 1}, (), "a1b"),
    ("trim-and-comment", "a{{- /* c */ -}} b {{- .a }}", {"a": 1}, (), "ab1"),
    ("pipe-at-the-end", "{{ .a | }}", {"a": 1}, (), "1"),
    ("raw-string", "{{ `{{ x }}` }}", {}, (), "{{ x }}"),
    ("define", '{{ define "t" }}[{{ .b }}]{{ end }}{{ template "t" .a }}', {"a": {"b": 1}}, (), "[1]"),
    ("else-if", "{{ if .a }}a{{ else if .b }}b{{ else }}c{{ end }}", {"b": 1}, (), "b"),
    ("tojson", "{{ .a | toJson }}", {"a": ["x"]}, (), '["x"]'),
    ("fromjson-list", "{{ .a | fromJson }}", {"a": "[1,2]"}, (), "[1 2]"),
    ("toyaml", "{{ toYaml .a | nindent 2 }}", {"a": {"b": 1}}, (), "\n  b: 1"),
    ("normalize", "{{ normalize .a }}", {"a": "Foo_Bar/Baz."}, (), "foo-bar-baz"),
    ("normalize-piped", "{{ .a | normalize | quote }}", {"a": "--Foo"}, (), '"foo"'),
    ("normalize-long", "{{ normalize .a }}", {"a": "a" * 300}, (), "a" * 253),
    # The four cases of utils_test.go TestSlugify, in other words: cut or smart, with and without a dash in reach.
    ("slugify-smart", "{{ slugify 16 true .a }}", {"a": "fix/gpu_node+taints"}, (), "fix-gpu-node"),
    ("slugify-smart-fits", "{{ slugify 12 .a }}", {"a": "fix/gpu_node+taints"}, (), "fix-gpu-node"),
    ("slugify-smart-one-word", "{{ slugify 8 .a }}", {"a": "feat/onelongword"}, (), "feat"),
    ("slugify-cut", "{{ slugify 8 false .a }}", {"a": "feat/onelongword"}, (), "feat-one"),
    ("slugify-cut-at-dash", "{{ slugify 5 false .a }}", {"a": "feat/onelongword"}, (), "feat"),
    ("slugify-no-dash-in-reach", "{{ slugify 3 .a }}", {"a": "onelongword"}, (), "one"),
    ("slugify-default", "{{ .a | slugify }}", {"a": "x/" + "y" * 60}, (), "x"),
    ("slugify-dots", "{{ .a | slugify 20 }}", {"a": "v1..2__x."}, (), "v1-2-x"),
]


@pytest.mark.parametrize(
    ("text", "params", "options", "expected"), [row[1:] for row in OUTPUT], ids=[row[0] for row in OUTPUT]
)
def test_output(chart, text, params, options, expected):
    """The engine prints what Argo CD would."""
    assert expand(chart, text, params, options) == expected


FAILURE = [
    ("missing", "{{ .a }}", {}, ERROR, 'map has no entry for key "a"'),
    ("missing-deep", "{{ .a.b }}", {"a": {}}, ERROR, 'map has no entry for key "b"'),
    ("missing-before-default", '{{ .a | default "x" }}', {}, ERROR, 'map has no entry for key "a"'),
    ("branch-taken", "{{ if .q }}{{ .a }}{{ end }}", {"q": True}, ERROR, 'map has no entry for key "a"'),
    ("field-of-text", "{{ .a.b }}", {"a": "x"}, (), "can't evaluate field b in type string"),
    ("field-of-null", "{{ .a.b }}", {"a": None}, ERROR, "nil pointer evaluating interface {}.b"),
    ("zero-deep", "{{ .a.b }}", {}, ZERO, "nil pointer evaluating interface {}.b"),
    ("helm-include", '{{ include "x" . }}', {}, (), 'function "include" not defined'),
    ("helm-tpl", '{{ tpl "x" . }}', {}, (), 'function "tpl" not defined'),
    ("helm-required", '{{ required "x" .a }}', {}, (), 'function "required" not defined'),
    ("helm-totoml", "{{ toToml . }}", {}, (), 'function "toToml" not defined'),
    ("removed-env", '{{ env "HOME" }}', {}, (), 'function "env" not defined'),
    ("removed-host", '{{ getHostByName "x" }}', {}, (), 'function "getHostByName" not defined'),
    ("unknown", "{{ (foo .a) }}", {}, (), 'function "foo" not defined'),
    ("fasttemplate-syntax", "{{ name }}", {"name": "x"}, (), 'function "name" not defined'),
    ("fail", '{{ fail "boom" }}', {}, (), "boom"),
    ("option", "{{ .a }}", {}, ("missingkey=none",), "unrecognized option: missingkey=none"),
]


@pytest.mark.parametrize(
    ("text", "params", "options", "message"), [row[1:] for row in FAILURE], ids=[row[0] for row in FAILURE]
)
def test_failure(chart, text, params, options, message):
    """What Argo CD refuses is refused, with its reason."""
    assert expand(chart, text, params, options) == TemplateFailure(message)


@pytest.mark.parametrize(
    "text", ["{{ .a", "{{ if .a }}", "{{ .a | | .b }}", "{{ (.a }}", "{{ nil }}", "{{ }}", "{{ .a ) }}"]
)
def test_syntax_errors_reach_the_engine(chart, text):
    """A text that Go's parser refuses is a failure, never an exception of ours."""
    assert isinstance(expand(chart, text, {}), TemplateFailure)


def test_deep_parentheses_do_not_recurse_without_end():
    """A hostile text is handed to the engine as it is."""
    text = "{{ " + "(" * 5000 + ".a" + ")" * 5000 + " }}"
    assert helm_compatible(text) == text


REFERENCES = [
    ("field", "x{{ .a }}", {("a",)}),
    ("chain", "{{ .a.b }}", {("a", "b")}),
    ("index", '{{ index . "a-b" "c" }}', {("a-b", "c")}),
    ("index-number", "{{ index .a 0 }}", {("a", 0)}),
    ("index-by-parameter", "{{ index .a .b }}", {("a",), ("b",)}),
    ("index-then-field", '{{ (index . "a").b }}', {("a", "b")}),
    ("variable", "{{ $x := .a }}{{ $x.b }}", {("a",), ("a", "b")}),
    ("with", "{{ with .a }}{{ .b }}{{ . }}{{ $.c }}{{ end }}{{ .d }}", {("a",), ("a", "b"), ("c",), ("d",)}),
    ("with-else", "{{ with .a }}{{ .b }}{{ else }}{{ .c }}{{ end }}", {("a",), ("a", "b"), ("c",)}),
    ("range", "{{ range .apps }}{{ .name }}{{ end }}{{ .env }}", {("apps",), ("env",)}),
    ("range-variable", "{{ range $i, $app := .apps }}{{ $app.name }}{{ end }}", {("apps",)}),
    ("pipe", '{{ .a | default .b | printf "%s-%s" .c }}', {("a",), ("b",), ("c",)}),
    ("parentheses", '{{ eq (.a | lower) "x" }}', {("a",)}),
    ("haskey", '{{ if hasKey . "a" }}{{ end }}', {("a",)}),
    ("get", '{{ get .m "a" }}', {("m", "a")}),
    ("dig", '{{ dig "a" "b" "none" . }}', {("a", "b")}),
    ("everything", "{{ toYaml . }}", {()}),
    ("literal", '{{ "{{ .a }}" }}', set()),
    ("comment", "{{/* .a */}}", set()),
    ("broken", "{{ .a", set()),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in REFERENCES], ids=[row[0] for row in REFERENCES])
def test_references(text, expected):
    """The parameters a goTemplate text reads."""
    assert references(text, go_template=True) == expected


def test_references_of_fasttemplate():
    """fasttemplate tags are whole keys."""
    text = "{{name}}-{{ values.a }}-{{path[0]}}{{}}"
    assert references(text, go_template=False) == {("name",), ("values.a",), ("path[0]",)}
