"""Right spellings, three and more for rules whose own tables have few: none is a finding of any rule."""

from __future__ import annotations

import pytest

from signet_lint.config import Config, Existing
from tests.breakages.cases import (
    APPSET,
    EMB_SERVICE,
    EMB_VALUES,
    ENVS,
    MORE,
    RUNTIME,
    UMBRELLA,
    VALUES,
    Change,
    argument,
    both,
    edit,
    file,
    found,
    prod,
)
from tests.breakages.test_platform import AI, CHANNEL, DSC, DSC_PROD, DSC_VALUES, NFD, OPS, POOL, POOL_PROD
from tests.breakages.test_platform import PROD as OPS_PROD
from tests.breakages.test_platform import VALUES as OPS_VALUES
from tests.overlay import check, fixture_files, places
from tests.test_rules import RULES

RBAC = f"{UMBRELLA}/templates"
KSERVE = f"{RBAC}/rbac-argocd-kserve.yaml"
IMAGE = "rhaiis/vllm-cuda-rhel9:3.2.5"
GPU_LIMIT = '    nvidia.com/gpu: "1"\n\nnode'
CERT = f"{OPS}/templates/subscription-cert-manager.yaml"
E5 = "id: intfloat/e5-mistral-7b-instruct"
CHAT = "hf://Qwen/Qwen2.5-14B-Instruct"
REMOVED = "    {{- toYaml .Values.components.removed | nindent 4 }}"
VERBS = "verbs: [get, list, watch, create, update, patch, delete]"


def binding(subject: str, role: str = "cluster-admin") -> Change:
    """A binding of somebody else to a broad role."""
    return file(
        f"{RBAC}/other.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: other}\n"
        f"subjects: [{subject}]\nroleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}\n",
    )


def manifest(kind: str, api: str, spec: str = "spec: {}") -> Change:
    """One more manifest of the chat model's chart."""
    return file(MORE, f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: more}}\n{spec}\n")


RIGHT: dict[str, Change] = {
    "205 people who are cluster-admin": binding("{kind: Group, apiGroup: rbac.authorization.k8s.io, name: admins}"),
    "205 another account's rights": binding("{kind: ServiceAccount, name: backup, namespace: velero}"),
    "205 verbs one by one": edit(KSERVE, (VERBS, VERBS.replace("delete", "delete, deletecollection"))),
    "206 a certificate, not the request for it": manifest(
        "Certificate", "cert-manager.io/v1", "spec: {secretName: more-tls, issuerRef: {name: selfsigned, kind: ClusterIssuer}}"
    ),
    "206 a configuration in a text": manifest("ConfigMap", "v1", "data:\n  run.yaml: |\n    apiVersion: tekton.dev/v1\n    kind: TaskRun"),
    "206 an environment that does not deploy it": file(
        MORE, "{{- if .Values.debug }}\napiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: more}\n{{- end }}\n"
    ),
    "301 the community's package": edit(OPS_VALUES, ("package: openshift-cert-manager-operator", "package: cert-manager")),
    "301 another channel": edit(OPS_VALUES, ("channel: stable-v1\n", "channel: stable-v1.17\n")),
    "301 its configuration off": edit(
        ENVS, ("    certManagerEnabled: true\n    openshiftAIEnabled: true", "    certManagerEnabled: false\n    openshiftAIEnabled: true")
    ),
    "302 where all operators are": both(
        edit(OPS_VALUES, ("namespace: redhat-ods-operator", "namespace: openshift-operators")),
        edit(
            AI,
            (
                "# The operator watches all namespaces, so its group names none.\napiVersion: operators.coreos.com/v1\nkind: OperatorGroup\n"
                "metadata:\n  name: openshift-ai\n  namespace: {{ .Values.operators.openshiftAI.namespace }}\nspec: {}\n---\n",
                "",
            ),
        ),
    ),
    "302 no version pinned": file(OPS_PROD, "operators: {}\n"),
    "302 approved by hand": edit(AI, ('.installPlanApproval | default "Automatic"', '.installPlanApproval | default "Manual"')),
    "303 in quotes": edit(OPS_VALUES, ("channel: fast-3.x", 'channel: "fast-3.x"')),
    "303 in prod's values": file(OPS_PROD, "operators: {openshiftAI: {channel: fast-3.x}}\n"),
    "305 printed": edit(AI, (CHANNEL, '  channel: {{ printf "%s" .Values.operators.openshiftAI.channel }}\n')),
    "305 the whole specification": edit(
        CERT,
        (
            "  name: {{ $op.package }}\n  channel: {{ $op.channel }}\n  source: {{ $op.source }}\n  sourceNamespace: {{ $op.sourceNamespace }}\n",
            '  {{- toYaml (dict "name" $op.package "channel" $op.channel "source" $op.source "sourceNamespace" $op.sourceNamespace) | nindent 2 }}\n',
        ),
    ),
    "309 off as text": edit(
        ENVS, ("    openshiftAIEnabled: false\n    # Platform", '    openshiftAIEnabled: "false"\n    # Platform')
    ),
    "309 the lab's": edit(
        ENVS,
        (
            "    openshiftAIEnabled: false\n    capacityEnabled: false\n    vaultRuntimeEnabled: true",
            "    openshiftAIEnabled: true\n    capacityEnabled: false\n    vaultRuntimeEnabled: true",
        ),
    ),
    "309 not said": edit(ENVS, ("    openshiftAIEnabled: false\n    # Platform", "    # Platform")),
    "310 another name": edit(NFD, ("  name: nfd-instance\n", "  name: nodes\n")),
    "310 in another file": both(
        edit(POOL_PROD, ("gpuOperator:\n  enabled: true", "gpuOperator: {enabled: true}")), edit(NFD, ("  name: nfd\n", "  name: features\n"))
    ),
    "401 another name": edit(DSC_VALUES, ("name: default-dsc", "name: inference")),
    "401 of another chart": both(
        file(DSC, None),
        file(
            f"{OPS}/templates/dsc.yaml",
            "{{- if .Values.operators.openshiftAI.enabled }}\n"
            + fixture_files()[DSC].decode().replace(REMOVED, "").replace("{{ .Values.components.dashboard }}", "Managed")
            .replace("{{ .Values.components.kserve | quote }}", "Managed").replace("{{ .Values.dataScienceCluster.name }}", "dsc")
            + "{{- end }}\n",
        ),
        file("charts/openshift-ai/templates/note.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\n"),
    ),
    "403 in the template": edit(DSC, ("{{ .Values.components.kserve | quote }}", "Managed")),
    "403 in quotes": edit(DSC_VALUES, ("kserve: Managed", "kserve: 'Managed'")),
    "403 more of it": edit(
        DSC,
        ("{{ .Values.components.kserve | quote }}", "Managed\n      rawDeploymentServiceConfig: Headless"),
    ),
    "405 each in flow style": file(
        DSC_PROD, "components:\n  removed: {ray: {managementState: Removed}, trustyai: {managementState: Removed}}\n"
    ),
    "405 in another order": edit(DSC, ("    dashboard:\n      managementState: {{ .Values.components.dashboard }}\n", ""), (REMOVED, f"{REMOVED}\n    dashboard: {{managementState: Managed}}")),
    "406 a field that it has": edit(
        DSC, ("{{ .Values.components.kserve | quote }}", "Managed\n      nim: {managementState: Removed}")
    ),
    "406 the registries' namespace": edit(DSC_VALUES, ("registriesNamespace: rhoai-model-registries", "registriesNamespace: registries")),
    "406 queues by other names": edit(DSC_VALUES, ("defaultLocalQueueName: default", "defaultLocalQueueName: gpus")),
    "502 one by a number": edit(EMB_VALUES, ("gpus: 1", "gpus: 1.0")),
    "502 one, as text": edit(EMB_VALUES, ("gpus: 1", 'gpus: "1"')),
    "503 equal in another spelling": edit(VALUES, (GPU_LIMIT, GPU_LIMIT.replace('"1"', "1000m"))),
    "503 limits alone": edit(EMB_SERVICE, ('        requests:\n          {{- include "signet-embeddings.figures" . | nindent 10 }}\n', "")),
    "506 a label of the pool": edit(VALUES, ("example.org/gpu-pool: l40s", "cluster-api/accelerator: nvidia-l40s")),
    "506 how many there are": prod('nodeSelector:\n  nvidia.com/gpu.count: "1"'),
    "508 a plugin that shares nothing": edit(POOL, ("    devicePlugin:\n      enabled: true\n", "    devicePlugin:\n      enabled: true\n      config: {name: plugin, default: none}\n")),
    "508 no partitions": edit(POOL, ("    migManager:\n      enabled: false", "    mig: {strategy: none}\n    migManager:\n      enabled: false")),
    "508 whole GPUs of a product": prod("nodeSelector:\n  nvidia.com/gpu.product: NVIDIA-L40S"),
    "509 every size one": argument("        - --tensor-parallel-size=1\n        - --pipeline-parallel-size=1\n        - --data-parallel-size=1\n"),
    "509 with an underscore": argument("        - --tensor_parallel_size\n        - '1'\n"),
    "511 one at least": edit(EMB_SERVICE, ("minReplicas: 1", "minReplicas: {{ max 1 0 }}")),
    "511 not said": edit(EMB_SERVICE, ("    minReplicas: 1\n", "")),
    "606 another of each": both(edit(EMB_VALUES, (E5, "id: Qwen/Qwen3-Embedding-8B")), edit(VALUES, (CHAT, "hf://Qwen/Qwen3-14B"))),
    "606 an encoder": edit(EMB_VALUES, (E5, "id: BAAI/bge-m3")),
    "607 as two items": edit(EMB_VALUES, ("    - --task=embed\n", "    - --task\n    - embed\n")),
    "607 the runner": edit(EMB_VALUES, ("--task=embed", "--runner=pooling")),
    "612 a long version": prod("runtime: {image: quay.io/modh/vllm:rhoai-3.0-cuda-20251101}"),
    "612 a digest": prod(f"runtime: {{image: registry.redhat.io/rhaiis/vllm-cuda-rhel9@sha256:{'a' * 64}}}"),
    "612 a version in parts": both(
        edit(RUNTIME, ("image: {{ .Values.runtime.image | quote }}", 'image: "{{ .Values.runtime.repository }}:{{ .Values.runtime.tag }}"')),
        edit(VALUES, (f"  image: registry.redhat.io/{IMAGE}", "  repository: registry.redhat.io/rhaiis/vllm-cuda-rhel9\n  tag: 3.2.5")),
    ),
    "613 fewer bits": both(edit(VALUES, (CHAT, "hf://Qwen/Qwen2.5-32B-Instruct")), argument("        - --quantization=fp8\n")),
    "613 a smaller model": edit(VALUES, (CHAT, "hf://Qwen/Qwen2.5-7B-Instruct")),
    "803 a budget for its pods": manifest("PodDisruptionBudget", "policy/v1", "spec: {minAvailable: 0, selector: {matchLabels: {a: b}}}"),
    "803 another's autoscaler": manifest(
        "HorizontalPodAutoscaler", "autoscaling/v2",
        "spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web-frontend}}",
    ),
    "902 one larger machine": edit(POOL_PROD, ("  replicas: 2", "  instanceType: g6e.2xlarge\n  replicas: 1"), ("  max: 2", "  max: 1")),
    "902 machines without GPUs": edit(POOL_PROD, ("  maxNodesTotal: 12", "  maxNodesTotal: 40")),
    "903 less of everything": prod('resources: {requests: {cpu: 500m, memory: 8Gi, nvidia.com/gpu: "1"}}'),
    "903 in other units": edit(EMB_VALUES, ("memory: 20Gi", "memory: 20480Mi")),
    "904 the gateway's replicas": edit(f"{UMBRELLA}/templates/app-ollama-gateway.yaml", ("      ignoreMissingValueFiles: true\n", "      ignoreMissingValueFiles: true\n      skipCrds: true\n")),
    "904 off as text": edit(
        APPSET, ("signetLLMEnabled: {{ $e.signetLLMEnabled | default false }}", "signetLLMEnabled: {{ $e.signetLLMEnabled | default false | quote }}")
    ),
}  # fmt: skip
OWN = {
    "206 a certificate, not the request for it": ("SGL206",),
    "902 one larger machine": ("SGL902",),
    "309 the lab's": ("SGL309",),
    "401 of another chart": ("SGL401",),
}
"""What is right for the rule and has, rightly, a finding of another."""


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Whatever the spelling, nothing is found."""
    assert [] == found(RIGHT[name], OWN.get(name, ("SGL",)))


def test_what_exists_already_needs_no_manifest() -> None:
    """The configuration says what the cluster has."""
    there = Existing(
        operators=("openshift-cert-manager-operator", "rhods-operator", "nfd"),
        secrets=("signet-prod/huggingface-token", "openshift-ai-token"),
    )
    change = both(
        file(CERT, None),
        file(AI, None),
        edit(POOL_PROD, ("nfd:\n  enabled: true", "nfd:\n  enabled: false")),
        edit("charts/vault-runtime/values-prod.yaml", ("  # Key token\n  openshift-ai-token:\n    path: prod/openshift-ai\n    restart: signet-loadtest\n", "")),
    )  # fmt: skip
    rules = [rule for rule in RULES if rule.id in ("SGL301", "SGL302", "SGL310", "SGL706")]
    assert {place.split()[0] for place in places(check(rules, **change))} == {"SGL301", "SGL302", "SGL310", "SGL706"}
    assert [] == places(check(rules, **change, config=Config(exists=there)))
