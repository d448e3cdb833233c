"""What Helm is given: helmTemplate, Envsubst and the value file rules of Argo CD v3.1.9."""

from __future__ import annotations

from pathlib import Path

import pytest
from helm_python import parse_set_string, parse_set_string_values

from signet_lint.argocd.envsubst import build_environment, envsubst
from signet_lint.argocd.helm_source import ParameterLayer, ValueFileLayer, ValuesLayer, clean_set_parameter, helm_source
from signet_lint.argocd.value_file import FileResolver, ResolvedFile, reference_errors
from signet_lint.source.tree import DiskTree

AT = ("spec", "source")
HELM = (*AT, "helm")
OURS = "https://example.com/ours.git"

SUBSTITUTED = [
    ("name", "x-$A-y", "x-1-y", []),
    ("braces", "${A}b", "1b", []),
    ("dollar", "cost $$5", "cost $5", []),
    ("undefined", "$nope/${NOPE}", "/", ["nope", "NOPE"]),
    ("password", "pa$sw0rd", "pa", ["sw0rd"]),
    ("digit", "$5x", "x", ["5"]),
    ("special", "$-$?", "", ["-", "?"]),
    ("lone", "a $ b", "a $ b", []),
    ("last", "a$", "a$", []),
    ("before-brace", "$}", "$}", []),
    ("bad-empty", "a${}b", "ab", []),
    ("bad-open", "a${b", "ab", []),
    ("braced-expression", "${A:-x}", "", ["A:-x"]),
    ("braced-dollar", "${$}A", "$A", []),
]


@pytest.mark.parametrize(
    ("text", "expected", "undefined"), [row[1:] for row in SUBSTITUTED], ids=[r[0] for r in SUBSTITUTED]
)
def test_envsubst(text, expected, undefined):
    """types.go Envsubst over Go's os.Expand."""
    assert envsubst(text, {"A": "1"}) == (expected, undefined)


def test_build_environment():
    """repository.go newEnv."""
    source = {"repoURL": "u", "path": "p", "targetRevision": "t"}
    variables = build_environment(source, name="n", namespace="ns", project="pr", revision="0123456789")
    assert envsubst("$ARGOCD_APP_NAME $ARGOCD_APP_REVISION_SHORT $ARGOCD_APP_SOURCE_PATH", variables) == (
        "n 0123456 p",
        [],
    )
    assert len(variables) == 9


CLEANED = [
    ("a,b", r"a\,b"),
    (r"a\,b", r"a\,b"),
    ("{a,b}", "{a,b}"),
    ("{a},b", r"{a}\,b"),
    (",", r"\,"),
    (r"a,,b", r"a\,\,b"),
    ("a=b", "a=b"),
]


@pytest.mark.parametrize(("value", "expected"), CLEANED, ids=[value for value, _ in CLEANED])
def test_clean_set_parameters(value, expected):
    """cmd.go cleanSetParameters."""
    assert clean_set_parameter(value) == expected


TARGETS = [
    ("beside-the-chart", "values-prod.yaml", ResolvedFile("charts/a/values-prod.yaml")),
    ("above-the-chart", "../b/values.yaml", ResolvedFile("charts/b/values.yaml")),
    ("from-the-root", "/envs/prod.yaml", ResolvedFile("envs/prod.yaml")),
    ("outside", "../../../x.yaml", ResolvedFile(error="file '../../../x.yaml' resolved to outside repository root")),
    ("outside-from-root", "/../x", ResolvedFile(error="file '/../x' resolved to outside repository root")),
    ("the-root", "/", ResolvedFile(error="path resolved to repository root, which is not allowed")),
    ("variable", "values-$ENV.yaml", ResolvedFile("charts/a/values-prod.yaml")),
    ("undefined", "values-$X.yaml", ResolvedFile("charts/a/values-.yaml", undefined=("X",))),
    ("https", "https://h/v.yaml", ResolvedFile(not_examined="`https://h/v.yaml` is on another server")),
    ("scheme", "s3://h/v.yaml", ResolvedFile(error="the URL scheme 's3' is not allowed")),
    ("ref", "$values/envs/$ENV.yaml", ResolvedFile("envs/prod.yaml")),
    ("ref-cannot-leave", "$values/../x", ResolvedFile(error="file '/../x' resolved to outside repository root")),
    (
        "ref-elsewhere",
        "$other/v.yaml",
        ResolvedFile(not_examined="`$other` is the repository `https://e/x`, not this one"),
    ),
    ("ref-chart", "$chart/v.yaml", ResolvedFile(error="source `$chart` has a `chart`: charts cannot be `ref` sources")),
    ("ref-unknown-is-a-variable", "$typo/v.yaml", ResolvedFile("v.yaml", undefined=("typo",))),
]
SOURCES = [
    {"repoURL": OURS, "path": "charts/a"},
    {"repoURL": OURS, "ref": "values"},
    {"repoURL": "https://e/x", "ref": "other"},
    {"repoURL": OURS, "ref": "chart", "chart": "c"},
]


@pytest.mark.parametrize(("name", "expected"), [row[1:] for row in TARGETS], ids=[row[0] for row in TARGETS])
def test_value_file_names(name, expected):
    """resolved.go ResolveValueFilePathOrUrl and repository.go getResolvedRefValueFile."""
    resolver = FileResolver("charts/a", SOURCES, lambda url: url == OURS, {"ENV": "prod"})
    assert resolver.resolve(name) == expected


def test_references_need_two_sources():
    """argo.go GetRefSources: a single source refers to nothing."""
    resolver = FileResolver("c", SOURCES[1:2], lambda _: True, {})
    assert resolver.resolve("$values/v.yaml") == ResolvedFile("v.yaml", undefined=("values",))


def test_reference_errors():
    """argo.go GetRefSources: odd characters and keys used twice."""
    sources = [{"ref": "a"}, {"ref": "a.b"}, {"ref": "a"}, {}]
    assert [index for index, _ in reference_errors(sources)] == [1, 2]
    assert reference_errors([{"ref": "a.b"}]) == []


@pytest.fixture
def read(tmp_path):
    def run(helm, files=(), name="app"):
        for file in files:
            path = Path(tmp_path, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("a: 1\n", encoding="utf-8")
        source = {"repoURL": OURS, "path": "charts/a", "helm": helm}
        application = {"metadata": {"name": name}, "spec": {"source": source, "destination": {"namespace": "dest"}}}
        return helm_source(
            source,
            AT,
            application=application,
            chart_path="charts/a",
            tree=DiskTree(tmp_path),
            owns_repo=lambda url: url == OURS,
            variables={"ARGOCD_APP_NAME": name},
        )

    return run


def test_layers_go_from_low_to_high(read):
    """cmd.go template and Helm's MergeValues: files in order, values, --set, --set-string, --set-file."""
    helm = {
        "fileParameters": [{"name": "f", "path": "f.txt"}],
        "parameters": [
            {"name": "s", "value": "1", "forceString": True},
            {"name": "a", "value": "x,y"},
            {"name": "a", "value": "$ARGOCD_APP_NAME"},
        ],
        "values": "k: v\n",
        "valueFiles": ["one.yaml", "/two.yaml"],
    }
    found = read(helm, ["charts/a/one.yaml", "two.yaml", "charts/a/f.txt"])
    assert found.errors == ()
    assert found.layers == (
        ValueFileLayer("charts/a/one.yaml", (*HELM, "valueFiles", 0)),
        ValueFileLayer("two.yaml", (*HELM, "valueFiles", 1)),
        ValuesLayer({"k": "v"}, (*HELM, "values")),
        ParameterLayer("set", "a", "app", "a=app", (*HELM, "parameters", 2)),
        ParameterLayer("set-string", "s", "1", "s=1", (*HELM, "parameters", 0)),
        ParameterLayer("set-file", "f", "charts/a/f.txt", "f=charts/a/f.txt", (*HELM, "fileParameters", 0)),
    )


def test_arguments_are_for_helms_parser(read):
    """An escaped argument comes back from Helm as the value written; forceString keeps text."""
    found = read({"parameters": [{"name": "a.b", "value": "x,y"}, {"name": "n", "value": "1", "forceString": True}]})
    plain, forced = (layer.argument for layer in found.layers)
    assert parse_set_string(plain) == {"a": {"b": "x,y"}}
    assert parse_set_string_values(forced) == {"n": "1"}


VALUES = [
    ("object-wins-alone", {"valuesObject": {"a": 1}, "values": "b: 2"}, {"a": 1}, "valuesObject"),
    ("empty-object-wins-too", {"valuesObject": {}, "values": "b: 2"}, {}, "valuesObject"),
    ("null-object-is-none", {"valuesObject": None, "values": "b: 2"}, {"b": 2}, "values"),
    ("comment-only", {"values": "# nothing\n"}, {}, "values"),
]


@pytest.mark.parametrize(("helm", "values", "key"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
def test_values_and_values_object_are_not_merged(read, helm, values, key):
    """values.go ValuesYAML."""
    assert read(helm).layers == (ValuesLayer(values, (*HELM, key)),)


ERRORS = [
    ("missing-file", {"valueFiles": ["no.yaml"]}, "open charts/a/no.yaml: no such file", ("valueFiles", 0)),
    ("outside", {"valueFiles": ["../../../x"]}, "resolved to outside", ("valueFiles", 0)),
    (
        "missing-set-file",
        {"fileParameters": [{"name": "f", "path": "no"}]},
        "no such file",
        ("fileParameters", 0, "path"),
    ),
    ("values-list", {"values": "- a"}, "must hold a map", ("values",)),
    ("values-broken", {"values": "a: ["}, "error parsing values", ("values",)),
    ("values-map", {"values": {"a": 1}}, "must be a string", ("values",)),
    ("number-parameter", {"parameters": [{"name": "a", "value": 1}]}, "quote it", ("parameters", 0, "value")),
    ("version", {"version": "v2"}, "helm chart version 'v2' is not supported", ("version",)),
    ("kube-version", {"kubeVersion": "latest"}, "could not parse kubernetes version", ("kubeVersion",)),
]


@pytest.mark.parametrize(("helm", "message", "field"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(read, helm, message, field):
    """What stops Argo CD from rendering, at its field."""
    (error,) = read(helm).errors
    assert message in error.message
    assert error.path == (*HELM, *field)


def test_missing_files_can_be_ignored(read):
    """ignoreMissingValueFiles drops the file."""
    found = read({"valueFiles": ["no.yaml"], "ignoreMissingValueFiles": True})
    assert (found.layers, found.errors) == ((), ())
    assert found.ignored == (ValueFileLayer("charts/a/no.yaml", (*HELM, "valueFiles", 0)),)


def test_remote_files_are_not_examined_and_undefined_names_told(read):
    """Nothing is passed over in silence."""
    found = read({"valueFiles": ["https://h/v"], "parameters": [{"name": "p", "value": "pa$word"}]})
    assert [left.path for left in found.not_examined] == [(*HELM, "valueFiles", 0)]
    assert [(one.name, one.path) for one in found.undefined] == [("word", (*HELM, "parameters", 0, "value"))]


def test_names_and_flags(read):
    """releaseName and namespace beat the Application's; kubeVersion loses its vendor suffix."""
    plain = read({})
    assert (plain.release_name, plain.namespace, plain.kube_version) == ("app", "dest", "")
    helm = {"releaseName": "r", "namespace": "n", "kubeVersion": "v1.32.5+abc", "apiVersions": ["v1"], "skipCrds": True}
    full = read({**helm, "skipTests": True})
    assert (full.release_name, full.namespace, full.kube_version) == ("r", "n", "1.32.5")
    assert (full.api_versions, full.skip_crds, full.skip_tests) == (("v1",), True, True)
