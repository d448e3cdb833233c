"""Templates become Applications as applicationset/utils and controllers/template of Argo CD v3.1.9 make them."""

from __future__ import annotations

import pytest

from signet_lint.argocd.fasttemplate import expand_fasttemplate
from signet_lint.argocd.goformat import format_value
from signet_lint.argocd.gotemplate import TemplateFailure
from signet_lint.argocd.overlay import fill_empty
from signet_lint.argocd.templatepatch import TemplatePatchError, apply_patch, parse_patch
from signet_lint.argocd.templating import (
    GeneratedApplication,
    ParameterSet,
    Renderer,
    TemplatingError,
    expand_application,
    merge_template,
)

GENERATOR = ("spec", "generators", 0)
AT = (*GENERATOR, "list")

FAST = [
    ("replaced", "a-{{env}}", {"env": "x"}, "a-x"),
    ("trimmed", "{{ env }}", {"env": "x"}, "x"),
    ("missing-stays", "{{ env }}-{{b}}", {"b": "1"}, "{{ env }}-1"),
    ("number-stays", "{{n}}", {"n": 1}, "{{n}}"),
    ("empty-tag-stays", "{{ }}", {"": "x"}, "{{ }}"),
    ("gotemplate-syntax-stays", "{{ .env }}", {"env": "x"}, "{{ .env }}"),
    ("flat-key", "{{values.a}}", {"values.a": "x", "values": {"a": "y"}}, "x"),
    ("over-two-lines-alone", "{{en\nv}}", {"en\nv": "x"}, "{{en\nv}}"),
    ("no-template", "}} {{", {}, "}} {{"),
]


@pytest.mark.parametrize(("text", "values", "expected"), [row[1:] for row in FAST], ids=[row[0] for row in FAST])
def test_fasttemplate(text, values, expected):
    """utils.go Replace without goTemplate."""
    assert expand_fasttemplate(text, values) == expected


def test_fasttemplate_without_end_tag():
    """fasttemplate refuses an opening without an end, once anything on the line is templated."""
    assert isinstance(expand_fasttemplate("{{a}} {{b", {"a": "1"}), TemplateFailure)


FORMATTED = [
    (1, "1"), (999999, "999999"), (1000000, "1e+06"), (1234567.5, "1.2345675e+06"), (0.00001, "1e-05"), (-0.5, "-0.5"),
    (None, "<nil>"), (True, "true"), ({"b": 1, "a": [1, "x"]}, "map[a:[1 x] b:1]"), ("x", "x"), (0, "0"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), FORMATTED, ids=[expected for _, expected in FORMATTED])
def test_go_format(value, expected):
    """fmt.Sprintf("%v") of a JSON value."""
    assert format_value(value) == expected


def parameters(**values):
    return ParameterSet(values, {}, GENERATOR)


def application(template, values, spec=None, own=None, renderer=Renderer()):  # noqa: B008 - frozen
    manifest = {"metadata": {"name": "s", "namespace": "argocd"}, "spec": {"template": template, **(spec or {})}}
    merged = merge_template(manifest["spec"], AT, own)
    return expand_application(merged, values, manifest=manifest, renderer=renderer)


def test_every_string_and_key_is_expanded():
    """deeplyReplace: strings and map keys; booleans and numbers stay; nulls of maps go; structure inside too."""
    template = {
        "metadata": {"name": "app-{{env}}", "namespace": "elsewhere", "labels": {"{{env}}": "x", "n": None}},
        "spec": {
            "source": {
                "helm": {"valuesObject": {"a": ["{{env}}", 1, None, True]}, "parameters": [{"value": "{{env}}"}]}
            }
        },
    }
    made = application(template, parameters(env="prod"))
    assert isinstance(made, GeneratedApplication)
    assert made.body == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "app-prod",
            "namespace": "argocd",
            "labels": {"prod": "x"},
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": {
            "source": {"helm": {"valuesObject": {"a": ["prod", 1, None, True]}, "parameters": [{"value": "prod"}]}}
        },
    }
    assert made.template_paths[("metadata", "labels", "prod")] == ("spec", "template", "metadata", "labels", "{{env}}")
    assert ("metadata", "namespace") not in made.template_paths
    assert ("metadata", "finalizers", 0) not in made.template_paths


FINALIZERS = [
    ("added", {}, [], None, ["resources-finalizer.argocd.argoproj.io"]),
    ("own-kept", {}, ["x"], None, ["x"]),
    ("preserved", {"preserveResourcesOnDeletion": True}, [], None, []),
    ("not-preserved", {"preserveResourcesOnDeletion": False}, [], None, ["resources-finalizer.argocd.argoproj.io"]),
    ("empty-parameters", {}, [], {}, []),
]


@pytest.mark.parametrize(
    ("policy", "own", "values", "expected"), [r[1:] for r in FINALIZERS], ids=[r[0] for r in FINALIZERS]
)
def test_finalizers(policy, own, values, expected):
    """RenderTemplateParams: added unless the template has any, resources are preserved, or there are no parameters."""
    made = application(
        {"metadata": {"finalizers": own}},
        parameters(**({"a": "b"} if values is None else values)),
        {"syncPolicy": policy},
    )
    assert isinstance(made, GeneratedApplication)
    assert made.body["metadata"].get("finalizers", []) == expected


def test_empty_parameters_leave_the_template_untouched():
    """RenderTemplateParams returns the template as it is."""
    made = application({"metadata": {"name": "{{env}}"}, "spec": {"project": "p"}}, parameters())
    assert isinstance(made, GeneratedApplication)
    assert made.name == "{{env}}"
    assert made.template_paths[("spec", "project")] == ("spec", "template", "spec", "project")


def test_errors_name_the_field():
    """A failing string stops its Application and is reported where it is written."""
    renderer = Renderer(lambda texts, *_: [TemplateFailure("no") if "bad" in text else text for text in texts])
    made = application(
        {"metadata": {"name": "{{ .bad }}", "labels": {"a": "{{ .good }}"}}}, parameters(a=1), renderer=renderer
    )
    assert isinstance(made, list)
    assert [(error.message, error.path) for error in made] == [("no", ("spec", "template", "metadata", "name"))]


def test_engine_gets_each_templated_text_once():
    """One batch per parameter set, without the texts that have no template in them."""
    calls = []

    def engine(texts, values, options):
        calls.append((texts, dict(values), tuple(options)))
        return ["x" for _ in texts]

    template = {"metadata": {"name": "{{ .a }}"}, "spec": {"project": "default", "info": ["{{ .a }}", "{{ .b }}"]}}
    application(template, parameters(a=1), renderer=Renderer(engine, ("missingkey=error",)))
    assert calls == [(["{{ .a }}", "{{ .b }}"], {"a": 1}, ("missingkey=error",))]


def test_generator_template_fills_only_what_is_empty():
    """mergeGeneratorTemplate: mergo fills the generator's copy; lists and valuesObject are taken whole."""
    own = {
        "metadata": {"name": "own", "labels": {"a": "own", "b": ""}},
        "spec": {"project": "", "source": {"path": "own", "helm": {"valuesObject": {"x": 1}, "valueFiles": ["own"]}}},
    }
    base = {
        "metadata": {"name": "base", "labels": {"a": "base", "b": "base", "c": "base"}},
        "spec": {
            "project": "base",
            "source": {
                "path": "base",
                "repoURL": "base",
                "helm": {"valuesObject": {"y": 1}, "valueFiles": ["base", "2"]},
            },
        },
    }
    made = application(base, parameters(), own=own)
    assert isinstance(made, GeneratedApplication)
    assert made.body["metadata"]["labels"] == {"a": "own", "b": "base", "c": "base"}
    assert made.body["spec"] == {
        "project": "base",
        "source": {"path": "own", "repoURL": "base", "helm": {"valuesObject": {"x": 1}, "valueFiles": ["own"]}},
    }
    paths = made.template_paths
    assert paths[("spec", "source", "helm", "valueFiles", 0)] == (
        *AT,
        "template",
        "spec",
        "source",
        "helm",
        "valueFiles",
        0,
    )
    assert paths[("spec", "source", "repoURL")] == ("spec", "template", "spec", "source", "repoURL")
    assert paths[("metadata", "labels", "b")] == ("spec", "template", "metadata", "labels", "b")


def test_fill_empty_keeps_false_only_against_nothing():
    """mergo counts false and 0 as empty: `spec.template` cannot be switched off by a generator's template."""
    merged, _ = fill_empty({"prune": False, "limit": 0}, {"prune": True, "limit": 3}, ("t",), ("b",))
    assert merged == {"prune": True, "limit": 3}


def test_template_patch_is_expanded_and_applied_last():
    """template.go renderTemplatePatch: one string, after the template; the project cannot be patched."""
    patch = (
        "metadata:\n  labels: {env: '{{env}}'}\nspec:\n  project: evil\n  syncPolicy:\n    automated: {prune: true}\n"
    )
    made = application(
        {"metadata": {"name": "a-{{env}}", "labels": {"x": "y"}}, "spec": {"project": "good"}},
        parameters(env="prod"),
        {"templatePatch": patch},
    )
    assert isinstance(made, GeneratedApplication)
    assert made.body["metadata"]["labels"] == {"x": "y", "env": "prod"}
    assert made.body["spec"] == {"project": "good", "syncPolicy": {"automated": {"prune": True}}}
    assert made.template_paths[("metadata", "labels", "env")] == ("spec", "templatePatch")
    assert made.template_paths[("spec", "syncPolicy", "automated", "prune")] == ("spec", "templatePatch")
    assert made.template_paths[("spec", "project")] == ("spec", "template", "spec", "project")


PATCHES = [
    ("lists-replaced", {"spec": {"sources": [{"a": 1}, {"b": 2}]}}, {"spec": {"sources": [{"c": 3}]}},
     {"spec": {"sources": [{"c": 3}]}}),
    ("finalizers-joined", {"metadata": {"finalizers": ["a"]}}, {"metadata": {"finalizers": ["b", "a"]}},
     {"metadata": {"finalizers": ["a", "b"]}}),
    ("finalizers-removed", {"metadata": {"finalizers": ["a", "b"]}},
     {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}, {"metadata": {"finalizers": ["b"]}}),
    ("null-deletes", {"spec": {"a": 1, "b": 2}}, {"spec": {"a": None}}, {"spec": {"b": 2}}),
    ("nulls-of-new-maps-dropped", {}, {"spec": {"a": {"b": None, "c": 1}}}, {"spec": {"a": {"c": 1}}}),
    ("replace-directive", {"spec": {"a": {"b": 1}}}, {"spec": {"a": {"$patch": "replace", "c": 2}}},
     {"spec": {"a": {"c": 2}}}),
    ("delete-directive", {"spec": {"a": {"b": 1}}}, {"spec": {"a": {"$patch": "delete"}}}, {"spec": {"a": {}}}),
    ("retain-keys", {"spec": {"a": {"b": 1, "c": 2}}}, {"spec": {"a": {"$retainKeys": ["c"], "c": 3}}},
     {"spec": {"a": {"c": 3}}}),
    ("values-object-scalars", {"spec": {"source": {"helm": {"valuesObject": {"a": 1, "b": 2}}}}},
     {"spec": {"source": {"helm": {"valuesObject": {"a": 3}}}}},
     {"spec": {"source": {"helm": {"valuesObject": {"a": 3, "b": 2}}}}}),
]  # fmt: skip


@pytest.mark.parametrize(("before", "patch", "after"), [row[1:] for row in PATCHES], ids=[row[0] for row in PATCHES])
def test_strategic_merge(before, patch, after):
    """apimachinery strategicpatch on the Application type, which marks no list of its own as mergeable."""
    assert apply_patch(before, patch)[0] == after


@pytest.mark.parametrize("kind", [{"a": {"x": 1}}, {"a": [1]}], ids=["maps", "lists"])
def test_values_object_cannot_be_merged_deeply(kind):
    """The patch library finds no fields in a RawExtension (Argo CD issue 22850)."""
    source = {"spec": {"source": {"helm": {"valuesObject": kind}}}}
    with pytest.raises(TemplatePatchError, match="unable to find api field in struct RawExtension"):
        apply_patch(source, source)


@pytest.mark.parametrize("text", ["a: [", "- a", "{a: b}", "text"], ids=["broken", "list", "flow-is-json", "scalar"])
def test_refused_patches(text):
    """ConvertYAMLToJSON takes a text that begins with a brace as JSON; only an object is a patch."""
    with pytest.raises(TemplatePatchError):
        parse_patch(text)


def test_empty_patch_changes_nothing():
    """A patch whose control blocks leave nothing is null."""
    assert parse_patch(" \n") == {}


def test_failing_patch_is_reported_at_its_field():
    """The Application is not generated."""
    made = application({}, parameters(a="1"), {"templatePatch": "- x"})
    assert isinstance(made, list)
    assert isinstance(made[0], TemplatingError)
    assert made[0].path == ("spec", "templatePatch")


def test_fill_empty_keeps_what_only_one_side_says():
    """An empty value without a counterpart stays as it is written."""
    merged, origins = fill_empty({"a": "", "b": 0}, {"b": None, "c": []}, ("t",), ("b",))
    assert merged == {"a": "", "b": 0, "c": []}
    assert origins == {("a",): ("t", "a"), ("b",): ("t", "b"), ("c",): ("b", "c")}


def test_namespace_is_never_the_templates():
    """template.go: the Application's namespace is the ApplicationSet's, also where that says none."""
    template = merge_template({"template": {"metadata": {"name": "a", "namespace": "elsewhere"}}}, AT, None)
    made = expand_application(template, parameters(a="b"), manifest={}, renderer=Renderer())
    assert isinstance(made, GeneratedApplication)
    assert "namespace" not in made.body["metadata"]
