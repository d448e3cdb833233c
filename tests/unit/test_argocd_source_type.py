"""The kind of a source: explicit, discovered, overridden by `.argocd-source.yaml` (Argo CD v3.1.9)."""

from __future__ import annotations

import pytest

from signet_lint.argocd.source_type import SourceType, SourceTypeError, TypedSource, source_type
from signet_lint.argocd.templating import FileOrigin
from signet_lint.source.tree import DiskTree


@pytest.fixture
def typed(tmp_path):
    def run(source, files, *, multiple=False):
        for name, text in files.items():
            path = tmp_path / "app" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return source_type(DiskTree(tmp_path), "app", source, "web", multiple=multiple)

    return run


CHART = {"Chart.yaml": ""}
DISCOVERED = [
    ("chart", {}, CHART, SourceType.HELM),
    ("chart-by-suffix", {}, {"OldChart.yaml": ""}, SourceType.HELM),
    ("kustomization", {}, {"kustomization.yml": ""}, SourceType.KUSTOMIZE),
    ("lower-case-wins-by-name", {}, {**CHART, "kustomization.yaml": ""}, SourceType.KUSTOMIZE),
    ("last-name-wins", {}, {"Kustomization": "", "my-Chart.yaml": ""}, SourceType.HELM),
    ("only-directly-inside", {}, {"sub/Chart.yaml": "", "x.yaml": ""}, SourceType.DIRECTORY),
    ("plain", {}, {"x.yaml": ""}, SourceType.DIRECTORY),
    ("explicit-directory", {"directory": {"recurse": True}}, CHART, SourceType.DIRECTORY),
    ("explicit-plugin", {"plugin": {}}, CHART, SourceType.PLUGIN),
    ("explicit-helm", {"helm": {"releaseName": "x"}}, {"x.yaml": ""}, SourceType.HELM),
    ("empty-block-says-nothing", {"directory": {"recurse": False}}, CHART, SourceType.HELM),
    ("empty-helm-says-nothing", {"helm": {"valueFiles": [], "values": ""}}, {"x.yaml": ""}, SourceType.DIRECTORY),
    ("include-is-kept", {"directory": {"include": "*.yaml"}}, CHART, SourceType.DIRECTORY),
    ("empty-beside-helm", {"directory": {}, "helm": {"releaseName": "x"}}, CHART, SourceType.HELM),
    ("override-file", {}, {"x.yaml": "", ".argocd-source.yaml": "helm: {releaseName: y}"}, SourceType.HELM),
]


@pytest.mark.parametrize(
    ("source", "files", "kind"), [row[1:] for row in DISCOVERED], ids=[row[0] for row in DISCOVERED]
)
def test_kind(typed, source, files, kind):
    """types.go ExplicitType, argo.go NormalizeSource, discovery.go Discover."""
    found = typed(source, files)
    assert isinstance(found, TypedSource)
    assert found.kind is kind


def test_entries_of_sources_keep_empty_blocks(typed):
    """NormalizeApplicationSpec normalises copies of `sources`: an empty block there still counts."""
    found = typed({"directory": {}, "helm": {"releaseName": "x"}}, CHART, multiple=True)
    assert found == SourceTypeError("multiple application sources defined: Helm,Directory")


def test_overrides_are_merged_and_known(typed):
    """mergeSourceParameters: a JSON merge patch, the Application's own file last, never where the source is."""
    files = {
        ".argocd-source.yaml": "path: elsewhere\nhelm:\n  releaseName: a\n  valueFiles: [x]\n",
        ".argocd-source-web.yaml": "helm: {releaseName: b, skipCrds: null}\n",
        ".argocd-source-other.yaml": "helm: {releaseName: c}\n",
    }
    found = typed({"path": "app", "helm": {"skipCrds": True, "valueFiles": ["a", "b"]}}, files)
    assert isinstance(found, TypedSource)
    assert found.source == {"path": "app", "helm": {"releaseName": "b", "valueFiles": ["x"]}}
    assert found.overridden[("helm", "releaseName")] == FileOrigin(
        "app/.argocd-source-web.yaml", ("helm", "releaseName")
    )
    assert ("path",) not in found.overridden


@pytest.mark.parametrize("text", ["a: [", "- a"], ids=["broken", "list"])
def test_bad_override_file(typed, text):
    """An override file that is no map stops the Application."""
    found = typed({}, {".argocd-source.yaml": text})
    assert isinstance(found, SourceTypeError)
    assert found.file == "app/.argocd-source.yaml"
