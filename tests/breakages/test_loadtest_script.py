"""What the load test's script does, and what it gets to do it with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.breakages.test_loadtest import CHART, COMMON, DEPLOYMENT, PROD, edit
from tests.overlay import check, fixture_files, line_of, overlay, places
from tests.test_rules import RULES

SCRIPT = f"{CHART}/templates/configmap.yaml"
FAMILY = [rule for rule in RULES if "SGL804" <= rule.id <= "SGL809"]
HOST = "https://signet-llm-predictor.signet-prod.svc.cluster.local:8443"
STAGE = "{ duration: '3m', target: 45 }, // second burst"
PICK = "Math.random() < 0.55 ? chat() : embeddings()"
MODEL = "{{ .Values.models.chat | quote }}"
CHAT_URL = "`${__ENV.LLM_BASE_URL}/v1/chat/completions`"
LLM_ENV = "            - name: LLM_BASE_URL\n              value: {{ .Values.endpoints.llm | quote }}\n"


def in_file(*changes: tuple[str, str]) -> dict[str, Any]:
    """The script as a file of the chart, read with `.Files.Get`, with changes."""
    template = fixture_files()[SCRIPT].decode()
    head, text = template.split("  loadtest.js: |\n")
    text = "\n".join(line[4:] for line in text.splitlines()) + "\n"
    for name, value in (("chat", "qwen2.5-14b-instruct"), ("embeddings", "signet-embeddings")):
        text = text.replace(f"{{{{ .Values.models.{name} | quote }}}}", f"'{value}'")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    get = f'{head}  loadtest.js: |\n    {{{{- .Files.Get "files/loadtest.js" | nindent 4 }}}}\n'
    return {"files": {SCRIPT: get, f"{CHART}/files/loadtest.js": text}}


FILE = f"{CHART}/files/loadtest.js"
FOUND: dict[str, tuple[str, dict[str, Any], str]] = {
    "804 another key": (
        "SGL804",
        edit(SCRIPT, ("  loadtest.js: |", "  load.js: |")),
        f"{DEPLOYMENT}:/scripts/loadtest.js",
    ),
    "804 another ConfigMap": (
        "SGL804",
        edit(DEPLOYMENT, ("            name: {{ .Values.name }}-script", "            name: other")),
        f"{DEPLOYMENT}:/scripts/loadtest.js",
    ),
    "804 in a shell": (
        "SGL804",
        edit(
            DEPLOYMENT, ("            - run\n            - /scripts/loadtest.js", "            - 'exec k6 run /x/a.js'")
        ),
        f"{DEPLOYMENT}:/x/a.js",
    ),
    "804 an import that is not mounted": (
        "SGL804",
        edit(SCRIPT, ("import http from 'k6/http';", "import http from 'k6/http'; import { a } from './lib.js';")),
        f"{SCRIPT}:8",
    ),
    "805 constant load": (
        "SGL805",
        edit(
            SCRIPT,
            (
                fixture_files()[SCRIPT].decode().split("      scenarios: {\n")[1].split("    };\n")[0],
                "    };\n".join([""])
                + "        steady: { executor: 'constant-vus', vus: 5, duration: '15m' },\n      },\n",
            ),
        ),
        f"{SCRIPT}:constant-vus",
    ),
    "805 in a file of the chart": ("SGL805", in_file((STAGE, "{ duration: '30m', target: 45 },")), f"{FILE}:stages:"),
    "805 too short by constants": (
        "SGL805",
        edit(
            SCRIPT,
            (STAGE, "{ duration: LONG, target: 45 },"),
            ("    export const options", "    const LONG = '1' + 's';\n    export const options"),
        ),
        f"{SCRIPT}:stages:",
    ),
    "806 embeddings in a comment": ("SGL806", edit(SCRIPT, (PICK, "chat() // embeddings()")), f"{SCRIPT}:8"),
    "806 embeddings never called": ("SGL806", in_file((PICK, "chat()")), f"{FILE}:1"),
    "806 chat through another path": (
        "SGL806",
        edit(SCRIPT, ("/v1/chat/completions", "/v1/completions")),
        f"{SCRIPT}:8",
    ),
    "807 empty in the values": ("SGL807", edit(PROD, (HOST, '""')), f"{PROD}:llm:"),
    "807 null in the values": ("SGL807", edit(PROD, (HOST, "null")), f"{PROD}:llm:"),
    "807 not set": ("SGL807", edit(DEPLOYMENT, (LLM_ENV, "")), f"{DEPLOYMENT}:env:"),
    "807 switched off by an empty value": (
        "SGL807",
        {
            "edits": {
                DEPLOYMENT: (
                    (
                        LLM_ENV,
                        f"            {{{{- if .Values.endpoints.llm }}}}\n{LLM_ENV}            {{{{- end }}}}\n",
                    ),
                ),
                PROD: ((HOST, '""'),),
            }
        },
        f"{PROD}:llm:",
    ),
    "807 another name in the script": (
        "SGL807",
        edit(SCRIPT, ("__ENV.LLM_BASE_URL", "__ENV['CHAT_URL']")),
        f"{DEPLOYMENT}:env:",
    ),
    "808 equal prompts": (
        "SGL808",
        edit(
            SCRIPT,
            ("filler(between(200, 4000))", "filler(2000)"),
            ("() => filler(between(50, 1500))", "() => 'x'"),
            ("length: between(1, 16)", "length: 4"),
        ),
        f"{SCRIPT}:messages:",
    ),
    "808 no pause": ("SGL808", edit(SCRIPT, ("      sleep(Math.random() * 1.5);\n", "")), f"{SCRIPT}:8"),
    "808 a helper that is not random": (
        "SGL808",
        edit(
            SCRIPT,
            ("sleep(Math.random() * 1.5)", "sleep(pause())"),
            ("    function chat() {", "    const pause = () => 2;\n    function chat() {"),
        ),
        f"{SCRIPT}:const pause",
    ),
    "809 in the values": (
        "SGL809",
        edit(COMMON, ("chat: qwen2.5-14b-instruct", "chat: qwen2.5-14b")),
        f"{COMMON}:chat:",
    ),
    "809 in a constant": (
        "SGL809",
        edit(SCRIPT, (MODEL, "NAME"), ("    function chat() {", "    const NAME = 'gpt-4';\n    function chat() {")),
        f"{SCRIPT}:gpt-4",
    ),
    "809 through a variable": (
        "SGL809",
        {
            "edits": {
                SCRIPT: ((MODEL, "__ENV.MODEL"),),
                DEPLOYMENT: ((LLM_ENV, f"{LLM_ENV}            - name: MODEL\n              value: nobody\n"),),
            }
        },
        f"{DEPLOYMENT}:nobody",
    ),
    "809 in a file of the chart": ("SGL809", in_file(("'qwen2.5-14b-instruct'", "'Qwen/none'")), f"{FILE}:Qwen/none"),
}

RIGHT: dict[str, dict[str, Any]] = {
    "as planned": {},
    "in a file of the chart": in_file(),
    "a single file": edit(
        DEPLOYMENT, ("mountPath: /scripts", "mountPath: /scripts/loadtest.js\n              subPath: loadtest.js")
    ),
    "projected": edit(
        DEPLOYMENT,
        (
            "          configMap:\n            name: {{ .Values.name }}-script",
            "          projected:\n            sources:\n              - configMap:\n                  name: {{ .Values.name }}-script",
        ),
    ),
    "renamed by items": edit(
        DEPLOYMENT,
        (
            "            name: {{ .Values.name }}-script",
            "            name: {{ .Values.name }}-script\n            items: [{key: loadtest.js, path: a.js}]",
        ),
        ("- /scripts/loadtest.js", "- /scripts/a.js"),
    ),
    "in a shell": edit(
        DEPLOYMENT,
        (
            "            - run\n            - /scripts/loadtest.js",
            "            - 'cd /scripts && exec k6 run loadtest.js'",
        ),
    ),
    "variables taken apart": edit(
        SCRIPT,
        (CHAT_URL, "LLM_BASE_URL + '/v1/chat/completions'"),
        ("    const chatUrl", "    const { LLM_BASE_URL } = __ENV;\n    const chatUrl"),
    ),
    "a default in the script": {
        "edits": {
            SCRIPT: (("${__ENV.LLM_BASE_URL}", "${__ENV.LLM_BASE_URL || 'https://x'}"),),
            DEPLOYMENT: ((LLM_ENV, ""),),
        }
    },
    "a request by its method": edit(
        SCRIPT, ("http.post(chatUrl, body, params)", "http.request('POST', chatUrl, body, params)")
    ),
    "stages in a constant": edit(
        SCRIPT,
        (STAGE, "{ ...LAST, target: 9 * 5 },"),
        ("    export const options", "    const LAST = { duration: '180s' };\n    export const options"),
    ),
    "functions in a list": edit(SCRIPT, (PICK, "[chat, embeddings][Math.floor(Math.random() * 2)]()")),
    "k6's own random numbers": edit(
        SCRIPT,
        ("sleep(Math.random() * 1.5)", "sleep(randomIntBetween(1, 3))"),
        (
            "import http from",
            "import { randomIntBetween } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';\n    import http from",
        ),
    ),
}


@pytest.mark.parametrize(("rule", "change", "at"), FOUND.values(), ids=FOUND.keys())
def test_fault_of_a_script_is_found_at_its_line(rule: str, change: dict[str, Any], at: str) -> None:
    """Each fault is one finding of its rule, at the line to edit."""
    rules = [one for one in FAMILY if one.id == rule]
    assert [f"{rule} {line_of(overlay(**change), at)}"] == places(check(rules, **change))


@pytest.mark.parametrize("change", RIGHT.values(), ids=RIGHT.keys())
def test_right_script_is_silent(change: dict[str, Any]) -> None:
    """What is right but written otherwise is no finding."""
    assert [f"{f.rule} {f.location} {f.message}" for f in check(FAMILY, **change).findings] == []


URLS = [rule for rule in RULES if rule.id == "SGL810"]
LOST: dict[str, tuple[dict[str, Any], str]] = {
    "twice /v1": (edit(PROD, (HOST, f"{HOST}/v1/")), f"{PROD}:llm:"),
    "a Service of nobody": (edit(PROD, ("signet-llm-predictor", "llm")), f"{PROD}:llm:"),
    "another namespace": (edit(PROD, ("signet-prod.svc", "signet-sno.svc")), f"{PROD}:llm:"),
    "the router's port": (edit(PROD, (":8443", ":443")), f"{PROD}:llm:"),
    "a host outside": (edit(PROD, (HOST, "https://llm.example.org")), f"{PROD}:llm:"),
    "the other service": (
        edit(COMMON, ("service: signet-embeddings", "service: signet-embedding")),
        f"{COMMON}:service:",
    ),
    "written in the script": (
        edit(SCRIPT, (CHAT_URL, "'https://nowhere:8443/v1/chat/completions'")),
        f"{SCRIPT}:nowhere",
    ),
}
REACHED: dict[str, dict[str, Any]] = {
    "as planned": {},
    "without the cluster's domain": edit(PROD, (".svc.cluster.local", ".svc")),
    "the Service's name alone": edit(PROD, (".signet-prod.svc.cluster.local", "")),
    "a slash at the end": edit(PROD, (HOST, f"{HOST}/")),
    "the Route that KServe has made": edit(PROD, (HOST, "https://signet-llm-signet-prod.apps.example.org")),
    "from a Secret": edit(
        DEPLOYMENT, ("value: {{ .Values.endpoints.llm | quote }}", "valueFrom: {secretKeyRef: {name: a, key: b}}")
    ),
}


@pytest.mark.parametrize(("change", "at"), LOST.values(), ids=LOST.keys())
def test_url_that_leads_nowhere_is_found(change: dict[str, Any], at: str) -> None:
    """A URL that cannot work is found where it is set."""
    assert [f"SGL810 {line_of(overlay(**change), at)}"] == places(check(URLS, **change))


@pytest.mark.parametrize("change", REACHED.values(), ids=REACHED.keys())
def test_url_of_a_service_is_silent(change: dict[str, Any]) -> None:
    """Names of Services and Routes of the environment, however written, are no finding."""
    assert [f"{f.location} {f.message}" for f in check(URLS, **change).findings] == []
