"""Model servers and what they serve: more ways to get it wrong, and right spellings that must stay silent."""

from __future__ import annotations

from typing import Any

import pytest

from signet_lint.config import Config, Existing, InstanceTypeEntry, ModelEntry
from tests.overlay import check, line_of, overlay, places
from tests.test_rules import RULES

IDS = (
    "SGL603", "SGL605", "SGL606", "SGL607", "SGL608", "SGL609", "SGL610", "SGL612", "SGL613", "SGL615", "SGL616", "SGL617",
    "SGL902", "SGL903",
)  # fmt: skip
OURS = [rule for rule in RULES if rule.id in IDS]
LLM, EMB = "charts/signet-llm", "charts/signet-embeddings"
VALUES, PROD = f"{LLM}/values-common.yaml", f"{LLM}/values-prod.yaml"
SERVICE, RUNTIME = f"{LLM}/templates/inferenceservice.yaml", f"{LLM}/templates/servingruntime.yaml"
EMB_VALUES, EMB_SERVICE = f"{EMB}/values-common.yaml", f"{EMB}/templates/inferenceservice.yaml"
EMB_RUNTIME = f"{EMB}/templates/servingruntime.yaml"
POOL_PROD, POOL_VALUES = "charts/cluster-capacity/values-prod.yaml", "charts/cluster-capacity/values-common.yaml"
MACHINES = "charts/cluster-capacity/templates/machineset-gpu.yaml"
APP = "charts/signet-umbrella/templates/app-signet-llm.yaml"
MORE = f"{LLM}/templates/more.yaml"
ARGS = "        - --gpu-memory-utilization={{ .Values.model.gpuMemoryUtilization }}\n"
URI = "      storageUri: {{ .Values.model.storageUri }}\n"
NO_SCALER = ("autoscaler:\n  enabled: true", "autoscaler:\n  enabled: false")

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: chat-two}}
spec:
  strategy: {{type: Recreate}}
  selector: {{matchLabels: {{app: two}}}}
  template:
    metadata: {{labels: {{app: two}}}}
    spec:
      nodeSelector: {{nvidia.com/gpu.present: "true"}}
      tolerations: [{{key: nvidia.com/gpu, operator: Exists}}]
      containers:
        - name: vllm
          image: {image}
          args: [{args}]
          resources: {{limits: {{nvidia.com/gpu: 1, cpu: {cpu}, memory: {memory}}}}}
"""


def prod(text: str) -> dict[str, Any]:
    """More values of the chat model in prod."""
    return {"edits": {PROD: [("exposed: true", f"exposed: true\n{text}")]}}


def argument(text: str) -> dict[str, Any]:
    """One more argument of the chat model."""
    return {"edits": {SERVICE: [(ARGS, f"{ARGS}        - {text}\n")]}}


def pod(
    image: str = "docker.io/vllm/vllm-openai:v0.11.0",
    args: str = "--model=Qwen/Qwen3-8B, --max-model-len=4096",
    cpu: str = "1",
    memory: str = "8Gi",
) -> dict[str, str]:
    """A chat model run by a plain Deployment."""
    return {MORE: POD.format(image=image, args=args, cpu=cpu, memory=memory)}


def route(to: str, tls: str = "  tls: {termination: edge}\n") -> dict[str, str]:
    """A Route in the chat model's chart."""
    return {
        MORE: f"apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {{name: r}}\nspec:\n  to: {{kind: Service, name: {to}}}\n{tls}"
    }


BREAKAGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "length over the model, as a flag of the runtime": (
        {
            "edits": {
                EMB_RUNTIME: [
                    (
                        '        - "--model=/mnt/models"\n',
                        '        - "--model=/mnt/models"\n        - --max-model-len=65536\n',
                    )
                ],
                EMB_VALUES: [('    - --max-model-len\n    - "4096"\n', "")],
            }
        },
        [f"SGL603 {EMB_RUNTIME}:--max-model-len=65536", f"SGL613 {EMB_VALUES}:id: intfloat"][:1],
    ),
    "length over the model, of a plain Deployment": (
        {"files": pod(args="--model=Qwen/Qwen3-8B, --max-model-len=50000")},
        [f"SGL603 {MORE}:args:"],
    ),
    "format in other letters in the runtime": (
        {"edits": {EMB_RUNTIME: [("    - name: vLLM\n", "    - name: VLLM\n")]}},
        [f"SGL605 {EMB_SERVICE}:        name: vLLM"],
    ),
    "chat model for embeddings in prod only": (
        {"files": {f"{EMB}/values-prod.yaml": "model:\n  id: meta-llama/Llama-3.1-8B-Instruct\n"}},
        [f"SGL606 {EMB}/values-prod.yaml:id: meta"],
    ),
    "embedding model given to vLLM as argument": (
        argument("--model=intfloat/e5-mistral-7b-instruct"),
        [f"SGL606 {SERVICE}:--model=intfloat", f"SGL607 {SERVICE}:      args:"],
    ),
    "the two models swapped": (
        {
            "edits": {
                VALUES: [("hf://Qwen/Qwen2.5-14B-Instruct", "hf://intfloat/e5-mistral-7b-instruct")],
                EMB_VALUES: [("id: intfloat/e5-mistral-7b-instruct", "id: Qwen/Qwen2.5-14B-Instruct")],
            }
        },
        [f"SGL606 {VALUES}:hf://intfloat", f"SGL606 {EMB_VALUES}:id: Qwen", f"SGL607 {SERVICE}:      args:"],
    ),
    "task emptied in prod": (
        {"files": {f"{EMB}/values-prod.yaml": 'model:\n  args: ["--max-model-len=4096"]\n'}},
        [f"SGL607 {EMB}/values-prod.yaml:args:"],
    ),
    "no model in prod": (prod("model:\n  storageUri: null"), [f"SGL608 {PROD}:storageUri"]),
    "many models by the runtime's template": (
        {"edits": {EMB_RUNTIME: [("multiModel: false", "multiModel: {{ .Values.multi | default true }}")]}},
        [f"SGL609 {EMB_RUNTIME}:multiModel"],
    ),
    "base model of a plain Deployment": (
        {"files": pod(args="--model, meta-llama/Llama-3.1-8B, --max-model-len=4096")},
        [f"SGL610 {MORE}:args:"],
    ),
    "image without a tag in a plain Deployment": (
        {"files": pod(image="docker.io/vllm/vllm-openai")},
        [f"SGL612 {MORE}:image:"],
    ),
    "main branch image in prod": (
        prod("runtime:\n  image: quay.io/modh/vllm:main"),
        [f"SGL612 {PROD}:image: quay.io"],
    ),
    "32-bit numbers": (argument("--dtype=float32"), [f"SGL613 {VALUES}:storageUri"]),
    "cache of 32,768 tokens on a small share": (
        {
            "edits": {
                VALUES: [("maxModelLen: 8192", "maxModelLen: 32768"), ('Utilization: "0.9"', 'Utilization: "0.75"')]
            }
        },
        [f"SGL613 {VALUES}:storageUri"],
    ),
    "destination of another namespace by value": (
        {
            "edits": {
                APP: [
                    (
                        "    namespace: {{ .Values.appNamespace }}",
                        '    namespace: {{ printf "%s-models" .Values.appNamespace }}',
                    )
                ]
            }
        },
        [f"SGL615 {APP}:namespace: {{{{ printf"],
    ),
    "route to the wrong service": ({"files": route("signet-llm-predictor-svc")}, [f"SGL616 {MORE}:5"]),
    "route without TLS": ({"files": route("signet-llm-predictor", "")}, [f"SGL616 {MORE}:spec:"]),
    "mode passed by the chart's values": (
        {
            "edits": {SERVICE: [("deploymentMode: RawDeployment", "deploymentMode: {{ .Values.mode }}")]},
            "files": {PROD: "exposed: true\nmode: Serverless\n"},
        },
        [f"SGL617 {PROD}:mode: Serverless"],
    ),
    "larger type in prod": (
        {"edits": {POOL_PROD: [("  replicas: 2", "  instanceType: g6e.4xlarge\n  replicas: 2")]}},
        [f"SGL902 {POOL_PROD}:instanceType: g6e.4xlarge"],
    ),
    "replicas in the template": (
        {"edits": {POOL_PROD: [NO_SCALER], MACHINES: [("replicas: {{ $ms.replicas }}", "replicas: 5")]}},
        [f"SGL902 {MACHINES}:replicas: 5"],
    ),
    "memory of a plain Deployment": ({"files": pod(memory="64Gi")}, [f"SGL903 {MORE}:resources:"]),
    "processors in prod": (prod('resources:\n  requests:\n    cpu: "4"'), [f'SGL903 {PROD}:cpu: "4"']),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_breakage(name: str) -> None:
    """Each breakage gives exactly its findings among these rules."""
    case, expected = BREAKAGES[name]
    contents = overlay(case.get("files"), case.get("edits"))
    wanted = sorted(f"{rule} {line_of(contents, at)}" for rule, _, at in (one.partition(" ") for one in expected))
    assert wanted == sorted(places(check(OURS, **case)))


RIGHT: dict[str, dict[str, Any]] = {
    "no length is the model's own": {
        "edits": {SERVICE: [("        - --max-model-len={{ .Values.model.maxModelLen | int }}\n", "")]}
    },
    "a plain Deployment that is right": {"files": pod()},
    "embedding model in a plain Deployment": {
        "files": pod(args="--model=Qwen/Qwen3-Embedding-0.6B, --runner=pooling, --max-model-len=8192")
    },
    "model given to vLLM, quantised": argument("--quantization=fp8"),
    "cache in fp8": argument("--kv-cache-dtype=fp8"),
    "template in one word": argument("--chat-template=/t/chat.jinja"),
    "image with version and digest": prod("runtime:\n  image: quay.io/modh/vllm:v1@sha256:" + "b" * 64),
    "image of a private registry with a port": prod(
        "runtime:\n  image: registry.example.org:5000/modh/vllm:rhoai-3.0-cuda"
    ),
    "route to what KServe makes": {"files": route("signet-llm-predictor")},
    "route to a Service configured as existing": {
        "files": route("somewhere"),
        "config": Config(exists=Existing(services=("signet-prod/somewhere",))),
    },
    "two small machine sets' worth": {
        "edits": {POOL_PROD: [NO_SCALER, ("  replicas: 2", "  replicas: 1\n  instanceType: g6e.2xlarge")]}
    },
    "a raised quota": {
        "edits": {POOL_PROD: [("  replicas: 2", "  replicas: 4"), ("  max: 2", "  max: 4")]},
        "config": Config(vcpu_quota=16),
    },
    "requests left to the limits": {
        "edits": {VALUES: [('  requests:\n    cpu: "2"\n    memory: 20Gi\n    nvidia.com/gpu: "1"\n', "")]}
    },
    "format by a runtime chosen automatically": {
        "edits": {SERVICE: [("      runtime: {{ .Values.runtime.name }}\n", "")]}
    },
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to write something right is no finding, and leaves nothing unexamined."""
    report = check(OURS, **RIGHT[name])
    assert [] == places(report)
    assert () == report.coverage.not_examined
    assert () == report.incomplete


UNKNOWN = {"edits": {VALUES: [("hf://Qwen/Qwen2.5-14B-Instruct", "hf://acme/unheard-of-70b")]}}


def test_an_unknown_model_is_told_and_not_guessed() -> None:
    """What no catalogue knows is not examined, with the reason, and no finding."""
    report = check(OURS, **UNKNOWN)
    assert [] == places(report)
    assert {left.why for left in report.coverage.not_examined} == {
        "`acme/unheard-of-70b` is not in the model catalogue",
        "it is not in the model catalogue",
    }


def test_a_model_of_the_configuration_is_judged() -> None:
    """A model that the configuration describes is judged like one of the catalogue."""
    known = ModelEntry(
        name="acme/unheard-of-70b",
        parameters=70_000_000_000,
        layers=80,
        heads=64,
        kv_heads=8,
        head_dim=128,
        max_length=4096,
    )
    report = check(OURS, **UNKNOWN, config=Config(models=(known,)))
    assert sorted(f.rule for f in report.findings) == ["SGL603", "SGL613"]
    assert "weights 130.4 GiB" in next(f.message for f in report.findings if f.rule == "SGL613")


def test_a_machine_type_of_the_configuration_is_judged() -> None:
    """A type that the configuration describes counts against the quota, and its memory limits models and pods."""
    own = InstanceTypeEntry(
        name="lab.gpu", vcpus=16, memory_mib=16384, gpu="L4", gpu_count=1, gpu_memory_mib=24576, quota_group="G and VT"
    )
    edits = {POOL_PROD: [("  replicas: 2", "  instanceType: lab.gpu\n  replicas: 2")]}
    unknown = check(OURS, edits=edits)
    known = check(OURS, edits=edits, config=Config(instance_types=(own,)))
    assert [] == places(unknown)
    assert any("lab.gpu" in left.why for left in unknown.coverage.not_examined)
    assert sorted({f.rule for f in known.findings}) == ["SGL613", "SGL902", "SGL903"]
    assert [] == places(check(OURS))
