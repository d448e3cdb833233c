"""Ways to break the GPU scheduling of the fixture, with what is found of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.test_rules import RULES

GPU_RULES = [rule for rule in RULES if rule.id.startswith("SGL5")]

LLM = "charts/signet-llm"
VALUES, PROD = f"{LLM}/values-common.yaml", f"{LLM}/values-prod.yaml"
SERVICE, RUNTIME = f"{LLM}/templates/inferenceservice.yaml", f"{LLM}/templates/servingruntime.yaml"
EMB = "charts/signet-embeddings"
EMB_VALUES, EMB_SERVICE = f"{EMB}/values-common.yaml", f"{EMB}/templates/inferenceservice.yaml"
EMB_RUNTIME, EMB_PARTS = f"{EMB}/templates/servingruntime.yaml", f"{EMB}/templates/_helpers.tpl"
POOL = "charts/cluster-capacity"
POOL_VALUES, POOL_PROD = f"{POOL}/values-common.yaml", f"{POOL}/values-prod.yaml"
MACHINES = f"{POOL}/templates/machineset-gpu.yaml"
MORE = f"{EMB}/templates/more.yaml"
WEB = "charts/web-frontend/templates/deployment.yaml"

REQUEST = '    memory: 20Gi\n    nvidia.com/gpu: "1"\n  limits:'
LIMIT = '    memory: 20Gi\n    nvidia.com/gpu: "1"\n\nnode'
NO_REQUEST, NO_LIMIT = "    memory: 20Gi\n  limits:", "    memory: 20Gi\n\nnode"
TOLERATIONS = 'tolerations:\n  - key: nvidia.com/gpu\n    operator: Equal\n    value: "true"\n    effect: NoSchedule\n'
SELECTOR = "nodeSelector:\n  example.org/gpu-pool: l40s\n"
STRATEGY = "deploymentStrategy:\n  type: RollingUpdate\n  rollingUpdate:\n    maxSurge: 0\n    maxUnavailable: 1\n"
IMAGE = "image: registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5"
ARGS = "        - --gpu-memory-utilization={{ .Values.model.gpuMemoryUtilization }}\n"
EMB_PLACE = (
    'placement:\n  nodeSelector:\n    nvidia.com/gpu.present: "true"\n  tolerations:\n'
    "    - key: nvidia.com/gpu\n      operator: Exists\n      effect: NoSchedule\n"
)
THREE = {POOL_PROD: (("  replicas: 2", "  replicas: 3"), ("  max: 2", "  max: 3"))}


def edit(path: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """Changes of one file."""
    return {"edits": {path: changes}}


def prod(text: str) -> dict[str, Any]:
    """More values of the chat model in prod."""
    return edit(PROD, ("exposed: true", f"exposed: true\n{text}"))


def variable(text: str) -> dict[str, Any]:
    """One more variable in the chat model's ServingRuntime."""
    return edit(RUNTIME, ("          value: /tmp/hf_home\n", f"          value: /tmp/hf_home\n{text}"))


def argument(text: str) -> dict[str, Any]:
    """More arguments of the chat model."""
    return edit(SERVICE, (ARGS, ARGS + text))


def pod(
    kind: str = "Deployment",
    *,
    image: str = "docker.io/vllm/vllm-openai:v0.11.0",
    gpu: str = "limits: {nvidia.com/gpu: 1}",
    placement: str = 'nodeSelector: {nvidia.com/gpu.present: "true"}',
    tolerations: str = "tolerations: [{key: nvidia.com/gpu, operator: Exists}]",
    strategy: str = "strategy: {type: Recreate}",
    container: str = "",
) -> dict[str, Any]:
    """Another server beside the embeddings service, run as plain pods, with a third GPU for it."""
    lines = [
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: more\nspec:\n  {strategy}\n  template:\n    spec:",
        *(f"      {line}" for line in (placement, tolerations) if line),
        f"      containers:\n        - name: server\n          image: {image}\n          resources: {{{gpu}}}",
        *(f"          {line}" for line in [container] if line),
    ]
    return {"files": {MORE: "\n".join(lines) + "\n"}, "edits": THREE}


def config_map(data: str) -> dict[str, Any]:
    """A ConfigMap beside the GPU operator."""
    text = (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plugin\n  namespace: nvidia-gpu-operator\ndata:\n{data}"
    )
    return {"files": {f"{POOL}/templates/plugin.yaml": text}}


def policy(text: str) -> dict[str, Any]:
    """More of the GPU operator's ClusterPolicy."""
    return edit(POOL_VALUES, ("  clusterPolicy:\n", f"  clusterPolicy:\n{text}"))


AFFINITY = """\
    affinity:
      nodeAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms:
            - matchExpressions:
                - {key: KEY, operator: OPERATOR, values: [VALUE]}
"""


def affinity(key: str, value: str, operator: str = "In", *, kind: str = AFFINITY) -> dict[str, Any]:
    """Node affinity in place of the chat model's selector."""
    text = kind.replace("KEY", key).replace("VALUE", value).replace("OPERATOR", operator)
    return {"edits": {VALUES: ((SELECTOR, "nodeSelector: {}\n"),), SERVICE: (("    model:\n", f"{text}    model:\n"),)}}


TIME_SLICING = """\
  any: |
    version: v1
    sharing:
      WAY:
        resources:
          - name: nvidia.com/gpu
            replicas: 4
"""
LLM_SERVICE = """\
apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata: {name: more}
spec:
  replicas: 1
  PARALLEL
  model: {uri: hf://Qwen/Qwen3-8B}
  template:
    nodeSelector: {nvidia.com/gpu.present: "true"}
    tolerations: [{key: nvidia.com/gpu, operator: Exists}]
    containers:
      - name: main
        resources: {RESOURCES}
"""


def llm_service(resources: str, parallel: str = "") -> dict[str, Any]:
    """An LLMInferenceService beside the embeddings service."""
    text = LLM_SERVICE.replace("RESOURCES", resources).replace("  PARALLEL\n", parallel)
    return {"files": {MORE: text}, "edits": THREE}


Case = tuple[Mapping[str, Any], list[str]]

NO_GPU: dict[str, Case] = {
    "no GPU in the values": (edit(VALUES, (REQUEST, NO_REQUEST), (LIMIT, NO_LIMIT)), [f"SGL501 {VALUES}:resources:"]),
    "no resources in the values": (prod("resources: null"), [f"SGL501 {PROD}:resources: null"]),
    "no resources in the template": (
        edit(SERVICE, ("      resources:\n        {{- toYaml .Values.resources | nindent 8 }}\n", "")),
        [f"SGL501 {SERVICE}:    model:"],
    ),
    "no GPUs as a number": (edit(EMB_VALUES, ("gpus: 1", "gpus: 0")), [f"SGL501 {EMB_VALUES}:gpus: 0"]),
    "no GPU in the shared part": (
        edit(EMB_PARTS, ("nvidia.com/gpu: {{ .Values.gpus }}\n", "")),
        [f"SGL501 {EMB_SERVICE}:      resources:"],
    ),
    "zero in prod": (
        prod('resources: {limits: {nvidia.com/gpu: "0"}, requests: {nvidia.com/gpu: "0"}}'),
        [f"SGL501 {PROD}:nvidia.com/gpu"],
    ),
    "a CPU server of plain pods": (
        pod(image="docker.io/ollama/ollama:0.12.3", gpu="limits: {cpu: 4}", placement="", tolerations=""),
        [f"SGL501 {MORE}:resources"],
    ),
    "a server without a GPU that is not tainted off": (pod(gpu=""), [f"SGL501 {MORE}:resources"]),
    "vLLM by its command": (
        pod(image="example/python", gpu="", container="command: [vllm, serve, Qwen/Qwen3-8B]"),
        [f"SGL501 {MORE}:resources"],
    ),
    "a LLMInferenceService": (llm_service("limits: {cpu: 2}"), [f"SGL501 {MORE}:resources"]),
    "a stateful server": (pod("StatefulSet", gpu="limits: {memory: 8Gi}"), [f"SGL501 {MORE}:resources"]),
}
NO_GPU["a sidecar has the GPU"] = (
    {
        "edits": THREE,
        "files": {
            MORE: str(pod(gpu="")["files"][MORE])
            + "        - {name: other, image: example/tool, resources: {limits: {nvidia.com/gpu: 1}}}\n"
        },
    },
    [f"SGL501 {MORE}:resources: {{}}"],
)

NO_GPU |= {
    "a leader of a LeaderWorkerSet": (
        {
            "files": {
                MORE: "apiVersion: leaderworkerset.x-k8s.io/v1\nkind: LeaderWorkerSet\nmetadata: {name: more}\nspec:\n"
                "  leaderWorkerTemplate:\n    leaderTemplate:\n      spec:\n        containers:\n"
                "          - name: server\n"
                "            image: docker.io/vllm/vllm-openai:v0.11.0\n            resources: {}\n"
            }
        },
        [f"SGL501 {MORE}:resources"],
    ),
    "a Knative service": (
        {
            "files": {
                MORE: "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: more}\nspec:\n  template:\n"
                "    spec:\n      containers:\n"
                "        - image: docker.io/vllm/vllm-openai:v0.11.0\n          resources: {}\n"
            }
        },
        [f"SGL501 {MORE}:resources"],
    ),
    "a framework of KServe": (
        {
            "files": {
                MORE: "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: more}\nspec:\n"
                "  predictor:\n    sklearn:\n      storageUri: s3://models/iris\n      resources: {limits: {cpu: 1}}\n"
            }
        },
        [f"SGL501 {MORE}:resources"],
    ),
    "a container of a predictor": (
        {
            "files": {
                MORE: "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: more}\nspec:\n"
                "  predictor:\n    containers:\n      - name: kserve-container\n        image: example/own-server:1\n"
                "        resources: {limits: {cpu: 1}}\n"
            }
        },
        [f"SGL501 {MORE}:resources"],
    ),
}

COUNT: dict[str, Case] = {
    "two by a number": (edit(EMB_VALUES, ("gpus: 1", "gpus: 2")), [f"SGL502 {EMB_VALUES}:gpus: 2"]),
    "two in the template": (
        edit(EMB_PARTS, ("{{ .Values.gpus }}", "2")),
        [f"SGL502 {EMB_PARTS}:nvidia.com/gpu: 2"],
    ),
    "half a GPU": (edit(EMB_VALUES, ("gpus: 1", "gpus: 0.5")), [f"SGL502 {EMB_VALUES}:gpus: 0.5"]),
    "a limit of two": (
        edit(VALUES, (LIMIT, LIMIT.replace('"1"', '"2"'))),
        [f'SGL502 {VALUES}:nvidia.com/gpu: "2"', f'SGL503 {VALUES}:nvidia.com/gpu: "2"'],
    ),
    "a request of two": (
        edit(VALUES, (REQUEST, REQUEST.replace('"1"', '"2"'))),
        [f'SGL503 {VALUES}:nvidia.com/gpu: "2"'],
    ),
    "no limit": (
        edit(VALUES, (REQUEST, REQUEST.replace('"1"\n', '"1" # request\n')), (LIMIT, NO_LIMIT)),
        [f"SGL503 {VALUES}:# request"],
    ),
    "a request of none": (
        prod('resources: {requests: {nvidia.com/gpu: "0"}}'),
        [f"SGL503 {PROD}:nvidia.com/gpu"],
    ),
    "plain pods": (
        pod(gpu="limits: {nvidia.com/gpu: 1}, requests: {nvidia.com/gpu: 2}"),
        [f"SGL503 {MORE}:resources"],
    ),
    "the runtime requests, the service limits": (
        {
            "edits": {
                VALUES: ((REQUEST, NO_REQUEST),),
                RUNTIME: (("      ports:\n", "      resources: {requests: {nvidia.com/gpu: 2}}\n      ports:\n"),),
            }
        },
        [f"SGL503 {RUNTIME}:nvidia.com/gpu: 2"],
    ),
}

PLACEMENT: dict[str, Case] = {
    "no tolerations": (edit(VALUES, (TOLERATIONS, "")), [f"SGL504 {VALUES}:1"]),
    "an empty list in prod": (prod("tolerations: []"), [f"SGL504 {PROD}:tolerations"]),
    "a null in prod": (prod("tolerations:"), [f"SGL504 {PROD}:tolerations"]),
    "not in the template": (
        edit(
            SERVICE,
            (
                "    {{- with .Values.tolerations }}\n    tolerations:\n"
                "      {{- toYaml . | nindent 6 }}\n    {{- end }}\n",
                "",
            ),
        ),
        [f"SGL504 {SERVICE}:  predictor:"],
    ),
    "another value": (
        edit(VALUES, ('    value: "true"\n    effect', "    value: present\n    effect")),
        [f"SGL504 {VALUES}:tolerations:"],
    ),
    "another effect": (edit(VALUES, ("effect: NoSchedule", "effect: NoExecute")), [f"SGL504 {VALUES}:tolerations:"]),
    "another key": (
        edit(EMB_VALUES, ("key: nvidia.com/gpu\n", "key: nvidia.com/gpus\n")),
        [f"SGL504 {EMB_VALUES}:tolerations:"],
    ),
    "equal to nothing": (edit(EMB_VALUES, ("      operator: Exists\n", "")), [f"SGL504 {EMB_VALUES}:tolerations:"]),
    "a second taint": (
        edit(
            POOL_PROD,
            ("  replicas: 2", "  taints:\n    - {key: nvidia.com/gpu, value: x, effect: NoSchedule}\n  replicas: 2"),
        ),
        [f"SGL504 {VALUES}:tolerations:"],
    ),
    "plain pods that tolerate nothing": (pod(tolerations=""), [f"SGL504 {MORE}:    spec:"]),
    "no selector": (edit(VALUES, (SELECTOR, "")), [f"SGL505 {VALUES}:1"]),
    "an empty selector in prod": (prod("nodeSelector: null"), [f"SGL505 {PROD}:nodeSelector"]),
    "no selector in the template": (
        edit(
            SERVICE,
            (
                "    {{- with .Values.nodeSelector }}\n    nodeSelector:\n"
                "      {{- toYaml . | nindent 6 }}\n    {{- end }}\n",
                "",
            ),
        ),
        [f"SGL505 {SERVICE}:  predictor:"],
    ),
    "affinity that is only preferred": (
        affinity(
            "x",
            "y",
            kind="    affinity:\n      nodeAffinity:\n        preferredDuringSchedulingIgnoredDuringExecution:\n"
            "          - weight: 1\n"
            "            preference: {matchExpressions: [{key: nvidia.com/gpu.present, operator: Exists}]}\n",
        ),
        [f"SGL505 {VALUES}:nodeSelector"],
    ),
    "plain pods that select nothing": (pod(placement=""), [f"SGL505 {MORE}:    spec:"]),
    "only the operating system": (
        edit(VALUES, (SELECTOR, "nodeSelector:\n  kubernetes.io/os: linux\n")),
        [f"SGL505 {VALUES}:nodeSelector:"],
    ),
    "neither, in one place": (
        edit(EMB_SERVICE, ("    {{- toYaml .Values.placement | nindent 4 }}\n", "")),
        [f"SGL504 {EMB_SERVICE}:  predictor:", f"SGL505 {EMB_SERVICE}:  predictor:"],
    ),
    "a label misspelt": (
        edit(VALUES, ("example.org/gpu-pool: l40s", "example.org/gpu-pol: l40s")),
        [f"SGL506 {VALUES}:gpu-pol"],
    ),
    "a label's value misspelt": (edit(VALUES, ("gpu-pool: l40s", "gpu-pool: l40")), [f"SGL506 {VALUES}:gpu-pool"]),
    "a discovery's label misspelt": (
        edit(EMB_VALUES, ("nvidia.com/gpu.present", "nvidia.com/gpu.presnt")),
        [f"SGL506 {EMB_VALUES}:presnt"],
    ),
    "another GPU": (prod("nodeSelector:\n  nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB"), [f"SGL506 {PROD}:A100"]),
    "another machine": (
        prod("nodeSelector:\n  node.kubernetes.io/instance-type: g5.xlarge"),
        [f"SGL506 {PROD}:g5.xlarge"],
    ),
    "present is false": (
        edit(EMB_VALUES, ('gpu.present: "true"', 'gpu.present: "false"')),
        [f"SGL506 {EMB_VALUES}:gpu.present"],
    ),
    "labels of the machine, not the node": (
        edit(
            MACHINES,
            (
                "        machine.openshift.io/cluster-api-machine-role: gpu\n",
                "        machine.openshift.io/cluster-api-machine-role: gpu\n        example.org/gpu-pool: l40s\n",
            ),
            ("          {{- toYaml $ms.nodeLabels | nindent 10 }}", "          node-role.kubernetes.io/gpu: ''"),
        ),
        [f"SGL506 {VALUES}:gpu-pool"],
    ),
    "affinity to an unknown label": (affinity("example.org/gpus", "l40s"), [f"SGL506 {SERVICE}:example.org/gpus"]),
}

CPU: dict[str, Case] = {
    "a CPU image": (edit(VALUES, (IMAGE, "image: quay.io/opendatahub/vllm:2.19-cpu")), [f"SGL507 {VALUES}:-cpu"]),
    "a CPU image in the template": (
        edit(EMB_RUNTIME, ("{{ .Values.runtime.image }}", "registry.redhat.io/rhoai/odh-vllm-cpu-rhel9:v3.0")),
        [f"SGL507 {EMB_RUNTIME}:vllm-cpu"],
    ),
    "no visible device": (
        variable('        - name: CUDA_VISIBLE_DEVICES\n          value: ""\n'),
        [f'SGL507 {RUNTIME}:value: ""'],
    ),
    "device minus one": (
        variable('        - {name: CUDA_VISIBLE_DEVICES, value: "-1"}\n'),
        [f"SGL507 {RUNTIME}:CUDA_VISIBLE"],
    ),
    "void": (variable("        - {name: NVIDIA_VISIBLE_DEVICES, value: void}\n"), [f"SGL507 {RUNTIME}:NVIDIA_VISIBLE"]),
    "a variable of the service": (
        edit(SERVICE, ("      env:\n", "      env:\n        - {name: NVIDIA_VISIBLE_DEVICES, value: none}\n")),
        [f"SGL507 {SERVICE}:NVIDIA_VISIBLE"],
    ),
    "a variable without a value": (
        variable("        - name: CUDA_VISIBLE_DEVICES\n"),
        [f"SGL507 {RUNTIME}:CUDA_VISIBLE"],
    ),
    "device by argument": (argument("        - --device=cpu\n"), [f"SGL507 {SERVICE}:--device"]),
    "device by two arguments": (argument("        - --device\n        - cpu\n"), [f"SGL507 {SERVICE}:- --device"]),
    "device in values": (
        edit(EMB_VALUES, ("    - --task=embed\n", "    - --task=embed\n    - --device=cpu\n")),
        [f"SGL507 {EMB_VALUES}:--device"],
    ),
    "the CPU's cache": (
        variable("        - {name: VLLM_CPU_KVCACHE_SPACE, value: '8'}\n"),
        [f"SGL507 {RUNTIME}:VLLM_CPU"],
    ),
    "no GPU layers": (
        pod(image="ghcr.io/ggml-org/llama.cpp:server-cuda", container='args: ["-ngl", "0"]'),
        [f"SGL507 {MORE}:args"],
    ),
    "a CPU build of plain pods": (pod(image="docker.io/localai/localai:latest"), [f"SGL507 {MORE}:image"]),
    "in a script": (
        pod(container='command: [sh, -c, "CUDA_VISIBLE_DEVICES=-1 exec vllm serve Qwen/Qwen3-8B"]'),
        [f"SGL507 {MORE}:command"],
    ),
    "from a ConfigMap": (
        {
            "files": {
                f"{EMB}/templates/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n"
                '  CUDA_VISIBLE_DEVICES: "-1"\n'
            },
            "edits": {
                EMB_RUNTIME: (("      env:\n", "      envFrom: [{configMapRef: {name: settings}}]\n      env:\n"),)
            },
        },
        [f"SGL507 {EMB}/templates/settings.yaml:CUDA_VISIBLE"],
    ),
}

SHARED: dict[str, Case] = {
    "time-slicing": (
        config_map(TIME_SLICING.replace("WAY", "timeSlicing")),
        [f"SGL508 {POOL}/templates/plugin.yaml:timeSlicing"],
    ),
    "MPS": (config_map(TIME_SLICING.replace("WAY", "mps")), [f"SGL508 {POOL}/templates/plugin.yaml:mps"]),
    "mixed MIG": (policy("    mig:\n      strategy: mixed\n"), [f"SGL508 {POOL_VALUES}:strategy: mixed"]),
    "a shared resource": (
        edit(VALUES, (REQUEST, NO_REQUEST), (LIMIT, LIMIT.replace("gpu:", "gpu.shared:"))),
        [f"SGL508 {VALUES}:gpu.shared"],
    ),
    "a slice": (
        edit(VALUES, (REQUEST, NO_REQUEST), (LIMIT, LIMIT.replace("gpu:", "mig-1g.10gb:"))),
        [f"SGL508 {VALUES}:mig-1g"],
    ),
    "a slice in a LLMInferenceService": (llm_service("limits: {nvidia.com/mig-1g.10gb: 1}"), [f"SGL508 {MORE}:mig-1g"]),
    "a shared product": (
        prod("nodeSelector:\n  nvidia.com/gpu.product: NVIDIA-L40S-SHARED"),
        [f"SGL508 {PROD}:SHARED"],
    ),
    "nodes that are to be split": (
        edit(POOL_VALUES, ("  nodeLabels:\n", "  nodeLabels:\n    nvidia.com/mig.config: all-1g.10gb\n")),
        [f"SGL508 {POOL_VALUES}:mig.config"],
    ),
    "a MIG layout for every node": (
        policy("    mig:\n      strategy: none\n    migManager:\n      config:\n        default: all-1g.5gb\n")
        | edit(
            POOL_VALUES,
            ("  clusterPolicy:\n", "  clusterPolicy:\n    mig:\n      strategy: none\n"),
            (
                "    migManager:\n      enabled: false",
                "    migManager:\n      enabled: true\n      config:\n        default: all-1g.5gb",
            ),
        ),
        [f"SGL508 {POOL_VALUES}:all-1g.5gb"],
    ),
}

PARALLEL: dict[str, Case] = {
    "tensor": (argument("        - --tensor-parallel-size=2\n"), [f"SGL509 {SERVICE}:--tensor"]),
    "in two items": (argument('        - -tp\n        - "2"\n'), [f'SGL509 {SERVICE}:- "2"']),
    "pipeline": (argument("        - --pipeline_parallel_size=2\n"), [f"SGL509 {SERVICE}:--pipeline"]),
    "data": (argument("        - --data-parallel-size=4\n"), [f"SGL509 {SERVICE}:--data"]),
    "in the runtime": (
        edit(
            RUNTIME,
            ("        - --model=/mnt/models\n", "        - --model=/mnt/models\n        - --tensor-parallel-size=4\n"),
        ),
        [f"SGL509 {RUNTIME}:--tensor"],
    ),
    "by a variable": (
        edit(
            RUNTIME,
            (
                "        - --model=/mnt/models\n",
                "        - --model=/mnt/models\n        - --tensor-parallel-size=$(TP)\n",
            ),
            (
                "          value: /tmp/hf_home\n",
                '          value: /tmp/hf_home\n        - name: TP\n          value: "2"\n',
            ),
        ),
        [f'SGL509 {RUNTIME}:value: "2"'],
    ),
    "no size": (argument("        - --tensor-parallel-size=0\n"), [f"SGL509 {SERVICE}:--tensor"]),
    "of a LLMInferenceService": (
        llm_service("limits: {nvidia.com/gpu: 1}", "  parallelism: {tensor: 2}\n"),
        [f"SGL509 {MORE}:parallelism"],
    ),
}

ROLLOUT: dict[str, Case] = {
    "no strategy": (
        edit(VALUES, (STRATEGY, ""))
        | edit(SERVICE, ("    deploymentStrategy:\n      {{- toYaml .Values.deploymentStrategy | nindent 6 }}\n", "")),
        [f"SGL510 {SERVICE}:  predictor:"],
    ),
    "not in the values": (
        edit(EMB_VALUES, ("deploymentStrategy:\n  type: Recreate\n", "")),
        [f"SGL510 {EMB_VALUES}:1"],
    ),
    "rolling with nothing more": (
        edit(EMB_VALUES, ("type: Recreate", "type: RollingUpdate")),
        [f"SGL510 {EMB_VALUES}:deploymentStrategy"],
    ),
    "a surge in prod": (
        prod("deploymentStrategy:\n  rollingUpdate:\n    maxSurge: 1\n    maxUnavailable: 0"),
        [f"SGL510 {PROD}:maxSurge"],
    ),
    "a surge that waits for the old pod": (edit(VALUES, ("maxSurge: 0", "maxSurge: 1")), [f"SGL510 {VALUES}:maxSurge"]),
    "plain pods with the default": (
        pod(strategy="replicas: 1") | {"edits": {}},
        [f"SGL510 {MORE}:^spec:"],
    ),
    "a maximum of none in prod": (prod("replicas: 0"), [f"SGL511 {PROD}:replicas: 0"]),
    "none in the values": (edit(VALUES, ("replicas: 1", "replicas: 0")), [f"SGL511 {VALUES}:replicas: 0"]),
    "none in the template": (
        edit(EMB_SERVICE, ("minReplicas: 1", "minReplicas: 0")),
        [f"SGL511 {EMB_SERVICE}:minReplicas"],
    ),
}

BROKEN = {
    name: case for table in (NO_GPU, COUNT, PLACEMENT, CPU, SHARED, PARALLEL, ROLLOUT) for name, case in table.items()
}
