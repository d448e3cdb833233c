"""One cause is one finding, at the line to edit: what only follows from it is not reported beside it."""

from __future__ import annotations

from typing import Any

import pytest

from signet_lint.config import Config
from tests.breakages.cases import APPSET, ENVS, LLM_APP, SERVICE, UMBRELLA, edit, expected, file, found
from tests.overlay import check, fixture_files
from tests.test_rules import RULES

WEB_APP = f"{UMBRELLA}/templates/app-web-frontend.yaml"
VALUES = "charts/signet-llm/values-common.yaml"
EMBEDDINGS = "charts/signet-embeddings/values-common.yaml"
KSERVE_ROLE = f"{UMBRELLA}/templates/rbac-argocd-kserve.yaml"
SUBSCRIPTION = "charts/bootstrap-operators/templates/subscription-openshift-ai.yaml"
COMPONENTS = "charts/openshift-ai/values-common.yaml"
HELPERS = f"{UMBRELLA}/templates/_helpers.tpl"
LLM_ON = "    signetLLMEnabled: true\n"


def _text(path: str) -> str:
    return fixture_files()[path].decode()


def _without_the_gate() -> str:
    return (
        _text(SUBSCRIPTION).replace("{{- if .Values.operators.openshiftAI.enabled }}\n", "").rsplit("{{- end }}", 1)[0]
    )


def _unset_strategy() -> str:
    text = _text(VALUES)
    start, end = text.index("deploymentStrategy:"), text.index("networkPolicy:")
    return f"{text[:start]}deploymentStrategy: {{}}\n\n{text[end:]}"


def _on_anywhere(at: str) -> list[str]:
    """A model service that is on in a local environment, too: that it is there, and why; not what it lacks there."""
    return [f"SGL112 {APPSET}:{at}", f"SGL904 {APPSET}:{at}"]


LOCAL = (
    "    signetLLMEnabled: false\n    signetEmbeddingsEnabled: false\n    signetLoadtestEnabled: false\n\n  - name: sno"
)

CAUSES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "elements under another name": (edit(APPSET, ("        elements:\n", "        element:\n")), [f"SGL005 {APPSET}:element:"]),
    "generators that are no list": (edit(APPSET, ("    - list:\n", "      list:\n")), [f"SGL005 {APPSET}:generators:"]),
    "parameters under another name": (
        edit(APPSET, ("          parameters:\n", "          parameter:\n")), [f"SGL005 {APPSET}:parameter:"]
    ),
    "a service that is off": (
        edit(ENVS, (LLM_ON, "    signetLLMEnabled: 'false' # off\n")), [f"SGL108 {ENVS}:# off"]
    ),
    "a flag of another case": (
        edit(ENVS, (LLM_ON, "    signetLlmEnabled: true\n")), [f"SGL109 {ENVS}:signetLlmEnabled"]
    ),
    "a template that is gone": (file(LLM_APP, None), ["SGL102 charts/signet-llm/Chart.yaml:1"]),
    "a template that is a partial": (
        {"files": {LLM_APP: None, f"{UMBRELLA}/templates/_app.yaml": _text(LLM_APP)}},
        ["SGL102 charts/signet-llm/Chart.yaml:1"],
    ),
    "a template that .helmignore drops": (
        file(f"{UMBRELLA}/.helmignore", "templates/app-signet-llm.yaml\n"), ["SGL102 charts/signet-llm/Chart.yaml:1"]
    ),
    "a gate that nothing opens": (
        edit(LLM_APP, ('(lower (toString $llm.enabled)) "true"', '(toString $llm.enabled) "True"')),
        ["SGL102 charts/signet-llm/Chart.yaml:1"],
    ),
    "another repository for a chart of this one": (
        edit(LLM_APP, ("repoURL: {{ .Values.repoUrl }}", "repoURL: https://git.example.org/other.git")),
        [f"SGL116 {LLM_APP}:repoURL"],
    ),
    "a name that is taken": (
        edit(LLM_APP, ("name: signet-llm-{{", "name: signet-embeddings-{{")), [f"SGL008 {LLM_APP}:kind: Application"]
    ),
    "a service in a local environment": (
        edit(ENVS, (LOCAL, LOCAL.replace("LLMEnabled: false", "LLMEnabled: true # on"))), [f"SGL904 {ENVS}:# on"]
    ),
    "an element that is on by default": (
        edit(APPSET, ("$e.signetLLMEnabled | default false", "$e.signetLLMEnabled | default true")),
        _on_anywhere("signetLLMEnabled | default true"),
    ),
    "a parameter that is on by default": (
        edit(APPSET, ('"{{ .signetLLMEnabled }}"', '"{{ .signetLLMEnabled | default true }}"')),
        [f"SGL112 {APPSET}:signetLLMEnabled | default true"],
    ),
    "a parameter that is always on": (
        edit(APPSET, ("value: '{{ \"{{ .signetLLMEnabled }}\" }}'", 'value: "true" # on')), _on_anywhere("# on")
    ),
    "a load test that is on by default": (
        edit(APPSET, ("$e.signetLoadtestEnabled | default false", "$e.signetLoadtestEnabled | default true")),
        [f"SGL112 {APPSET}:signetLoadtestEnabled | default true"],
    ),
    "an Application that asks no flag": (
        file(LLM_APP, _text(LLM_APP).partition("{{- if $enabled }}\n")[2].rpartition("{{- end }}")[0]),
        [f"SGL112 {LLM_APP}:kind: Application", f"SGL904 {LLM_APP}:kind: Application"],
    ),
    "a flag that arrives as text": (
        edit(APPSET, ("            - name: openshiftAI.enabled\n", "            - name: openshiftAI.enabled\n              forceString: true\n")),
        [f"SGL112 {APPSET}:openshiftAIEnabled | default false }}}}\" }}}}"],
    ),
    "a manifest that is no YAML": (
        edit(SERVICE, ("{{- toYaml .Values.resources | nindent 8 }}", "{{ toYaml .Values.resources }}")),
        [f"SGL004 {SERVICE}:41"],
    ),
    "Go templates where they are not on": (
        edit(APPSET, ("  goTemplate: true\n", "  goTemplate: false\n")), [f"SGL003 {APPSET}:goTemplate: false"]
    ),
    "Go templates that nobody asked for": (edit(APPSET, ("  goTemplate: true\n", "")), [f"SGL003 {APPSET}:^spec:"]),
    "no GPU in one environment": (
        edit(
            "charts/signet-llm/values-prod.yaml",
            ("exposed: true\n", 'exposed: true\nresources: {limits: {nvidia.com/gpu: "0"}}\n'),
        ),
        ["SGL501 charts/signet-llm/values-prod.yaml:nvidia.com/gpu"],
    ),
    "a strategy that is empty": (file(VALUES, _unset_strategy()), [f"SGL510 {VALUES}:deploymentStrategy: {{}}"]),
    "a binding beside its role": (
        file(
            KSERVE_ROLE,
            "namespace: default".join(_text(KSERVE_ROLE).rsplit("namespace: {{ .Values.appNamespace }}", 1)),
        ),
        [f"SGL204 {KSERVE_ROLE}:34"],
    ),
    "a component under its old name": (
        edit(COMPONENTS, ("    aipipelines:\n", "    datasciencepipelines:\n")), [f"SGL406 {COMPONENTS}:datasciencepipelines"]
    ),
    "a component whose name is misspelt": (
        edit(COMPONENTS, ("    kueue:\n", "    kueeu:\n")), [f"SGL406 {COMPONENTS}:kueeu"]
    ),
    "an embedding model that is told to generate": (
        edit(EMBEDDINGS, ("    - --task=embed\n", "    - --task=generate\n")), [f"SGL607 {EMBEDDINGS}:  args:"]
    ),
    "a Secret whose name has another key": (
        edit(VALUES, ("huggingFaceTokenSecret: hugg", "hfTokenSecret: hugg")),
        [f"SGL706 {SERVICE}:name: {{{{ .Values.huggingFaceTokenSecret }}}}"],
    ),
    "a load test without an image": (
        edit("charts/signet-loadtest/values-common.yaml", ("image: docker.io", "images: docker.io")),
        ["SGL005 charts/signet-loadtest/values-common.yaml:images: docker.io"],
    ),
    "a runtime without an image": (
        edit(EMBEDDINGS, ("  image: registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5", '  image: ""')),
        [f"SGL612 {EMBEDDINGS}:  image:"],
    ),
    "a Secret of no name": (
        edit(VALUES, ("huggingFaceTokenSecret: huggingface-token", 'huggingFaceTokenSecret: ""')),
        [f"SGL706 {VALUES}:huggingFaceTokenSecret"],
    ),
    "a Subscription without its gate": (
        file(SUBSCRIPTION, _without_the_gate()), [f"SGL304 {SUBSCRIPTION}:kind: Subscription"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CAUSES)
def test_one_cause_is_one_finding(name: str) -> None:
    change, places = CAUSES[name]
    assert expected(change, places) == found(change)


def test_a_partial_is_pointed_at_to_its_last_line() -> None:
    """A line that only includes it ends with it, and writes nothing."""
    wrong = "  namespace: {{ .Values.argocd.namespace }}\n"
    change = edit(HELPERS, (wrong, "  namespace: argocd\n"))
    assert set(expected(change, [f"SGL204 {HELPERS}:namespace: argocd"])) == set(found(change))


def test_a_key_that_only_has_to_be_there_is_a_switch() -> None:
    change = edit(
        WEB_APP,
        ("if .Values.webFrontend.enabled", 'if and (hasKey .Values.webFrontend "enable") .Values.webFrontend.enabled'),
    )
    assert {"SGL104", "SGL107"} == {place.split()[0] for place in found(change)}
    right = edit(
        WEB_APP,
        ("if .Values.webFrontend.enabled", 'if and (hasKey .Values.webFrontend "enabled") .Values.webFrontend.enabled'),
    )
    assert found(right) == []


def test_a_chart_of_another_repository_is_its_own_business() -> None:
    text = _text(WEB_APP).replace("name: web-frontend-", "name: other-").replace("charts/web-frontend", "charts/other")
    change = file(
        f"{UMBRELLA}/templates/app-other.yaml", text.replace("{{ .Values.repoUrl }}", "https://git.example.org/o.git")
    )
    assert found(change) == []


def test_what_no_other_rule_reports_is_reported() -> None:
    """Where no service is required, the load test's own fault is all there is to say."""
    change = edit(ENVS, (LLM_ON, "    signetLLMEnabled: false\n"))
    rules = {finding.rule for finding in check(RULES, config=Config(required=()), **change).findings}
    assert rules == {"SGL809", "SGL810"}


def test_what_follows_is_told_where_the_cause_is_not_asked_for() -> None:
    """With the rules on wiring off, nothing else would say that something is wrong."""
    change = edit(APPSET, ("$e.signetLLMEnabled | default false", "$e.signetLLMEnabled | default true"))
    assert found(change, ["SGL706"]) == expected(
        change, ["SGL706 charts/signet-llm/values-common.yaml:huggingFaceTokenSecret:"]
    )
