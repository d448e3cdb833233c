"""Tokens, kubeconfigs, open endpoints and Secrets nobody delivers: more roads to each, and right spellings."""

from __future__ import annotations

import base64

import pytest

from tests.breakages.cases import (
    CAPACITY,
    EMB_SERVICE,
    LLM,
    LOADTEST,
    MORE,
    PROD,
    SERVICE,
    Case,
    Change,
    argument,
    both,
    edit,
    expected,
    file,
    found,
    prod,
)
from tests.breakages.test_secrets import BODY, HF, JWT, PLAIN

TEST = f"{LOADTEST}/templates/deployment.yaml"
VAULT = "charts/vault-runtime/values-prod.yaml"
POOL = f"{CAPACITY}/values-prod.yaml"
AUTH = '    security.opendatahub.io/enable-auth: "true"\n'
VISIBLE = "    networking.kserve.io/visibility: exposed\n"
REFERENCE = (
    "          valueFrom:\n            secretKeyRef:\n              name: {{ .Values.huggingFaceTokenSecret }}\n"
    "              key: HF_TOKEN\n"
)
TEST_REFERENCE = "              valueFrom:\n                secretKeyRef:\n                  name: {{ .Values.tokenSecret }}\n                  key: token\n"
ENV = "      env:\n        - name: HF_TOKEN\n"
CONFIG = "apiVersion: v1\nkind: Config\nclusters: []\nusers:\n  - name: me\n    user:\n      CREDENTIAL\n"
PEM = f"-----BEGIN PRIVATE KEY-----\n{BODY}{BODY}\n-----END PRIVATE KEY-----\n"


def encoded(text: str) -> str:
    """A text in base64."""
    return base64.b64encode(text.encode()).decode()


def kubeconfig(credential: str) -> str:
    """A kubeconfig whose user has that credential."""
    return CONFIG.replace("CREDENTIAL", credential)


def block(text: str, indent: str) -> str:
    """A text as it stands in a YAML block."""
    return "".join(f"{indent}{line}\n" for line in text.splitlines())


def variable(text: str) -> Change:
    """One more variable of the chat model's service."""
    return edit(SERVICE, (ENV, ENV.replace("env:\n", f"env:\n{text}", 1)))


def pod(container: str = "", spec: str = "") -> Change:
    """A Deployment of something else."""
    return file(
        MORE,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: more}\nspec:\n  selector: {matchLabels: {a: b}}\n"
        f"  template:\n    metadata: {{labels: {{a: b}}}}\n    spec:\n{spec}      containers:\n        - name: c\n"
        f"          image: example/tool:1\n{container}",
    )


def server(sidecar: str = "", container: str = "", target: str = "more") -> Change:
    """A vLLM server of plain pods behind a Service and a Route."""
    return both(
        file(
            MORE,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: more\nspec:\n  strategy: {type: Recreate}\n"
            "  selector: {matchLabels: {app: more}}\n  template:\n    metadata: {labels: {app: more}}\n    spec:\n"
            '      nodeSelector: {nvidia.com/gpu.present: "true"}\n'
            "      tolerations: [{key: nvidia.com/gpu, operator: Exists}]\n      containers:\n"
            "        - name: vllm\n          image: docker.io/vllm/vllm-openai:v0.11.0\n"
            f"          args: [--model=Qwen/Qwen3-8B, --max-model-len=4096{container}]\n"
            f"          resources: {{limits: {{nvidia.com/gpu: 1}}}}\n{sidecar}---\n"
            "apiVersion: v1\nkind: Service\nmetadata: {name: more}\nspec: {selector: {app: more}, ports: [{port: 8000}]}\n---\n"
            "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: more}\n"
            f"spec: {{to: {{kind: Service, name: {target}}}, tls: {{termination: edge}}}}\n",
        ),
        edit(POOL, ("  replicas: 2", "  replicas: 3"), ("  max: 2", "  max: 3")),
    )


LLM_SERVICE = """\
apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata: {name: more}
spec:
  model: {uri: hf://Qwen/Qwen3-8B}
  prefill:
    template:
      volumes: [{name: v, secret: {secretName: nowhere}}]
      containers: [{name: main}]
"""

BROKEN: dict[str, Case] = {
    "701 in base64 in the values": (prod(f"token: {encoded(HF)}"), [f"SGL701 {PROD}:token:"]),
    "701 in base64 in a ConfigMap": (
        file(MORE, f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n  token: {encoded(JWT)}\n"),
        [f"SGL701 {MORE}:token:"],
    ),
    "701 a key in base64": (file("charts/key.yaml", f"key: {encoded(PEM)}\n"), ["SGL701 charts/key.yaml:1"]),
    "701 a registry's login in base64": (
        file("charts/pull.yaml", "pull: " + encoded('{"auths":{"quay.io":{"auth":"' + "cm9ib3Q6" + BODY + '"}}}') + "\n"),
        ["SGL701 charts/pull.yaml:1"],
    ),
    "701 in an address": (
        file("scripts/clone.sh", f"git clone https://oauth2:glpat-{BODY[:20]}@gitlab.example.org/x\n"),
        ["SGL701 scripts/clone.sh:1"],
    ),
    "702 an option of vLLM": (argument(f"        - --api-key={PLAIN}\n"), [f"SGL702 {SERVICE}:--api-key"]),
    "702 an option in two items": (
        argument(f"        - --api-key\n        - {PLAIN}\n"),
        [f"SGL702 {SERVICE}:- {PLAIN}"],
    ),
    "702 an option from a value": (
        both(argument("        - --hf-token={{ .Values.token }}\n"), prod(f"token: {PLAIN}")),
        [f"SGL702 {PROD}:token:"],
    ),
    "702 set by a script": (
        pod(f"          command: [sh, -c]\n          args:\n            - |\n              set -e\n              export HF_TOKEN='{PLAIN}'\n              tool\n"),
        [f"SGL702 {MORE}:export"],
    ),
    "702 of the load test": (
        edit(TEST, (TEST_REFERENCE, f"              value: {PLAIN}\n")),
        [f"SGL702 {TEST}:value: {PLAIN}"],
    ),
    "702 of an init container": (
        pod(spec=f"      initContainers:\n        - name: i\n          image: example/tool:1\n          env: [{{name: HF_TOKEN, value: {PLAIN}}}]\n"),
        [f"SGL702 {MORE}:HF_TOKEN"],
    ),
    "702 of a CronJob": (
        file(
            MORE,
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec:\n  schedule: 0 1 * * *\n  jobTemplate:\n    spec:\n"
            "      template:\n        spec:\n          restartPolicy: Never\n          containers:\n            - name: c\n"
            f"              image: example/tool:1\n              env:\n                - name: GITHUB_TOKEN\n                  value: {PLAIN}\n",
        ),
        [f"SGL702 {MORE}:value: {PLAIN}"],
    ),
    "702 from a map of variables": (
        both(
            variable("        {{- range $name, $value := .Values.env }}\n        - name: {{ $name }}\n          value: {{ $value | quote }}\n        {{- end }}\n"),
            prod(f"env:\n  OPENAI_API_KEY: {PLAIN}"),
        ),
        [f"SGL702 {PROD}:OPENAI_API_KEY"],
    ),
    "703 one for each value": (
        both(
            file(MORE, "{{- range $name, $text := .Values.tokens }}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ $name }}\nstringData:\n  t: {{ $text }}\n{{- end }}\n"),
            prod("tokens:\n  one: abc"),
        ),
        [f"SGL703 {MORE}:kind: Secret"],
    ),
    "703 kept by lookup": (
        file(MORE, 'apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  t: {{ (lookup "v1" "Secret" "x" "y").data | default (randAlphaNum 8 | b64enc) }}\n'),
        [f"SGL703 {MORE}:kind: Secret"],
    ),
    "703 a login of a registry": (
        file(MORE, "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: e30=\n"),
        [f"SGL703 {MORE}:kind: Secret"],
    ),
    "704 a password": (
        file(".kube/config", kubeconfig(f"username: admin\n      password: {BODY}")),
        ["SGL704 .kube/config:1"],
    ),
    "704 a login provider's token": (
        file("k.yaml", kubeconfig(f"auth-provider:\n        name: oidc\n        config:\n          refresh-token: {BODY}")),
        ["SGL704 k.yaml:1"],
    ),
    "704 in a ConfigMap": (
        file(MORE, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: k}\ndata:\n  config: |\n" + block(kubeconfig(f"token: {BODY}"), "    ")),
        [f"SGL704 {MORE}:config: |"],
    ),
    "704 in the values, in base64": (
        prod(f"kubeconfig: {encoded(kubeconfig('token: ' + BODY))}"),
        [f"SGL704 {PROD}:kubeconfig"],
    ),
    "705 switched off by a value": (
        both(
            edit(SERVICE, ('enable-auth: "true"', 'enable-auth: {{ .Values.auth | default "true" | quote }}')),
            prod('auth: "false"'),
        ),
        [f"SGL705 {PROD}:auth"],
    ),
    "705 in capital letters": (
        edit(EMB_SERVICE, ('enable-auth: "true"', 'enable-auth: "True"')),
        [f"SGL705 {EMB_SERVICE}:enable-auth"],
    ),
    "705 plain pods behind a Route": (server(), [f"SGL705 {MORE}:^metadata:"]),
    "706 a volume": (
        edit(SERVICE, ("    model:\n      runtime", "    volumes: [{name: v, secret: {secretName: nowhere}}]\n    model:\n      runtime")),
        [f"SGL706 {SERVICE}:nowhere"],
    ),
    "706 a projected volume": (
        pod(spec="      volumes: [{name: v, projected: {sources: [{secret: {name: nowhere}}]}}]\n"),
        [f"SGL706 {MORE}:nowhere"],
    ),
    "706 a volume of a driver": (
        pod(spec="      volumes: [{name: v, csi: {driver: d, nodePublishSecretRef: {name: nowhere}}}]\n"),
        [f"SGL706 {MORE}:nowhere"],
    ),
    "706 a volume of a prefill pod": (file(MORE, LLM_SERVICE), [f"SGL706 {MORE}:nowhere"]),
    "706 the credentials for the model's storage": (
        edit(SERVICE, (AUTH, f"{AUTH}    serving.kserve.io/storageSecretName: nowhere\n")),
        [f"SGL706 {SERVICE}:storageSecretName"],
    ),
    "706 no longer delivered": (
        edit(VAULT, ("  # Key token\n  openshift-ai-token:\n    path: prod/openshift-ai\n    restart: signet-loadtest\n", "")),
        [
            f"SGL706 {LOADTEST}/values-common.yaml:tokenSecret",
            "SGL706 charts/web-frontend/values-prod.yaml:tokenSecret",
        ],
    ),
}  # fmt: skip

PROXY = "        - {name: proxy, image: registry.redhat.io/openshift4/ose-oauth-proxy-rhel9:v4.20}\n"
BOUND = "          env: [{name: A, valueFrom: {secretKeyRef: {name: from-vault, key: a}}}]\n"
SHOWS = ("SGL7",)  # of the others some have something to say on a third server
RIGHT: dict[str, Change] = {
    "701 a digest in base64": file("docs/a.md", encoded("just some text that says nothing at all, but long") + "\n"),
    "701 a certificate in base64": file(
        "docs/ca.yaml", "ca: " + encoded(f"-----BEGIN CERTIFICATE-----\n{BODY}{BODY}\n-----END CERTIFICATE-----\n") + "\n"
    ),
    "701 a placeholder in base64": file("docs/a.yaml", "token: " + encoded("hf_your_token_goes_here_please_thanks") + "\n"),
    "702 another variable": variable("        - {name: VLLM_API_KEY, value: $(HF_TOKEN)}\n"),
    "702 an option from a variable": argument("        - --api-key=$(HF_TOKEN)\n"),
    "702 no tokens of that kind": variable(
        "        - {name: MAX_TOKENS, value: '512'}\n        - {name: TOKENIZERS_PARALLELISM, value: 'false'}\n"
    ),
    "702 a file with the token": variable("        - {name: HF_TOKEN_PATH, value: /vault/secrets/hf}\n"),
    "702 read by a script": pod(
        "          command: [sh, -c]\n          args:\n            - |\n              HF_TOKEN=$(cat /vault/hf)\n"
        "              API_KEY=`cat /vault/key`\n              TOKEN=${TOKEN:-}\n              tool --token $TOKEN\n"
    ),
    "703 what Vault fills": file(
        MORE, "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ntype: kubernetes.io/service-account-token\n"
    ),
    "703 what an operator fills": file(
        MORE,
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\nspec: {target: {template: {data: {a: b}}}}\n",
    ),
    "703 sealed": file(
        MORE, "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: x}\nspec: {encryptedData: {a: AgBy}}\n"
    ),
    "704 a token in a file": file("k.yaml", kubeconfig("tokenFile: /var/run/token")),
    "704 a token from a variable": file("k.yaml", kubeconfig("token: ${TOKEN}")),
    "704 a key in a file": file("k.yaml", kubeconfig("client-key: /home/me/key.pem")),
    "704 no users": file("k.yaml", "apiVersion: v1\nkind: Config\nclusters: []\nusers: []\n"),
    "704 a configuration of something else": file(
        "k.yaml", f"kind: Settings\nusers:\n  - name: me\n    user:\n      token: {BODY}\n"
    ),
    "705 a proxy that asks": server(PROXY),
    "705 vLLM asks": server(container=", --api-key=$(KEY)"),
    "705 a Route to something else": server(target="web-frontend"),
    "705 not exposed": edit(SERVICE, (AUTH, ""), (VISIBLE, "    networking.kserve.io/visibility: cluster-local\n")),
    "706 a provider brings it": both(
        pod(BOUND),
        file(
            f"{LLM}/templates/provider.yaml",
            "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: p}\nspec:\n"
            "  provider: vault\n  secretObjects: [{secretName: from-vault, type: Opaque, data: []}]\n",
        ),
    ),
    "706 optional": edit(SERVICE, ("              key: HF_TOKEN\n", "              key: HF_TOKEN\n              optional: true\n")),
    "706 one more of Vault's": both(
        pod(BOUND),
        edit(VAULT, ("  # Key HF_TOKEN\n", "  from-vault:\n    path: prod/more\n  # Key HF_TOKEN\n")),
    ),
    "706 a pull secret, without which the pod starts": pod(spec="      imagePullSecrets: [{name: pull}]\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_breakage_is_found_at_its_line(name: str) -> None:
    """Each breakage gives exactly its findings among the rules on secrets and access."""
    case, entries = BROKEN[name]
    assert expected(case, entries) == found(case, SHOWS)


@pytest.mark.parametrize("name", RIGHT)
def test_right_spelling_is_silent(name: str) -> None:
    """Another way to keep a secret or to ask for a token is no finding of these rules."""
    assert [] == found(RIGHT[name], SHOWS)
