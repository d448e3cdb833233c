"""Environments that ask for more GPUs than they have, local ones that ask for any, and placeholders left in them."""

from __future__ import annotations

from typing import Any

import pytest

from signet_lint.config import Config, Gpu
from tests.overlay import check, line_of, overlay, places
from tests.test_rules import RULES

CAPACITY = [rule for rule in RULES if rule.id in ("SGL901", "SGL904")]
PLACEHOLDER = [rule for rule in RULES if rule.id == "SGL614"]

POOL = "charts/cluster-capacity/values-prod.yaml"
MACHINES = "charts/cluster-capacity/templates/machineset-gpu.yaml"
LLM = "charts/signet-llm"
LLM_SERVICE = f"{LLM}/templates/inferenceservice.yaml"
LLM_VALUES = f"{LLM}/values-common.yaml"
EMBEDDINGS = "charts/signet-embeddings"
EMBEDDINGS_SERVICE = f"{EMBEDDINGS}/templates/inferenceservice.yaml"
ENVS = "charts/argocd-apps/values.yaml"
APPSET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"
WEB = "charts/web-frontend"
MORE = f"{EMBEDDINGS}/templates/more.yaml"
NO_SCALER = ("autoscaler:\n  enabled: true", "autoscaler:\n  enabled: false")
LOCAL_FLAGS = "    ollamaGatewayEnabled: true\n    signetLLMEnabled: false\n    signetEmbeddingsEnabled: false\n"
GPU_POD = "resources: {limits: {nvidia.com/gpu: GPUS}}"


def edit(path: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """Changes of one file."""
    return {"edits": {path: changes}}


def workload(kind: str, spec: str, gpus: int = 1, *, api: str = "apps/v1", more: str = "") -> dict[str, Any]:
    """Another GPU workload beside the embeddings service."""
    text = (
        f"apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: more\nspec:\n  {spec}\n  template:\n    "
        f"spec:\n      containers:\n"
        f"        - name: c\n          image: example/train\n          {GPU_POD.replace('GPUS', str(gpus))}\n{more}"
    )
    return {"files": {MORE: text}}


HPA = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: more
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: more}
  maxReplicas: 3
"""

BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "one machine, no autoscaler": (
        edit(POOL, NO_SCALER, ("  replicas: 2", "  replicas: 1")),
        [f"SGL901 {POOL}:replicas: 1"],
    ),
    "no machine, no autoscaler": (
        edit(POOL, NO_SCALER, ("  replicas: 2", "  replicas: 0")),
        [f"SGL901 {POOL}:replicas: 0"],
    ),
    "the common values give the replicas": (
        edit(POOL, NO_SCALER, ("  replicas: 2\n", "")),
        ["SGL901 charts/cluster-capacity/values-common.yaml:replicas: 0"],
    ),
    "the autoscaler stops at one": (edit(POOL, ("  max: 2", "  max: 1")), [f"SGL901 {POOL}:max: 1"]),
    "replicas in the template": (
        {"edits": {MACHINES: (("replicas: {{ $ms.replicas }}", "replicas: 1"),), POOL: (NO_SCALER,)}},
        [f"SGL901 {MACHINES}:replicas: 1"],
    ),
    "two chat replicas": (edit(LLM_VALUES, ("replicas: 1", "replicas: 2")), [f"SGL901 {LLM_VALUES}:replicas: 2"]),
    "two chat replicas in prod only": (
        edit(f"{LLM}/values-prod.yaml", ("exposed: true", "exposed: true\nreplicas: 2")),
        [f"SGL901 {LLM}/values-prod.yaml:replicas: 2"],
    ),
    "an autoscaled embeddings service": (
        edit(EMBEDDINGS_SERVICE, ("maxReplicas: 1", "maxReplicas: 4")),
        [f"SGL901 {EMBEDDINGS_SERVICE}:maxReplicas"],
    ),
    "a minimum over the maximum": (
        edit(EMBEDDINGS_SERVICE, ("minReplicas: 1", "minReplicas: 2")),
        [f"SGL901 {EMBEDDINGS_SERVICE}:minReplicas"],
    ),
    "two replicas of both, the pool grew by one": (
        {
            "edits": {
                LLM_VALUES: (("replicas: 1", "replicas: 3"),),
                EMBEDDINGS_SERVICE: (("maxReplicas: 1", "maxReplicas: 2"),),
                POOL: (("  max: 2", "  max: 3"),),
            }
        },
        [f"SGL901 {LLM_VALUES}:replicas: 3"],
    ),
    "too many replicas of both": (
        {
            "edits": {
                LLM_VALUES: (("replicas: 1", "replicas: 3"),),
                EMBEDDINGS_SERVICE: (("maxReplicas: 1", "maxReplicas: 2"),),
            }
        },
        [f"SGL901 {EMBEDDINGS_SERVICE}:maxReplicas", f"SGL901 {LLM_VALUES}:replicas: 3"],
    ),
    "two GPUs for one pod": (
        edit(f"{EMBEDDINGS}/values-common.yaml", ("gpus: 1", "gpus: 2")),
        [f"SGL901 {EMBEDDINGS}/values-common.yaml:gpus: 2"],
    ),
    "two GPUs by the runtime": (
        {
            "edits": {
                f"{EMBEDDINGS}/templates/_helpers.tpl": (("nvidia.com/gpu: {{ .Values.gpus }}\n", ""),),
                f"{EMBEDDINGS}/templates/servingruntime.yaml": (
                    ("      env:\n", "      resources:\n        limits:\n          nvidia.com/gpu: 2\n      env:\n"),
                ),
            }
        },
        [f"SGL901 {EMBEDDINGS}/templates/servingruntime.yaml:nvidia.com/gpu: 2"],
    ),
    "a Deployment takes a third GPU": (workload("Deployment", "replicas: 1"), [f"SGL901 {POOL}:max: 2"]),
    "a Deployment with an autoscaler": (
        {
            "files": workload("Deployment", "replicas: 1", more=HPA)["files"],
            "edits": {POOL: (("  max: 2", "  max: 3"),)},
        },
        [f"SGL901 {MORE}:maxReplicas"],
    ),
    "a parallel Job": (
        {
            "files": workload("Job", "parallelism: 2", api="batch/v1")["files"],
            "edits": {POOL: (("  max: 2", "  max: 3"),)},
        },
        [f"SGL901 {MORE}:parallelism"],
    ),
    "the chat model in local": (
        edit(ENVS, (LOCAL_FLAGS, LOCAL_FLAGS.replace("signetLLMEnabled: false", "signetLLMEnabled: true # here"))),
        [f"SGL904 {ENVS}:# here"],
    ),
    "both models in local": (
        edit(
            ENVS,
            (
                LOCAL_FLAGS,
                LOCAL_FLAGS.replace("Enabled: false\n", "Enabled: true # here\n", 1).replace(
                    "false\n", "true # there\n"
                ),
            ),
        ),
        [f"SGL904 {ENVS}:# here", f"SGL904 {ENVS}:# there"],
    ),
    "on by the element": (
        edit(
            APPSET,
            (
                "signetEmbeddingsEnabled: {{ $e.signetEmbeddingsEnabled | default false }}",
                "signetEmbeddingsEnabled: true",
            ),
        ),
        [f"SGL904 {APPSET}:signetEmbeddingsEnabled: true"],
    ),
}

RIGHT: dict[str, dict[str, Any]] = {
    "as planned": {},
    "a replica of the MachineSet is left to the autoscaler": edit(POOL, ("  replicas: 2", "  replicas: 0")),
    "four machines, two replicas each": {
        "edits": {
            POOL: (("  replicas: 2", "  replicas: 4"), ("  max: 2", "  max: 4")),
            LLM_VALUES: (("replicas: 1", "replicas: 2"),),
            EMBEDDINGS_SERVICE: (("maxReplicas: 1", "maxReplicas: 2"),),
        }
    },
    "one machine with four GPUs": edit(
        POOL, NO_SCALER, ("  replicas: 2", "  replicas: 1\n  instanceType: g6e.12xlarge")
    ),
    "no maximum means the minimum": edit(EMBEDDINGS_SERVICE, ("    maxReplicas: 1\n", "")),
    "a service that is stopped": edit(
        EMBEDDINGS_SERVICE,
        ('    serving.kserve.io/deploymentMode: "RawDeployment"', '    serving.kserve.io/stop: "true"'),
        ("maxReplicas: 1", "maxReplicas: 3"),
    ),
    "a Job that is suspended": workload("Job", "suspend: true", api="batch/v1"),
    "a Deployment with no replica": workload("Deployment", "replicas: 0"),
    "a Deployment without GPUs": workload("Deployment", "replicas: 9", 0),
    "a DaemonSet on the GPU nodes": workload("DaemonSet", "minReadySeconds: 1"),
    "the gateway of local": edit(
        ENVS, ("frontendReplicas: 1\n    vaultAddress: http://", "frontendReplicas: 2\n    vaultAddress: http://")
    ),
    "models in the lab cluster": edit(
        ENVS,
        (
            "    ollamaGatewayEnabled: false\n    signetLLMEnabled: false",
            "    ollamaGatewayEnabled: false\n    signetLLMEnabled: true",
        ),
    ),
}

LEFT: dict[str, tuple[dict[str, Any], list[str]]] = {
    "the runtime in the values": (
        edit(LLM_VALUES, ("  name: signet-llm-vllm", "  name: <vllm-servingruntime-name>")),
        [f"{LLM_VALUES}:<vllm"],
    ),
    "the runtime in the template": (
        edit(LLM_SERVICE, ("runtime: {{ .Values.runtime.name }}", "runtime: <vllm-servingruntime-name>")),
        [f"{LLM_SERVICE}:<vllm"],
    ),
    "the format in the template": (
        edit(LLM_SERVICE, ("        name: vLLM", "        name: <runtime-specific>")),
        [f"{LLM_SERVICE}:<runtime"],
    ),
    "format and model": (
        edit(
            LLM_SERVICE,
            ("        name: vLLM", "        name: <runtime-specific>"),
            ("storageUri: {{ .Values.model.storageUri }}", "storageUri: <runtime-specific>"),
        ),
        [f"{LLM_SERVICE}:name: <runtime", f"{LLM_SERVICE}:storageUri: <runtime"],
    ),
    "inside the model's address": (
        edit(LLM_VALUES, ("hf://Qwen/Qwen2.5-14B-Instruct", "hf://<org>/<model>")),
        [f"{LLM_VALUES}:<org>", f"{LLM_VALUES}:<model>"],
    ),
    "an argument": (
        edit(
            LLM_SERVICE, ("--served-model-name={{ .Values.model.servedName }}", "--served-model-name=<chat-model-name>")
        ),
        [f"{LLM_SERVICE}:<chat"],
    ),
    "the namespace of an environment": (
        edit(ENVS, ("appNamespace: signet-prod", "appNamespace: <APP_NS>")),
        [f"{ENVS}:<APP_NS>"],
    ),
    "a host in prod's values": (
        edit(
            f"{WEB}/values-prod.yaml",
            (
                "llmBaseUrl: https://signet-llm-predictor.signet-prod.svc.cluster.local:8443",
                "llmBaseUrl: https://<route-host>/v1",
            ),
        ),
        [f"{WEB}/values-prod.yaml:<route-host>"],
    ),
    "a name in the script": (
        edit(
            "charts/signet-loadtest/values-common.yaml",
            ("embeddings: signet-embeddings", "embeddings: deployed-embedding-model-name"),
        ),
        ["charts/signet-loadtest/values-common.yaml:deployed"],
    ),
    "an image": (
        edit(f"{WEB}/values-common.yaml", ("quay.io/example-org/web-frontend", "<registry>/<web-image>")),
        [f"{WEB}/values-common.yaml:<web-image>"],
    ),
}

PAGE = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: page\ndata:\n"
DEFINITION = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n"

NO_PLACEHOLDER: dict[str, dict[str, Any]] = {
    "as planned": {},
    "a vault path": edit(LLM_VALUES, ("huggingface-token", "<path:secret/data/hf#name>")),
    "HTML in a ConfigMap": {
        "files": {f"{WEB}/templates/page.yaml": PAGE + "  index.html: |\n    <my-page>\n    <b>x</b></my-page>\n"}
    },
    "XML on one line": {"files": {f"{WEB}/templates/page.yaml": PAGE + "  a.xml: <app-name>web</app-name>\n"}},
    "a token of the model": edit(
        LLM_SERVICE,
        ("      env:\n", "        - --stop=<|im_end|>\n        - <end_of_turn>\n        - <think>\n      env:\n"),
    ),
    "an example of a generic type": edit(
        LLM_SERVICE, ("      env:\n", "        - --type=Map<String,String>\n      env:\n")
    ),
    "an address of a person": edit(
        "charts/cert-manager-config/values-prod.yaml", ("platform@example.org", "Team <platform@example.org>")
    ),
    "a custom resource definition": {
        "files": {f"{WEB}/crds/x.yaml": DEFINITION + "  name: x.example.org\nspec:\n  d: <name>\n"}
    },
    "a redirection in a shell": edit(LLM_SERVICE, ("      env:\n", "        - cat </etc/hosts >/tmp/x\n      env:\n")),
    "in a comment of the values": edit(LLM_VALUES, ("# One model,", "# <vllm-servingruntime-name>\n# One model,")),
    "an environment that is off": edit(
        f"{LLM}/values-prod.yaml", ("exposed: true", "exposed: true\nunused: <not-used>")
    ),
}


UNKNOWN_TYPE = edit(POOL, ("machineSet:\n", "machineSet:\n  instanceType: g99.xlarge\n"))


@pytest.mark.parametrize(("change", "found"), BROKEN.values(), ids=BROKEN.keys())
def test_breakage_is_found_at_its_line(change: dict[str, Any], found: list[str]) -> None:
    """Each breakage gives its findings and no other of the family."""
    contents = overlay(**change)
    expected = [f"{one[:6]} {line_of(contents, one[7:])}" for one in found]
    assert expected == places(check(CAPACITY, **change))


@pytest.mark.parametrize("change", RIGHT.values(), ids=RIGHT.keys())
def test_right_spelling_is_silent(change: dict[str, Any]) -> None:
    """What fits its pool is no finding."""
    assert [f"{f.rule} {f.location} {f.message}" for f in check(CAPACITY, **change).findings] == []


@pytest.mark.parametrize(("change", "found"), LEFT.values(), ids=LEFT.keys())
def test_placeholder_is_found_at_its_line(change: dict[str, Any], found: list[str]) -> None:
    """A placeholder is told of once at each line that writes it."""
    contents = overlay(**change)
    assert sorted(f"SGL614 {line_of(contents, one)}" for one in found) == sorted(places(check(PLACEHOLDER, **change)))


@pytest.mark.parametrize("change", NO_PLACEHOLDER.values(), ids=NO_PLACEHOLDER.keys())
def test_other_angle_brackets_are_silent(change: dict[str, Any]) -> None:
    """Angle brackets that mean something are no placeholder."""
    assert [f"{f.location} {f.message}" for f in check(PLACEHOLDER, **change).findings] == []


NO_POOL = edit(ENVS, ("capacityEnabled: true", "capacityEnabled: false"))


def test_budget_without_a_pool_is_told_as_not_examined() -> None:
    """Where the repository declares no machines, the budget is left out, and the report says so."""
    report = check(CAPACITY, **NO_POOL)
    assert places(report) == []
    assert [left.what for left in report.coverage.not_examined] == ["the GPU budget of `prod`"]


def test_budget_of_unknown_machines_is_told_as_not_examined() -> None:
    """An instance type that the catalogue lacks leaves the budget open."""
    report = check(CAPACITY, **UNKNOWN_TYPE)
    assert places(report) == []
    assert [left.what for left in report.coverage.not_examined] == ["the GPU budget of `prod`"]


def test_budget_without_a_pool_takes_the_configured_count() -> None:
    """A configured number of GPUs stands in for the machines."""
    report = check(CAPACITY, **NO_POOL, config=Config(gpu=Gpu(count=2)))
    assert (places(report), report.coverage.not_examined) == ([], ())
    assert len(check(CAPACITY, **NO_POOL, config=Config(gpu=Gpu(count=1))).findings) == 1
