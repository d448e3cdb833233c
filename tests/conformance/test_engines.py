"""One table of charts over every Helm engine: what is rendered, and what a failure says, is the same everywhere.

The command half runs where `SIGNET_LINT_HELM` or the PATH names a helm command (`fetch_helm.py` fetches one).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from signet_lint.discover.repository import Repository
from signet_lint.render.archive import pack
from signet_lint.render.command import CommandEngine
from signet_lint.render.engine import ChartFiles, Cluster, HelmEngine, RenderFailure, RenderRequest
from signet_lint.render.sdk import SdkEngine
from signet_lint.render.start import available
from signet_lint.render.values import Layer, given_values
from signet_lint.source.tree import DiskTree

CLUSTER = Cluster("1.32", ("example.com/v1", "example.com/v1/Widget"))
FIXTURE = Path(__file__).parents[1] / "fixtures" / "signet"
HELM = os.environ.get("SIGNET_LINT_HELM") or shutil.which("helm")
ENGINES = {"in-process": SdkEngine, "command": lambda cluster: CommandEngine(str(HELM), cluster)}


@pytest.fixture(scope="module", params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[HelmEngine]:
    """Each engine in turn; one that this machine lacks is skipped alone."""
    if request.param == "command" and not HELM:
        pytest.skip("no helm command: set SIGNET_LINT_HELM")
    if request.param == "in-process" and not available():
        pytest.skip("helm-python-sdk is not installed")
    opened = ENGINES[request.param](CLUSTER)
    yield opened
    opened.close()


@dataclass(frozen=True)
class Case:
    """A chart (without the start of its `Chart.yaml`), what it is given, and every output that is expected of it."""

    id: str
    files: Mapping[str, str | bytes]
    expected: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """A chart that fails: a part of the reason, and the place it names."""

    id: str
    files: Mapping[str, str | bytes]
    reason: str
    template: str = ""
    line: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)


def head(name: str, more: str = "") -> str:
    """A `Chart.yaml`."""
    return f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n{more}"


def asked(case: Case | Refused) -> RenderRequest:
    """The request that a case makes."""
    files = {path: text.encode() if isinstance(text, str) else text for path, text in case.files.items()}
    files.setdefault("Chart.yaml", head("web").encode())
    options = getattr(case, "request", {})
    return RenderRequest(ChartFiles("web", "web", files), case.values, "rel", "prod", **options)


SUB = {
    "charts/sub/Chart.yaml": head("sub"),
    "charts/sub/values.yaml": "color: red\nexports:\n  out:\n    given: yes-it-is\n",
}
SUB_OUT = "charts/sub/templates/s.yaml"
DEPENDS = "dependencies:\n- name: sub\n  version: 0.1.0\n"
ONE = "templates/a.yaml"
CRD = "kind: CustomResourceDefinition\n"
PACKED = pack(
    "sub",
    {"Chart.yaml": head("sub").encode(), "templates/s.yaml": b"c: {{ .Values.color }}", "crds/c.yaml": CRD.encode()},
)

CASES = [
    Case(
        "values over defaults",
        {"values.yaml": "a: 1\nm: {p: 1, q: 2}\nl: [1, 2]\n", ONE: "{{ toJson .Values }}"},
        {ONE: '{"a":1,"l":[3],"m":{"p":1,"q":5}}'},
        {"m": {"q": 5}, "l": [3]},
    ),
    Case(
        "null deletes a default",
        {"values.yaml": "a: 1\nm: {p: 1, q: 2}\n", ONE: "{{ toJson .Values }}"},
        {ONE: '{"m":{"q":2}}'},
        {"a": None, "m": {"p": None}},
    ),
    Case(
        "null without a default",
        {ONE: '{{ kindOf .Values.a }} {{ hasKey .Values "a" }}'},
        {ONE: "invalid true"},
        {"a": None},
    ),
    Case(
        "numbers",
        {
            "values.yaml": "d: 3000000\n",
            ONE: "{{ .Values.d }} {{ .Values.i }} {{ .Values.f }} {{ .Values.small }} {{ int64 .Values.i }}",
        },
        {ONE: "3e+06 5e+06 1.5 12 5000000"},
        {"i": 5000000, "f": 1.5, "small": 12},
    ),
    Case(
        "numbers with a fraction of zero",
        {ONE: "{{ .Values.a }} {{ kindOf .Values.a }} {{ .Values.b }}"},
        {ONE: "1 float64 1e+22"},
        {"a": 1.0, "b": 1e22},
    ),
    Case(
        "very large integers",
        {ONE: "{{ .Values.a }} {{ .Values.b }}"},
        {ONE: "1.2345678901234567e+19 1e+30"},
        {"a": 12345678901234567890, "b": 10**30},
    ),
    Case(
        "integers of --set",
        {ONE: "{{ .Values.a }} {{ .Values.m.b }} {{ .Values.c }}", SUB_OUT: "{{ .Values.a }}", **SUB},
        {ONE: "5000000 7000000 8e+06", SUB_OUT: ""},
        {"a": 5000000, "m": {"b": 7000000}, "c": 8000000},
        {"integers": (("a",), ("m", "b"), ("absent", "x"))},
    ),
    Case(
        "texts of every kind",
        {ONE: "{{ toJson .Values.t }}"},
        {
            ONE: '["","null","1e3","~","\\u003ca\\u003e","é","😀","\\u2028","\\u0085","tab\\t","nul\\u0000","del\x7f","back\\\\ud83d\\\\ude00"]'.replace(
                "\\u0085", "\x85"
            )
        },
        {
            "t": [
                "",
                "null",
                "1e3",
                "~",
                "<a>",
                "é",
                "😀",
                "\u2028",
                "\x85",
                "tab\t",
                "nul\x00",
                "del\x7f",
                "back\\ud83d\\ude00",
            ]
        },
    ),
    Case("texts in several lines", {ONE: "{{ .Values.t }}"}, {ONE: "a\n b\r\n\nc \n"}, {"t": "a\n b\r\n\nc \n"}),
    Case(
        "booleans and lists",
        {ONE: "{{ range .Values.l }}- {{ . }}\n{{ end }}{{ .Values.b }}"},
        {ONE: "- 1\n- x\n- true\nfalse"},
        {"l": [1, "x", True], "b": False},
    ),
    Case(
        "release",
        {
            ONE: "{{ .Release.Name }} {{ .Release.Namespace }} {{ .Release.Service }} {{ .Release.IsInstall }} {{ .Release.IsUpgrade }} {{ .Release.Revision }}"
        },
        {ONE: "rel prod Helm true false 1"},
    ),
    Case(
        "chart and template",
        {
            "Chart.yaml": head("web", 'appVersion: "1.10"\n'),
            ONE: "{{ .Chart.Name }} {{ .Chart.Version }} {{ .Chart.AppVersion }} {{ .Template.Name }} {{ .Template.BasePath }}",
        },
        {ONE: "web 0.1.0 1.10 web/templates/a.yaml web/templates"},
    ),
    Case(
        "kube version",
        {
            ONE: '{{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion.Major }}.{{ .Capabilities.KubeVersion.Minor }} {{ .Capabilities.KubeVersion.GitVersion }} {{ semverCompare ">=1.32-0" .Capabilities.KubeVersion.Version }}'
        },
        {ONE: "v1.32.0 1.32 v1.32.0 true"},
    ),
    Case(
        "kube version of the Application",
        {ONE: '{{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.APIVersions.Has "example.com/v1" }}'},
        {ONE: "v1.29.4 true"},
        request={"cluster": Cluster("1.29.4", ("example.com/v1",))},
    ),
    Case(
        "API versions",
        {
            ONE: '{{ .Capabilities.APIVersions.Has "apps/v1" }} {{ $.Capabilities.APIVersions.Has "example.com/v1/Widget" }} {{ if not (.Capabilities.APIVersions.Has "example.com/v2") }}none{{ end }}',
            SUB_OUT: '{{ .Capabilities.APIVersions.Has "example.com/v1" }}',
            **SUB,
        },
        {ONE: "true true none", SUB_OUT: "true"},
    ),
    Case(
        "API versions in a partial",
        {
            "templates/_h.tpl": '{{ define "h" }}{{ .Capabilities.APIVersions.Has "example.com/v1" }}{{ end }}',
            ONE: '{{ include "h" . }} {{ include "h" (dict "Capabilities" .Capabilities) }}',
        },
        {ONE: "true true"},
    ),
    Case(
        "API versions without any given",
        {
            ONE: '{{ $a := .Capabilities.APIVersions }}{{ $a.Has "apps/v1" }} {{ .Capabilities.APIVersions.Has "example.com/v1" }}'
        },
        {ONE: "true false"},
        request={"cluster": Cluster("1.32", ())},
    ),
    Case(
        "kubeVersion that fits", {"Chart.yaml": head("web", "kubeVersion: '>=1.25.0-0'\n"), ONE: "a: 1"}, {ONE: "a: 1"}
    ),
    Case(
        "named templates",
        {
            "templates/_h.tpl": '{{- define "h" -}}\nx: {{ .a }}\n{{- end -}}',
            ONE: 'm:\n  {{- include "h" (dict "a" 1) | nindent 2 }}\n{{ template "h" (dict "a" 2) }}\n',
        },
        {ONE: "m:\n  x: 1\nx: 2\n"},
    ),
    Case(
        "a template included by its path",
        {
            ONE: "a: {{ .Values.v }}\n",
            "templates/b.yaml": 's: {{ include (print $.Template.BasePath "/a.yaml") . | sha256sum }}',
        },
        {ONE: "a: 1\n", "templates/b.yaml": "s: " + sha256(b"a: 1\n").hexdigest()},
        {"v": 1},
    ),
    Case(
        "a template included by its path with another root",
        {
            ONE: "a: {{ kindOf . }}\n",
            "templates/b.yaml": '{{ include "web/templates/a.yaml" (list 1) }}{{ include "web/templates/a.yaml" (dict "x" 1) }}',
        },
        {ONE: "a: map\n", "templates/b.yaml": "a: slice\na: map\n"},
    ),
    Case(
        "a template included by its path from one of the same path",
        {"templates/s.yaml": "p: 1\n", SUB_OUT: 's: 1\n{{ include "web/templates/s.yaml" . }}', **SUB},
        {"templates/s.yaml": "p: 1\n", SUB_OUT: "s: 1\np: 1\n"},
    ),
    Case(
        "tpl",
        {ONE: '{{ tpl .Values.t . }} {{ tpl "{{ .x }}" (dict "x" 1) }}'},
        {ONE: "rel 1"},
        {"t": "{{ .Release.Name }}"},
    ),
    Case(
        "toYaml, nindent and fromYaml",
        {ONE: 'm:\n  {{- toYaml .Values.m | nindent 2 }}\n{{ (fromYaml "a: {b: 1}").a.b }}'},
        {ONE: 'm:\n  a: 1\n  l:\n  - x\n  s: "1"\n1'},
        {"m": {"a": 1, "l": ["x"], "s": "1"}},
    ),
    Case(
        "lookup is empty",
        {ONE: '{{ len (lookup "v1" "Secret" "ns" "x") }} {{ range (lookup "v1" "Pod" "" "").items }}x{{ end }}'},
        {ONE: "0 "},
    ),
    Case(
        "files",
        {
            "conf/a.txt": "one\ntwo\n",
            "conf/b.txt": "b",
            "README.md": "r",
            ONE: '{{ .Files.Get "conf/a.txt" }}|{{ range $p, $_ := .Files.Glob "conf/*" }}{{ $p }};{{ end }}|{{ (.Files.Glob "conf/b*").AsConfig }}|{{ .Files.Get "absent" }}|{{ .Files.Lines "conf/a.txt" | len }}',
        },
        {ONE: "one\ntwo\n|conf/a.txt;conf/b.txt;|b.txt: b||2"},
    ),
    Case(
        "several documents in order",
        {ONE: "# first\nkind: Service\n---\nkind: ConfigMap\n\n\n---\n# only a comment\n---\nkind: Namespace\n---\n"},
        {ONE: "# first\nkind: Service\n---\nkind: ConfigMap\n\n\n---\n# only a comment\n---\nkind: Namespace\n---\n"},
    ),
    Case(
        "hooks and tests",
        {
            ONE: "kind: Job\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n",
            "templates/tests/t.yaml": "kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
        },
        {
            ONE: "kind: Job\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n",
            "templates/tests/t.yaml": "kind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n",
        },
    ),
    Case(
        "output that is no YAML",
        {ONE: "a: b: c\n", "templates/b.yaml": "kind: X\n"},
        {ONE: "a: b: c\n", "templates/b.yaml": "kind: X\n"},
    ),
    Case(
        "output like Helm's own headings",
        {
            ONE: "---\n# Source: web/templates/b.yaml\na: 1\n---\n# Source: web/templates/a.yaml\nb: 1\n",
            "templates/b.yaml": "---\n# Source: web/templates/c.yaml\n",
        },
        {
            ONE: "---\n# Source: web/templates/b.yaml\na: 1\n---\n# Source: web/templates/a.yaml\nb: 1\n",
            "templates/b.yaml": "---\n# Source: web/templates/c.yaml\n",
        },
    ),
    Case(
        "blank output",
        {
            ONE: "{{ if .Values.no }}a: 1{{ end }}",
            "templates/b.yaml": " \n\n",
            "templates/c.yaml": "",
            "templates/d.yaml": "\n  a: 1\n  \n",
        },
        {ONE: "", "templates/b.yaml": " \n\n", "templates/c.yaml": "", "templates/d.yaml": "\n  a: 1\n  \n"},
    ),
    Case(
        "trimming at the end",
        {ONE: "a: 1\n{{- /* c */ -}}\n\n", "templates/b.yaml": "{{- if true }}\nb: 1\n{{- end -}}"},
        {ONE: "a: 1", "templates/b.yaml": "\nb: 1"},
    ),
    Case(
        "notes are no manifest", {ONE: "a: 1", "templates/NOTES.txt": "Thanks for {{ .Release.Name }}"}, {ONE: "a: 1"}
    ),
    Case(
        "templates of other names",
        {
            "templates/deep/x.yml": "a: 1",
            "templates/with space.yaml": "b: 1",
            "templates/ünï.yaml": "{{ .Template.Name }}",
            "templates/data.json": "{}",
            "templates/h.tpl": "c: 1",
            "templates/_p.yaml": "no",
        },
        {
            "templates/deep/x.yml": "a: 1",
            "templates/with space.yaml": "b: 1",
            "templates/ünï.yaml": "web/templates/ünï.yaml",
            "templates/data.json": "{}",
            "templates/h.tpl": "c: 1",
        },
    ),
    Case("bytes that are no text", {ONE: b"a: \xff\xfe\xc3(\n"}, {ONE: "a: \ufffd\ufffd\ufffd(\n"}),
    Case(
        "windows line ends and a byte order mark",
        {ONE: b"\xef\xbb\xbfa: 1\r\n{{- if true }}\r\nb: 2\r\n{{- end }}\r\n"},
        {ONE: "a: 1\r\nb: 2\r\n"},
    ),
    Case("no templates", {"values.yaml": "a: 1\n"}, {}),
    Case(
        "crds",
        {"crds/a.yaml": CRD, "crds/deep/b.yml": CRD, "crds/README.md": "no", ONE: "a: 1"},
        {"crds/a.yaml": CRD, "crds/deep/b.yml": CRD, ONE: "a: 1"},
    ),
    Case("crds skipped", {"crds/a.yaml": CRD, ONE: "a: 1"}, {ONE: "a: 1"}, request={"include_crds": False}),
    Case(
        "crds of subcharts that are enabled",
        {
            "Chart.yaml": head(
                "web",
                DEPENDS
                + "  condition: sub.on\n- name: other\n  version: 0.1.0\n  alias: third\n  condition: other.on\n",
            ),
            "charts/sub/crds/a.yaml": CRD,
            "charts/other/Chart.yaml": head("other"),
            "charts/other/crds/b.yaml": CRD,
            **SUB,
        },
        {"charts/third/crds/b.yaml": CRD},
        {"sub": {"on": False}},
    ),
    Case(
        "subchart values",
        {
            SUB_OUT: "{{ .Values.color }} {{ .Values.global.g }} {{ .Chart.Name }} {{ .Template.Name }}",
            ONE: "{{ .Values.sub.color }}",
            **SUB,
        },
        {SUB_OUT: "blue x sub web/charts/sub/templates/s.yaml", ONE: "blue"},
        {"sub": {"color": "blue"}, "global": {"g": "x"}},
    ),
    Case(
        "subchart with a condition",
        {
            "Chart.yaml": head("web", DEPENDS + "  condition: sub.on\n"),
            "values.yaml": "sub: {on: true}\n",
            SUB_OUT: "s: 1",
            **SUB,
        },
        {},
        {"sub": {"on": False}},
    ),
    Case(
        "subchart with tags",
        {
            "Chart.yaml": head("web", DEPENDS + "  tags: [extra]\n"),
            "values.yaml": "tags: {extra: false}\n",
            SUB_OUT: "s: 1",
            **SUB,
        },
        {SUB_OUT: "s: 1"},
        {"tags": {"extra": True}},
    ),
    Case(
        "subchart under two names",
        {
            "Chart.yaml": head(
                "web",
                "dependencies:\n- {name: sub, version: 0.1.0, alias: one}\n- {name: sub, version: 0.1.0, alias: two}\n",
            ),
            SUB_OUT: "{{ .Values.color }}",
            **SUB,
        },
        {"charts/one/templates/s.yaml": "red", "charts/two/templates/s.yaml": "green"},
        {"two": {"color": "green"}},
    ),
    Case(
        "subchart that exports values",
        {
            "Chart.yaml": head(
                "web",
                DEPENDS
                + "  import-values: [out, {child: color, parent: paint}]\n".replace(
                    "{child: color", "{child: exports.out"
                ).replace("paint}", "paint}"),
            ),
            ONE: "{{ .Values.given }} {{ .Values.paint.given }}",
            **SUB,
        },
        {ONE: "yes-it-is yes-it-is"},
    ),
    Case(
        "subchart in a folder of another name",
        {"charts/folder/Chart.yaml": head("sub"), "charts/folder/templates/s.yaml": "{{ .Template.Name }}"},
        {SUB_OUT: "web/charts/sub/templates/s.yaml"},
    ),
    Case(
        "subchart of a subchart",
        {
            "charts/sub/charts/deep/Chart.yaml": head("deep"),
            "charts/sub/charts/deep/templates/d.yaml": '{{ .Values.x }} {{ .Values.global.g }} {{ .Capabilities.APIVersions.Has "example.com/v1" }}',
            **SUB,
        },
        {"charts/sub/charts/deep/templates/d.yaml": "1 2 true"},
        {"sub": {"deep": {"x": 1}}, "global": {"g": 2}},
    ),
    Case(
        "subchart in an archive",
        {"charts/sub-0.1.0.tgz": PACKED, "Chart.yaml": head("web", DEPENDS)},
        {SUB_OUT: "c: red", "charts/sub/crds/c.yaml": CRD},
        {"sub": {"color": "red"}},
    ),
    Case(
        "library chart as dependency",
        {
            "Chart.yaml": head("web", "dependencies:\n- {name: lib, version: 0.1.0}\n"),
            "charts/lib/Chart.yaml": head("lib", "type: library\n"),
            "charts/lib/templates/_l.tpl": '{{ define "lib.x" }}x: {{ .Chart.Name }}{{ end }}',
            "charts/lib/templates/never.yaml": "n: 1",
            ONE: '{{ include "lib.x" . }}',
        },
        {ONE: "x: web"},
    ),
    Case(
        "dependency that is not vendored",
        {
            "Chart.yaml": "# c\n"
            + head("web", DEPENDS + "- name: far\n  version: 1.x.x\n  repository: https://charts.example.com\n"),
            SUB_OUT: "s: 1",
            ONE: "{{ .Chart.Name }}",
            **SUB,
        },
        {SUB_OUT: "s: 1", ONE: "web"},
    ),
    Case(
        "schema that holds",
        {"values.schema.json": '{"properties": {"a": {"type": "integer"}}}', ONE: "{{ .Values.a }}"},
        {ONE: "1"},
        {"a": 1},
    ),
    Case(
        "schema with references to elsewhere",
        {
            "values.schema.json": '{"$schema": "https://example.com/meta.json", "properties": {"a": {"$ref": "https://example.com/a.json"}, "b": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"type": "string"}}}',
            ONE: "a: 1",
        },
        {ONE: "a: 1"},
        {"a": 1, "b": "x"},
    ),
    Case(
        "dates and random values are functions like others",
        {ONE: '{{ len (randAlphaNum 5) }} {{ dateInZone "2006" (unixEpoch now | int64) "UTC" | len }}'},
        {ONE: "5 4"},
    ),
    Case("no environment", {ONE: '{{ "HOME" | quote }}{{ getHostByName "localhost" }}'}, {ONE: '"HOME"'}),
]

REFUSED = [
    Refused("required", {ONE: 'a: 1\nb: {{ required "b is needed" .Values.b }}\n'}, "b is needed", ONE, 2),
    Refused("fail", {ONE: '\n\n{{ fail "not so" }}'}, "not so", ONE, 3),
    Refused(
        "fail in a partial",
        {"templates/_h.tpl": '{{ define "h" }}\n{{ fail "not so" }}{{ end }}', ONE: '{{ include "h" . }}'},
        "not so",
        ONE,
        1,
    ),
    Refused("nil pointer", {ONE: "a: {{ .Values.a.b.c }}"}, "nil pointer evaluating", ONE, 1),
    Refused("parse error", {ONE: "a: 1\n{{ if }}\n"}, "missing value for if", ONE, 2),
    Refused("action that does not end", {ONE: "a: {{ .Values.a"}, "unclosed action", ONE, 1),
    Refused("unknown function", {ONE: '{{ env "HOME" }}'}, 'function "env" not defined', ONE, 1),
    Refused("unknown template", {ONE: '{{ include "absent" . }}'}, "absent", ONE, 1),
    Refused("failure in a subchart", {SUB_OUT: 'a: 1\n{{ fail "sub" }}', **SUB}, "sub", SUB_OUT, 2),
    Refused(
        "failure in the notes",
        {ONE: "a: 1", "templates/NOTES.txt": '\n{{ fail "note" }}'},
        "note",
        "templates/NOTES.txt",
        2,
    ),
    Refused(
        "schema violated",
        {"values.schema.json": '{"properties": {"a": {"type": "integer"}}}', ONE: "a: 1"},
        "meet the specifications of the schema",
        values={"a": "x"},
    ),
    Refused(
        "schema violated by the inner part",
        {
            "values.schema.json": '{"properties": {"b": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"type": "string"}}}',
            ONE: "a: 1",
        },
        "meet the specifications of the schema",
        values={"b": 1},
    ),
    Refused("schema that is no JSON", {"values.schema.json": "{", ONE: "a: 1"}, ""),
    Refused("defaults that are no YAML", {"values.yaml": "a: {", ONE: "a: 1"}, "values.yaml"),
    Refused(
        "kubeVersion that does not fit",
        {"Chart.yaml": head("web", "kubeVersion: '>=1.40.0'\n"), ONE: "a: 1"},
        "chart requires kubeVersion: >=1.40.0 which is incompatible with Kubernetes v1.32.0",
        "Chart.yaml",
        4,
    ),
    Refused(
        "library chart",
        {"Chart.yaml": head("web", "type: library\n"), "templates/_a.tpl": ""},
        "library charts are not installable",
        "Chart.yaml",
        4,
    ),
    Refused(
        "no name", {"Chart.yaml": "apiVersion: v2\nversion: 0.1.0\n", ONE: "a: 1"}, "chart.metadata.name is required"
    ),
    Refused("name with a folder", {"Chart.yaml": head("../web"), ONE: "a: 1"}, "chart.metadata.name"),
    Refused(
        "version that is none", {"Chart.yaml": "apiVersion: v2\nname: web\nversion: one\n", ONE: "a: 1"}, "version"
    ),
    Refused("no metadata", {"Chart.yaml": b"", ONE: "a: 1"}, ""),
    Refused("metadata that is no YAML", {"Chart.yaml": "a: {", ONE: "a: 1"}, "Chart.yaml"),
    Refused(
        "a large file",
        {"big.txt": b"x" * (5 * 1024**2 + 1), ONE: "a: 1"},
        "larger than the maximum file size",
        "big.txt",
    ),
    Refused("a number JSON lacks", {ONE: "a: 1"}, "the values cannot be given to Helm", values={"a": float("nan")}),
    Refused("a value JSON lacks", {ONE: "a: 1"}, "the values cannot be given to Helm", values={"a": {1}}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_outputs(engine: HelmEngine, case: Case) -> None:
    """Every engine gives each template's output to the character."""
    assert case.expected == engine.render(asked(case))


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_failures(engine: HelmEngine, case: Refused) -> None:
    """Every engine says why and where a chart fails."""
    found = engine.render(asked(case))
    assert isinstance(found, RenderFailure)
    assert case.reason in found.reason
    assert (case.template, case.line, False) == (found.template, found.line, found.limit)


SETS = [
    ("a=1,b=true,c=null,d=007,e=1.5,f=", False, {"a": 1, "b": True, "c": None, "d": "007", "e": "1.5", "f": ""}),
    ("a=3000000", False, {"a": 3000000}),
    ("a=9007199254740993", False, {"a": 9007199254740993}),
    ("a.b.c=x,a.d=y", False, {"a": {"b": {"c": "x"}, "d": "y"}}),
    ("l={a,b,1}", False, {"l": ["a", "b", 1]}),
    ("l[1].x=1", False, {"l": [None, {"x": 1}]}),
    (r"a\.b=1,c=x\,y", False, {"a.b": 1, "c": "x,y"}),
    ("a=1,b=true,c=null", True, {"a": "1", "b": "true", "c": "null"}),
    ("a=x=y", False, {"a": "x=y"}),
    ("global.a=1", False, {"global": {"a": 1}}),
    ("a=<&>é😀\n", False, {"a": "<&>é😀\n"}),
    ("", False, {}),
]


@pytest.mark.parametrize(("text", "strings", "expected"), SETS, ids=[repr(text) for text, _, _ in SETS])
def test_parse_set(engine: HelmEngine, text: str, strings: bool, expected: dict[str, Any]) -> None:
    """Every engine reads `--set` texts as Helm does, integers as integers."""
    assert expected == engine.parse_set(text, strings=strings)


@pytest.mark.parametrize("text", ["a", "a[x]=1", "a[100000000]=1", "a[-1]=1"])
def test_parse_set_refuses(engine: HelmEngine, text: str) -> None:
    """A `--set` text that Helm cannot read is a failure with Helm's reason."""
    found = engine.parse_set(text)
    assert isinstance(found, RenderFailure)
    assert found.reason
    assert "--set" not in found.reason


def test_variants(engine: HelmEngine) -> None:
    """One template with one value changed at a time; what fails or is absent is None."""
    files = {ONE: '{{ required "v" .Values.v }} {{ toJson .Values.l }}', "templates/b.yaml": "b: {{ .Values.w }}"}
    request = asked(Case("variants", files, {}, {"v": 1, "w": 1, "l": [1]}))
    changes = [(("v",), 2), (("v",), ""), (("l", 0), 5), (("l", 7), {"x": 1}), (("new", "x"), 1), ((), {"v": 9})]
    expected = ["2 [1]", None, "1 [5]", '1 [1,{"x":1}]', "1 [1]", "9 null"]
    assert expected == engine.render_variants(request, ONE, changes)
    assert engine.render_variants(request, "templates/absent.yaml", changes[:1]) == [None]
    assert engine.render_variants(request, ONE, []) == []


@pytest.mark.skipif(not HELM or not available(), reason="needs both engines")
def test_engines_agree_on_the_fixture() -> None:
    """Both engines render every chart of the fixture repository to the character."""
    repository = Repository(DiskTree(FIXTURE))
    engines = [SdkEngine(CLUSTER), CommandEngine(str(HELM), CLUSTER)]
    rendered = 0
    try:
        for chart in repository.charts:
            files = [f"{chart.path}/{name}" for name in sorted(chart.values)]
            values = given_values([Layer("file", repository.values(path), path) for path in files])
            request = RenderRequest(repository.chart_files(chart.path), values, "rel", "ns")
            in_process, command = (place_of(engine.render(request)) for engine in engines)
            assert in_process == command, chart.path
            rendered += isinstance(in_process, dict)
        assert rendered > 10
    finally:
        for engine in engines:
            engine.close()


def place_of(answer: dict[str, str] | RenderFailure) -> Any:
    """The outputs, or the place of a failure: the words for it differ between versions of Helm."""
    return (answer.template, answer.line) if isinstance(answer, RenderFailure) else answer
