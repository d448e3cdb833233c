"""The chain from an environment to its Applications: more ways to break each link, and to write it right."""

from __future__ import annotations

import pytest

from tests.breakages.cases import (
    APPSET,
    EMB_APP,
    ENVS,
    LLM,
    LLM_APP,
    LOADTEST_APP,
    UMBRELLA,
    Case,
    Change,
    both,
    edit,
    expected,
    file,
    found,
    passed,
)
from tests.overlay import fixture_files

COMMON, DEFAULTS = f"{UMBRELLA}/values-common.yaml", f"{UMBRELLA}/values.yaml"
KSERVE_RBAC = f"{UMBRELLA}/templates/rbac-argocd-kserve.yaml"
ELEMENT = "            signetLLMEnabled: {{ $e.signetLLMEnabled | default false }}\n"
PARAMETER = "            - name: signetLLM.enabled\n              value: '{{ \"{{ .signetLLMEnabled }}\" }}'\n"
FLAG = "    signetLLMEnabled: true\n"
DEFAULT = "signetLLM:\n  enabled: false\n"
GATE = "{{- if .Values.signetLoadtest.enabled }}"
FILES = "        - values-common.yaml\n        - values-{{ .Values.env }}.yaml\n"
TWO = "signetLLM:\n  enabled: false\nsignetEmbeddings:\n  enabled: false\n"
LLM_TEXT = fixture_files()[LLM_APP].decode()

MANY = """\
{{- range $name, $key := dict "signet-llm" "signetLLM" "signet-embeddings" "signetEmbeddings" }}
{{- if (index $.Values $key).enabled }}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {{ $name }}-{{ $.Values.env }}
  namespace: {{ $.Values.argocd.namespace }}
spec:
  project: default
  source:
    repoURL: {{ $.Values.repoUrl }}
    targetRevision: {{ $.Values.targetRevision }}
    path: charts/{{ $name }}
    helm:
      valueFiles:
        - values-common.yaml
        - values-{{ $.Values.env }}.yaml
      ignoreMissingValueFiles: true
  destination:
    server: https://kubernetes.default.svc
    namespace: {{ $.Values.appNamespace }}
  syncPolicy:
    syncOptions: [SkipDryRunOnMissingResource=true]
    automated: {prune: true, selfHeal: true}
{{- end }}
{{- end }}
"""
SOURCES = """\
  sources:
    - repoURL: {{ .Values.repoUrl }}
      targetRevision: {{ .Values.targetRevision }}
      ref: values
    - repoURL: {{ .Values.repoUrl }}
      targetRevision: {{ .Values.targetRevision }}
      path: charts/signet-llm
      helm:
        valueFiles:
          - $values/charts/signet-llm/values-common.yaml
          - $values/charts/signet-llm/values-{{ .Values.env }}.yaml
        ignoreMissingValueFiles: true
"""


def many(text: str = MANY) -> Change:
    """Both model services by one template of the umbrella."""
    return {"files": {LLM_APP: None, EMB_APP: text}}


def map_of_apps(value: str = "signet-llm.enabled") -> Change:
    """Both model services by a map in the umbrella's values."""
    apps = "apps:\n  signet-llm:\n    enabled: false\n  signet-embeddings:\n    enabled: false\n"
    keyed = [
        ("- name: signetLLM.enabled", f"- name: apps.{value}"),
        ("- name: signetEmbeddings.enabled", "- name: apps.signet-embeddings.enabled"),
    ]
    rights = (
        "{{- if or .Values.signetLLM.enabled .Values.signetEmbeddings.enabled }}",
        '{{- if or (index .Values.apps "signet-llm").enabled (index .Values.apps "signet-embeddings").enabled }}',
    )
    template = MANY.replace(
        '$key := dict "signet-llm" "signetLLM" "signet-embeddings" "signetEmbeddings"', "$app := .Values.apps"
    )
    return both(
        many(template.replace("(index $.Values $key).enabled", "$app.enabled")),
        {"edits": {APPSET: keyed, COMMON: [(TWO, apps)], DEFAULTS: [(TWO, apps)], KSERVE_RBAC: [rights]}},
    )


def sources(text: str = SOURCES) -> Change:
    """The chat model's Application with two sources."""
    start, end = LLM_TEXT.index("  source:\n"), LLM_TEXT.index("  destination:\n")
    return file(LLM_APP, LLM_TEXT[:start] + text + LLM_TEXT[end:])


BROKEN: dict[str, Case] = {
    "101 no Chart.yaml": (file(f"{LLM}/Chart.yaml", None), [f"SGL101 {LLM_APP}:path: charts/signet-llm"]),
    "101 Chart.yaml in small letters": (
        both(file(f"{LLM}/Chart.yaml", None), file(f"{LLM}/chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n")),
        [f"SGL101 {LLM_APP}:path: charts/signet-llm"],
    ),
    "101 common values misnamed": (
        both(
            file("charts/cert-manager-config/values-common.yaml", None),
            file("charts/cert-manager-config/values-comon.yaml", "a: b\n"),
        ),
        [f"SGL101 {UMBRELLA}/templates/app-cert-manager-config.yaml:values-common.yaml"],
    ),
    "102 the Application in a partial": (
        both(file(LLM_APP, None), file(f"{UMBRELLA}/templates/_app-signet-llm.yaml", LLM_TEXT)),
        [f"SGL102 {LLM}/Chart.yaml:1"],
    ),
    "102 the Application outside of templates": (
        both(file(LLM_APP, None), file(f"{UMBRELLA}/app-signet-llm.yaml", LLM_TEXT)),
        [f"SGL102 {LLM}/Chart.yaml:1"],
    ),
    "102 a gate that never opens": (
        edit(LLM_APP, ("{{- if $enabled }}", "{{- if and $enabled false }}")),
        [f"SGL102 {LLM}/Chart.yaml:1"],
    ),
    "103 capital letters": (
        edit(EMB_APP, ("charts/signet-embeddings", "charts/Signet-Embeddings")),
        [f"SGL103 {EMB_APP}:path:"],
    ),
    "103 in one template for many": (
        many(MANY.replace("charts/{{ $name }}", "charts/{{ $name }}s")),
        [f"SGL103 {EMB_APP}:path:"] * 2,
    ),
    "104 missing in one file": (edit(COMMON, (DEFAULT, "")), [f"SGL104 {COMMON}:1"]),
    "104 a parent without the flag": (edit(DEFAULTS, (DEFAULT, "signetLLM: {}\n")), [f"SGL104 {DEFAULTS}:signetLLM"]),
    "105 on": (edit(COMMON, (DEFAULT, "signetLLM:\n  enabled: on # x\n")), [f"SGL105 {COMMON}:# x"]),
    "105 true as text": (
        edit(DEFAULTS, (DEFAULT, 'signetLLM:\n  enabled: "true" # x\n')),
        [f"SGL105 {DEFAULTS}:# x"],
    ),
    "106 commented out": (
        edit(APPSET, (ELEMENT, f"#{ELEMENT}")),
        [f"SGL106 {APPSET}:value: '{{{{ \"{{{{ .signetLLMEnabled }}}}\" }}}}'"],
    ),
    "106 another case": (
        edit(APPSET, (ELEMENT, ELEMENT.replace("signetLLMEnabled:", "signetLLMenabled:"))),
        [f"SGL106 {APPSET}:value: '{{{{ \"{{{{ .signetLLMEnabled }}}}\" }}}}'"],
    ),
    "107 commented out": (
        edit(APPSET, (PARAMETER, "".join(f"#{line}\n" for line in PARAMETER.splitlines()))),
        [f"SGL107 {APPSET}:          parameters:"],
    ),
    "107 named like the element": (
        edit(APPSET, ("- name: signetLLM.enabled", "- name: signetLLMEnabled")),
        [f"SGL107 {APPSET}:          parameters:", f"SGL111 {APPSET}:- name: signetLLMEnabled"],
    ),
    "107 one of a map of apps": (map_of_apps("signet-llm.enable"), [f"SGL107 {APPSET}:          parameters:"]),
    "108 by a condition on the environment": (
        edit(ENVS, ("    openshiftAIEnabled: true\n", "    openshiftAIEnabled:\n")),
        [f"SGL108 {ENVS}:55"],
    ),
    "108 anchors": (
        edit(ENVS, (f"{FLAG}    signetEmbeddingsEnabled: true\n", "    signetLLMEnabled: &run false\n    signetEmbeddingsEnabled: *run\n")),
        [f"SGL108 {ENVS}:&run", f"SGL108 {ENVS}:*run"],
    ),
    "108 commented out": (edit(ENVS, (FLAG, f"#{FLAG}")), [f"SGL108 {ENVS}:- name: prod"]),
    "109 one level too deep": (
        edit(ENVS, (FLAG, f"    flags:\n  {FLAG}")),
        [f"SGL109 {ENVS}:      signetLLMEnabled: true"],
    ),
    "109 another case": (edit(ENVS, (FLAG, "    signetLlmEnabled: true\n")), [f"SGL109 {ENVS}:signetLlmEnabled"]),
    "109 and 110 read and not threaded": (
        both(
            edit(ENVS, (FLAG, f"{FLAG}    chatReplicas: 1\n")),
            edit(APPSET, (ELEMENT, f"{ELEMENT}            chatReplicas: {{{{ $e.chatReplicas | default 1 }}}}\n")),
        ),
        [f"SGL109 {ENVS}:chatReplicas", f"SGL110 {APPSET}:chatReplicas"],
    ),
    "110 an element that no parameter reads": (
        edit(APPSET, (ELEMENT, f"{ELEMENT}            region: eu\n")),
        [f"SGL110 {APPSET}:region"],
    ),
    "112 default true in the gate": (
        edit(LOADTEST_APP, (GATE, "{{- if .Values.signetLoadtest.enabled | default true }}")),
        [f"SGL112 {LOADTEST_APP}:1"],
    ),
    "112 the neighbour's gate": (
        edit(LOADTEST_APP, (GATE, "{{- if .Values.signetLLM.enabled }}")),
        [f"SGL111 {APPSET}:- name: signetLoadtest.enabled", f"SGL112 {LOADTEST_APP}:1"],
    ),
    "112 the environment's name": (
        edit(LOADTEST_APP, (GATE, '{{- if eq .Values.env "prod" }}')),
        [f"SGL111 {APPSET}:- name: signetLoadtest.enabled", f"SGL112 {LOADTEST_APP}:1"],
    ),
    "112 one switch for two in a file": (
        {
            "files": {
                LLM_APP: None,
                EMB_APP: fixture_files()[EMB_APP].decode().rstrip().removesuffix("{{- end }}")
                + "---\n"
                + LLM_TEXT[LLM_TEXT.index("apiVersion") :].replace("kind: Application", "kind: Application # second"),
            }
        },
        [f"SGL112 {EMB_APP}:# second"],
    ),
    "112 a variable that is set to the opposite": (
        edit(LLM_APP, ('(toString $llm.enabled)) "true"', '(toString $llm.enabled)) "false"')),
        [f"SGL112 {LLM_APP}:$enabled = eq"],
    ),
    "112 no gate": (
        file(LLM_APP, LLM_TEXT[LLM_TEXT.index("apiVersion") :].rstrip().removesuffix("{{- end }}")),
        [f"SGL112 {LLM_APP}:kind: Application"],
    ),
    "112 default true for one of a map of apps": (
        both(map_of_apps(), edit(APPSET, (ELEMENT, ELEMENT.replace("false", "true")))),
        [f"SGL112 {APPSET}:$e.signetLLMEnabled"],
    ),
    "113 a namespace that no element has": (
        edit(APPSET, ("            appNamespace: {{ $e.appNamespace | quote }}\n", "")),
        [f"SGL113 {APPSET}:value: '{{{{ \"{{{{ .appNamespace }}}}\" }}}}'"],
    ),
    "113 in the template's metadata": (
        edit(APPSET, ("example.org/env: '{{ \"{{ .env }}\" }}'", "example.org/env: '{{ \"{{ .environment }}\" }}'")),
        [f"SGL113 {APPSET}:.environment"],
    ),
    "114 a key of one file": (
        edit(DEFAULTS, ('  address: ""\n', "")),
        [f"SGL114 {COMMON}:address"],
    ),
    "114 another key of the other": (
        edit(DEFAULTS, ("  replicas: 1\n", "  replicas: 1\n  theme: dark\n")),
        [f"SGL114 {DEFAULTS}:theme"],
    ),
    "115 the environment's file taken out": (
        edit(LLM_APP, ("        - values-{{ .Values.env }}.yaml\n", "")),
        [f"SGL115 {LLM_APP}:valueFiles:"],
    ),
    "115 of one of two sources": (
        sources(SOURCES.replace("          - $values/charts/signet-llm/values-{{ .Values.env }}.yaml\n", "")),
        [f"SGL115 {LLM_APP}:valueFiles:"],
    ),
    "116 the address": (
        edit(LLM_APP, ("repoURL: {{ .Values.repoUrl }}", "repoURL: https://github.com/example-org/gitops.git")),
        [f"SGL116 {LLM_APP}:repoURL"],
    ),
    "117 a parameter": (
        passed("      parameters:\n        - name: greeting\n          value: cost$total\n"),
        [f"SGL117 {LLM_APP}:cost$total"],
    ),
    "117 braces": (
        passed("      parameters:\n        - name: greeting\n          value: ${HOME}/x\n"),
        [f"SGL117 {LLM_APP}:${{HOME}}"],
    ),
}  # fmt: skip

RIGHT: dict[str, Change] = {
    "false as text": both(
        edit(COMMON, (DEFAULT, 'signetLLM:\n  enabled: "false"\n')),
        edit(DEFAULTS, (DEFAULT, 'signetLLM:\n  enabled: "false"\n')),
    ),
    "off": edit(COMMON, (DEFAULT, "signetLLM:\n  enabled: off\n")),
    "True": edit(ENVS, (FLAG, "    signetLLMEnabled: True\n")),
    "anchors": edit(
        ENVS,
        (
            f"{FLAG}    signetEmbeddingsEnabled: true\n",
            "    signetLLMEnabled: &run true\n    signetEmbeddingsEnabled: *run\n",
        ),
    ),
    "a gate by index": edit(LOADTEST_APP, (GATE, '{{- if index .Values "signetLoadtest" "enabled" }}')),
    "a gate that also asks for another": edit(
        LOADTEST_APP, (GATE, "{{- if and .Values.signetLoadtest.enabled .Values.openshiftAI.enabled }}")
    ),
    "a gate by comparison": edit(LOADTEST_APP, (GATE, '{{- if ne (toString .Values.signetLoadtest.enabled) "false" }}')),
    "a slash at the end of the path": edit(LLM_APP, ("path: charts/signet-llm", "path: charts/signet-llm/")),
    "a dot before the path": edit(LLM_APP, ("path: charts/signet-llm", "path: ./charts/signet-llm")),
    "a text for the one that reads text": edit(
        APPSET,
        ("            - name: signetLLM.enabled\n", "            - name: signetLLM.enabled\n              forceString: true\n"),
    ),
    "a parameter that a later one replaces": edit(
        APPSET, (PARAMETER, PARAMETER.replace("'{{ \"{{ .signetLLMEnabled }}\" }}'", '"false"') + PARAMETER)
    ),
    "values of the environment for the umbrella": edit(
        APPSET,
        (
            "            - values-common.yaml\n          parameters",
            "            - values-common.yaml\n            - values-prod.yaml\n          ignoreMissingValueFiles: true\n"
            "          parameters",
        ),
    ),
    "one template for many": many(),
    "a map of apps": map_of_apps(),
    "two sources": sources(),
    "a variable of Argo CD": passed("      parameters:\n        - name: app\n          value: $ARGOCD_APP_NAME\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_breakage_is_found_where_it_is_mended(name: str) -> None:
    """Each breakage gives exactly its findings among the rules on wiring."""
    case, entries = BROKEN[name]
    assert expected(case, entries) == found(case, ("SGL1",))


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to wire an Application is no finding of any rule."""
    assert [] == found(RIGHT[name])
