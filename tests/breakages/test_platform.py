"""Operators and the DataScienceCluster: other roads to each fault, and right spellings, rule by rule."""

from __future__ import annotations

import pytest

from tests.breakages.cases import (
    APPSET,
    CAPACITY,
    ENVS,
    UMBRELLA,
    Case,
    Change,
    both,
    edit,
    expected,
    file,
    found,
    parameter,
)
from tests.overlay import fixture_files

OPS = "charts/bootstrap-operators"
VALUES, PROD, README = f"{OPS}/values-common.yaml", f"{OPS}/values-prod.yaml", f"{OPS}/README.md"
AI, CERT = f"{OPS}/templates/subscription-openshift-ai.yaml", f"{OPS}/templates/subscription-cert-manager.yaml"
OPS_APP = f"{UMBRELLA}/templates/app-bootstrap-operators.yaml"
AI_APP = f"{UMBRELLA}/templates/app-openshift-ai.yaml"
DSC, DSC_VALUES = "charts/openshift-ai/templates/datasciencecluster.yaml", "charts/openshift-ai/values-common.yaml"
DSC_PROD = "charts/openshift-ai/values-prod.yaml"
GPU, NFD = f"{CAPACITY}/templates/gpu-operator.yaml", f"{CAPACITY}/templates/nfd.yaml"
POOL, POOL_PROD = f"{CAPACITY}/values-common.yaml", f"{CAPACITY}/values-prod.yaml"
GATE = "{{- if .Values.operators.openshiftAI.enabled }}"
AI_TEXT = fixture_files()[AI].decode()
GROUP = AI_TEXT[AI_TEXT.index("# The operator watches") : AI_TEXT.index("apiVersion: operators.coreos.com/v1alpha1")]
CHANNEL = "  channel: {{ .Values.operators.openshiftAI.channel | quote }}\n"
SKIP = "    argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true\n"
REMOVED = "    {{- toYaml .Values.components.removed | nindent 4 }}"
SECOND = """\
apiVersion: datasciencecluster.opendatahub.io/v2
kind: DataScienceCluster
metadata:
  name: another
  annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}
spec:
  components:
    dashboard: {managementState: Managed}
    kserve: {managementState: Managed}
    {{- toYaml .Values.components.removed | nindent 4 }}
"""
PASSED = "        - name: operators.openshiftAI.enabled\n"


def passed(name: str, value: str) -> Change:
    """One more parameter of the operators' Application."""
    return edit(OPS_APP, (PASSED, f"        - name: {name}\n          value: {value}\n{PASSED}"))


def gate(text: str) -> Change:
    """Another condition for OpenShift AI's Subscription."""
    return edit(AI, (GATE, text))


BROKEN: dict[str, Case] = {
    "301 off in the values": (
        edit(VALUES, ("  certManager:\n    enabled: true", "  certManager:\n    enabled: false")),
        [f"SGL301 {DSC_VALUES}:kserve"],
    ),
    "301 off in prod": (
        edit(PROD, ("operators:\n", "operators:\n  certManager: {enabled: false}\n")),
        [f"SGL301 {DSC_VALUES}:kserve"],
    ),
    "301 a package that there is not": (
        edit(VALUES, ("package: openshift-cert-manager-operator", "package: cert-manager-operatr")),
        [f"SGL301 {DSC_VALUES}:kserve"],
    ),
    "302 no template": (file(AI, None), [f"SGL302 {DSC}:kind"]),
    "302 the parameter is gone": (
        edit(OPS_APP, (PASSED + "          value: {{ .Values.openshiftAI.enabled | quote }}\n", "")),
        [f"SGL302 {DSC}:kind"],
    ),
    "302 operators off in prod": (
        edit(ENVS, ("    bootstrapOperatorsEnabled: true\n    certManagerEnabled: true\n    openshiftAIEnabled: true", "    bootstrapOperatorsEnabled: false\n    certManagerEnabled: true\n    openshiftAIEnabled: true")),
        [f"SGL302 {DSC}:kind"],
    ),
    "303 in the template": (edit(AI, (CHANNEL, "  channel: fast\n")), [f"SGL303 {AI}:channel: fast"]),
    "303 no line for it": (edit(AI, (CHANNEL, "")), [f"SGL303 {AI}:^spec:"]),
    "303 a misspelt family": (edit(VALUES, ("channel: fast-3.x", "channel: fast-3x")), [f"SGL303 {VALUES}:fast-3x"]),
    "303 a parameter": (passed("operators.openshiftAI.channel", "stable"), [f"SGL303 {OPS_APP}:value: stable"]),
    "304 on in the values": (
        edit(VALUES, ("  openshiftAI:\n    enabled: false", "  openshiftAI:\n    enabled: true # on")),
        [f"SGL304 {VALUES}:# on"],
    ),
    "304 false as text, which is true": (
        edit(VALUES, ("  openshiftAI:\n    enabled: false", '  openshiftAI:\n    enabled: "false"')),
        [f'SGL304 {VALUES}:"false"'],
    ),
    "304 a default in the gate": (
        gate("{{- if .Values.operators.openshiftAI.enabled | default true }}"),
        [f"SGL304 {AI}:kind: Subscription"],
    ),
    "304 a gate that asks for the opposite": (
        gate("{{- if not .Values.operators.openshiftAI.disabled }}"),
        [f"SGL304 {AI}:kind: Subscription"],
    ),
    "304 only its name is asked for": (
        gate("{{- if and .Values.operators.openshiftAI.package .Values.operators.openshiftAI.source }}"),
        [f"SGL304 {AI}:kind: Subscription"],
    ),
    "304 another operator's gate": (
        gate("{{- if .Values.operators.certManager.enabled }}"),
        [f"SGL304 {VALUES}:    enabled: true"],
    ),
    "304 moved to a file without a gate": (
        both(file(AI, None), file(f"{OPS}/templates/all.yaml", AI_TEXT.replace(GATE, "").replace("{{- end }}\n{{- end }}", "{{- end }}"))),
        [f"SGL304 {OPS}/templates/all.yaml:kind: Subscription"],
    ),
    "305 the catalogue": (edit(CERT, ("source: {{ $op.source }}", "source: redhat-operators")), [f"SGL305 {CERT}:source: redhat"]),
    "305 the version": (
        edit(CERT, ("  {{- with $op.startingCSV }}\n  startingCSV: {{ . }}\n  {{- end }}\n", "  startingCSV: cert-manager-operator.v1.17.0\n")),
        [f"SGL305 {CERT}:startingCSV"],
    ),
    "306 no README": (file(README, None), [f"SGL306 {OPS}/Chart.yaml:1"]),
    "306 no command": (file(README, "# Operators\n\nPin the channel.\n"), [f"SGL306 {README}:1"]),
    "306 another command": (file(README, "# Operators\n\n    oc get subscriptions -A\n"), [f"SGL306 {README}:1"]),
    "307 no group": (edit(AI, (GROUP, "")), [f"SGL307 {AI}:kind: Subscription"]),
    "307 a group for one namespace": (
        edit(AI, ("spec: {}\n", "spec:\n  targetNamespaces: [redhat-ods-operator]\n")),
        [f"SGL307 {AI}:targetNamespaces"],
    ),
    "307 a second group in another file": (
        file(f"{OPS}/templates/zz.yaml", f"{GATE}\n{GROUP.replace('name: openshift-ai', 'name: again').removesuffix('---' + chr(10))}{{{{- end }}}}\n"),
        [f"SGL307 {OPS}/templates/zz.yaml:kind: OperatorGroup"],
    ),
    "307 a group where one is already": (
        file(f"{OPS}/templates/zz.yaml", "apiVersion: operators.coreos.com/v1\nkind: OperatorGroup\nmetadata: {name: own, namespace: openshift-operators}\nspec: {}\n"),
        [f"SGL307 {OPS}/templates/zz.yaml:kind"],
    ),
    "308 misspelt": (
        edit(DSC, ("SkipDryRunOnMissingResource", "SkipDryRunOnMissingResources")),
        [f"SGL308 {DSC}:metadata:"],
    ),
    "309 in prod's company": (
        edit(ENVS, ("    openshiftAIEnabled: false\n    # Platform", "    openshiftAIEnabled: true # here\n    # Platform")),
        [f"SGL309 {ENVS}:# here"],
    ),
    "309 a default of the element": (
        edit(APPSET, ("{{ default false $e.openshiftAIEnabled }}", "{{ default true $e.openshiftAIEnabled }}")),
        [f"SGL309 {APPSET}:default true"],
    ),
    "310 switched off": (edit(POOL_PROD, ("nfd:\n  enabled: true", "nfd:\n  enabled: false")), [f"SGL310 {GPU}:kind: ClusterPolicy"]),
    "310 another package": (edit(POOL, ("    name: nfd\n", "    name: node-features\n")), [f"SGL310 {GPU}:kind: ClusterPolicy"]),
    "401 no template": (
        file(DSC, None),
        [f"SGL401 charts/signet-{one}/templates/inferenceservice.yaml:kind" for one in ("embeddings", "llm")],
    ),
    "402 the first version": (edit(DSC, ("opendatahub.io/v2", "opendatahub.io/v1")), [f"SGL402 {DSC}:apiVersion"]),
    "402 by a value": (
        both(
            edit(DSC, ("datasciencecluster.opendatahub.io/v2", "{{ .Values.version }}")),
            edit(DSC_VALUES, ("dataScienceCluster:\n", "version: datasciencecluster.opendatahub.io/v1\ndataScienceCluster:\n")),
        ),
        [f"SGL402 {DSC_VALUES}:version"],
    ),
    "402 by what the cluster says": (
        edit(DSC, ("opendatahub.io/v2", 'opendatahub.io/{{ .Capabilities.APIVersions.Has "x/v2" | ternary "v2" "v1" }}')),
        [f"SGL402 {DSC}:apiVersion"],
    ),
    "402 by a parameter": (
        both(
            edit(DSC, ("opendatahub.io/v2", 'opendatahub.io/{{ .Values.version | default "v2" }}')),
            parameter("version", "v1", AI_APP),
        ),
        [f"SGL402 {AI_APP}:value: v1"],
    ),
    "403 a parameter": (parameter("components.kserve", "Removed", AI_APP), [f"SGL403 {AI_APP}:value: Removed"]),
    "403 in small letters": (edit(DSC_VALUES, ("kserve: Managed", "kserve: managed")), [f"SGL403 {DSC_VALUES}:kserve"]),
    "403 no dashboard": (
        edit(DSC, ("    dashboard:\n      managementState: {{ .Values.components.dashboard }}\n", "")),
        [f"SGL403 {DSC}:  components:"],
    ),
    "404 in the values": (
        edit(DSC_VALUES, ("    ray:\n      managementState: Removed", "    ray:\n      managementState: Managed")),
        [f"SGL404 {DSC_VALUES}:managementState: Managed"],
    ),
    "404 unmanaged in prod": (
        file(DSC_PROD, "components:\n  removed:\n    kueue: {managementState: Unmanaged}\n"),
        [f"SGL404 {DSC_PROD}:kueue"],
    ),
    "404 a parameter": (
        parameter("components.removed.trustyai.managementState", "Managed", AI_APP),
        [f"SGL404 {AI_APP}:value: Managed"],
    ),
    "404 in the template": (
        edit(DSC, (REMOVED, '    {{- toYaml (omit .Values.components.removed "ray") | nindent 4 }}\n    ray: {managementState: Managed}')),
        [f"SGL404 {DSC}:ray: {{managementState"],
    ),
    "405 one left out": (
        edit(DSC_VALUES, ("    trainingoperator:\n      managementState: Removed\n", "")),
        [f"SGL405 {DSC}:  components:"],
    ),
    "405 one that says nothing": (
        file(DSC_PROD, "components:\n  removed:\n    workbenches: {managementState: null}\n"),
        [f"SGL405 {DSC}:  components:"],
    ),
    "406 a mode": (
        edit(DSC, ("    kserve:\n", "    kserve:\n      defaultDeploymentMode: RawDeployment\n")),
        [f"SGL406 {DSC}:defaultDeploymentMode"],
    ),
    "406 an old name in prod": (
        file(DSC_PROD, "components:\n  removed:\n    modelmeshserving: {managementState: Removed}\n"),
        [f"SGL406 {DSC_PROD}:modelmeshserving"],
    ),
    "407 in the same template": (
        edit(DSC, ("apiVersion:", f"{SECOND}---\napiVersion:")),
        [f"SGL407 {DSC}:13"],
    ),
    "407 in a file of its own": (
        file("charts/openshift-ai/templates/second.yaml", SECOND),
        ["SGL407 charts/openshift-ai/templates/second.yaml:kind"],
    ),
    "407 one for each name": (
        edit(DSC, ("apiVersion:", "{{- range list .Values.dataScienceCluster.name \"more\" }}\n---\napiVersion:"), ("{{ .Values.dataScienceCluster.name }}", "{{ . }}"), ("{{ .Values.components.dashboard }}", "Managed"), ("{{ .Values.components.kserve | quote }}", "Managed"), (REMOVED, "    {{- toYaml $.Values.components.removed | nindent 4 }}\n{{- end }}")),
        [f"SGL407 {DSC}:kind"],
    ),
}  # fmt: skip

RIGHT: dict[str, Change] = {
    "303 a later one of the family": edit(VALUES, ("channel: fast-3.x", "channel: fast-3.2")),
    "304 no default is off": edit(VALUES, ("  openshiftAI:\n    enabled: false\n", "  openshiftAI:\n")),
    "304 two conditions": gate("{{- if and .Values.operators (.Values.operators.openshiftAI).enabled }}"),
    "304 by comparison": gate("{{- if eq true .Values.operators.openshiftAI.enabled }}"),
    "304 as text": both(
        gate('{{- if eq (toString .Values.operators.openshiftAI.enabled) "true" }}'),
        edit(VALUES, ("  openshiftAI:\n    enabled: false", '  openshiftAI:\n    enabled: "false"')),
    ),
    "305 a default beside the value": edit(AI, (CHANNEL, '  channel: {{ .Values.operators.openshiftAI.channel | default "fast-3.x" }}\n')),
    "306 with kubectl": file(README, "    kubectl -n openshift-marketplace get packagemanifest rhods-operator -o yaml\n"),
    "306 a README in small letters": both(
        file(README, None), file(f"{OPS}/readme.md", "```\noc describe packagemanifest rhods-operator\noc get packagemanifests | grep rhods\n```\n")
    ),
    "306 many at once": file(README, "Run `oc get packagemanifests -n openshift-marketplace`.\n"),
    "307 where all operators are": both(
        edit(VALUES, ("namespace: redhat-ods-operator", "namespace: openshift-operators")), edit(AI, (GROUP, ""))
    ),
    "307 a selector of none": edit(AI, ("spec: {}\n", "spec:\n  targetNamespaces: []\n")),
    "308 for the whole Application": both(
        edit(DSC, (SKIP, '    example.org/a: "b"\n')),
        edit(
            AI_APP,
            (
                '    {{- include "signet-umbrella.patientSync" . | nindent 4 }}',
                "    syncOptions: [SkipDryRunOnMissingResource=true]\n    automated: {prune: true, selfHeal: true}",
            ),
        ),
    ),
    "308 among other options": edit(DSC, (SKIP, SKIP.replace("Skip", "ServerSideApply=true,Skip"))),
    "402 the second version by a value": both(
        edit(DSC, ("datasciencecluster.opendatahub.io/v2", "{{ .Values.version }}")),
        edit(DSC_VALUES, ("dataScienceCluster:\n", "version: datasciencecluster.opendatahub.io/v2\ndataScienceCluster:\n")),
    ),
    "402 in quotes": edit(DSC, ("datasciencecluster.opendatahub.io/v2", '"datasciencecluster.opendatahub.io/v2"')),
    "402 by a helper": both(
        file("charts/openshift-ai/templates/_api.tpl", '{{- define "api" -}}datasciencecluster.opendatahub.io/v2{{- end }}\n'),
        edit(DSC, ("apiVersion: datasciencecluster.opendatahub.io/v2", 'apiVersion: {{ include "api" . }}')),
    ),
    "404 workflows of removed pipelines": edit(
        DSC_VALUES,
        ("      argoWorkflowsControllers:\n        managementState: Removed", "      argoWorkflowsControllers:\n        managementState: Managed"),
    ),
    "404 flow style": edit(DSC_VALUES, ("    ray:\n      managementState: Removed", "    ray: {managementState: Removed}")),
    "404 an anchor": edit(
        DSC_VALUES,
        ("    ray:\n      managementState: Removed", "    ray: &gone\n      managementState: Removed"),
        ("    trainingoperator:\n      managementState: Removed", "    trainingoperator: *gone"),
    ),
    "404 in a loop": edit(
        DSC,
        (REMOVED, "    {{- range $name, $_ := .Values.components.removed }}\n    {{ $name }}: {managementState: Removed}\n    {{- end }}"),
    ),
    "407 another name": edit(DSC_VALUES, ("name: default-dsc", "name: inference")),
    "407 one by a loop": edit(
        DSC,
        ("apiVersion:", "{{- range list .Values.dataScienceCluster.name }}\napiVersion:"),
        ("{{ .Values.dataScienceCluster.name }}\n  ann", "{{ . }}\n  ann"),
        ("{{ .Values.components.dashboard }}", "Managed"),
        ("{{ .Values.components.kserve | quote }}", "Managed"),
        (REMOVED, "    {{- toYaml $.Values.components.removed | nindent 4 }}\n{{- end }}"),
    ),
    "407 a second one that is not rendered": file("charts/openshift-ai/templates/second.yaml", "{{- if .Values.second }}\n" + SECOND + "{{- end }}\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_breakage_is_found_at_its_line(name: str) -> None:
    """Each breakage gives exactly its findings of its rule."""
    case, entries = BROKEN[name]
    assert expected(case, entries) == found(case, (f"SGL{name[:3]}",))


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to write something right is no finding of any rule."""
    assert [] == found(RIGHT[name])
