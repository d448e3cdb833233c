"""Runtimes, sources of models, several in one server, templates, namespaces, modes: more ways each, and right ones."""

from __future__ import annotations

import pytest

from tests.breakages.cases import (
    CAPACITY,
    EMB_APP,
    EMB_PROD,
    EMB_RUNTIME,
    EMB_SERVICE,
    EMB_VALUES,
    LLM_APP,
    LOADTEST_APP,
    MORE,
    PROD,
    RUNTIME,
    SERVICE,
    UMBRELLA,
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

MODEL = "hf://Qwen/Qwen2.5-14B-Instruct"
BASE = "hf://meta-llama/Llama-3.1-8B"
URI = "      storageUri: {{ .Values.model.storageUri }}\n"
SERVED = "        - --model=/mnt/models\n"
NAME = "  name: {{ .Values.runtime.name }}\n"
RELEASE = "  namespace: {{ .Release.Namespace }}\n"
DESTINATION = "    namespace: {{ .Values.appNamespace }}\n"
EMB_DESTINATION = "    namespace: {{ .Values.appNamespace | quote }}"
MODE = "    serving.kserve.io/deploymentMode: RawDeployment\n"
EMB_MODE = '    serving.kserve.io/deploymentMode: "RawDeployment"\n'
VOLUMES = "  volumes:\n    - name: shm\n"
COMMAND = "      command:\n        - python\n        - -m\n        - vllm.entrypoints.openai.api_server\n      args:\n"
POOL = (f"{CAPACITY}/values-prod.yaml", ("  replicas: 2", "  replicas: 4"), ("  max: 2", "  max: 4"))
OTHER = "docker.io/vllm/vllm-openai:v0.11.0\n"
SERVER = "name: {}\n          image: docker.io/vllm/vllm-openai:v0.11.0\n          args: [--model=Qwen/Qwen3-8B, --max-model-len=4096]\n"
ROUTE = "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: r}\nspec:\n  to: {kind: Service, name: TO}\n  tls: {termination: edge}\n"


def pod(*containers: str) -> Change:
    """A Deployment with these containers on GPU nodes, and machines enough."""
    text = "".join(f"        - {container}" for container in containers)
    return both(
        file(
            MORE,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: more}\nspec:\n  strategy: {type: Recreate}\n"
            "  selector: {matchLabels: {app: more}}\n  template:\n    metadata: {labels: {app: more}}\n    spec:\n"
            '      nodeSelector: {nvidia.com/gpu.present: "true"}\n'
            f"      tolerations: [{{key: nvidia.com/gpu, operator: Exists}}]\n      containers:\n{text}",
        ),
        edit(*POOL),
    )


def sidecar(image: str) -> Change:
    """Another container in the chat model's runtime."""
    return edit(RUNTIME, (VOLUMES, f"    - name: second\n      image: {image}\n{VOLUMES}"))


def service(text: str) -> Change:
    """Something else where the chat model is named."""
    return edit(SERVICE, (URI, text))


def runtime(text: str) -> Change:
    """Something else where the runtime gets the model."""
    return edit(RUNTIME, (SERVED, text))


OWN_NAME = edit(
    SERVICE,
    ("runtime: {{ .Values.runtime.name }}", "runtime: {{ (.Values.served).by | default .Values.runtime.name }}"),
)

BROKEN: dict[str, Case] = {
    "604 by prod's values": (
        both(OWN_NAME, prod("served: {by: vllm-cuda-runtime}")),
        [f"SGL604 {PROD}:vllm-cuda-runtime"],
    ),
    "604 by a parameter": (
        both(OWN_NAME, parameter("served.by", "vllm")),
        [f"SGL604 {LLM_APP}:value: vllm"],
    ),
    "604 in the template": (
        edit(SERVICE, ("runtime: {{ .Values.runtime.name }}", "runtime: vllm-cuda-runtime")),
        [f"SGL604 {SERVICE}:vllm-cuda-runtime"],
    ),
    "604 the runtime is where OpenShift AI has its own": (
        edit(RUNTIME, (RELEASE, "  namespace: redhat-ods-applications\n")),
        [f"SGL604 {VALUES}:name: signet-llm-vllm"],
    ),
    "604 the runtime is called otherwise": (
        edit(RUNTIME, (NAME, "  name: {{ .Values.runtime.name }}-cuda\n")),
        [f"SGL604 {VALUES}:name: signet-llm-vllm"],
    ),
    "604 the runtime is disabled": (
        edit(RUNTIME, ("  multiModel: false\n", "  multiModel: false\n  disabled: true\n")),
        [f"SGL604 {VALUES}:name: signet-llm-vllm"],
    ),
    "605 the runtime of the embeddings": (
        edit(EMB_RUNTIME, ("    - name: vLLM\n", "    - name: onnx\n")),
        [f"SGL605 {EMB_SERVICE}:        name: vLLM"],
    ),
    "605 a runtime without formats": (
        edit(RUNTIME, ("  supportedModelFormats:\n    - name: vLLM\n      autoSelect: true\n", "  supportedModelFormats: []\n")),
        [f"SGL605 {SERVICE}:        name: vLLM"],
    ),
    "605 a default of the template": (
        edit(SERVICE, ("        name: vLLM\n", '        name: {{ .Values.format | default "pytorch" }}\n')),
        [f"SGL605 {SERVICE}:pytorch"],
    ),
    "608 no line for it": (service(""), [f"SGL608 {SERVICE}:    model:"]),
    "608 empty in prod": (prod('model:\n  storageUri: ""'), [f"SGL608 {PROD}:storageUri"]),
    "608 the wrong name in the values": (
        edit(VALUES, (f"storageUri: {MODEL}", f"storageURI: {MODEL}")),
        [f"SGL608 {VALUES}:storageURI"],
    ),
    "608 the wrong name in the template": (
        service("      storageUri: {{ .Values.model.storageURI }}\n"),
        [f"SGL608 {SERVICE}:storageURI"],
    ),
    "608 a scheme and nothing behind it": (
        edit(EMB_VALUES, ("id: intfloat/e5-mistral-7b-instruct", 'id: ""')),
        [f"SGL608 {EMB_VALUES}:id:"],
    ),
    "609 by the runtime": (
        edit(RUNTIME, ("  multiModel: false", "  multiModel: {{ .Values.many | default true }}")),
        [f"SGL609 {RUNTIME}:multiModel"],
    ),
    "609 a second server in the runtime": (sidecar(OTHER), [f"SGL609 {RUNTIME}:{OTHER.strip()}"]),
    "609 two servers in plain pods": (
        pod(SERVER.format("one"), SERVER.format("two").replace("v0.11.0", "v0.11.1")),
        [f"SGL609 {MORE}:v0.11.1"],
    ),
    "609 two servers by one script": (
        edit(
            RUNTIME,
            (
                COMMAND,
                "      command: [bash, -c]\n      args:\n        - |\n          vllm serve Qwen/Qwen3-8B --port 8081 --max-model-len 4096 &\n"
                "          exec vllm serve /mnt/models --port 8080 --max-model-len 4096\n",
            ),
        ),
        [f"SGL609 {RUNTIME}:exec vllm serve"],
    ),
    "609 a TrainedModel": (
        file(
            MORE,
            "apiVersion: serving.kserve.io/v1alpha1\nkind: TrainedModel\nmetadata: {name: second}\nspec:\n"
            "  inferenceService: signet-llm\n  model: {framework: vllm, storageUri: hf://Qwen/Qwen3-8B, memory: 1Gi}\n",
        ),
        [f"SGL609 {MORE}:kind"],
    ),
    "610 in prod": (prod(f"model:\n  storageUri: {BASE}"), [f"SGL610 {PROD}:storageUri"]),
    "610 by a parameter": (parameter("model.storageUri", BASE), [f"SGL610 {LLM_APP}:value: hf"]),
    "610 by the runtime": (
        both(service(""), runtime(f"        - --model={BASE[5:]}\n")),
        [f"SGL610 {RUNTIME}:--model"],
    ),
    "610 an empty template": (
        both(edit(VALUES, (MODEL, BASE)), argument("        - --chat-template=\n")),
        [f"SGL610 {VALUES}:storageUri"],
    ),
    "615 written out": (edit(LLM_APP, (DESTINATION, "    namespace: models\n")), [f"SGL615 {LLM_APP}:namespace: models"]),
    "615 the operator's": (
        edit(EMB_APP, (EMB_DESTINATION, "    namespace: redhat-ods-applications")),
        [f"SGL615 {EMB_APP}:redhat-ods-applications"],
    ),
    "615 another environment's": (
        edit(LLM_APP, (DESTINATION, "    namespace: signet-local\n")),
        [f"SGL615 {LLM_APP}:namespace: signet-local"],
    ),
    "615 by the manifest itself": (
        edit(EMB_SERVICE, (RELEASE, "  namespace: models\n")),
        [f"SGL615 {EMB_SERVICE}:namespace: models"],
    ),
    "615 by prod's values": (
        both(
            edit(EMB_SERVICE, (RELEASE, "  namespace: {{ .Values.namespace | default .Release.Namespace }}\n")),
            file(EMB_PROD, "visibility: exposed\nnamespace: models\n"),
        ),
        [f"SGL615 {EMB_PROD}:namespace"],
    ),
    "616 another backend": (
        file(MORE, ROUTE.replace("TO", "signet-llm-predictor") + "  alternateBackends: [{kind: Service, name: nothing}]\n"),
        [f"SGL616 {MORE}:nothing"],
    ),
    "616 by a value": (
        both(file(MORE, ROUTE.replace("TO", '"{{ .Values.target }}"')), prod("target: llm")),
        [f"SGL616 {PROD}:target"],
    ),
    "616 no TLS by null": (
        file(MORE, ROUTE.replace("TO", "signet-llm-predictor").replace("{termination: edge}", "null")),
        [f"SGL616 {MORE}:^spec:"],
    ),
    "617 by prod's values": (
        both(
            edit(SERVICE, (MODE, MODE.replace("RawDeployment", '{{ .Values.mode | default "RawDeployment" }}'))),
            prod("mode: Serverless"),
        ),
        [f"SGL617 {PROD}:mode"],
    ),
    "617 the old name of many models": (
        edit(SERVICE, (MODE, MODE.replace("RawDeployment", "ModelMesh"))),
        [f"SGL617 {SERVICE}:ModelMesh"],
    ),
    "617 Knative by a parameter": (
        both(
            edit(SERVICE, (MODE, MODE.replace("RawDeployment", '{{ .Values.mode | default "RawDeployment" }}'))),
            parameter("mode", "Knative"),
        ),
        [f"SGL617 {LLM_APP}:value: Knative"],
    ),
    "617 the name of a later KServe": (
        edit(EMB_SERVICE, (EMB_MODE, EMB_MODE.replace("RawDeployment", "Standard"))),
        [f"SGL617 {EMB_SERVICE}:Standard"],
    ),
}  # fmt: skip

RIGHT: dict[str, Change] = {
    "604 both names by one value": prod("runtime:\n  name: vllm-cuda-runtime"),
    "604 a runtime by its own file and name": both(
        edit(SERVICE, ("runtime: {{ .Values.runtime.name }}", "runtime: chat")), edit(RUNTIME, (NAME, "  name: chat\n"))
    ),
    "604 the name in quotes": edit(VALUES, ("name: signet-llm-vllm", 'name: "signet-llm-vllm"')),
    "604 none, chosen by the format": edit(SERVICE, ("      runtime: {{ .Values.runtime.name }}\n", "")),
    "605 several formats": edit(RUNTIME, ("    - name: vLLM\n", "    - name: onnx\n    - name: vLLM\n")),
    "605 a version that the runtime leaves open": edit(RUNTIME, ("    - name: vLLM\n", '    - name: vLLM\n      version: "1"\n')),
    "605 another name on both sides": both(
        edit(RUNTIME, ("    - name: vLLM\n", "    - name: safetensors\n")),
        edit(SERVICE, ("        name: vLLM\n", "        name: safetensors\n")),
    ),
    "608 vLLM fetches it": both(service(""), runtime("        - --model\n        - Qwen/Qwen2.5-14B-Instruct\n")),
    "608 the service's own argument": both(service(""), argument("        - --model=Qwen/Qwen2.5-14B-Instruct\n")),
    "608 a scheme with its address by values": edit(
        SERVICE, (URI, '      storageUri: {{ printf "%s" .Values.model.storageUri | quote }}\n')
    ),
    "609 a container that serves no model": sidecar("docker.io/fluent/fluent-bit:4.0.0\n"),
    "609 adapters of one model": argument("        - --enable-lora\n        - --lora-modules=notes=/mnt/notes\n"),
    "609 one of two commands starts it": edit(
        RUNTIME,
        (
            "        - python\n        - -m\n        - vllm.entrypoints.openai.api_server\n",
            '        - bash\n        - -c\n        - python /opt/warm.py & exec python -m vllm.entrypoints.openai.api_server "$@"\n'
            "        - vllm\n",
        ),
    ),
    "610 the instruct variant": edit(VALUES, (MODEL, f"{BASE}-Instruct")),
    "610 a template of the runtime": both(
        edit(VALUES, (MODEL, BASE)), runtime(f"{SERVED}        - --chat-template\n        - /templates/chat.jinja\n")
    ),
    "610 a template in one line": both(
        edit(VALUES, (MODEL, BASE)), argument('        - "--chat-template={% raw %}x{% endraw %}"\n')
    ),
    "610 embeddings need none": edit(EMB_VALUES, ("id: intfloat/e5-mistral-7b-instruct", "id: BAAI/bge-m3")),
    "615 the namespace by the release": edit(SERVICE, (RELEASE, "")),
    "615 in quotes": edit(LLM_APP, (DESTINATION, '    namespace: "{{ .Values.appNamespace }}"\n')),
    "615 by a printed text": edit(LLM_APP, (DESTINATION, '    namespace: {{ printf "signet-%s" .Values.env }}\n')),
    "616 to what KServe makes": file(MORE, ROUTE.replace("TO", "signet-llm-predictor")),
    "616 encrypted up to the pod": file(MORE, ROUTE.replace("TO", "signet-llm-predictor").replace("edge", "reencrypt")),
    "616 passed through": file(MORE, ROUTE.replace("TO", "signet-llm-predictor").replace("edge", "passthrough")),
    "617 left to the default": edit(EMB_SERVICE, (EMB_MODE, "")),
    "617 in quotes": edit(SERVICE, (MODE, MODE.replace("RawDeployment", "'RawDeployment'"))),
    "617 by a value": both(
        edit(SERVICE, (MODE, MODE.replace("RawDeployment", "{{ .Values.mode }}"))), prod("mode: RawDeployment")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_breakage_is_found_at_its_line(name: str) -> None:
    """Each breakage gives exactly its finding of its rule."""
    case, entries = BROKEN[name]
    assert expected(case, entries) == found(case, (f"SGL{name[:3]}",))


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to write something right is no finding of any rule."""
    assert [] == found(RIGHT[name])


def test_a_load_test_is_no_model_service() -> None:
    """Only what serves a model has to be in the environment's namespace."""
    change = edit(LOADTEST_APP, (DESTINATION, "    namespace: load\n"))
    assert [] == found(change, ("SGL615",))


def test_the_namespace_of_the_environment_is_the_elements() -> None:
    """What counts is the namespace that the environment has, wherever it is written."""
    change = edit(f"{UMBRELLA}/values-common.yaml", ("appNamespace: signet-local", "appNamespace: elsewhere"))
    assert [] == found(change, ("SGL615",))
    assert [] == found(passed("      releaseName: chat\n"), ("SGL615",))
