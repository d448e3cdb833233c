"""Context lengths: every road by which one reaches vLLM, too long or not at all, and right spellings."""

from __future__ import annotations

import pytest

from tests.breakages.cases import (
    EMB_VALUES,
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

LINE = "        - --max-model-len={{ .Values.model.maxModelLen | int }}\n"
SET = "maxModelLen: 8192"
SERVED = "        - --model=/mnt/models\n"
COMMAND = "      command:\n        - python\n        - -m\n        - vllm.entrypoints.openai.api_server\n"
OWN_ARGS = f"      args:\n        - --port={{{{ .Values.runtime.port }}}}\n{SERVED}"
ENV = "      env:\n        - name: HF_TOKEN\n"
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n"
MOUNT = (
    "        {{- toYaml .Values.resources | nindent 8 }}\n",
    "        {{- toYaml .Values.resources | nindent 8 }}\n"
    "      volumeMounts: [{name: s, mountPath: /etc/vllm}]\n    volumes: [{name: s, configMap: {name: settings}}]\n",
)


def line(text: str) -> Change:
    """Something else where the chat model's length is passed."""
    return edit(SERVICE, (LINE, text))


def variable(text: str) -> Change:
    """One more variable of the chat model's service."""
    return edit(SERVICE, (ENV, ENV.replace("env:\n", f"env:\n{text}", 1)))


def script(text: str) -> Change:
    """The chat model's server started by a shell, without the service's arguments."""
    run = "      command: [sh, -c]\n      args:\n        - |\n" + "".join(
        f"          {one}\n" for one in text.splitlines()
    )
    return both(edit(RUNTIME, (COMMAND + OWN_ARGS, run)), line(""))


BROKEN: dict[str, Case] = {
    "601 commented out": (line("        # --max-model-len=8192\n"), [f"SGL601 {SERVICE}:      args:"]),
    "601 empty": (line("        - --max-model-len=\n"), [f"SGL601 {SERVICE}:--max-model-len="]),
    "601 flag without a value": (
        edit(EMB_VALUES, ('    - "4096"\n', "")),
        [f"SGL601 {EMB_VALUES}:- --max-model-len"],
    ),
    "601 misspelt": (line("        - --max-model-length=8192\n"), [f"SGL601 {SERVICE}:      args:"]),
    "601 one dash": (line("        - -max-model-len=8192\n"), [f"SGL601 {SERVICE}:      args:"]),
    "601 a variable that vLLM does not read": (
        both(line(""), variable("        - {name: VLLM_MAX_MODEL_LEN, value: '8192'}\n")),
        [f"SGL601 {SERVICE}:      args:"],
    ),
    "601 in one item with its value": (
        line("        - --max-model-len 8192\n"),
        [f"SGL601 {SERVICE}:--max-model-len 8192"],
    ),
    "602 a parameter": (parameter("model.maxModelLen", '"16384"'), [f'SGL602 {LLM_APP}:value: "16384"']),
    "602 a values object": (
        passed("      valuesObject:\n        model:\n          maxModelLen: 16384\n"),
        [f"SGL602 {LLM_APP}:maxModelLen"],
    ),
    "602 a values block": (
        passed("      values: |\n        model:\n          maxModelLen: 16384\n"),
        [f"SGL602 {LLM_APP}:maxModelLen"],
    ),
    "602 prod's values": (prod("model:\n  maxModelLen: 32768"), [f"SGL602 {PROD}:maxModelLen"]),
    "602 quoted": (edit(VALUES, (SET, 'maxModelLen: "16384"')), [f"SGL602 {VALUES}:maxModelLen"]),
    "602 one token over": (edit(VALUES, (SET, "maxModelLen: 8193")), [f"SGL602 {VALUES}:maxModelLen"]),
    "602 a text that `int` makes nothing of": (
        edit(VALUES, (SET, "maxModelLen: 16k")),
        [f"SGL602 {VALUES}:maxModelLen"],
    ),
    "602 a number as Helm prints large ones": (
        both(edit(VALUES, (SET, "maxModelLen: 1048576")), line("        - --max-model-len={{ .Values.model.maxModelLen }}\n")),
        [f"SGL602 {VALUES}:maxModelLen"],
    ),
    "602 as two items": (line('        - --max-model-len\n        - "16K"\n'), [f'SGL602 {SERVICE}:"16K"']),
    "602 abbreviated": (line("        - --max-model=16384\n"), [f"SGL602 {SERVICE}:--max-model="]),
    "602 given again, last": (argument("        - --max_model_len=16384\n"), [f"SGL602 {SERVICE}:--max_model_len"]),
    "602 by the runtime": (
        both(line(""), edit(RUNTIME, (SERVED, f"{SERVED}        - --max-model-len=32768\n"))),
        [f"SGL602 {RUNTIME}:--max-model-len"],
    ),
    "602 through a variable": (
        both(line("        - --max-model-len\n        - $(LENGTH)\n"), variable('        - {name: LENGTH, value: "32768"}\n')),
        [f"SGL602 {SERVICE}:name: LENGTH"],
    ),
    "602 through a variable that nothing sets": (
        line("        - --max-model-len=$(LENGTH)\n"),
        [f"SGL602 {SERVICE}:$(LENGTH)"],
    ),
    "602 through a ConfigMap": (
        both(
            line("        - --max-model-len=$(LENGTH)\n"),
            variable("        - name: LENGTH\n          valueFrom: {configMapKeyRef: {name: settings, key: length}}\n"),
            file(MORE, f"{SETTINGS}  length: '20000'\n"),
        ),
        [f"SGL602 {MORE}:length:"],
    ),
    "602 in a config file": (
        both(
            line(""),
            argument("        - --config\n        - /etc/vllm/server.yaml\n"),
            edit(SERVICE, MOUNT),
            file(MORE, f"{SETTINGS}  server.yaml: |\n    # the seatbelt\n    max-model-len: 32768\n"),
        ),
        [f"SGL602 {MORE}:max-model-len"],
    ),
    "602 in a script of several lines": (
        script("set -e\nexec vllm serve /mnt/models --port 8080 \\\n  --max-model-len=16384 --served-model-name=a"),
        [f"SGL602 {RUNTIME}:--max-model-len"],
    ),
    "602 in a config file that the script writes": (
        script("cat > /tmp/c.yaml <<EOF\nmax-model-len: 16384\nEOF\nexec vllm serve /mnt/models --config /tmp/c.yaml"),
        [f"SGL602 {RUNTIME}:max-model-len: 16384"],
    ),
    "602 in a mounted script": (
        both(
            edit(RUNTIME, (COMMAND + OWN_ARGS, "      command: [bash, /etc/vllm/start.sh]\n")),
            line(""),
            edit(SERVICE, MOUNT),
            file(MORE, f"{SETTINGS}  start.sh: |\n    LENGTH=16384\n    vllm serve /mnt/models --max-model-len $LENGTH\n"),
        ),
        [f"SGL602 {MORE}:LENGTH=16384"],
    ),
    "602 from a map of options": (
        both(
            line("        {{- range $name, $value := .Values.options }}\n        - --{{ $name }}={{ $value }}\n        {{- end }}\n"),
            edit(VALUES, ("replicas: 1", "options:\n  max-model-len: 20000\nreplicas: 1")),
        ),
        [f"SGL602 {VALUES}:max-model-len"],
    ),
    "602 from a list of arguments": (
        both(
            line("        {{- toYaml .Values.options | nindent 8 }}\n"),
            edit(VALUES, ("replicas: 1", "options:\n  - --max-model-len\n  - '20000'\nreplicas: 1")),
        ),
        [f"SGL602 {VALUES}:'20000'"],
    ),
    "603 a model for short texts": (
        edit(EMB_VALUES, ("id: intfloat/e5-mistral-7b-instruct", "id: BAAI/bge-large-en-v1.5")),
        [f'SGL603 {EMB_VALUES}:- "4096"'],
    ),
}  # fmt: skip

RIGHT: dict[str, Change] = {
    "thousands": line("        - --max-model-len=8k\n"),
    "binary thousands": line("        - --max-model-len=8K\n"),
    "underscores": line("        - --max_model_len=8_192\n"),
    "written with printf": line(
        '        - {{ printf "--max-model-len=%d" (int .Values.model.maxModelLen) | quote }}\n'
    ),
    "the runtime's is over, the service's counts": edit(
        RUNTIME, (SERVED, f"{SERVED}        - --max-model-len=32768\n")
    ),
    "the runtime's alone": both(line(""), edit(RUNTIME, (SERVED, f"{SERVED}        - --max-model-len=8192\n"))),
    "too long first, right last": line("        - --max-model-len=32768\n        - --max-model-len=4096\n"),
    "a number that is no text": edit(EMB_VALUES, ('    - "4096"\n', "    - 4096\n")),
    "a variable": both(
        line("        - --max-model-len=$(LENGTH)\n"), variable('        - {name: LENGTH, value: "4096"}\n')
    ),
    "a map of options": both(
        line(
            "        {{- range $name, $value := .Values.options }}\n        - --{{ $name }}={{ $value }}\n        {{- end }}\n"
        ),
        edit(VALUES, ("replicas: 1", "options:\n  max-model-len: 8000\nreplicas: 1")),
    ),
    "a config file": both(
        line(""),
        argument("        - --config\n        - /etc/vllm/server.yaml\n"),
        edit(SERVICE, MOUNT),
        file(MORE, f"{SETTINGS}  server.yaml: |\n    max-model-len: 8192\n"),
    ),
    "an anchor": edit(VALUES, (SET, "longest: &longest 8192\n  maxModelLen: *longest")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_breakage_is_found_at_its_line(name: str) -> None:
    """Each breakage gives exactly its findings among the rules on lengths."""
    case, entries = BROKEN[name]
    assert expected(case, entries) == found(case, ("SGL601", "SGL602", "SGL603"))


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to give a right length is no finding of any rule."""
    assert [] == found(RIGHT[name])
