"""GPUs, tolerations, selectors and rollouts set by other roads: parameters, inline values, helpers, anchors, scripts."""

from __future__ import annotations

import pytest

from tests.breakages.cases import (
    CAPACITY,
    EMB_APP,
    EMB_SERVICE,
    EMB_VALUES,
    LLM,
    LLM_APP,
    MORE,
    PROD,
    RUNTIME,
    SERVICE,
    VALUES,
    Case,
    Change,
    argument,
    both,
    edit,
    expected,
    file,
    found,
    parameter,
    passed,
    prod,
)

FIGURES = '    cpu: "2"\n    memory: 20Gi\n    nvidia.com/gpu: "1"\n'
BOTH = f"  requests:\n{FIGURES}  limits:\n{FIGURES}"
TOLERATION = '  - key: nvidia.com/gpu\n    operator: Equal\n    value: "true"\n    effect: NoSchedule\n'
SELECTOR = "  example.org/gpu-pool: l40s\n"
STRATEGY = "  type: RollingUpdate\n  rollingUpdate:\n    maxSurge: 0\n    maxUnavailable: 1\n"
RESOURCES = "        {{- toYaml .Values.resources | nindent 8 }}\n"
SELECTED = (
    "    {{- with .Values.nodeSelector }}\n    nodeSelector:\n      {{- toYaml . | nindent 6 }}\n    {{- end }}\n"
)
TOLERATED = "    {{- with .Values.tolerations }}\n    tolerations:\n      {{- toYaml . | nindent 6 }}\n    {{- end }}\n"
COMMAND = "      command:\n        - python\n        - -m\n        - vllm.entrypoints.openai.api_server\n      args:\n        - --port={{ .Values.runtime.port }}\n        - --model=/mnt/models\n"
HELPER = '{{- define "chat.gpu" -}}\nlimits:\n  nvidia.com/gpu: {{ .count }}\n{{- end }}\n'
PARTS = f"{LLM}/templates/_parts.tpl"
POOL, POOL_PROD = f"{CAPACITY}/values-common.yaml", f"{CAPACITY}/values-prod.yaml"
SECOND_POOL = """\
{{- if .Values.machineSet.enabled }}
apiVersion: machine.openshift.io/v1beta1
kind: MachineSet
metadata: {name: second, namespace: openshift-machine-api}
spec:
  replicas: 1
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      taints: [{key: nvidia.com/gpu, value: "true", effect: NoSchedule}]
      metadata: {labels: {example.org/gpu-pool: l40s}}
      providerSpec: {value: {instanceType: g6e.xlarge}}
{{- end }}
"""


def helper(count: str) -> Change:
    """The chat model's resources by a helper of the chart."""
    include = f'        {{{{- include "chat.gpu" (dict "count" {count}) | nindent 8 }}}}\n'
    return both(file(PARTS, HELPER), edit(SERVICE, (RESOURCES, include)))


def affinity(expression: str) -> Change:
    """Required affinity in place of the chat model's selector."""
    text = (
        "    affinity:\n      nodeAffinity:\n        requiredDuringSchedulingIgnoredDuringExecution:\n"
        f"          nodeSelectorTerms:\n            - matchExpressions:\n                - {expression}\n"
    )
    return both(edit(VALUES, (f"nodeSelector:\n{SELECTOR}", "")), edit(SERVICE, (SELECTED, text)))


BROKEN: dict[str, Case] = {
    "501 a parameter": (
        parameter("resources.limits.nvidia\\.com/gpu", '"0"'),
        [f'SGL501 {LLM_APP}:value: "0"'],
    ),
    "501 an anchor": (
        edit(VALUES, (BOTH, f"  requests: &figures\n{FIGURES.replace('1', '0')}  limits: *figures\n")),
        [f'SGL501 {VALUES}:nvidia.com/gpu: "0"'],
    ),
    "501 a helper's argument": (helper("0"), [f"SGL501 {SERVICE}:chat.gpu"]),
    "501 misspelt": (
        edit(VALUES, (BOTH, BOTH.replace("nvidia.com/gpu", "nvidia.com/gpus"))),
        [f"SGL501 {VALUES}:resources:"],
    ),
    "501 beside the model, where KServe does not look": (
        edit(SERVICE, (f"      resources:\n{RESOURCES}", "    resources:\n      {{- toYaml .Values.resources | nindent 6 }}\n")),
        [f"SGL501 {SERVICE}:    model:"],
    ),
    "502 a parameter": (
        parameter("gpus", '"2"', EMB_APP),
        [f'SGL502 {EMB_APP}:value: "2"'],
    ),
    "502 half of one": (
        edit(VALUES, (BOTH, f"  limits:\n{FIGURES.replace(chr(34) + '1' + chr(34), '500m')}")),
        [f"SGL502 {VALUES}:500m"],
    ),
    "503 the limit misspelt": (
        edit(EMB_SERVICE, ("        limits:\n", "        limit:\n")),
        [f"SGL503 {EMB_VALUES}:gpus: 1"],
    ),
    "504 an empty list inline": (
        passed("      valuesObject:\n        tolerations: []\n"),
        [f"SGL504 {LLM_APP}:tolerations"],
    ),
    "504 a value where none may be": (
        edit(VALUES, (TOLERATION, TOLERATION.replace("Equal", "Exists"))),
        [f"SGL504 {VALUES}:tolerations:"],
    ),
    "504 the pool's taint has another key": (
        edit(POOL, ('    - key: nvidia.com/gpu\n      value: "true"', '    - key: example.org/gpu-only\n      value: "true"')),
        [f"SGL504 {EMB_VALUES}:tolerations:", f"SGL504 {VALUES}:tolerations:"],
    ),
    "504 only discouraged": (
        edit(VALUES, (TOLERATION, TOLERATION.replace("NoSchedule", "PreferNoSchedule"))),
        [f"SGL504 {VALUES}:tolerations:"],
    ),
    "504 the wrong name in the template": (
        edit(SERVICE, (TOLERATED, TOLERATED.replace(".Values.tolerations", ".Values.toleration"))),
        [f"SGL504 {SERVICE}:.Values.toleration"],
    ),
    "504 the wrong name in the values": (
        edit(VALUES, ("tolerations:\n", "toleration:\n")),
        [f"SGL504 {VALUES}:toleration:"],
    ),
    "505 the wrong name in prod's values": (
        both(edit(VALUES, (f"nodeSelector:\n{SELECTOR}", "")), prod("nodeselector:\n  example.org/gpu-pool: l40s")),
        [f"SGL505 {PROD}:nodeselector:"],
    ),
    "505 removed by prod": (prod("nodeSelector: {example.org/gpu-pool: null}"), [f"SGL505 {PROD}:nodeSelector"]),
    "505 nodes without GPUs": (
        affinity("{key: nvidia.com/gpu.present, operator: DoesNotExist}"),
        [f"SGL505 {SERVICE}:  predictor:"],
    ),
    "505 any worker": (
        edit(VALUES, (SELECTOR, '  node-role.kubernetes.io/worker: ""\n')),
        [f"SGL505 {VALUES}:nodeSelector:"],
    ),
    "506 nodes of another role": (
        edit(VALUES, (SELECTOR, '  node-role.kubernetes.io/infra: ""\n')),
        [f"SGL506 {VALUES}:infra"],
    ),
    "506 another pool in prod": (prod("nodeSelector:\n  example.org/gpu-pool: t4"), [f"SGL506 {PROD}:gpu-pool: t4"]),
    "507 in a script of several lines": (
        edit(
            RUNTIME,
            (
                COMMAND,
                "      command: [sh, -c]\n      args:\n        - |\n          export CUDA_VISIBLE_DEVICES=-1\n"
                "          exec vllm serve /mnt/models --max-model-len=4096\n",
            ),
        ),
        [f"SGL507 {RUNTIME}:export"],
    ),
    "507 an inline value": (
        passed("      values: |\n        runtime:\n          image: quay.io/opendatahub/vllm:2.19-cpu\n"),
        [f"SGL507 {LLM_APP}:2.19-cpu"],
    ),
    "507 an embeddings server for the CPU": (
        file(
            MORE,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: more}\nspec:\n  strategy: {type: Recreate}\n"
            "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n"
            '      nodeSelector: {nvidia.com/gpu.present: "true"}\n      tolerations: [{operator: Exists}]\n      containers:\n'
            "        - name: tei\n          image: ghcr.io/huggingface/text-embeddings-inference:cpu-1.8\n"
            "          args: [--model-id, BAAI/bge-m3]\n          resources: {limits: {nvidia.com/gpu: 1}}\n",
        ),
        [f"SGL507 {MORE}:cpu-1.8"],
    ),
    "509 an inline value": (
        both(
            argument("        - --tensor-parallel-size={{ .Values.ranks | default 1 }}\n"),
            passed("      valuesObject:\n        ranks: 4\n"),
        ),
        [f"SGL509 {LLM_APP}:ranks: 4"],
    ),
    "510 a parameter": (
        parameter("deploymentStrategy.rollingUpdate.maxSurge", '"1"'),
        [f'SGL510 {LLM_APP}:value: "1"'],
    ),
    "510 neither a pod more nor one less": (
        edit(VALUES, ("    maxUnavailable: 1\n", "    maxUnavailable: 0\n")),
        [f"SGL510 {VALUES}:maxUnavailable"],
    ),
    "510 the strategy emptied": (edit(VALUES, (STRATEGY, "  {}\n")), [f"SGL510 {VALUES}:deploymentStrategy:"]),
    "902 a second pool": (
        file(f"{CAPACITY}/templates/second.yaml", SECOND_POOL),
        [f"SGL902 {POOL_PROD}:max: 2"],
    ),
}  # fmt: skip

RIGHT: dict[str, Change] = {
    "501 an anchor": edit(VALUES, (BOTH, f"  requests: &figures\n{FIGURES}  limits: *figures\n")),
    "501 a merge": edit(
        VALUES,
        (BOTH, f"  requests: &figures\n{FIGURES}  limits:\n    <<: *figures\n    memory: 24Gi\n"),
    ),
    "501 a helper's argument": helper("1"),
    "501 flow style": edit(VALUES, (BOTH, '  limits: {cpu: "2", memory: 20Gi, nvidia.com/gpu: 1}\n')),
    "502 a thousand thousandths": edit(VALUES, (BOTH, f"  limits:\n{FIGURES.replace(chr(34) + '1' + chr(34), '1000m')}")),
    "504 everything": edit(VALUES, (TOLERATION, "  - operator: Exists\n")),
    "504 any effect": edit(VALUES, (TOLERATION, TOLERATION.replace("    effect: NoSchedule\n", ""))),
    "504 for a time": edit(
        VALUES, (TOLERATION, TOLERATION + "  - key: nvidia.com/gpu\n    operator: Exists\n    effect: NoExecute\n")
    ),
    "505 affinity": affinity("{key: nvidia.com/gpu.present, operator: Exists}"),
    "505 the role of the pool's machines": edit(VALUES, (SELECTOR, '  node-role.kubernetes.io/gpu: ""\n')),
    "505 the zone beside the pool": edit(VALUES, (SELECTOR, f"{SELECTOR}  kubernetes.io/os: linux\n")),
    "507 the first GPU in a script": edit(
        RUNTIME,
        (
            COMMAND,
            "      command: [sh, -c]\n      args:\n        - |\n          export CUDA_VISIBLE_DEVICES=0\n"
            "          exec vllm serve /mnt/models --max-model-len=4096 --served-model-name=qwen2.5-14b-instruct\n",
        ),
    ),
    "509 one rank": argument("        - -tp\n        - '1'\n"),
    "510 all may be missing": edit(VALUES, ("    maxUnavailable: 1\n", "    maxUnavailable: 100%\n")),
    "510 recreated": edit(VALUES, (STRATEGY, "  type: Recreate\n  rollingUpdate: null\n")),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_breakage_is_found_at_its_line(name: str) -> None:
    """Each breakage gives exactly its findings among the rules on GPUs (and the quota)."""
    case, entries = BROKEN[name]
    assert expected(case, entries) == found(case, ("SGL5", "SGL902"))


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to write something right is no finding of any rule."""
    assert [] == found(RIGHT[name])
