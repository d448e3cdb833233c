"""Generators expand as applicationset/generators of Argo CD v3.1.9 does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signet_lint.argocd.applicationset import generate_applications
from signet_lint.argocd.fasttemplate import expand_fasttemplate
from signet_lint.argocd.generators import GeneratorContext, expand_generator
from signet_lint.argocd.problems import GeneratorError, NotExamined
from signet_lint.argocd.templating import FileOrigin, Renderer
from signet_lint.source.tree import DiskTree

if TYPE_CHECKING:
    from pathlib import Path

AT = ("spec", "generators", 0)
OURS = "https://example.com/ours.git"


def fake_gotemplate(texts, values, options):
    """`{{ .name }}` by the same replacement as fasttemplate, `{{ .list }}` as YAML of nothing nested."""
    return [expand_fasttemplate(text.replace("{{ .", "{{ "), values) for text in texts]


GO = Renderer(fake_gotemplate)
FAST = Renderer()


def tree_of(root: Path, files: dict[str, str]) -> DiskTree:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return DiskTree(root)


@pytest.fixture
def expand(tmp_path):
    def run(generator, renderer=GO, files=None):
        context = GeneratorContext({}, tree_of(tmp_path, files or {}), lambda url: url == OURS, renderer)
        return expand_generator(generator, AT, context)

    return run


def values_of(results):
    assert [result.problem for result in results] == [None] * len(results)
    return [one.values for result in results for one in result.parameter_sets]


def lists(*elements, **more):
    return {"list": {"elements": list(elements), **more}}


def test_list_keeps_structure_and_origins_with_gotemplate(expand):
    """list.go: with goTemplate an element is passed as it is."""
    (result,) = expand(lists({"env": "prod", "gpu": {"count": 1, "kinds": ["a", "b"]}}))
    (one,) = result.parameter_sets
    assert one.values == {"env": "prod", "gpu": {"count": 1, "kinds": ["a", "b"]}}
    assert one.origins[("gpu", "kinds", 1)] == (*AT, "list", "elements", 0, "gpu", "kinds", 1)
    assert one.generator == AT


def test_list_flattens_only_values_without_gotemplate(expand):
    """list.go: `values` becomes `values.<key>`, with its origin kept."""
    (result,) = expand(lists({"env": "prod", "values": {"size": "s"}}), FAST)
    (one,) = result.parameter_sets
    assert one.values == {"env": "prod", "values.size": "s"}
    assert one.origins[("values.size",)] == (*AT, "list", "elements", 0, "values", "size")


def test_elements_yaml_comes_after_elements(expand):
    """list.go: ElementsYaml is appended, raw in both modes."""
    (result,) = expand(lists({"a": "1"}, elementsYaml="- {a: 2, b: [x]}\n-\n"))
    assert [one.values for one in result.parameter_sets] == [{"a": "1"}, {"a": 2, "b": ["x"]}, {}]
    assert result.parameter_sets[1].origins[("b", 0)] == (*AT, "list", "elementsYaml")


BAD = [
    ("number-in-fast", lists({"n": 1}), FAST, "parsing value as string", (*AT, "list", "elements", 0, "n")),
    ("values-no-map", lists({"values": "x"}), FAST, "error parsing values map", (*AT, "list", "elements", 0, "values")),
    ("element-no-object", lists("x"), GO, "error unmarshling list element", (*AT, "list", "elements", 0)),
    ("yaml-no-list", lists(elementsYaml="a: 1"), GO, "must be a list of objects", (*AT, "list", "elementsYaml")),
    ("yaml-broken", lists(elementsYaml="a: ["), GO, "error unmarshling decoded", (*AT, "list", "elementsYaml")),
    ("no-object", "x", GO, "a generator must be an object", AT),
    ("unknown", {"lists": {}}, GO, "unrecognized generators", AT),
    ("one-in-matrix", {"matrix": {"generators": [lists({})]}}, GO, "less than two", (*AT, "matrix", "generators")),
    ("three", {"matrix": {"generators": [lists()] * 3}}, GO, "more than two", (*AT, "matrix", "generators")),
    ("two-kinds", {"matrix": {"generators": [{**lists({}), "merge": {}}, lists()]}}, GO, "more than one generator",
     (*AT, "matrix", "generators", 0)),
    ("nothing-inside", {"matrix": {"generators": [{}, lists()]}}, GO, "generated no parameters",
     (*AT, "matrix", "generators", 0)),
    ("matrix-clash", {"matrix": {"generators": [lists({"a": "1"}), lists({"a": "2"})]}}, FAST,
     "found duplicate key a with different value, a: 1 ,b: 2", (*AT, "matrix")),
    ("no-merge-keys", {"merge": {"generators": [lists(), lists()]}}, GO, "no merge keys", (*AT, "merge", "mergeKeys")),
    ("one-in-merge", {"merge": {"generators": [lists()], "mergeKeys": ["a"]}}, GO, "less than two",
     (*AT, "merge", "generators")),
    ("merge-not-unique", {"merge": {"generators": [lists({"a": 1}, {"a": 1}), lists()], "mergeKeys": ["a"]}}, GO,
     'Duplicate key was {"a": 1}', (*AT, "merge", "generators", 0)),
    ("git-nothing", {"git": {"repoURL": OURS}}, GO, "ApplicationSet is empty", (*AT, "git")),
    ("git-outside", {"git": {"repoURL": OURS, "files": [{"path": "../x"}]}}, GO, "outside the repository",
     (*AT, "git", "files", 0, "path")),
    ("selector-operator", {**lists({}), "selector": {"matchExpressions": [{"key": "a", "operator": "Gt"}]}}, GO,
     '"Gt" is not a valid pod selector operator', (*AT, "selector")),
    ("selector-key", {**lists({}), "selector": {"matchLabels": {"path[0]": "a"}}}, GO, "qualified label name",
     (*AT, "selector")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("generator", "renderer", "message", "path"), [row[1:] for row in BAD], ids=[r[0] for r in BAD]
)
def test_refused(expand, generator, renderer, message, path):
    """What upstream refuses yields nothing but the reason, at its field."""
    (result,) = expand(generator, renderer)
    assert result.parameter_sets == ()
    assert isinstance(result.problem, GeneratorError)
    assert message in result.problem.message
    assert result.problem.path == path


@pytest.mark.parametrize("kind", ["clusters", "scmProvider", "pullRequest", "clusterDecisionResource", "plugin"])
def test_what_needs_a_cluster_is_said_so(expand, kind):
    """Generators that ask something outside the repository are not examined, also inside a matrix."""
    (plain,) = expand({kind: {}})
    (nested,) = expand({"matrix": {"generators": [lists({"a": 1}), {kind: {}}]}})
    assert isinstance(plain.problem, NotExamined)
    assert plain.problem.path == (*AT, kind)
    assert isinstance(nested.problem, NotExamined)
    assert nested.problem.path == (*AT, "matrix", "generators", 1, kind)


def test_other_repository_is_not_examined(expand):
    """A git generator reads this repository or none."""
    (result,) = expand({"git": {"repoURL": "https://example.com/other", "directories": [{"path": "*"}]}})
    assert result.problem == NotExamined(
        "git generator", "its repository `https://example.com/other` is not this one", (*AT, "git", "repoURL")
    )


FILES = {
    "apps/a/Chart.yaml": "",
    "apps/b/x/y.yaml": "",
    "apps/.hidden/z.yaml": "",
    "apps/Foo_Bar/Chart.yaml": "",
    "README.md": "",
}
DIRECTORIES = [
    ("one-level", ["apps/*"], ["apps/Foo_Bar", "apps/a", "apps/b"]),
    ("double-star-is-one-star", ["apps/**"], ["apps/Foo_Bar", "apps/a", "apps/b"]),
    ("two-levels", ["apps/*/*"], ["apps/b/x"]),
    ("exclude-wins", ["apps/*", "!apps/a"], ["apps/Foo_Bar", "apps/b"]),
    ("exclude-alone", ["!apps/a"], []),
    ("bad-pattern-is-passed-over", ["apps/[", "apps/a"], ["apps/a"]),
    ("top", ["*"], ["apps"]),
]


@pytest.mark.parametrize(("patterns", "expected"), [row[1:] for row in DIRECTORIES], ids=[r[0] for r in DIRECTORIES])
def test_git_directories(expand, patterns, expected):
    """git.go filterApps: path.Match, exclusion outranks inclusion; repository.go: hidden folders are skipped."""
    items = [{"path": p.lstrip("!"), "exclude": p.startswith("!")} for p in patterns]
    results = expand({"git": {"repoURL": OURS, "directories": items}}, GO, FILES)
    assert [values["path"]["path"] for values in values_of(results)] == expected


def test_git_directory_parameters(expand):
    """git.go generateParamsFromApps, both forms, with prefix and values."""
    git = {"repoURL": OURS, "directories": [{"path": "apps/Foo*"}], "values": {"name": "x-{{ path.basename }}"}}
    assert values_of(expand({"git": git}, FAST, FILES)) == [
        {
            "path": "apps/Foo_Bar",
            "path.basename": "Foo_Bar",
            "path.basenameNormalized": "foo-bar",
            "path[0]": "apps",
            "path[1]": "Foo_Bar",
            "values.name": "x-Foo_Bar",
        }
    ]
    (values,) = values_of(expand({"git": {**git, "values": {}, "pathParamPrefix": "my"}}, GO, FILES))
    assert values == {
        "my": {
            "path": {
                "path": "apps/Foo_Bar",
                "basename": "Foo_Bar",
                "basenameNormalized": "foo-bar",
                "segments": ["apps", "Foo_Bar"],
            }
        }
    }


CONFIG = {
    "envs/prod/config.yaml": "cluster: {name: p, gpus: 2}\n",
    "envs/sno/deep/config.yaml": "- {cluster: {name: s1}}\n- {cluster: {name: s2}}\n",
    "envs/local/config.yaml": "",
    "envs/bad/note.yaml": "just text\n",
}


def git_files(*patterns):
    items = [{"path": p.lstrip("!"), "exclude": p.startswith("!")} for p in patterns]
    return {"git": {"repoURL": OURS, "files": items}}


def test_git_files_cross_folders_and_know_their_origin(expand):
    """client.go LsFiles: `*` crosses `/`; git.go: one set per item of a list, one for an empty file."""
    (result,) = expand(git_files("envs/*/config.yaml"), GO, CONFIG)
    found = [(one.values["path"]["path"], one.values.get("cluster")) for one in result.parameter_sets]
    assert found == [
        ("envs/local", None),
        ("envs/prod", {"name": "p", "gpus": 2}),
        ("envs/sno/deep", {"name": "s1"}),
        ("envs/sno/deep", {"name": "s2"}),
    ]
    assert result.parameter_sets[3].origins[("cluster", "name")] == FileOrigin(
        "envs/sno/deep/config.yaml", (1, "cluster", "name")
    )
    assert result.parameter_sets[0].values["path"]["filename"] == "config.yaml"


def test_git_files_are_flattened_without_gotemplate(expand):
    """git.go: flatten and Sprintf("%v")."""
    (values,) = values_of(expand(git_files("envs/prod"), FAST, CONFIG))
    assert values["cluster.name"] == "p"
    assert values["cluster.gpus"] == "2"
    assert values["path.filenameNormalized"] == "config.yaml"


def test_git_files_exclude(expand):
    """git.go: files of an excluding pattern are taken out again."""
    results = expand(git_files("envs", "!envs/bad", "!envs/sno"), GO, CONFIG)
    assert [values["path"]["basename"] for values in values_of(results)] == ["local", "prod"]


def test_git_file_without_object(expand):
    """git.go: a file that is no object stops the generator."""
    (result,) = expand(git_files("envs/bad"), GO, CONFIG)
    assert isinstance(result.problem, GeneratorError)
    assert "unable to process file 'envs/bad/note.yaml'" in result.problem.message


def test_matrix_first_generator_wins_even_with_empty_values(expand):
    """matrix.go lays the first over the second with mergo's WithOverride: "", false, [] and null win too."""
    first = lists({"a": "", "b": False, "l": [], "n": None, "m": {"x": 1}, "e": {}})
    second = lists({"a": "2", "b": True, "l": [1], "n": 1, "m": {"y": 2}, "e": {"z": 3}, "k": 4})
    (result,) = expand({"matrix": {"generators": [first, second]}})
    (one,) = result.parameter_sets
    assert one.values == {
        "a": "", "b": False, "l": [], "n": None, "m": {"x": 1, "y": 2}, "e": {"z": 3}, "k": 4
    }  # fmt: skip
    assert one.origins[("m", "x")] == (*AT, "matrix", "generators", 0, "list", "elements", 0, "m", "x")
    assert one.origins[("m", "y")] == (*AT, "matrix", "generators", 1, "list", "elements", 0, "m", "y")


def test_matrix_second_generator_sees_the_first(expand):
    """matrix.go getParams: every string of the second generator is expanded with the first's parameters."""
    second = lists({"host": "{{ .env }}.example.com"})
    results = expand({"matrix": {"generators": [lists({"env": "a"}, {"env": "b"}), second]}})
    assert [values["host"] for values in values_of(results)] == ["a.example.com", "b.example.com"]


def test_matrix_without_gotemplate_makes_strings(expand):
    """map.go CombineStringMaps: every value is printed, equal keys must agree."""
    matrix = {"matrix": {"generators": [lists(elementsYaml="[{size: 1000000, e: x}]"), lists({"e": "x"})]}}
    assert values_of(expand(matrix, FAST)) == [{"size": "1e+06", "e": "x"}]


def test_merge_overrides_by_key_and_drops_the_rest(expand):
    """merge.go: sets of later generators whose key the first has not are dropped."""
    merge = {
        "generators": [
            lists({"env": "a", "size": 1, "m": {"x": 1}}, {"env": "b", "size": 1}),
            lists({"env": "a", "size": 0, "m": {"y": 2}}, {"env": "z", "size": 9}),
        ],
        "mergeKeys": ["env"],
    }
    assert values_of(expand({"merge": merge})) == [
        {"env": "a", "size": 0, "m": {"x": 1, "y": 2}},
        {"env": "b", "size": 1},
    ]


def test_nesting_ends_at_the_third_level(expand):
    """applicationset_types.go: a matrix in a matrix, but no matrix in that one."""
    inner = {"matrix": {"generators": [lists({"a": 1}), lists({"b": 2})]}}
    assert values_of(expand({"matrix": {"generators": [inner, lists({"c": 3})]}})) == [{"a": 1, "b": 2, "c": 3}]
    third = {"matrix": {"generators": [{"matrix": {"generators": [inner, lists({})]}}, lists({})]}}
    (result,) = expand(third)
    assert isinstance(result.problem, GeneratorError)


SELECTORS = [
    ("labels", {"matchLabels": {"env": "a"}}, ["a"]),
    ("nested-and-number", {"matchLabels": {"m.n": "1"}}, ["a"]),
    ("in", {"matchExpressions": [{"key": "env", "operator": "In", "values": ["a", "b"]}]}, ["a", "b"]),
    (
        "not-in-takes-absent",
        {"matchExpressions": [{"key": "m.n", "operator": "NotIn", "values": ["1"]}]},
        ["b", "c"],
    ),
    ("exists", {"matchExpressions": [{"key": "m.n", "operator": "Exists"}]}, ["a", "b"]),
    ("absent", {"matchExpressions": [{"key": "m.n", "operator": "DoesNotExist"}]}, ["c"]),
    ("empty", {}, ["a", "b", "c"]),
]


@pytest.mark.parametrize(("selector", "expected"), [row[1:] for row in SELECTORS], ids=[row[0] for row in SELECTORS])
def test_selector(expand, selector, expected):
    """generator_spec_processor.go: the selector sees flattened, printed parameters."""
    elements = [{"env": "a", "m": {"n": 1}}, {"env": "b", "m": {"n": 2}}, {"env": "c"}]
    assert [v["env"] for v in values_of(expand({**lists(*elements), "selector": selector}))] == expected


def test_templated_values_are_not_flattened_for_selectors(expand):
    """flatten knows map[string]any only: `values` of a git generator is map[string]string and stays one parameter."""
    git = {"repoURL": OURS, "directories": [{"path": "apps/a"}], "values": {"tier": "gold"}}
    by_key = {"git": git, "selector": {"matchLabels": {"values.tier": "gold"}}}
    assert values_of(expand(by_key, GO, FILES)) == []
    assert len(values_of(expand(by_key, FAST, FILES))) == 1


def test_huge_matrices_are_not_built(expand):
    """A product of long lists is said to be too large."""
    long = {"list": {"elements": [{"a": index} for index in range(1500)]}}
    (result,) = expand({"matrix": {"generators": [long, {"list": {"elements": [{"b": i} for i in range(1500)]}}]}})
    assert isinstance(result.problem, NotExamined)


def test_one_bad_generator_does_not_hide_the_others(tmp_path):
    """Every generator is judged; upstream would apply none of the Applications while there is an error."""
    manifest = {
        "metadata": {"name": "s", "namespace": "argocd"},
        "spec": {
            "generators": [lists("x"), lists({"env": "a"}, {"env": "a"}), {"clusters": {}}, {}],
            "template": {"metadata": {"name": "app-{{env}}"}, "spec": {}},
        },
    }
    generation = generate_applications(
        manifest, tree=DiskTree(tmp_path), owns_repo=lambda _: True, gotemplate=fake_gotemplate
    )
    assert [application.name for application in generation.applications] == ["app-a"]
    assert [application.name for application in generation.duplicates] == ["app-a"]
    assert [error.path for error in generation.errors] == [(*AT, "list", "elements", 0), ("spec", "generators", 3)]
    assert [left.path for left in generation.not_examined] == [("spec", "generators", 2, "clusters")]
    assert generation.blocked
