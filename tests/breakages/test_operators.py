"""Operators and the DataScienceCluster: more ways to get them wrong, and right spellings that must stay silent."""

from __future__ import annotations

from typing import Any

import pytest

from signet_lint.config import Config, Existing, OperatorEntry
from tests.overlay import check, line_of, overlay, places
from tests.test_rules import RULES

OURS = [rule for rule in RULES if rule.id.startswith(("SGL3", "SGL4"))]
OPS = "charts/bootstrap-operators"
OPS_VALUES, OPS_PROD = f"{OPS}/values-common.yaml", f"{OPS}/values-prod.yaml"
AI_SUB, CERT_SUB = f"{OPS}/templates/subscription-openshift-ai.yaml", f"{OPS}/templates/subscription-cert-manager.yaml"
OPS_APP = "charts/signet-umbrella/templates/app-bootstrap-operators.yaml"
AI_APP = "charts/signet-umbrella/templates/app-openshift-ai.yaml"
APPSET, ENVS = "charts/argocd-apps/templates/applicationset-umbrella.yaml", "charts/argocd-apps/values.yaml"
DSC, DSC_VALUES = "charts/openshift-ai/templates/datasciencecluster.yaml", "charts/openshift-ai/values-common.yaml"
DSC_PROD = "charts/openshift-ai/values-prod.yaml"
GPU, NFD = "charts/cluster-capacity/templates/gpu-operator.yaml", "charts/cluster-capacity/templates/nfd.yaml"
PARAMETER = "        - name: operators.openshiftAI.enabled\n"


def passed(name: str, value: str) -> tuple[str, str]:
    """One more parameter of the operators' Application."""
    return PARAMETER, f"        - name: {name}\n          value: {value}\n{PARAMETER}"


BREAKAGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "channel of version 2 in the prod values": (
        {"files": {OPS_PROD: "operators:\n  openshiftAI:\n    channel: stable\n"}},
        [f"SGL303 {OPS_PROD}:channel: stable"],
    ),
    "channel emptied in prod": (
        {"files": {OPS_PROD: 'operators:\n  openshiftAI:\n    channel: ""\n'}},
        [f'SGL303 {OPS_PROD}:channel: ""'],
    ),
    "channel passed as inline values": (
        {
            "edits": {
                OPS_APP: [
                    (
                        "      parameters:\n",
                        "      values: |\n        operators:\n          openshiftAI:\n            channel: eus-2.25\n      parameters:\n",
                    )
                ]
            }
        },
        [f"SGL303 {OPS_APP}:channel: eus-2.25"],
    ),
    "switched on by default in a file of its own": (
        {
            "files": {f"{OPS}/values.yaml": "operators:\n  openshiftAI:\n    enabled: true\n"},
            "edits": {OPS_VALUES: [("  openshiftAI:\n    enabled: false\n", "  openshiftAI:\n")]},
        },
        [f"SGL304 {OPS}/values.yaml:enabled: true"],
    ),
    "cert-manager off by a parameter": (
        {"edits": {OPS_APP: [passed("operators.certManager.enabled", '"false"')]}},
        [f"SGL301 {DSC_VALUES}:kserve: Managed"],
    ),
    "OpenShift AI off by the env's parameter": (
        {
            "edits": {
                OPS_APP: [
                    ("          value: {{ .Values.openshiftAI.enabled | quote }}\n", '          value: "false"\n')
                ]
            }
        },
        [f"SGL302 {DSC}:kind: DataScienceCluster"],
    ),
    "package written in the template": (
        {
            "edits": {
                AI_SUB: [
                    (
                        "spec:\n  name: {{ .Values.operators.openshiftAI.package | quote }}",
                        "spec:\n  name: rhods-operator",
                    )
                ]
            }
        },
        [f"SGL305 {AI_SUB}:  name: rhods-operator"],
    ),
    "version written in the template": (
        {
            "edits": {
                AI_SUB: [
                    (
                        "  {{- with .Values.operators.openshiftAI.startingCSV }}\n  startingCSV: {{ . | quote }}\n  {{- end }}\n",
                        "  startingCSV: rhods-operator.3.0.0\n",
                    )
                ]
            }
        },
        [f"SGL305 {AI_SUB}:startingCSV:"],
    ),
    "NFD watches everything": (
        {"edits": {NFD: [("spec:\n  targetNamespaces:\n    - {{ .Values.nfd.namespace }}\n", "spec: {}\n")]}},
        [f"SGL307 {NFD}:spec: {{}}"],
    ),
    "the group of the GPU operator in another namespace": (
        {
            "edits": {
                GPU: [
                    (
                        "kind: OperatorGroup\nmetadata:\n  name: nvidia-gpu-operator\n  namespace: {{ .Values.gpuOperator.namespace }}",
                        "kind: OperatorGroup\nmetadata:\n  name: nvidia-gpu-operator\n  namespace: elsewhere",
                    )
                ]
            },
        },
        [f"SGL307 {GPU}:kind: Subscription"],
    ),
    "no NodeFeatureDiscovery in prod": (
        {"edits": {NFD: [("kind: NodeFeatureDiscovery", "kind: NodeFeatureRule")]}},
        [f"SGL310 {GPU}:kind: ClusterPolicy"],
    ),
    "GPU policy without the option": (
        {"edits": {GPU: [("    argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true\n", "")]}},
        [f"SGL308 {GPU}:28"],
    ),
    "local switched on": (
        {
            "edits": {
                ENVS: [
                    (
                        "    openshiftAIEnabled: false\n    # Platform\n",
                        "    openshiftAIEnabled: true # here\n    # Platform\n",
                    )
                ]
            }
        },
        [f"SGL309 {ENVS}:true # here"],
    ),
    "local switched on by the element": (
        {
            "edits": {
                APPSET: [
                    (
                        "openshiftAIEnabled: {{ default false $e.openshiftAIEnabled }}",
                        'openshiftAIEnabled: {{ ne $e.name "sno" }}',
                    )
                ]
            }
        },
        [f'SGL309 {APPSET}:openshiftAIEnabled: {{{{ ne $e.name "sno" }}}}'],
    ),
    "kserve removed in prod": (
        {"files": {DSC_PROD: "components:\n  kserve: Removed\n"}},
        [f"SGL403 {DSC_PROD}:kserve: Removed"],
    ),
    "dashboard off by a parameter": (
        {
            "edits": {
                AI_APP: [
                    (
                        "      ignoreMissingValueFiles: true\n",
                        "      ignoreMissingValueFiles: true\n      parameters:\n        - name: components.dashboard\n          value: Removed\n",
                    )
                ]
            }
        },
        [f"SGL403 {AI_APP}:value: Removed"],
    ),
    "pipelines managed in prod": (
        {"files": {DSC_PROD: "components:\n  removed:\n    aipipelines:\n      managementState: Managed\n"}},
        [f"SGL404 {DSC_PROD}:managementState: Managed"],
    ),
    "a component nulled in prod": (
        {"files": {DSC_PROD: "components:\n  removed:\n    trustyai: null\n"}},
        [f"SGL405 {DSC}:  components:"],
    ),
    "a misspelt component": (
        {"edits": {DSC_VALUES: [("    modelregistry:", "    modelRegistry:")]}},
        [f"SGL406 {DSC_VALUES}:modelRegistry:"],
    ),
    "a component of a later minor, and one that is left out": (
        {"edits": {DSC_VALUES: [("    trainingoperator:", "    trainer:")]}},
        [f"SGL405 {DSC}:  components:"],
    ),
    "knative serving": (
        {"edits": {DSC: [("    {{- toYaml", "      serving: {managementState: Managed}\n    {{- toYaml")]}},
        [f"SGL406 {DSC}:serving:"],
    ),
    "flag of OpenShift AI off in prod": (
        {"edits": {ENVS: [("    openshiftAIEnabled: true\n", "    openshiftAIEnabled: false\n")]}},
        [
            "SGL401 charts/signet-embeddings/templates/inferenceservice.yaml:kind: InferenceService",
            "SGL401 charts/signet-llm/templates/inferenceservice.yaml:kind: InferenceService",
        ],
    ),
    "a second cluster of another version": (
        {
            "files": {
                "charts/signet-llm/templates/dsc.yaml": "apiVersion: datasciencecluster.opendatahub.io/v1\nkind: DataScienceCluster\nmetadata:\n  name: mine\n  annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}\nspec:\n  components: {dashboard: {managementState: Managed}, kserve: {managementState: Managed}}\n"
            }
        },
        [
            "SGL402 charts/signet-llm/templates/dsc.yaml:apiVersion:",
            "SGL407 charts/signet-llm/templates/dsc.yaml:kind: DataScienceCluster",
        ],
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_breakage(name: str) -> None:
    """Each breakage gives exactly its findings among the rules on operators and the DataScienceCluster."""
    case, expected = BREAKAGES[name]
    contents = overlay(case.get("files"), case.get("edits"))
    wanted = sorted(f"{rule} {line_of(contents, at)}" for rule, _, at in (one.partition(" ") for one in expected))
    assert wanted == sorted(places(check(OURS, **case)))


RIGHT: dict[str, dict[str, Any]] = {
    "channel from a parameter": {"edits": {OPS_APP: [passed("operators.openshiftAI.channel", "fast-3.x")]}},
    "another channel that the configuration allows": {
        "files": {OPS_PROD: "operators:\n  openshiftAI:\n    channel: stable-3.3\n"},
        "config": Config(channels={"rhods-operator": ("stable-3.*",)}),
    },
    "cert-manager installed otherwise": {
        "files": {CERT_SUB: None},
        "config": Config(exists=Existing(operators=("openshift-cert-manager-operator",))),
    },
    "cert-manager from its own chart": {
        "files": {
            CERT_SUB: None,
            "charts/cert-manager-config/templates/controller.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cm\nspec:\n  template:\n    spec:\n      containers:\n        - {name: c, image: quay.io/jetstack/cert-manager-controller:v1.18.0}\n",
        }
    },
    "components in one line each": {
        "edits": {
            DSC: [
                (
                    "    dashboard:\n      managementState: {{ .Values.components.dashboard }}\n",
                    "    dashboard: {managementState: Managed}\n",
                ),
            ]
        }
    },
    "everything in the template": {
        "files": {
            DSC: "apiVersion: datasciencecluster.opendatahub.io/v2\nkind: DataScienceCluster\nmetadata:\n  name: dsc\n  annotations:\n    argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true\nspec:\n  components:\n"
            '{{- range list "dashboard" "kserve" }}\n    {{ . }}: {managementState: Managed}\n{{- end }}\n'
            '{{- range list "aipipelines" "feastoperator" "kueue" "llamastackoperator" "modelregistry" "ray" "trainingoperator" "trustyai" "workbenches" }}\n    {{ . }}:\n      managementState: Removed\n{{- end }}\n'
        }
    },
    "group and Subscription in different charts": {
        "files": {
            f"{OPS}/templates/group.yaml": "apiVersion: operators.coreos.com/v1\nkind: OperatorGroup\nmetadata:\n  name: elsewhere\n  namespace: redhat-ods-operator\nspec:\n  upgradeStrategy: Default\n",
        },
        "edits": {
            AI_SUB: [
                (
                    "# The operator watches all namespaces, so its group names none.\napiVersion: operators.coreos.com/v1\nkind: OperatorGroup\nmetadata:\n  name: openshift-ai\n  namespace: {{ .Values.operators.openshiftAI.namespace }}\nspec: {}\n---\n",
                    "",
                )
            ]
        },
    },
    "a gate that wants text": {
        "edits": {
            AI_SUB: [
                (
                    "{{- if .Values.operators.openshiftAI.enabled }}",
                    '{{- if eq (lower (toString .Values.operators.openshiftAI.enabled)) "true" }}',
                )
            ]
        }
    },
    "off in local as no value at all": {
        "edits": {ENVS: [("    openshiftAIEnabled: false\n    # Platform\n", "    # Platform\n")]}
    },
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to write something right is no finding."""
    assert [] == places(check(OURS, **RIGHT[name]))


def test_an_operator_of_the_configuration_is_judged() -> None:
    """A package that the configuration describes is judged like one of the catalogue; else it is told as unknown."""
    edits = {OPS_VALUES: [("package: openshift-cert-manager-operator", "package: my-cert-manager")]}
    own = OperatorEntry(package="my-cert-manager", role="cert-manager", install_modes=("AllNamespaces",))
    unknown, known = check(OURS, edits=edits), check(OURS, edits=edits, config=Config(operators=(own,)))
    assert [f.rule for f in unknown.findings] == ["SGL301"]
    assert "my-cert-manager" in str(unknown.coverage.not_examined)
    assert [f.rule for f in known.findings] == ["SGL307"]
