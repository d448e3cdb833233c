"""Wiring: other ways to break it that must be found, and right spellings that must stay silent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.overlay import check, line_of, overlay, places
from tests.test_rules import RULES

WIRING = [rule for rule in RULES if rule.id.startswith("SGL1")]
APPSET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"
ENVS = "charts/argocd-apps/values.yaml"
UMBRELLA = "charts/signet-umbrella"
LLM = f"{UMBRELLA}/templates/app-signet-llm.yaml"
LOADTEST = f"{UMBRELLA}/templates/app-signet-loadtest.yaml"
COMMON, DEFAULTS = f"{UMBRELLA}/values-common.yaml", f"{UMBRELLA}/values.yaml"

LLM_ELEMENT = "            signetLLMEnabled: {{ $e.signetLLMEnabled | default false }}\n"
LLM_PARAMETER = "            - name: signetLLM.enabled\n              value: '{{ \"{{ .signetLLMEnabled }}\" }}'\n"
LLM_FLAG = "    signetLLMEnabled: true\n"
LLM_DEFAULT = "signetLLM:\n  enabled: false\n"

BREAKAGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "element removed": (
        {"edits": {APPSET: [(LLM_ELEMENT, "")]}},
        [f"SGL106 {APPSET}:value: '{{{{ \"{{{{ .signetLLMEnabled }}}}\" }}}}'"],
    ),
    "element removed, default hides it": (
        {
            "edits": {
                APPSET: [
                    (LLM_ELEMENT, ""),
                    ("{{ .signetLLMEnabled }}", "{{ .signetLLMEnabled | default false }}"),
                    ('["missingkey=error"]', "[]"),
                ]
            }
        },
        [f"SGL106 {APPSET}:.signetLLMEnabled | default false"],
    ),
    "element misspelt": (
        {"edits": {APPSET: [("            signetLLMEnabled:", "            signetLlmEnabled:")]}},
        [f"SGL106 {APPSET}:value: '{{{{ \"{{{{ .signetLLMEnabled }}}}\" }}}}'"],
    ),
    "element hard-coded": (
        {"edits": {APPSET: [(LLM_ELEMENT, "            signetLLMEnabled: false\n")]}},
        [f"SGL112 {APPSET}:signetLLMEnabled: false"],
    ),
    "parameter removed": (
        {"edits": {APPSET: [(LLM_PARAMETER, "")]}},
        [f"SGL107 {APPSET}:          parameters:"],
    ),
    "parameter hard-coded": (
        {"edits": {APPSET: [("value: '{{ \"{{ .signetLLMEnabled }}\" }}'", 'value: "false"')]}},
        [f'SGL112 {APPSET}:value: "false"'],
    ),
    "a second parameter of the same name wins": (
        {
            "edits": {
                APPSET: [
                    (
                        LLM_PARAMETER,
                        LLM_PARAMETER + '            - name: signetLLM.enabled\n              value: "off"\n',
                    )
                ]
            }
        },
        [f'SGL112 {APPSET}:value: "off"'],
    ),
    "parameter misspelt": (
        {"edits": {APPSET: [("- name: signetLLM.enabled", "- name: signetLLM.enable")]}},
        [f"SGL107 {APPSET}:          parameters:", f"SGL111 {APPSET}:- name: signetLLM.enable"],
    ),
    "flag off in prod": (
        {"edits": {ENVS: [(LLM_FLAG, "    signetLLMEnabled: false # off\n")]}},
        [f"SGL108 {ENVS}:# off"],
    ),
    "flag off as text": (
        {"edits": {ENVS: [(LLM_FLAG, '    signetLLMEnabled: "false" # off\n')]}},
        [f"SGL108 {ENVS}:# off"],
    ),
    "flag misspelt in prod": (
        {"edits": {ENVS: [(LLM_FLAG, "    signetLLMEnable: true\n")]}},
        [f"SGL109 {ENVS}:signetLLMEnable: true"],
    ),
    "flag removed in prod": ({"edits": {ENVS: [(LLM_FLAG, "")]}}, [f"SGL108 {ENVS}:- name: prod"]),
    "Application removed": ({"files": {LLM: None}}, ["SGL102 charts/signet-llm/Chart.yaml:1"]),
    "Application of a misspelt kind": (
        {"edits": {LLM: [("kind: Application\n", "kind: Aplication\n")]}},
        ["SGL102 charts/signet-llm/Chart.yaml:1"],
    ),
    "a new chart beside the others": (
        {"files": {"charts/reranker/Chart.yaml": "apiVersion: v2\nname: reranker\nversion: 0.1.0\n"}},
        ["SGL102 charts/reranker/Chart.yaml:1"],
    ),
    "path misspelt": (
        {"edits": {LLM: [("charts/signet-llm", "charts/signet-lllm")]}},
        [f"SGL103 {LLM}:path: charts/signet-lllm"],
    ),
    "path of the umbrella misspelt": (
        {"edits": {APPSET: [("path: charts/signet-umbrella", "path: charts/signet-umbrela")]}},
        [f"SGL103 {APPSET}:path: charts/signet-umbrela"],
    ),
    "chart's folder renamed": (
        {"files": {"charts/web-frontend": None}},
        [f"SGL103 {UMBRELLA}/templates/app-web-frontend.yaml:path: charts/web-frontend"],
    ),
    "flag not declared anywhere": (
        {"edits": {COMMON: [(LLM_DEFAULT, "")], DEFAULTS: [(LLM_DEFAULT, "")]}},
        [f"SGL104 {COMMON}:1", f"SGL104 {DEFAULTS}:1"],
    ),
    "on by default in both files": (
        {
            "edits": {
                COMMON: [(LLM_DEFAULT, "signetLLM:\n  enabled: yes # a\n")],
                DEFAULTS: [(LLM_DEFAULT, "signetLLM: {enabled: true} # b\n")],
            }
        },
        [f"SGL105 {COMMON}:# a", f"SGL105 {DEFAULTS}:# b"],
    ),
    "default true in the element": (
        {"edits": {APPSET: [("$e.signetLLMEnabled | default false", "$e.signetLLMEnabled | default true")]}},
        [f"SGL112 {APPSET}:$e.signetLLMEnabled | default true"],
    ),
    "another's flag in the element": (
        {
            "edits": {
                APPSET: [
                    ("signetLLMEnabled: {{ $e.signetLLMEnabled", "signetLLMEnabled: {{ $e.signetEmbeddingsEnabled")
                ]
            }
        },
        [f"SGL112 {APPSET}:signetLLMEnabled: {{{{ $e.signetEmbeddingsEnabled"],
    ),
    "inverted gate": (
        {"edits": {LLM: [("{{- if $enabled }}", "{{- if not $enabled }}")]}},
        [f"SGL112 {LLM}:if not $enabled"],
    ),
    "text false is true": (
        {
            "edits": {
                APPSET: [
                    (
                        "            - name: signetLoadtest.enabled\n",
                        "            - name: signetLoadtest.enabled\n              forceString: true\n",
                    )
                ]
            }
        },
        [f"SGL112 {APPSET}:.signetLoadtestEnabled }}}}"],
    ),
    "values file of another environment": (
        {"edits": {LOADTEST: [("values-{{ .Values.env }}.yaml", "values-local.yaml")]}},
        [f"SGL115 {LOADTEST}:valueFiles:"],
    ),
    "values file named after an unset value": (
        {"edits": {LOADTEST: [("values-{{ .Values.env }}.yaml", "values-{{ .Values.environment }}.yaml")]}},
        [f"SGL101 {LOADTEST}:values-{{{{ .Values.environment", f"SGL115 {LOADTEST}:valueFiles:"],
    ),
    "values file misnamed": (
        {
            "files": {
                "charts/signet-llm/values-prod.yaml": None,
                "charts/signet-llm/values-production.yaml": "model: {}\n",
            }
        },
        [f"SGL115 {LLM}:values-{{{{ .Values.env }}}}.yaml"],
    ),
    "revision written out": (
        {"edits": {LLM: [("targetRevision: {{ .Values.targetRevision }}", "targetRevision: HEAD")]}},
        [f"SGL116 {LLM}:targetRevision: HEAD"],
    ),
}


def expected_places(case: dict[str, Any], expected: list[str]) -> list[str]:
    contents = overlay(case.get("files"), case.get("edits"))
    found = [(rule, line_of(contents, at)) for rule, _, at in (place.partition(" ") for place in expected)]
    return sorted(f"{rule} {at}" for rule, at in found)


@pytest.mark.parametrize("name", BREAKAGES)
def test_breakage_is_found_where_it_is_mended(name: str) -> None:
    """Each breakage gives exactly its findings among all wiring rules."""
    case, expected = BREAKAGES[name]
    assert expected_places(case, expected) == sorted(places(check(WIRING, **case)))


RIGHT: dict[str, dict[str, Any]] = {
    "flags as text": {"edits": {ENVS: [(LLM_FLAG, '    signetLLMEnabled: "true"\n')]}},
    "flow style": {"edits": {COMMON: [(LLM_DEFAULT, "signetLLM: {enabled: false}\n")]}},
    "elements from the whole entry": {
        "edits": {
            APPSET: [
                (
                    LLM_ELEMENT,
                    '            {{- range $key, $value := pick $e "signetLLMEnabled" }}\n            {{ $key }}: {{ $value }}\n            {{- end }}\n',
                )
            ]
        }
    },
    "nested flags": {
        "edits": {
            APPSET: [("$e.signetLLMEnabled | default false", 'dig "flags" "chat" false $e')],
            ENVS: [
                (
                    "    signetLLMEnabled: false\n    signetEmbeddingsEnabled: false\n    signetLoadtestEnabled: false\n\n  - name: sno",
                    "    flags: {chat: false}\n    signetEmbeddingsEnabled: false\n    signetLoadtestEnabled: false\n\n  - name: sno",
                ),
                (
                    "    ollamaGatewayEnabled: false\n    signetLLMEnabled: false\n",
                    "    ollamaGatewayEnabled: false\n    flags: {chat: false}\n",
                ),
                (LLM_FLAG, "    flags: {chat: true}\n"),
            ],
        }
    },
    "passed in valuesObject": {
        "edits": {
            APPSET: [
                (LLM_PARAMETER, ""),
                (
                    "          parameters:\n",
                    "          valuesObject:\n            signetLLM:\n              enabled: '{{ \"{{ .signetLLMEnabled }}\" }}'\n          parameters:\n",
                ),
            ]
        }
    },
    "passed in a values block": {
        "edits": {
            APPSET: [
                (LLM_PARAMETER, ""),
                (
                    "          parameters:\n",
                    '          values: |\n            signetLLM:\n              enabled: {{ "{{ .signetLLMEnabled }}" }}\n          parameters:\n',
                ),
            ]
        }
    },
    "gate through get": {
        "edits": {
            LLM: [
                (
                    '{{- $enabled = eq (lower (toString $llm.enabled)) "true" }}',
                    '{{- $enabled = eq (get $llm "enabled" | toString) "true" }}',
                )
            ]
        }
    },
    "another default environment": {"edits": {ENVS: [('envFilter: "local"', 'envFilter: "prod"')]}},
    "all environments by default": {"edits": {ENVS: [('envFilter: "local"', 'envFilter: ""')]}},
    "an optional component off": {
        "edits": {
            ENVS: [
                (
                    "    webFrontendEnabled: true\n    ollamaGatewayEnabled: false\n    signetLLMEnabled: true",
                    "    webFrontendEnabled: false\n    ollamaGatewayEnabled: false\n    signetLLMEnabled: true",
                )
            ]
        }
    },
    "a library chart": {
        "files": {"charts/common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 0.1.0\ntype: library\n"}
    },
    "a chart included by another": {
        "files": {"charts/shared/Chart.yaml": "apiVersion: v2\nname: shared\nversion: 0.1.0\n"},
        "edits": {
            "charts/web-frontend/Chart.yaml": [
                (
                    "version:",
                    "dependencies:\n  - {name: shared, version: 0.1.0, repository: 'file://../shared'}\nversion:",
                )
            ]
        },
    },
    "no values file for the environment": {"files": {"charts/signet-loadtest/values-prod.yaml": None}},
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Each right spelling gives no finding of any wiring rule."""
    assert [] == places(check(WIRING, **RIGHT[name]))


def test_a_folder_of_jsonnet_is_not_called_empty() -> None:
    """What it would deploy is not known: it is counted as not examined, and no finding."""
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: extra-{{ .Values.env }}\n"
        "  namespace: {{ .Values.argocd.namespace }}\nspec:\n  project: default\n  source:\n"
        "    repoURL: {{ .Values.repoUrl }}\n    targetRevision: {{ .Values.targetRevision }}\n    path: manifests\n"
        "  destination:\n    server: https://kubernetes.default.svc\n    namespace: {{ .Values.appNamespace }}\n"
    )
    template = f"{UMBRELLA}/templates/app-extra.yaml"
    report = check(WIRING, files={template: application, "manifests/extra.jsonnet": "[]"})
    assert [] == places(report)
    assert {"manifests/extra.jsonnet"} == {left.path for left in report.coverage.not_examined}
    empty = check(WIRING, files={template: application, "manifests/README.md": "nothing yet"})
    assert [f"SGL103 {template}:11"] == places(empty)
