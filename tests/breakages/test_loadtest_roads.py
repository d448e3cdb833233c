"""The load test, rule by rule: other roads to each fault, and right ways to write it."""

from __future__ import annotations

import pytest

from tests.breakages.cases import (
    LOADTEST_APP,
    SERVICE,
    Case,
    Change,
    both,
    edit,
    expected,
    file,
    found,
    parameter,
    passed,
)
from tests.breakages.cases import VALUES as LLM_VALUES
from tests.breakages.test_loadtest import CHART, COMMON, DEPLOYMENT, MORE, PROD
from tests.overlay import fixture_files

SCRIPT = f"{CHART}/templates/configmap.yaml"
TEXT = fixture_files()[SCRIPT].decode()
STAGES = TEXT[TEXT.index("          stages: [") : TEXT.index("          gracefulRampDown")]
LIST = STAGES.split("stages: ")[1].rstrip().rstrip(",")
SCENARIO = TEXT[TEXT.index("      scenarios: {") : TEXT.index("    };\n\n    const chatUrl")]
OPTIONS = "    export const options = {\n"
END = "    };\n\n    const chatUrl"
ARGS = "          args:\n            - run\n            - /scripts/loadtest.js\n"
ENV = "          env:\n"
LLM_ENV = "            - name: LLM_BASE_URL\n              value: {{ .Values.endpoints.llm | quote }}\n"
LAST_ENV = (
    "            - name: OPENSHIFT_AI_TOKEN\n              valueFrom:\n                secretKeyRef:\n"
    "                  name: {{ .Values.tokenSecret }}\n                  key: token\n"
)
URL = "https://signet-llm-predictor.signet-prod.svc.cluster.local:8443"
SERVED = "--served-model-name={{ .Values.model.servedName }}"
PICK = "Math.random() < 0.55 ? chat() : embeddings()"
POST = "      return http.post(embeddingsUrl, body, params);"
VALUE_STAGES = "stages:\n  - {duration: 2m, target: 10}\n  - {duration: 3m, target: 35}\n  - {duration: 2m, target: 5}\n  - {duration: 3m, target: 45}\n  - {duration: 2m, target: 0}\n"


def script(*changes: tuple[str, str]) -> Change:
    """Changes of the script."""
    return edit(SCRIPT, *changes)


def arguments(text: str) -> Change:
    """Something else in place of k6's arguments."""
    return edit(DEPLOYMENT, (ARGS, text))


def in_values(*changes: tuple[str, str]) -> Change:
    """The script as a text in the values, with changes."""
    head, text = TEXT.split("  loadtest.js: |\n")
    for name, value in (("chat", "qwen2.5-14b-instruct"), ("embeddings", "signet-embeddings")):
        text = text.replace(f"{{{{ .Values.models.{name} | quote }}}}", f"'{value}'")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    values = fixture_files()[COMMON].decode() + "\nscript:\n  text: |\n" + text
    return {"files": {SCRIPT: head + "  loadtest.js: |\n{{ .Values.script.text | nindent 4 }}\n", COMMON: values}}


def job(kind: str = "Job") -> Change:
    """The load test as something that runs once."""
    selector = "  replicas: {{ .Values.replicas }}\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: {{ .Values.name }}\n"
    return edit(
        DEPLOYMENT,
        ("apiVersion: apps/v1\nkind: Deployment", f"apiVersion: batch/v1\nkind: {kind}"),
        (selector, ""),
        ("      serviceAccountName:", "      restartPolicy: Never\n      serviceAccountName:"),
    )


BROKEN: dict[str, Case] = {
    "801 a parameter": (parameter("replicas", '"1"', LOADTEST_APP), [f'SGL801 {LOADTEST_APP}:value: "1"']),
    "801 a values object": (
        passed("      valuesObject:\n        replicas: 1\n", LOADTEST_APP),
        [f"SGL801 {LOADTEST_APP}:replicas: 1"],
    ),
    "801 a values block": (
        passed("      values: |\n        replicas: 1\n", LOADTEST_APP),
        [f"SGL801 {LOADTEST_APP}:replicas: 1"],
    ),
    "801 a function of the template": (
        edit(DEPLOYMENT, ("replicas: {{ .Values.replicas }}", "replicas: {{ max 1 .Values.replicas }}")),
        [f"SGL801 {DEPLOYMENT}:max 1"],
    ),
    "802 the Deployment itself": (job(), [f"SGL802 {DEPLOYMENT}:kind: Job"]),
    "802 a bare pod": (
        file(MORE, "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: k, image: grafana/k6, args: [run, /s.js]}]\n"),
        [f"SGL802 {MORE}:kind"],
    ),
    "802 a hook of Argo CD": (
        file(
            MORE,
            "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: p\n  annotations: {argocd.argoproj.io/hook: PostSync}\nspec:\n  template:\n"
            "    spec:\n      restartPolicy: Never\n      containers: [{name: k, image: grafana/k6, args: [run, /s.js]}]\n",
        ),
        [f"SGL802 {MORE}:kind: Job"],
    ),
    "804 mounted elsewhere": (
        edit(DEPLOYMENT, ("mountPath: /scripts", "mountPath: /tests")),
        [f"SGL804 {DEPLOYMENT}:/scripts/loadtest.js"],
    ),
    "804 no volume": (
        edit(DEPLOYMENT, ("      volumes:\n        - name: script\n          configMap:\n            name: {{ .Values.name }}-script\n", "")),
        [f"SGL804 {DEPLOYMENT}:/scripts/loadtest.js"],
    ),
    "804 the ConfigMap is called otherwise": (
        edit(SCRIPT, ("name: {{ .Values.name }}-script", "name: {{ .Values.name }}-js")),
        [f"SGL804 {DEPLOYMENT}:/scripts/loadtest.js"],
    ),
    "804 in a script of several lines": (
        arguments("          command: [sh, -ec]\n          args:\n            - |\n              cd /scripts\n              k6 run load-test.js\n"),
        [f"SGL804 {DEPLOYMENT}:k6 run"],
    ),
    "805 stages from the values": (
        both(
            script((STAGES, "          stages: {{ .Values.stages | toJson }},\n")),
            edit(COMMON, ("replicas: 0\n", "replicas: 0\nstages:\n  - {duration: 12m, target: 10}\n")),
        ),
        [f"SGL805 {COMMON}:12m"],
    ),
    "805 no second burst": (script(("            { duration: '3m', target: 45 }, // second burst\n", "")), [f"SGL805 {SCRIPT}:stages:"]),
    "805 seconds for minutes": (script((STAGES, STAGES.replace("m'", "s'"))), [f"SGL805 {SCRIPT}:stages:"]),
    "805 in the values": (
        in_values(("            { duration: '3m', target: 45 }, // second burst\n", "")),
        [f"SGL805 {COMMON}:stages:"],
    ),
    "806 in the values": (
        in_values(("http.post(embeddingsUrl", "http.post(chatUrl")),
        [f"SGL806 {COMMON}:import http from"],
    ),
    "808 in the values": (
        in_values(("sleep(Math.random() * 1.5)", "sleep(2)")),
        [f"SGL808 {COMMON}:sleep(2)"],
    ),
    "809 in the script of the values": (
        in_values(("'signet-embeddings', input", "'e5', input")),
        [f"SGL809 {COMMON}:'e5'"],
    ),
    "806 one of them twice": (script(("http.post(embeddingsUrl", "http.post(chatUrl")), [f"SGL806 {SCRIPT}:8"]),
    "806 a path in the singular": (script(("/v1/embeddings`", "/v1/embedding`")), [f"SGL806 {SCRIPT}:8"]),
    "807 renamed": (edit(DEPLOYMENT, ("- name: LLM_BASE_URL", "- name: LLM_URL")), [f"SGL807 {DEPLOYMENT}:^{ENV.rstrip()}"]),
    "807 a blank": (edit(PROD, (URL, '" "')), [f"SGL807 {PROD}:llm:"]),
    "807 prod's values are gone": (file(PROD, None), [f"SGL807 {COMMON}:llm:"]),
    "807 the token": (edit(DEPLOYMENT, (LAST_ENV, "")), [f"SGL807 {DEPLOYMENT}:^{ENV.rstrip()}"]),
    "808 a fixed limit": (script(("max_tokens: between(64, 512)", "max_tokens: 256")), [f"SGL808 {SCRIPT}:max_tokens"]),
    "808 a fixed pause": (script(("sleep(Math.random() * 1.5)", "sleep(1)")), [f"SGL808 {SCRIPT}:sleep(1)"]),
    "808 a range that is none": (
        script(("return low + Math.floor(Math.random() * (high - low + 1));", "return low;")),
        [f"SGL808 {SCRIPT}:messages:"],
    ),
    "809 the served name changed": (
        edit(LLM_VALUES, ("servedName: qwen2.5-14b-instruct", "servedName: chat")),
        [f"SGL809 {COMMON}:chat:"],
    ),
    "809 in prod": (edit(PROD, ("endpoints:", "models:\n  embeddings: bge-m3\nendpoints:")), [f"SGL809 {PROD}:bge-m3"]),
    "809 a parameter": (
        parameter("models.chat", "gpt-4", LOADTEST_APP),
        [f"SGL809 {LOADTEST_APP}:gpt-4"],
    ),
}  # fmt: skip

RIGHT: dict[str, Change] = {
    "801 none, as text": edit(COMMON, ("replicas: 0", 'replicas: "0"')),
    "801 a file of an environment where it is off": file(f"{CHART}/values-sno.yaml", "replicas: 3\n"),
    "801 none, by a parameter": parameter("replicas", '"0"', LOADTEST_APP),
    "802 a stateful set": edit(
        DEPLOYMENT, ("kind: Deployment", "kind: StatefulSet"), ("  replicas:", "  serviceName: load\n  replicas:")
    ),
    "802 another container first": edit(
        DEPLOYMENT, ("        - name: k6\n", "        - {name: side, image: example/side:1}\n        - name: k6\n")
    ),
    "803 another workload's autoscaler": file(
        MORE,
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  maxReplicas: 2\n"
        "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web-frontend}\n",
    ),
    "804 options before the script": arguments(
        "          command: [k6]\n          args: [run, --quiet, --out, experimental-prometheus-rw, /scripts/loadtest.js]\n"
    ),
    "804 a working directory": arguments("          workingDir: /scripts\n          args: [run, loadtest.js]\n"),
    "804 its input": arguments("          command: [sh, -c]\n          args: ['k6 run - < /scripts/loadtest.js']\n"),
    "804 a block without its last line end": script(("  loadtest.js: |\n", "  loadtest.js: |-\n")),
    "805 from the values": both(
        script((STAGES, "          stages: {{ .Values.stages | toJson }},\n")),
        edit(COMMON, ("replicas: 0\n", f"replicas: 0\n{VALUE_STAGES}")),
    ),
    "805 arrivals": script(
        ("executor: 'ramping-vus'", "executor: 'ramping-arrival-rate', preAllocatedVUs: 50, timeUnit: '1s'"),
        ("          startVUs: 2,\n", ""),
        ("          gracefulRampDown: '30s',\n", ""),
    ),
    "806 in the values": in_values(),
    "805 computed": script(
        (STAGES, "          stages: [10, 35, 5, 45, 0].map((target) => ({ duration: '150s', target })),\n")
    ),
    "805 no scenarios": script((SCENARIO, STAGES)),
    "805 a constant": script((STAGES, "          stages: STAGES,\n"), (OPTIONS, f"    const STAGES = {LIST};\n{OPTIONS}")),
    "805 a function that makes the options": script(
        (OPTIONS, "    function made() {\n      return {\n"), (END, f"    }};\n    }}\n    export const options = made();\n{END[6:]}")
    ),
    "805 exported at the end": script((OPTIONS, "    const options = {\n"), (END, f"    }};\n    export {{ options }};\n{END[6:]}")),
    "806 a function of its own": script(
        ("executor: 'ramping-vus',", "executor: 'ramping-vus', exec: 'mixed',"),
        ("    export default function () {", "    export function mixed() {"),
    ),
    "806 in a batch": script((POST, "      return http.batch([['POST', embeddingsUrl, body, params]])[0];")),
    "806 a sum of texts": script(
        ("`${__ENV.LLM_BASE_URL}/v1/chat/completions`", "__ENV.LLM_BASE_URL + '/v1' + '/chat/completions'")
    ),
    "806 a switch": script(
        (
            f"      const response = {PICK};\n",
            "      let response;\n      switch (Math.floor(Math.random() * 2)) {\n        case 0: response = chat(); break;\n"
            "        default: response = embeddings();\n      }\n",
        )
    ),
    "807 all of a ConfigMap": both(
        edit(DEPLOYMENT, (LLM_ENV, ""), (ENV, f"          envFrom: [{{configMapRef: {{name: endpoints}}}}]\n{ENV}")),
        file(MORE, f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: endpoints}}\ndata:\n  LLM_BASE_URL: {URL}\n"),
    ),
    "807 given to k6": edit(DEPLOYMENT, (LLM_ENV, ""), ("            - run\n", f"            - run\n            - -e\n            - LLM_BASE_URL={URL}\n")),
    "807 all of a Secret": edit(
        DEPLOYMENT, (LAST_ENV, ""), (ENV, f"          envFrom: [{{secretRef: {{name: openshift-ai-token}}}}]\n{ENV}")
    ),
    "808 one of a list": script(("max_tokens: between(64, 512)", "max_tokens: [64, 128, 256][Math.floor(Math.random() * 3)]")),
    "808 the limit's newer name": script(("max_tokens: between", "max_completion_tokens: between")),
    "808 other random numbers": script(
        ("Math.floor(Math.random() * (high - low + 1))", "(crypto.getRandomValues(new Uint32Array(1))[0] % (high - low + 1))")
    ),
    "809 the second of two names": edit(SERVICE, (SERVED, f"--served-model-name\n        - chat\n        - {SERVED.partition('=')[2]}")),
    "809 both names from one value": both(
        edit(LLM_VALUES, ("servedName: qwen2.5-14b-instruct", "servedName: chat")),
        edit(COMMON, ("chat: qwen2.5-14b-instruct", "chat: chat")),
    ),
    "809 the name by KServe": both(
        edit(SERVICE, (f"        - {SERVED}\n", '        - --served-model-name={{ .Values.name }}\n')),
        edit(COMMON, ("chat: qwen2.5-14b-instruct", "chat: signet-llm")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_breakage_is_found_at_its_line(name: str) -> None:
    """Each breakage gives exactly its finding of its rule."""
    case, entries = BROKEN[name]
    assert expected(case, entries) == found(case, (f"SGL{name[:3]}",))


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to write something right is no finding of any rule on load tests."""
    assert [] == found(RIGHT[name], ("SGL8",))
