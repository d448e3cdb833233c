"""Secrets and access: more ways to get them wrong, right spellings, and that no output ever shows a secret."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from signet_lint.catalogue.tokens import hidden, is_placeholder, kinds, masked, tokens_in
from signet_lint.cli import cli
from signet_lint.commands.check import FORMATS
from signet_lint.config import Config, Existing
from tests.overlay import FIXTURE, check, line_of, overlay, places
from tests.test_rules import RULES

OURS = [rule for rule in RULES if rule.id.startswith("SGL7")]
LLM, EMB = "charts/signet-llm", "charts/signet-embeddings"
VALUES, SERVICE, RUNTIME = (
    f"{LLM}/values-common.yaml",
    f"{LLM}/templates/inferenceservice.yaml",
    f"{LLM}/templates/servingruntime.yaml",
)
EMB_VALUES, EMB_SERVICE = f"{EMB}/values-common.yaml", f"{EMB}/templates/inferenceservice.yaml"
WEB = "charts/web-frontend/templates/deployment.yaml"
VAULT = "charts/vault-runtime/templates/vaultstaticsecrets.yaml"
MORE = f"{LLM}/templates/more.yaml"
TEST_VALUES = "charts/signet-loadtest/values-common.yaml"
# In pieces and made up: no token of anybody's.
BODY = "q7Zt9Lm2" + "Xw4Rb8Nc" + "1Vy6Kd3H" + "p5Gs0Fj8"
HF, OPENSHIFT = "hf_" + BODY, "sha256~" + BODY + BODY[:11]
GITHUB, NVIDIA = "ghp_" + BODY + "aB3d", "nvapi-" + BODY + BODY[:20]
JWT = "eyJhbGciOiJSUzI1NiJ9" + "." + "eyJzdWIiOiJwcm9kIn0" + "." + BODY
PLAIN = "k9-plain-" + "text-token"


BREAKAGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "token in a script of the repository": (
        {"files": {"scripts/push.sh": f"#!/bin/sh\nexport GITHUB_TOKEN={GITHUB}\n"}},
        ["SGL701 scripts/push.sh:2"],
    ),
    "token in a comment of a template": (
        {"edits": {SERVICE: [("spec:\n  predictor:", f"# used {NVIDIA} once\nspec:\n  predictor:")]}},
        [f"SGL701 {SERVICE}:# used"],
    ),
    "web token in a document": ({"files": {"docs/login.md": f"Bearer {JWT}\n"}}, ["SGL701 docs/login.md:1"]),
    "login of a registry": (
        {"files": {"pull.json": '{"auths": {"quay.io": {"auth": "' + "cm9ib3Q6" + BODY + '"}}}\n'}},
        ["SGL701 pull.json:1"],
    ),
    "token as value of a variable, known by its form too": (
        {"files": {f"{LLM}/values-prod.yaml": f"token: {HF}\n"}, "edits": {RUNTIME: [("          value: /tmp/hf_home\n", "          value: /tmp/hf_home\n        - name: HF_TOKEN\n          value: {{ .Values.token }}\n")], SERVICE: [("        - name: HF_TOKEN\n          valueFrom:\n            secretKeyRef:\n              name: {{ .Values.huggingFaceTokenSecret }}\n              key: HF_TOKEN\n", "        - name: OTHER\n          value: a\n")]}},
        [f"SGL701 {LLM}/values-prod.yaml:1", f"SGL702 {LLM}/values-prod.yaml:1"],
    ),
    "token in a plain Deployment": (
        {"edits": {WEB: [("          envFrom:\n", "          env: [{name: OPENAI_API_KEY, value: " + PLAIN + "}]\n          envFrom:\n")]}},
        [f"SGL702 {WEB}:OPENAI_API_KEY"],
    ),
    "token through a parameter": (
        {
            "edits": {
                RUNTIME: [("          value: /tmp/hf_home\n", "          value: /tmp/hf_home\n        - name: VLLM_API_KEY\n          value: {{ .Values.apiKey }}\n")],
                "charts/signet-umbrella/templates/app-signet-llm.yaml": [
                    ("      ignoreMissingValueFiles: true\n", f"      ignoreMissingValueFiles: true\n      parameters: [{{name: apiKey, value: {PLAIN}}}]\n")
                ],
            }
        },
        ["SGL702 charts/signet-umbrella/templates/app-signet-llm.yaml:name: apiKey"],
    ),
    "Secret in a list": (
        {"files": {MORE: "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Secret\n    metadata: {name: s}\n    data: {a: YQ==}\n"}},
        [f"SGL703 {MORE}:kind: Secret"],
    ),
    "exposed by its label, annotation removed": (
        {"edits": {EMB_SERVICE: [('    security.opendatahub.io/enable-auth: "true"\n', "")]}, "files": {f"{EMB}/values-prod.yaml": "visibility: exposed\n"}},
        [f"SGL705 {EMB_SERVICE}:metadata:"],
    ),
    "Secret that Vault delivers elsewhere": (
        {"edits": {EMB_VALUES: [("huggingFaceTokenSecret: huggingface-token", "huggingFaceTokenSecret: hf")]}},
        [f"SGL706 {EMB_VALUES}:huggingFaceTokenSecret: hf"],
    ),
    "the load test's token": (
        {"edits": {TEST_VALUES: [("tokenSecret: openshift-ai-token", "tokenSecret: ai-token")]}},
        [f"SGL706 {TEST_VALUES}:tokenSecret"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKAGES)
def test_breakage(name: str) -> None:
    """Each breakage gives exactly its findings among the rules on secrets."""
    case, expected = BREAKAGES[name]
    contents = overlay(case.get("files"), case.get("edits"))
    wanted = sorted(f"{rule} {line_of(contents, at)}" for rule, _, at in (one.partition(" ") for one in expected))
    assert wanted == sorted(places(check(OURS, **case)))


RIGHT: dict[str, dict[str, Any]] = {
    "placeholders of every kind": {
        "files": {
            "docs/a.md": "hf_your_token_goes_here_please_thank_you\nnvapi-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nsk-abcdefghijklmnopqrstuvwxyz0123456789\n"
            "ghp_000000000000000000000000000000000000\n-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n${HF_TOKEN} <path:kv/data/hf#token>\n"
        }
    },
    "digests and commits are no secrets": {
        "files": {"docs/a.md": "image@sha256:" + "a1b2c3d4" * 8 + "\ncommit " + "0f9e8d7c" * 5 + "\n"}
    },
    "ignored by a nested .gitignore": {"files": {"notes/.gitignore": "*\n!keep.md\n", "notes/a.txt": HF, "notes/keep.md": "ok"}},
    "a binary file": {"files": {"a.bin": "\0\0" + HF}},
    "API key that means none": {"edits": {RUNTIME: [("          value: /tmp/hf_home\n", "          value: /tmp/hf_home\n        - name: OPENAI_API_KEY\n          value: EMPTY\n")]}},
    "Secret configured as existing": {
        "edits": {VALUES: [("huggingFaceTokenSecret: huggingface-token", "huggingFaceTokenSecret: made-by-hand")]},
        "config": Config(exists=Existing(secrets=("signet-prod/made-by-hand",))),
    },
    "a sealed one": {
        "edits": {VALUES: [("huggingFaceTokenSecret: huggingface-token", "huggingFaceTokenSecret: sealed")]},
        "files": {MORE: "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: sealed}\nspec: {encryptedData: {HF_TOKEN: AgBy}}\n"},
    },
    "a certificate's": {
        "edits": {SERVICE: [("    model:\n      runtime", "    volumes: [{name: v, secret: {secretName: tls}}]\n    model:\n      runtime")]},
        "files": {MORE: "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c}\nspec: {secretName: tls, issuerRef: {name: i}}\n"},
    },
    "a serving certificate's": {
        "edits": {SERVICE: [("    model:\n      runtime", "    volumes: [{name: v, secret: {secretName: tls}}]\n    model:\n      runtime")]},
        "files": {MORE: "apiVersion: v1\nkind: Service\nmetadata: {name: s, annotations: {service.beta.openshift.io/serving-cert-secret-name: tls}}\nspec: {ports: [{port: 1}]}\n"},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to write something right is no finding."""
    assert [] == places(check(OURS, **RIGHT[name]))


@pytest.fixture
def leaky(tmp_path: Path) -> Path:
    """A repository with a secret of every road: known by its form, by its variable's name, in a Secret, in bad YAML."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    for path, old, new in (
        (VALUES, "huggingFaceTokenSecret: huggingface-token", f"huggingFaceTokenSecret: {HF}"),
        (
            SERVICE,
            "        - name: HF_TOKEN\n",
            f"        - name: MY_API_KEY\n          value: {PLAIN}\n        - name: HF_TOKEN\n",
        ),
        (RUNTIME, "  multiModel: false\n", f"  multiModel: {NVIDIA}\n"),
        (EMB_VALUES, "gpus: 1\n", f"gpus: 1\nbroken: [{OPENSHIFT}\n"),
    ):
        text = (root / path).read_text()
        assert old in text
        (root / path).write_text(text.replace(old, new))
    (root / MORE).write_text(
        f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  a: {GITHUB}\n  b: {PLAIN}-two\n"
    )
    return root


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_shows_a_secret(leaky: Path, form: str) -> None:
    """Not in the message, the snippet, the trail or anything else, and the findings are there."""
    result = CliRunner().invoke(cli, ["check", str(leaky), "--format", form, "-v"])
    assert result.exit_code == 1
    for rule in ("SGL701", "SGL702", "SGL703"):
        assert rule in result.output
    for secret in (HF, OPENSHIFT, NVIDIA, GITHUB, PLAIN):
        assert secret[:9] not in result.output


@pytest.mark.parametrize("command", ["render", "graph"])
def test_no_other_command_shows_a_secret(leaky: Path, command: str) -> None:
    """What prints manifests hides them, too."""
    result = CliRunner().invoke(cli, [command, str(leaky)])
    for secret in (HF, OPENSHIFT, NVIDIA, GITHUB, PLAIN):
        assert secret[:9] not in result.output


KEY = "-----BEGIN " + "PRIVATE KEY-----"
ENV = "          value: /tmp/hf_home\n"
PART = "Secret" + "Part77"
OTHERWISE: dict[str, tuple[str, str, str]] = {
    "a key in one line of JSON": ("sa.json", "", '{"k": "' + KEY + "\\n" + PART * 5 + '\\n-----END PRIVATE KEY-----\\n"}\n'),
    "a key in lines": ("key.pem", "", f"{KEY}\n{PART * 5}\n{PART}\n-----END PRIVATE KEY-----\n"),
    "a kubeconfig in one line": (
        "kube.json", "", '{"kind": "Config", "users": [{"name": "me", "user": {"token": "' + PART + 'Zq8Lw3Xv"}}]}\n'
    ),
    "a Secret in one line": (MORE, "", "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: " + PART + "}}\n"),
    "a value with escapes": (RUNTIME, ENV, f'        - name: MY_API_KEY\n          value: "k9\\x2d{PART}\\"Zq"\n'),
    "a quote in a value": (RUNTIME, ENV, f"        - name: MY_API_KEY\n          value: 'it''s{PART}'\n"),
    "a value in two lines": (RUNTIME, ENV, f'        - name: MY_API_KEY\n          value: "{PART}\n            tail99Zz"\n'),
    "a part of a value": (RUNTIME, ENV, f'        - name: MY_API_KEY\n          value: pre-{{{{ "{PART}" }}}}-post\n'),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERWISE)
def test_no_report_shows_a_secret_spelt_otherwise(tmp_path: Path, name: str) -> None:
    """Not where the file has it in other characters than the manifest, nor where it shares the line pointed at."""
    path, after, text = OTHERWISE[name]
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    before = (root / path).read_text() if after else ""
    assert after in before
    (root / path).write_text(before.replace(after, after + text) if after else text)
    for form in FORMATS:
        result = CliRunner().invoke(cli, ["check", str(root), "--format", form, "-v"])
        assert "SGL70" in result.output
        assert PART not in result.output


def test_a_secret_is_hidden_when_its_rule_is_off(tmp_path: Path) -> None:
    """Another rule may point at its line."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    text = (root / RUNTIME).read_text()
    line = f"        - {{name: MY_API_KEY, value: {PLAIN}, valueX: 1}}\n"
    (root / RUNTIME).write_text(text.replace(ENV, ENV + line))
    result = CliRunner().invoke(cli, ["check", str(root), "--select", "SGL005"])
    assert "SGL005" in result.output
    assert "valueX: 1" in result.output
    assert PLAIN not in result.output


@pytest.mark.parametrize("value", ["message", "servingruntime"])
def test_a_secret_that_is_a_word_breaks_no_report(tmp_path: Path, value: str) -> None:
    """Keys and paths of a report stay as they are, whatever somebody takes for a token."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    text = (root / RUNTIME).read_text()
    (root / RUNTIME).write_text(text.replace(ENV, f"{ENV}        - name: MY_API_KEY\n          value: {value}\n"))
    result = CliRunner().invoke(cli, ["check", str(root), "--format", "json"])
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["rule"], finding["path"]) == ("SGL702", RUNTIME)
    assert "message" in finding


def test_short_content_of_a_secret_changes_nothing_else(tmp_path: Path) -> None:
    """`v1` in a Secret is hidden there alone."""
    root = tmp_path / "repo"
    shutil.copytree(FIXTURE, root)
    (root / MORE).write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: v1, b: '1'}\n")
    shown = CliRunner().invoke(cli, ["render", str(root), "--env", "prod", "--kind", "Secret"]).stdout
    assert "apiVersion: v1\n" in shown
    assert "a: v1" not in shown


@given(
    st.text(alphabet="ab \n:{}\"'", max_size=40),
    st.sampled_from([HF, OPENSHIFT, NVIDIA, GITHUB, JWT]),
    st.text(alphabet=" \n:,\"'", min_size=1, max_size=9),
)
def test_masking_hides_and_keeps_length(before: str, secret: str, after: str) -> None:
    """Wherever a token stands as a word of its own, it is hidden, and nothing else moves."""
    text = f"{before} {secret}{after}"
    shown = masked(text)
    assert secret not in shown
    assert len(shown) == len(text)
    assert masked(shown) == shown
    assert shown.count("\n") == text.count("\n")


@given(st.text(max_size=200))
def test_masking_is_total(text: str) -> None:
    """Any text can be masked, and one without a token stays as it is."""
    assert masked(text) == text or any(True for _ in tokens_in(text))


def test_hidden_shows_four_characters_at_most() -> None:
    """A short secret shows less."""
    assert (hidden("abcdefghijklm"), hidden("abc"), hidden("")) == ("abcd*********", "a**", "")
    assert all(kind.source for kind in kinds())
    assert is_placeholder("aaaaaaa")
    assert not is_placeholder(PLAIN)
