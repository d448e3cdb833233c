"""The same repository written in other shapes: the ApplicationSet in a plain file, its elements from files, and more.

Each shape as it stands has no finding; what breaks it is found at the line of that shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from signet_lint.config import Config
from signet_lint.discover.repository import Repository
from signet_lint.render.engine import RenderRequest
from signet_lint.render.opening import open_engine
from signet_lint.source.tree import MemoryTree
from tests.breakages.cases import ENVS, LLM, LLM_APP, UMBRELLA, found
from tests.overlay import check, fixture_files
from tests.test_rules import RULES

Files = dict[str, str | None]
ENTRY = "charts/argocd-apps/"
SET = "argocd/applicationset.yaml"
TEMPLATE = f"{ENTRY}templates/applicationset-umbrella.yaml"
FILTER = 'or (eq $.Values.envFilter "") (eq $.Values.envFilter $e.name)'
PROD = f"{UMBRELLA}/values-prod.yaml"
MANIFESTS = "manifests/signet-llm"
SERVICE = f"{MANIFESTS}/inferenceservice.yaml"
GENERATOR = {
    "git": {
        "repoURL": "https://github.com/example-org/gitops.git",
        "revision": "main",
        "files": [{"path": "envs/*.yaml"}],
    }
}


@cache
def rendered(folder: str, values: str, namespace: str) -> Mapping[str, str]:
    """What a chart of the fixture gives with these values (YAML)."""
    engine = open_engine(Config())
    chart = Repository(MemoryTree(fixture_files())).chart_files(folder)
    outputs = engine.render(RenderRequest(chart, yaml.safe_load(values), "release", namespace))
    engine.close()
    assert isinstance(outputs, dict)
    return {path.rpartition("/")[2]: text for path, text in outputs.items() if text.strip()}


def rendered_set() -> str:
    """The ApplicationSet with all environments."""
    texts = rendered(ENTRY.rstrip("/"), "envFilter: ''", "openshift-gitops").values()
    (text,) = (text for text in texts if "kind: ApplicationSet" in text)
    return text


def _body() -> dict[str, Any]:
    body: dict[str, Any] = yaml.safe_load(rendered_set())
    return body


def _elements(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = body["spec"]["generators"][0]["list"]["elements"]
    return elements


def _without_entry(files: Files) -> Files:
    return {**{path: None for path in fixture_files() if path.startswith(ENTRY)}, **files}


def plain_file() -> Files:
    """The ApplicationSet as somebody would apply it by hand."""
    return _without_entry({SET: rendered_set()})


def files_of_a_generator() -> Files:
    """Each element in a file of its own."""
    body = _body()
    files: Files = {f"envs/{one['env']}.yaml": yaml.safe_dump(one, sort_keys=False) for one in _elements(body)}
    body["spec"]["generators"] = [GENERATOR]
    return _without_entry({**files, SET: yaml.safe_dump(body, sort_keys=False)})


def values_of_the_umbrella() -> Files:
    """Each environment in a values file of the umbrella: elements and parameters have its name alone."""
    body = _body()
    helm = body["spec"]["template"]["spec"]["source"]["helm"]
    read = {one["name"]: one["value"].strip("{ }").split()[0][1:] for one in helm["parameters"] if "{{" in one["value"]}
    files: Files = {}
    for element in _elements(body):
        values: dict[str, Any] = {}
        for name, key in read.items():
            *above, last = name.split(".")
            inner = values
            for step in above:
                inner = inner.setdefault(step, {})
            inner[last] = element[key]
        files[f"{UMBRELLA}/values-{element['env']}.yaml"] = yaml.safe_dump(values, sort_keys=False)
    helm["parameters"] = [one for one in helm["parameters"] if one["name"] not in read]
    helm["valueFiles"].append("values-{{ .env }}.yaml")
    short = [{key: one[key] for key in ("env", "clusterServer")} for one in _elements(body)]
    body["spec"]["generators"] = [{"list": {"elements": short}}]
    return _without_entry({**files, SET: yaml.safe_dump(body, sort_keys=False)})


def _entry(change: Callable[[dict[str, Any]], None], *edits: tuple[str, str]) -> Files:
    """The entry chart with other values, and its template edited."""
    values = yaml.safe_load(fixture_files()[ENVS])
    change(values)
    text = fixture_files()[TEMPLATE].decode()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return {ENVS: yaml.safe_dump(values, sort_keys=False), TEMPLATE: text}


def mapped_environments() -> Files:
    """The environments of the entry chart by name, not as a list."""

    def change(values: dict[str, Any]) -> None:
        values["envs"] = {one.pop("name"): one for one in values["envs"]}

    return _entry(change, ("range $e :=", "range $name, $e :="), ("$e.name", "$name"))


def listed_filter() -> Files:
    """Several environments may be chosen."""
    return _entry(lambda values: values.update(envFilter=["local"]), (FILTER, "has $e.name $.Values.envFilter"))


def undeclared_filter() -> Files:
    """The environment must be given, and has no default."""
    return _entry(lambda values: values.pop("envFilter"), (FILTER, 'eq (required "which?" $.Values.envFilter) $e.name'))


INSTALLS = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: root-ENV
  namespace: openshift-gitops
spec:
  project: default
  source:
    repoURL: https://github.com/example-org/gitops.git
    targetRevision: main
    path: charts/argocd-apps
    helm:
      parameters:
        - name: envFilter
          value: ENV
  destination:
    server: https://kubernetes.default.svc
    namespace: openshift-gitops
"""


def installing_applications() -> Files:
    """An Application for each cluster that installs the entry chart there."""
    return {f"clusters/{env}.yaml": INSTALLS.replace("ENV", env) for env in ("local", "sno", "prod")} | {
        ENVS: fixture_files()[ENVS].decode()
    }


def partial_application() -> Files:
    """The Application in a partial, which its template includes where the flag is on."""
    text = fixture_files()[LLM_APP].decode()
    body = text[text.index("apiVersion:") : text.rindex("{{- end }}")]
    included = '{{- if .Values.signetLLM.enabled }}\n{{ include "application" . }}\n{{- end }}\n'
    return {
        f"{UMBRELLA}/templates/_application.tpl": f'{{{{- define "application" }}}}\n{body}{{{{- end }}}}\n',
        LLM_APP: included,
        ENVS: fixture_files()[ENVS].decode(),
    }


def nested_flags() -> Files:
    """The flags of an element below a key of it."""
    body = _body()
    for element in _elements(body):
        names = [key for key in element if key.endswith("Enabled")]
        element["flags"] = {name.removesuffix("Enabled"): element.pop(name) for name in names}
    text = yaml.safe_dump(body, sort_keys=False)
    return _without_entry({SET: re.sub(r"\{\{ \.(\w+)Enabled", r"{{ .flags.\1", text)})


def merged_elements() -> Files:
    """Everything off in one list, and what is on in a second one over it."""
    body = _body()
    elements = _elements(body)
    off = [{key: value is not True and value for key, value in one.items()} for one in elements]
    on = [{key: value for key, value in one.items() if value is True or key == "env"} for one in elements]
    lists = [{"list": {"elements": off}}, {"list": {"elements": on}}]
    body["spec"]["generators"] = [{"merge": {"mergeKeys": ["env"], "generators": lists}}]
    return _without_entry({SET: yaml.safe_dump(body, sort_keys=False)})


def several_sources() -> Files:
    """The umbrella's values files by a source of their own."""
    body = _body()
    spec = body["spec"]["template"]["spec"]
    source = spec.pop("source")
    source["helm"]["valueFiles"] = [f"$values/{UMBRELLA}/values-common.yaml"]
    lender = {key: source[key] for key in ("repoURL", "targetRevision")}
    spec["sources"] = [{**lender, "ref": "values"}, source]
    return _without_entry({SET: yaml.safe_dump(body, sort_keys=False)})


def patched_template() -> Files:
    """A flag that a patch of the template passes."""
    body = _body()
    helm = body["spec"]["template"]["spec"]["source"]["helm"]
    helm["parameters"] = [one for one in helm["parameters"] if one["name"] != "signetLLM.enabled"]
    passed = {"signetLLM": {"enabled": "{{ .signetLLMEnabled }}"}}
    patch = yaml.safe_dump({"spec": {"source": {"helm": {"valuesObject": passed}}}}).replace("'", "")
    body["spec"]["templatePatch"] = patch
    return _without_entry({SET: yaml.safe_dump(body, sort_keys=False)})


def manifests() -> Files:
    """The chat model in plain manifests: there is no chart of it."""
    values = [yaml.safe_load(fixture_files()[f"{LLM}/values-{name}.yaml"]) or {} for name in ("common", "prod")]
    texts = rendered(LLM, yaml.safe_dump({**values[0], **values[1]}), "signet-prod")
    application = fixture_files()[LLM_APP].decode()
    before, rest = application.split("    path: charts/signet-llm\n")
    after = rest[rest.index("  destination:") :]
    return {
        **{path: None for path in fixture_files() if path.startswith(f"{LLM}/")},
        **{f"{MANIFESTS}/{name}": text for name, text in texts.items()},
        LLM_APP: f"{before}    path: {MANIFESTS}\n{after}",
    }


SHAPES: dict[str, Callable[[], Files]] = {
    "a plain file": plain_file,
    "files of a generator": files_of_a_generator,
    "values of the umbrella": values_of_the_umbrella,
    "environments by name": mapped_environments,
    "a list of chosen environments": listed_filter,
    "a choice without default": undeclared_filter,
    "an Application installs each": installing_applications,
    "an Application in a partial": partial_application,
    "nested flags": nested_flags,
    "merged elements": merged_elements,
    "several sources": several_sources,
    "a patched template": patched_template,
    "plain manifests": manifests,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_has_a_finding(shape: str) -> None:
    """What is deployed is the same."""
    assert found({"files": SHAPES[shape]()}) == []


def _changed(files: Files, path: str, old: str, new: str) -> Files:
    """The files with the last place of a text changed: the last element is production's."""
    before, after = (files[path] or "").rsplit(old, 1)
    return {**files, path: before + new + after}


ON, OFF = "signetLLMEnabled: true\n", "signetLLMEnabled: false # here\n"
PASSED = "            - name: signetLLM.enabled\n              value: '{{ .signetLLMEnabled }}'\n"
# A shape, what is changed in which file of it, and the finding: its rule, and a text on its line.
BREAKAGES: dict[str, tuple[str, tuple[str, str, str], tuple[str, str, str]]] = {
    "off in its element": ("a plain file", (SET, ON, OFF), ("SGL108", SET, "# here")),
    "off as text in its element": (
        "a plain file",
        (SET, ON, OFF.replace("false", '"false"')),
        ("SGL108", SET, "# here"),
    ),
    "written out": ("a plain file", (SET, "'{{ .signetLLMEnabled }}'", "'false' # here"), ("SGL112", SET, "# here")),
    "its parameter gone": ("a plain file", (SET, PASSED, ""), ("SGL107", SET, "  parameters:")),
    "off in its file": ("files of a generator", ("envs/prod.yaml", ON, OFF), ("SGL108", "envs/prod.yaml", "# here")),
    "a key that nothing reads": (
        "files of a generator",
        ("envs/prod.yaml", ON, f"{ON}llm: true\n"),
        ("SGL110", "envs/prod.yaml", "llm: true"),
    ),
    "off in the umbrella's values": (
        "values of the umbrella",
        (PROD, "signetLLM:\n  enabled: true", "signetLLM:\n  enabled: false # here"),
        ("SGL108", PROD, "# here"),
    ),
    "not in the umbrella's values": (
        "values of the umbrella",
        (PROD, "signetLLM:\n  enabled: true\n", ""),
        ("SGL108", PROD, "env: prod"),
    ),
    "a values file of another name": (
        "values of the umbrella",
        (SET, "values-{{ .env }}.yaml", "value-{{ .env }}.yaml"),
        ("SGL115", SET, "value-{{ .env }}.yaml"),
    ),
    "off in the entry's mapping": ("environments by name", (ENVS, ON, OFF), ("SGL108", ENVS, "# here")),
    "off beside a list": ("a list of chosen environments", (ENVS, ON, OFF), ("SGL108", ENVS, "# here")),
    "off where the choice must be given": ("a choice without default", (ENVS, ON, OFF), ("SGL108", ENVS, "# here")),
    "off where an Application installs": ("an Application installs each", (ENVS, ON, OFF), ("SGL108", ENVS, "# here")),
    "an environment that is none": (
        "an Application installs each",
        ("clusters/prod.yaml", "value: prod", "value: prd"),
        ("SGL106", TEMPLATE, "  generators:"),
    ),
    "off before a partial": ("an Application in a partial", (ENVS, ON, OFF), ("SGL108", ENVS, "# here")),
    "off below a key": (
        "nested flags",
        (SET, "signetLLM: true", "signetLLM: false # here"),
        ("SGL108", SET, "# here"),
    ),
    "written out, with no element of its own": (
        "nested flags",
        (SET, "'{{ .flags.signetLLM }}'", "'false' # here"),
        ("SGL108", SET, "# here"),
    ),
    "off in the second list": ("merged elements", (SET, ON, OFF), ("SGL108", SET, "# here")),
    "off beside another source": ("several sources", (SET, ON, OFF), ("SGL108", SET, "# here")),
    "off behind a patch": ("a patched template", (SET, ON, OFF), ("SGL108", SET, "# here")),
    "another value in the patch": (
        "a patched template",
        (SET, "signetLLM:", "signetLlm:"),
        ("SGL107", SET, "          parameters:"),
    ),
    "no cap of the length": (
        "plain manifests",
        (SERVICE, "        - --max-model-len=8192\n", ""),
        ("SGL601", SERVICE, "      args:"),
    ),
    "another taint": (
        "plain manifests",
        (SERVICE, 'value: "true"', 'value: "yes"'),
        ("SGL504", SERVICE, "    tolerations:"),
    ),
    "a model that does not fit": (
        "plain manifests",
        (SERVICE, "Qwen/Qwen2.5-14B-Instruct", "Qwen/Qwen2.5-72B-Instruct"),
        ("SGL613", SERVICE, "storageUri:"),
    ),
    "a runtime of another name": (
        "plain manifests",
        (SERVICE, "runtime: signet-llm-vllm", "runtime: vllm"),
        ("SGL604", SERVICE, "runtime:"),
    ),
    "a file that is not YAML": (
        "plain manifests",
        (SERVICE, "runtime: signet-llm-vllm", "runtime: 'signet-llm-vllm"),
        ("SGL001", SERVICE, "runtime:"),
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_breakage_is_found_in_its_shape(name: str) -> None:
    """Each breakage gives exactly its finding among all rules."""
    shape, change, (rule, path, needle) = BREAKAGES[name]
    files = _changed(SHAPES[shape](), *change)
    content = files.get(path) or fixture_files()[path].decode()
    (line,) = [number for number, text in enumerate(content.splitlines(), 1) if needle in text]
    assert found({"files": files}) == [f"{rule} {path}:{line}"]


def test_an_environment_that_nothing_renders_is_told() -> None:
    """It is in the values, and no value selects it: then nobody has looked at it."""
    files = _entry(
        lambda values: [one.update(enabled=one["name"] == "local") for one in values["envs"]], (FILTER, "$e.enabled")
    )
    coverage = check(RULES, files=files).coverage
    assert coverage.environments == ("local",)
    told = {one.what for one in coverage.not_examined}
    assert told >= {"environment `sno`", "environment `prod`"}
