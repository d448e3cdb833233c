"""Model servers without a GPU, on the wrong nodes, on the CPU, on shared GPUs, or that cannot be rolled out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from signet_lint.config import Config, Existing, Gpu
from tests.breakages.gpu_cases import (
    BROKEN,
    COUNT,
    CPU,
    EMB_RUNTIME,
    EMB_SERVICE,
    EMB_VALUES,
    GPU_RULES,
    IMAGE,
    LIMIT,
    MORE,
    NO_GPU,
    NO_LIMIT,
    NO_REQUEST,
    PLACEMENT,
    POOL_PROD,
    POOL_VALUES,
    REQUEST,
    RUNTIME,
    SERVICE,
    SHARED,
    STRATEGY,
    THREE,
    VALUES,
    affinity,
    argument,
    config_map,
    edit,
    llm_service,
    pod,
    policy,
    prod,
    variable,
)
from tests.overlay import check, line_of, overlay, places

RIGHT: dict[str, Mapping[str, Any]] = {
    "a limit alone": edit(VALUES, (REQUEST, NO_REQUEST)),
    "numbers": edit(VALUES, (REQUEST, REQUEST.replace('"1"', "1")), (LIMIT, LIMIT.replace('"1"', "1.0"))),
    "the runtime brings the GPU": {
        "edits": {
            VALUES: ((REQUEST, NO_REQUEST), (LIMIT, NO_LIMIT)),
            RUNTIME: (("      ports:\n", "      resources: {limits: {nvidia.com/gpu: 1}}\n      ports:\n"),),
        }
    },
    "the runtime brings toleration and selector": {
        "edits": {
            EMB_SERVICE: (("    {{- toYaml .Values.placement | nindent 4 }}\n", ""),),
            EMB_RUNTIME: (("  containers:\n", "  {{- toYaml .Values.placement | nindent 2 }}\n  containers:\n"),),
        }
    },
    "everything is tolerated": prod("tolerations:\n  - operator: Exists"),
    "any effect": edit(VALUES, ("    effect: NoSchedule\n", "")),
    "the value, equal by default": edit(VALUES, ("    operator: Equal\n", "")),
    "a taint that only discourages": edit(
        POOL_VALUES, ("  taints:\n", "  taints:\n    - {key: example.org/slow, value: x, effect: PreferNoSchedule}\n")
    ),
    "required affinity": affinity("example.org/gpu-pool", "l40s"),
    "affinity to the machine type": affinity("node.kubernetes.io/instance-type", "g6e.xlarge"),
    "discovered product": prod("nodeSelector:\n  nvidia.com/gpu.product: NVIDIA-L40S"),
    "discovered vendor": prod('nodeSelector:\n  feature.node.kubernetes.io/pci-10de.present: "true"'),
    "a recreated pod": edit(VALUES, (STRATEGY, "deploymentStrategy:\n  type: Recreate\n")),
    "surge in percent": prod("deploymentStrategy:\n  rollingUpdate:\n    maxSurge: 0%\n    maxUnavailable: 100%"),
    "a spare GPU": {"edits": {EMB_VALUES: (("deploymentStrategy:\n  type: Recreate\n", ""),), **THREE}},
    "a stateful server with its own GPU": pod("StatefulSet", strategy="replicas: 1"),
    "plain pods with a GPU": pod(),
    "a simulator behind KServe": {
        "files": {
            MORE: "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: more}\nspec:\n"
            "  predictor:\n    containers:\n      - name: kserve-container\n"
            "        image: ghcr.io/llm-d/llm-d-inference-sim:v0.5.0\n"
        }
    },
    "a model pulled before the start": {
        "files": {
            MORE: str(pod()["files"][MORE]) + "      initContainers:\n"
            "        - {name: pull, image: docker.io/ollama/ollama:0.12.3, command: [ollama, pull, qwen3]}\n"
        },
        "edits": THREE,
    },
    "another value of the pool's own taint": {
        "edits": {
            POOL_PROD: (
                (
                    "  replicas: 2",
                    "  taints:\n    - {key: nvidia.com/gpu, value: present, effect: NoSchedule}\n  replicas: 2",
                ),
            ),
            VALUES: (('    value: "true"\n', "    value: present\n"),),
        }
    },
    "a simulator": pod(image="ghcr.io/llm-d/llm-d-inference-sim:v0.5.0", gpu="", placement="", tolerations=""),
    "a router": pod(image="docker.io/lmcache/lmstack-router:v1", gpu="", placement="", tolerations=""),
    "GPU work that serves nothing": pod(
        image="nvcr.io/nvidia/cuda:12.8", placement="", tolerations="", strategy="replicas: 1"
    ),
    "a CUDA image by another name": edit(VALUES, (IMAGE, "image: docker.io/vllm/vllm-openai:v0.11.0")),
    "all devices": variable("        - {name: NVIDIA_VISIBLE_DEVICES, value: all}\n"),
    "the first device": variable("        - {name: CUDA_VISIBLE_DEVICES, value: '0'}\n"),
    "some memory of the CPU": argument("        - --cpu-offload-gb=4\n"),
    "the word CPU elsewhere": argument("        - --served-model-name=not-cpu\n"),
    "a configuration that shares nothing": config_map("  any: |\n    version: v1\n    flags: {migStrategy: none}\n"),
    "another ConfigMap about sharing": config_map("  text: |\n    sharing: is caring\n"),
    "no MIG": policy("    mig:\n      strategy: none\n"),
    "one-way parallelism": argument("        - --tensor-parallel-size=1\n"),
    "as many GPUs as ranks": llm_service("limits: {nvidia.com/gpu: 1}", "  parallelism: {tensor: 1}\n"),
    "stopped": edit(
        SERVICE,
        (
            '    security.opendatahub.io/enable-auth: "true"\n',
            '    security.opendatahub.io/enable-auth: "true"\n    serving.kserve.io/stop: "true"\n',
        ),
        ("minReplicas: {{ .Values.replicas }}", "minReplicas: 0"),
    ),
    "KEDA": edit(
        SERVICE,
        (
            '    security.opendatahub.io/enable-auth: "true"\n',
            '    security.opendatahub.io/enable-auth: "true"\n    serving.kserve.io/autoscalerClass: keda\n',
        ),
        ("minReplicas: {{ .Values.replicas }}", "minReplicas: 0"),
    ),
}


def expected_places(case: Mapping[str, Any], found: list[str]) -> list[str]:
    """ "RULE path:line" of each expectation; `^text` is the first line that is just that text."""
    contents = overlay(case.get("files"), case.get("edits"))
    lines = []
    for one in found:
        rule, at = one.split(" ", 1)
        path, _, text = at.partition(":")
        if text.startswith("^"):
            lines.append(f"{rule} {path}:{contents[path].decode().splitlines().index(text[1:]) + 1}")
        else:
            lines.append(f"{rule} {line_of(contents, at)}")
    return sorted(lines)


@pytest.mark.parametrize(("case", "found"), BROKEN.values(), ids=BROKEN.keys())
def test_breakage_is_found_at_its_line(case: Mapping[str, Any], found: list[str]) -> None:
    """A breakage gives exactly the findings expected, each at the line to edit."""
    report = check(GPU_RULES, **case)
    assert not report.incomplete
    assert sorted(places(report)) == expected_places(case, found)


@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT.keys())
def test_right_spelling_is_silent(case: Mapping[str, Any]) -> None:
    """What is right in another spelling, or lies elsewhere, gives no finding."""
    report = check(GPU_RULES, **case)
    assert not report.incomplete
    assert places(report) == []


PROFILE = "opendatahub.io/hardware-profile-name: gpu"
LEFT_OUT: dict[str, tuple[Mapping[str, Any], Config, list[str]]] = {
    "a hardware profile": (
        edit(
            SERVICE,
            ("    security.opendatahub.io/enable-auth", f"    {PROFILE}\n    security.opendatahub.io/enable-auth"),
            ("      resources:\n        {{- toYaml .Values.resources | nindent 8 }}\n", ""),
            ("    {{- with .Values.tolerations }}\n", "    {{- with .Values.none }}\n"),
        ),
        Config(),
        ["the GPU of InferenceService `signet-llm`", "the tolerations of InferenceService `signet-llm`"],
    ),
    "a runtime that is only in the cluster": (
        {
            "edits": {
                SERVICE: (
                    ("runtime: {{ .Values.runtime.name }}", "runtime: elsewhere"),
                    ("      resources:\n        {{- toYaml .Values.resources | nindent 8 }}\n", ""),
                )
            }
        },
        Config(exists=Existing(runtimes=("elsewhere",))),
        ["the GPU of InferenceService `signet-llm`"],
    ),
    "another vendor": (
        edit(VALUES, (REQUEST, NO_REQUEST), (LIMIT, LIMIT.replace("nvidia.com/gpu", "amd.com/gpu"))),
        Config(),
        ["the number of GPUs of InferenceService `signet-llm`"],
    ),
}


@pytest.mark.parametrize(("case", "config", "what"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_what_git_does_not_tell_is_left_out(case: Mapping[str, Any], config: Config, what: list[str]) -> None:
    """Where something outside of the repository decides, nothing is found and the report says so."""
    report = check(GPU_RULES, **case, config=config)
    assert places(report) == []
    assert [left.what for left in report.coverage.not_examined] == what


UNIVERSAL: dict[str, tuple[Mapping[str, Any], list[str]]] = {
    "a server for GPUs without one": (NO_GPU["no GPU in the values"][0], ["warning SGL501"]),
    "a server that is right on the CPU": (NO_GPU["a framework of KServe"][0], []),
    "two GPUs": (COUNT["two by a number"][0], ["error SGL509"]),
    "a CPU image": (CPU["a CPU image"][0], ["warning SGL507"]),
    "time-slicing": (SHARED["time-slicing"][0], []),
    "no tolerations": (PLACEMENT["no tolerations"][0], ["error SGL504"]),
    "no tolerations, no pool": (
        {
            "edits": {
                **PLACEMENT["no tolerations"][0]["edits"],
                POOL_PROD: (("machineSet:\n  enabled: true", "machineSet:\n  enabled: false"),),
            }
        },
        [],
    ),
}


@pytest.mark.parametrize(("case", "found"), UNIVERSAL.values(), ids=UNIVERSAL.keys())
def test_profile_universal(case: Mapping[str, Any], found: list[str]) -> None:
    """Without the plan some rules are off, and others are softer."""
    rules = [rule for rule in GPU_RULES if not rule.plan_only]
    report = check(rules, **case, config=Config(profile="universal"))
    assert [f"{finding.severity} {finding.rule}" for finding in report.findings] == found


def test_configured_pool() -> None:
    """Without MachineSets the configuration says which taints and labels the GPU nodes have."""
    case = edit(POOL_PROD, ("machineSet:\n  enabled: true", "machineSet:\n  enabled: false"))
    gpu = Gpu(
        taints=({"key": "example.org/gpu", "effect": "NoSchedule"},), labels=("example.org/gpu-pool=l40",), count=2
    )
    report = check(GPU_RULES, **case, config=Config(gpu=gpu))
    assert sorted(finding.rule for finding in report.findings) == ["SGL504", "SGL504", "SGL506"]
