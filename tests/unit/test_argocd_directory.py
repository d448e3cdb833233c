"""Plain folders, glob patterns, and what becomes of manifests before a sync (Argo CD v3.1.9)."""

from __future__ import annotations

import pytest

from signet_lint.argocd.directory import directory_files, file_objects
from signet_lint.argocd.glob import PatternError, git_pathspec, gobwas, path_match
from signet_lint.argocd.postrender import (
    deduplicate,
    flatten_list,
    hook_types,
    is_hook,
    is_ignored,
    is_skipped,
    sync_wave,
)
from signet_lint.source.tree import DiskTree

MATCHES = [
    (path_match, "apps/*", "apps/a", True),
    (path_match, "apps/*", "apps/a/b", False),
    (path_match, "apps/**", "apps/a/b", False),
    (path_match, "a?c", "a/c", False),
    (path_match, "[^a]b", "cb", True),
    (path_match, "[a-c]x", "bx", True),
    (path_match, r"\*", "*", True),
    (path_match, "a*b*c", "axxbyyc", True),
    (path_match, "a*b*c", "axxbyy", False),
    (path_match, "*.y*l", "a.yaml", True),
    (git_pathspec, "clusters/*/c.json", "clusters/a/b/c.json", True),
    (git_pathspec, "clusters", "clusters/a/b", True),
    (git_pathspec, "clusters/", "clusters/a", True),
    (git_pathspec, "clusters/**/c.yaml", "clusters/c.yaml", False),
    (git_pathspec, "a/b.y", "a/b.yaml", False),
    (git_pathspec, ".", "a/b", True),
    (git_pathspec, "[!a]*", "b/c", True),
    (gobwas, "*.yaml", "a/b.yaml", True),
    (gobwas, "{a,b}.yaml", "b.yaml", True),
    (gobwas, "{a/{x,y},b}*", "a/y1", True),
    (gobwas, "{a,b}.yaml", "a,b.yaml", False),
    (gobwas, "[!a].yaml", "b.yaml", True),
    (gobwas, "a,b", "a,b", True),
    (gobwas, r"\{a\}", "{a}", True),
]


@pytest.mark.parametrize(
    ("kind", "pattern", "path", "expected"),
    MATCHES,
    ids=[f"{kind.__name__}-{p}-{path}" for kind, p, path, _ in MATCHES],
)
def test_patterns(kind, pattern, path, expected):
    """Go's path.Match, git's pathspec and gobwas/glob, each as its caller uses it."""
    assert bool(kind(pattern).fullmatch(path)) is expected


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        (path_match, "[a"),
        (path_match, "a\\"),
        (gobwas, "{a"),
        (gobwas, "a}"),
        (gobwas, "{a,b}" * 9),
        (gobwas, "{a}" * 999),
    ],
)
def test_bad_patterns(kind, pattern):
    """A pattern its library refuses, or that would take all memory, is an error of ours."""
    with pytest.raises(PatternError):
        kind(pattern)


def test_patterns_do_not_backtrack():
    """Forty wildcards against a long path of the same letter end at once."""
    assert not path_match("*a" * 40 + "b").fullmatch("a" * 3000)
    assert not gobwas("*a" * 40 + "b").fullmatch("a" * 3000)


FILES = {
    "b.yaml": "kind: X",
    "a.yml": "kind: X",
    "c.json": "{}",
    "d.jsonnet": "{}",
    "e.txt": "",
    "skip.yaml": "# +argocd:skip-file-rendering",
    "sub/f.yaml": "kind: X",
}
CHOSEN = [
    ("plain", {}, ["a.yml", "b.yaml", "c.json"], ["d.jsonnet"]),
    ("recurse", {"recurse": True}, ["a.yml", "b.yaml", "c.json", "sub/f.yaml"], ["d.jsonnet"]),
    ("include", {"include": "*.yaml", "recurse": True}, ["b.yaml", "sub/f.yaml"], []),
    ("exclude-wins", {"include": "*.yaml", "exclude": "b*"}, [], []),
    ("exclude-below", {"recurse": True, "exclude": "sub/*"}, ["a.yml", "b.yaml", "c.json"], ["d.jsonnet"]),
    ("bad-include-takes-nothing", {"include": "{a"}, [], []),
    ("bad-exclude-takes-all", {"exclude": "{a"}, ["a.yml", "b.yaml", "c.json"], ["d.jsonnet"]),
]


@pytest.mark.parametrize(("directory", "expected", "jsonnet"), [r[1:] for r in CHOSEN], ids=[r[0] for r in CHOSEN])
def test_directory_files(tmp_path, directory, expected, jsonnet):
    """repository.go getPotentiallyValidManifests."""
    for name, text in FILES.items():
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = directory_files(DiskTree(tmp_path), "app", directory)
    assert list(found.paths) == [f"app/{name}" for name in expected]
    assert [left.path for left in found.not_examined] == [f"app/{name}" for name in jsonnet]


OBJECT = {"apiVersion": "v1", "kind": "A", "metadata": {}}
READ = [
    ("objects", "x.yaml", b"", [OBJECT, None, OBJECT], "", [OBJECT, OBJECT], ""),
    ("unrelated", "x.yaml", b"a: 1", [{"a": 1}], "", [], ""),
    ("unrelated-broken", "x.yaml", b"a: [", [], "broken", [], ""),
    ("broken-manifest", "x.yaml", b"apiVersion: kind: metadata:", [], "broken", [], "broken"),
    ("broken-after-object", "x.yaml", b"", [OBJECT], "broken", [], "broken"),
    ("unrelated-after-object", "x.yaml", b"", [OBJECT, {"a": 1}], "", [], "Object 'Kind' is missing"),
    ("json", "x.json", b"{}", [OBJECT], "", [OBJECT], ""),
    ("json-without-kind", "x.json", b"{}", [{"a": 1}], "", [], "Object 'Kind' is missing"),
    ("two-in-json", "x.json", b"{}", [OBJECT, OBJECT], "", [], "Only single objects are allowed"),
]


@pytest.mark.parametrize("row", READ, ids=[row[0] for row in READ])
def test_file_objects(row):
    """repository.go getObjsFromYAMLOrJSON: YAML that looks like no manifest is passed over."""
    _, file, content, documents, failure, objects, message = row
    found, why = file_objects(file, content, documents, failure)
    assert found == objects
    assert message in why
    assert bool(message) == bool(why)


def test_lists_are_flattened():
    """GenerateManifests: anything with a list of items is a list; null items are nothing unless it has a spec."""
    assert flatten_list({"kind": "List", "items": [{"a": 1}, {"b": 2}]}) == [
        ({"a": 1}, ("items", 0)),
        ({"b": 2}, ("items", 1)),
    ]
    assert flatten_list({"kind": "ConfigMapList", "items": None}) == []
    kept = {"kind": "X", "items": None, "spec": {}}
    assert flatten_list(kept) == [(kept, ())]
    with pytest.raises(ValueError, match="unexpected type"):
        flatten_list({"items": ["x"]})


def annotated(**annotations):
    names = {"hook": "argocd.argoproj.io/hook", "helm": "helm.sh/hook", "wave": "argocd.argoproj.io/sync-wave",
             "weight": "helm.sh/hook-weight"}  # fmt: skip
    return {"metadata": {"annotations": {names[key]: value for key, value in annotations.items()}}}


HOOKS = [
    ("none", annotated(), (), False, False),
    ("argo", annotated(hook="PreSync, PostSync"), ("PreSync", "PostSync"), True, False),
    ("helm", annotated(helm="pre-install,pre-upgrade"), ("PreSync", "PreSync"), True, False),
    ("argo-beats-helm", annotated(hook="Sync", helm="post-install"), ("Sync",), True, False),
    ("test", annotated(helm="test"), (), True, True),
    ("post-delete", annotated(helm="post-delete"), (), True, True),
    ("crd-install-is-none", annotated(helm="crd-install"), (), False, False),
    ("skip", annotated(hook="Skip"), ("Skip",), False, False),
    ("unknown-argo", annotated(hook="Nope"), (), True, True),
]


@pytest.mark.parametrize(
    ("manifest", "types", "hook", "ignored"), [row[1:] for row in HOOKS], ids=[row[0] for row in HOOKS]
)
def test_hooks(manifest, types, hook, ignored):
    """gitops-engine hook.go, helm/type.go and ignore.go."""
    assert hook_types(manifest) == types
    assert is_hook(manifest) is hook
    assert is_ignored(manifest) is ignored
    assert is_skipped(manifest) is (types == ("Skip",))


WAVES = [
    ("none", annotated(), 0),
    ("wave", annotated(wave="-5"), -5),
    ("no-integer", annotated(wave="one", weight="3"), 3),
    ("wave-beats-weight", annotated(wave="2", weight="3"), 2),
    ("unquoted-is-no-text", annotated(wave=5), 0),
]


@pytest.mark.parametrize(("manifest", "wave"), [row[1:] for row in WAVES], ids=[row[0] for row in WAVES])
def test_sync_wave(manifest, wave):
    """gitops-engine syncwaves/waves.go."""
    assert sync_wave(manifest) == wave


def test_last_duplicate_wins():
    """state.go DeduplicateTargetObjects: namespaces first, then the last of equal keys."""

    def manifest(kind, name, namespace=None):
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata}

    given = [
        manifest("ConfigMap", "a"),
        manifest("ConfigMap", "a", "dest"),
        manifest("ConfigMap", "a", "other"),
        manifest("Namespace", "n", "wrong"),
        manifest("Unknown", "u"),
        {"apiVersion": "v1", "kind": "Job", "metadata": {"generateName": "j-"}},
        {"apiVersion": "v1", "kind": "Job", "metadata": {"generateName": "j-"}},
    ]
    found = deduplicate(
        given, namespace="dest", is_namespaced=lambda _, kind: {"Namespace": False, "ConfigMap": True}.get(kind)
    )
    assert found.kept == (1, 2, 3, 4, 5, 6)
    assert found.namespaces == ("dest", "dest", "other", "", "dest", "dest", "dest")
    assert found.repeated == {("", "ConfigMap", "dest", "a"): (0, 1)}
