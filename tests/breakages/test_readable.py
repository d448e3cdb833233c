"""Repositories that cannot be read or applied as they are, and spellings that can."""

from __future__ import annotations

from typing import Any

import pytest

from tests.overlay import check, line_of, overlay, places
from tests.test_rules import RULES

FAMILY = [rule for rule in RULES if rule.id in ("SGL001", "SGL002", "SGL003", "SGL004", "SGL005", "SGL007", "SGL008")]

LLM = "charts/signet-llm"
WEB = "charts/web-frontend"
UMBRELLA = "charts/signet-umbrella"
ENTRY = "charts/argocd-apps"
TEST = "charts/signet-loadtest"
APPSET = f"{ENTRY}/templates/applicationset-umbrella.yaml"
SERVICE = f"{WEB}/templates/service.yaml"
INFERENCE = f"{LLM}/templates/inferenceservice.yaml"

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: NAME
  namespace: openshift-gitops
spec:
  project: default
  source:
    repoURL: https://github.com/example-org/gitops.git
    targetRevision: main
    path: PATH
    helm:
      valueFiles:
        - values-common.yaml
      ignoreMissingValueFiles: true
  destination:
    server: SERVER
    namespace: NAMESPACE
"""


def application(name: str, path: str, namespace: str, server: str = "https://kubernetes.default.svc") -> str:
    """An Application as a plain template."""
    values = {"NAMESPACE": namespace, "NAME": name, "PATH": path, "SERVER": server}
    text = APPLICATION
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def edit(path: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """Changes of one file."""
    return {"edits": {path: changes}}


def file(path: str, text: str | None) -> dict[str, Any]:
    """One file written or removed."""
    return {"files": {path: text}}


BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    # SGL001: the file, and nothing of what follows from it
    "values of an environment": (
        file(f"{LLM}/values-prod.yaml", "exposed: [true\nother: 1\n"),
        [f"SGL001 {LLM}/values-prod.yaml:2"],
    ),
    "common values, chart fails without them": (
        edit(f"{LLM}/values-common.yaml", ("  storageUri:", "\tstorageUri:")),
        [f"SGL001 {LLM}/values-common.yaml:storageUri"],
    ),
    "common values of three environments": (
        edit(f"{WEB}/values-common.yaml", ("image:\n", "image: :\n")),
        [f"SGL001 {WEB}/values-common.yaml:image: :"],
    ),
    "common values of the umbrella": (
        edit(f"{UMBRELLA}/values-common.yaml", ("webFrontend:\n", "webFrontend: x: y\n")),
        [f"SGL001 {UMBRELLA}/values-common.yaml:webFrontend"],
    ),
    "values.yaml of the entry chart": (
        edit(f"{ENTRY}/values.yaml", ("targetRevision: main", "targetRevision: main: x")),
        [f"SGL001 {ENTRY}/values.yaml:targetRevision"],
    ),
    "Chart.yaml": (
        edit(f"{LLM}/Chart.yaml", ("version:", "version: x:")),
        [f"SGL001 {LLM}/Chart.yaml:version"],
    ),
    "a custom resource definition": (file(f"{WEB}/crds/thing.yaml", "a: b: c\n"), [f"SGL001 {WEB}/crds/thing.yaml:1"]),
    "an undefined alias": (file(f"{LLM}/values-prod.yaml", "a: *nothing\n"), [f"SGL001 {LLM}/values-prod.yaml:1"]),
    # SGL002
    "a block twice in values": (
        edit(
            f"{LLM}/values-common.yaml",
            ("networkPolicy:\n", "deploymentStrategy:\n  type: Recreate\n\nnetworkPolicy:\n"),
        ),
        [f"SGL002 {LLM}/values-common.yaml:50"],
    ),
    "a nested key twice in values": (
        edit(f"{LLM}/values-common.yaml", ("  servedName:", "  storageUri: hf://a/b\n  servedName:")),
        [f"SGL002 {LLM}/values-common.yaml:12"],
    ),
    "a quoted key twice": (
        edit(f"{LLM}/values-prod.yaml", ("exposed: true", "exposed: true\n'exposed': true")),
        [f"SGL002 {LLM}/values-prod.yaml:3"],
    ),
    "a flag of an environment twice": (
        edit(
            f"{ENTRY}/values.yaml",
            ("    frontendReplicas: 2\n", "    frontendReplicas: 2\n    capacityEnabled: false\n"),
        ),
        [f"SGL002 {ENTRY}/values.yaml:57"],
    ),
    "a template, in three environments": (
        edit(SERVICE, ("spec:\n", "spec:\n  type: NodePort\n")),
        [f"SGL002 {SERVICE}:type: ClusterIP"],
    ),
    "a label that a helper writes already": (
        edit(SERVICE, ("  labels:\n", "  labels:\n    app.kubernetes.io/name: other\n")),
        [f"SGL002 {WEB}/templates/_helpers.tpl:2"],
    ),
    # SGL003
    "a nil value in one environment": (
        edit(
            SERVICE,
            (
                "type: ClusterIP",
                'type: {{ if eq .Values.logLevel "debug" }}{{ .Values.no.such }}{{ else }}ClusterIP{{ end }}',
            ),
        ),
        [f"SGL003 {SERVICE}:no.such"],
    ),
    "a different message in each environment": (
        edit(SERVICE, ("type: ClusterIP", 'type: {{ fail (printf "no %s" .Values.logLevel) }}')),
        [f"SGL003 {SERVICE}:fail"],
    ),
    "an unknown function": (
        edit(SERVICE, ("type: ClusterIP", 'type: {{ upperCase "x" }}')),
        [f"SGL003 {SERVICE}:upperCase"],
    ),
    "a helper that is not there": (
        edit(SERVICE, ("web-frontend.selectorLabels", "web-frontend.selector")),
        [f'SGL003 {SERVICE}:web-frontend.selector"'],
    ),
    "a block without an end": (
        edit(
            INFERENCE,
            ("    {{- with .Values.nodeSelector }}\n", "    {{- with .Values.nodeSelector }}\n    {{- if true }}\n"),
        ),
        [f"SGL003 {INFERENCE}:49"],
    ),
    "values that the chart's schema refuses": (
        file(f"{WEB}/values.schema.json", '{"properties": {"replicaCount": {"type": "string"}}}'),
        [f"SGL003 {UMBRELLA}/templates/app-web-frontend.yaml:path:"],
    ),
    # SGL004
    "a mapping that begins on its key's line": (
        edit(SERVICE, ("  selector:\n", "  selector: app: x\n")),
        [f"SGL004 {SERVICE}:selector: app"],
    ),
    "an indentation that no block has": (
        edit(SERVICE, ("  ports:\n", " ports:\n")),
        [f"SGL004 {SERVICE}:ports:"],
    ),
    "no apiVersion": (edit(SERVICE, ("apiVersion: v1\n", "")), [f"SGL004 {SERVICE}:1"]),
    "no metadata": (edit(SERVICE, ("metadata:\n", "meta:\n")), [f"SGL004 {SERVICE}:1"]),
    "text after the manifest": (
        file(f"{WEB}/templates/text.yaml", "just a text\n"),
        [f"SGL004 {WEB}/templates/text.yaml:1"],
    ),
    # SGL005
    "a misspelt value key that toYaml passes on": (
        edit(
            f"{LLM}/values-common.yaml",
            ("  - key: nvidia.com/gpu\n    operator: Equal", "  - key: nvidia.com/gpu\n    operater: Equal"),
        ),
        [f"SGL005 {LLM}/values-common.yaml:operater"],
    ),
    "a value outside its set": (
        edit(f"{LLM}/values-common.yaml", ("operator: Equal", "operator: Equals")),
        [f"SGL005 {LLM}/values-common.yaml:Equals"],
    ),
    "a number where a text must be": (
        edit(
            f"{TEST}/templates/deployment.yaml",
            ("value: {{ .Values.endpoints.llm | quote }}", "value: {{ .Values.endpoints.port | default 8443 }}"),
        ),
        [f"SGL005 {TEST}/templates/deployment.yaml:default 8443"],
    ),
    "a quoted number": (
        edit(
            f"{TEST}/templates/deployment.yaml",
            ("replicas: {{ .Values.replicas }}", "replicas: {{ .Values.replicas | quote }}"),
        ),
        [f"SGL005 {TEST}/templates/deployment.yaml:replicas:"],
    ),
    "a word where a number must be": (
        edit(f"{TEST}/values-common.yaml", ("replicas: 0", "replicas: none")),
        [f"SGL005 {TEST}/values-common.yaml:replicas:"],
    ),
    "one template line in three environments": (
        edit(SERVICE, ("      targetPort: http", "      targetport: http")),
        [f"SGL005 {SERVICE}:targetport"],
    ),
    "a field of an Application": (
        edit(f"{UMBRELLA}/templates/app-signet-llm.yaml", ("    targetRevision:", "    revision:")),
        [f"SGL005 {UMBRELLA}/templates/app-signet-llm.yaml:    revision:"],
    ),
    "a field of the generated Applications": (
        edit(APPSET, ("          selfHeal: true", "          selfheal: true")),
        [f"SGL005 {APPSET}:selfheal"],
    ),
    "a field of the ApplicationSet": (
        edit(APPSET, ("  goTemplateOptions:", "  goTemplateOption:")),
        [f"SGL005 {APPSET}:goTemplateOption:"],
    ),
    "a component of the wrong shape": (
        edit(
            "charts/cluster-capacity/templates/autoscaler.yaml", ("  maxReplicas: {{ .Values.autoscaler.max }}\n", "")
        ),
        ["SGL005 charts/cluster-capacity/templates/autoscaler.yaml:19"],
    ),
    "a misspelt kind": (
        edit(f"{TEST}/templates/deployment.yaml", ("kind: Deployment", "kind: Deploymnet")),
        [f"SGL005 {TEST}/templates/deployment.yaml:kind: Deploymnet"],
    ),
    "a misspelt group": (
        edit(f"{TEST}/templates/deployment.yaml", ("apiVersion: apps/v1", "apiVersion: app/v1")),
        [f"SGL005 {TEST}/templates/deployment.yaml:apiVersion"],
    ),
    "a group that was removed": (
        edit(f"{TEST}/templates/deployment.yaml", ("apiVersion: apps/v1", "apiVersion: extensions/v1beta1")),
        [f"SGL005 {TEST}/templates/deployment.yaml:apiVersion"],
    ),
    "a version of another kind": (
        edit(f"{LLM}/templates/servingruntime.yaml", ("kserve.io/v1alpha1", "kserve.io/v1beta1")),
        [f"SGL005 {LLM}/templates/servingruntime.yaml:apiVersion"],
    ),
    "a custom kind in the plural": (
        edit(INFERENCE, ("kind: InferenceService", "kind: InferenceServices")),
        [f"SGL005 {INFERENCE}:kind"],
    ),
    # SGL007
    "one chart deployed twice": (
        file(f"{UMBRELLA}/templates/web-again.yaml", application("web-again", WEB, "{{ .Values.appNamespace }}")),
        [f"SGL007 {UMBRELLA}/templates/web-again.yaml:kind"],
    ),
    "a cluster role of two charts": (
        file(
            "charts/openshift-ai/templates/issuer.yaml",
            "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata:\n  name: selfsigned\nspec:\n  "
            "selfSigned: {}\n",
        ),
        ["SGL007 charts/openshift-ai/templates/issuer.yaml:kind"],
    ),
    # SGL008
    "a child with the name of the umbrella": (
        file(f"{UMBRELLA}/templates/zz.yaml", application("signet-umbrella-{{ .Values.env }}", "charts/none", "x")),
        [f"SGL008 {UMBRELLA}/templates/zz.yaml:kind"],
    ),
}

WAITING: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a namespace that a component renders as well": (
        file(
            f"{WEB}/templates/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {{ .Release.Namespace }}\n"
        ),
        [f"SGL007 {WEB}/templates/ns.yaml:kind"],
    ),
    "two templates with one name": (
        edit(f"{UMBRELLA}/templates/app-signet-embeddings.yaml", ("  name: signet-embeddings-", "  name: signet-llm-")),
        [f"SGL008 {UMBRELLA}/templates/app-signet-llm.yaml:kind"],
    ),
    "two environments with one name": (
        edit(f"{ENTRY}/values.yaml", ("  - name: sno", "  - name: local")),
        [f"SGL008 {ENTRY}/templates/applicationset-umbrella.yaml:- env:"],
    ),
    "a plain manifest": (
        file("apps/root.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x\nspec: y\n"),
        ["SGL001 apps/root.yaml:4"],
    ),
}

RIGHT: dict[str, dict[str, Any]] = {
    "an empty values file": file(f"{LLM}/values-prod.yaml", ""),
    "only comments": file(f"{LLM}/values-prod.yaml", "# nothing\n---\n# here\n"),
    "braces and quotes": file(f"{LLM}/values-prod.yaml", "exposed: !!bool \"true\"\nmore: {a: 'b: [c', d: [1, 2]}\n"),
    "a merge key overridden": file(f"{LLM}/values-prod.yaml", "a: &a {b: 1}\nc:\n  <<: *a\n  b: 2\n"),
    "a merge of two mappings with one key": file(
        f"{LLM}/values-prod.yaml", "a: &a {b: 1}\nd: &d {b: 2}\nc:\n  <<: [*a, *d]\n"
    ),
    "the same key in items of a list": file(f"{LLM}/values-prod.yaml", "c:\n  - a: 1\n  - a: 2\n"),
    "one of two keys is rendered": edit(
        SERVICE,
        (
            "  type: ClusterIP\n",
            "  {{- if false }}\n  type: NodePort\n  {{- else }}\n  type: ClusterIP\n  {{- end }}\n",
        ),
    ),
    "a template that is not YAML before it is rendered": edit(SERVICE, ("spec:\n", '{{ "spec:" }}\n')),
    "a List": file(
        f"{WEB}/templates/list.yaml",
        "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata:\n   "
        "   name: listed\n",
    ),
    "notes that are no YAML": file(f"{WEB}/templates/NOTES.txt", "Open: a: b {{ .Release.Name }}\n"),
    "a helper file": file(f"{WEB}/templates/_more.tpl", '{{ define "x" }}a: b: c{{ end }}'),
    "a chart that nothing deploys and fails": {
        "files": {
            "charts/attic/Chart.yaml": "apiVersion: v2\nname: attic\nversion: 0.1.0\n",
            "charts/attic/templates/x.yaml": '{{ fail "never" }}',
        }
    },
    "a required value that is set": edit(
        SERVICE, ("port: {{ .Values.service.port }}", 'port: {{ required "set it" .Values.service.port }}')
    ),
    "fields that are null": edit(SERVICE, ("  type: ClusterIP\n", "  type: ClusterIP\n  loadBalancerClass: null\n")),
    "a percentage for an int-or-string": edit(
        f"{LLM}/values-common.yaml", ("maxUnavailable: 1", "maxUnavailable: 100%")
    ),
    "numbers as quantities": edit(f"{LLM}/values-common.yaml", ('  limits:\n    cpu: "2"', "  limits:\n    cpu: 2")),
    "a custom kind nobody described": file(
        f"{WEB}/templates/thing.yaml", "apiVersion: example.org/v1\nkind: Thing\nmetadata:\n  name: x\nanything: [1]\n"
    ),
    "an older version that is served": file(
        f"{WEB}/templates/scaler.yaml",
        "apiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: x\nspec:\n  maxReplicas: 2\n"
        "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web-frontend}\n",
    ),
    "a kind that only sounds like one of Kubernetes": file(
        f"{WEB}/templates/thing.yaml", "apiVersion: apps.example.org/v1\nkind: Deployment\nmetadata:\n  name: x\n"
    ),
    "the same chart in another namespace": file(
        f"{UMBRELLA}/templates/web-again.yaml", application("web-again", WEB, "another-{{ .Values.env }}")
    ),
    "the same chart on another cluster": file(
        f"{UMBRELLA}/templates/web-again.yaml",
        application("web-again", WEB, "{{ .Values.appNamespace }}", "https://api.edge.example.org:6443"),
    ),
    "an entry chart that deploys itself": file(
        f"{ENTRY}/templates/self.yaml",
        application("argocd-apps", ENTRY, "openshift-gitops").replace(
            "    helm:\n",
            "    helm:\n      parameters:\n        - name: envFilter\n          value: {{ .Values.envFilter }}\n",
        ),
    ),
    "one kind and name in two groups": file(
        f"{WEB}/templates/policy.yaml",
        'apiVersion: example.org/v1\nkind: Service\nmetadata:\n  name: {{ include "web-frontend.name" . }}\n',
    ),
}


def expected(found: list[str], change: dict[str, Any]) -> list[str]:
    """The findings with their lines."""
    contents = overlay(**change)
    return [f"{one[:6]} {line_of(contents, one[7:])}" for one in found]


@pytest.mark.parametrize(("change", "found"), BROKEN.values(), ids=BROKEN.keys())
def test_breakage_is_found_at_its_line(change: dict[str, Any], found: list[str]) -> None:
    """Each breakage gives its finding and no other of the family."""
    assert expected(found, change) == places(check(FAMILY, **change))


@pytest.mark.parametrize(("change", "found"), WAITING.values(), ids=WAITING.keys())
def test_breakage_of_the_simulation(change: dict[str, Any], found: list[str]) -> None:
    """Each breakage gives its finding and no other of the family."""
    assert expected(found, change) == places(check(FAMILY, **change))


@pytest.mark.parametrize("change", RIGHT.values(), ids=RIGHT.keys())
def test_right_spelling_is_silent(change: dict[str, Any]) -> None:
    """Nothing that can be read and applied is a finding."""
    assert [f"{f.rule} {f.location} {f.message}" for f in check(FAMILY, **change).findings] == []
