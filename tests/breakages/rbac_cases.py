"""Ways to break Argo CD's rights in the fixture, with what is found of each."""

from __future__ import annotations

from typing import Any

from signet_lint.rules.rbac.broken_binding import broken_binding
from signet_lint.rules.rbac.excluded_by_argocd import excluded_by_argocd
from signet_lint.rules.rbac.no_access_to_cluster_resource import no_access_to_cluster_resource
from signet_lint.rules.rbac.no_access_to_custom_resource import no_access_to_custom_resource
from signet_lint.rules.rbac.no_access_to_namespace import no_access_to_namespace
from signet_lint.rules.rbac.rbac_too_broad import rbac_too_broad

FAMILY: list[Any] = [
    no_access_to_namespace,
    no_access_to_cluster_resource,
    no_access_to_custom_resource,
    broken_binding,
    rbac_too_broad,
    excluded_by_argocd,
]

UMBRELLA = "charts/signet-umbrella/templates"
ACCESS = f"{UMBRELLA}/rbac-argocd-access.yaml"
AI = f"{UMBRELLA}/rbac-argocd-openshift-ai-cluster.yaml"
CAPACITY = f"{UMBRELLA}/rbac-argocd-capacity-cluster.yaml"
ISSUER = f"{UMBRELLA}/rbac-argocd-cert-manager-cluster.yaml"
KSERVE = f"{UMBRELLA}/rbac-argocd-kserve.yaml"
VAULT = f"{UMBRELLA}/rbac-argocd-vault.yaml"
HELPERS = f"{UMBRELLA}/_helpers.tpl"
NAMESPACES = f"{UMBRELLA}/namespace.yaml"
GATEWAY_APP = f"{UMBRELLA}/app-ollama-gateway.yaml"
AI_APP = f"{UMBRELLA}/app-openshift-ai.yaml"
COMMON = "charts/signet-umbrella/values-common.yaml"
ENVS = "charts/argocd-apps/values.yaml"
SET = "charts/argocd-apps/templates/applicationset-umbrella.yaml"
DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"
NFD = "charts/cluster-capacity/templates/nfd.yaml"
GPU = "charts/cluster-capacity/templates/gpu-operator.yaml"
AUTOSCALER = "charts/cluster-capacity/templates/autoscaler.yaml"
ISSUERS = "charts/cert-manager-config/templates/clusterissuers.yaml"
FRONTEND = "charts/web-frontend/templates"
LOADTEST_RBAC = "charts/signet-loadtest/templates/rbac.yaml"

CONTROLLER = "openshift-gitops-argocd-application-controller"
SA_LINE = "    name: {{ .Values.argocd.controllerServiceAccount }}"
NS_LINE = "    namespace: {{ .Values.argocd.namespace }}"
INCLUDED = 'subjects:\n  {{- include "signet-umbrella.controller" . | nindent 2 }}'
REF = "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n"
WRITE = "      - create\n      - update\n      - patch\n      - delete\n"
ISSUER_VERBS = "verbs: [get, list, watch, create, update, patch, delete]"

AI_BINDING = """---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: argocd-openshift-ai
  annotations:
    argocd.argoproj.io/sync-wave: "-1"
  labels:
    {{- include "signet-umbrella.labels" . | nindent 4 }}
subjects:
  {{- include "signet-umbrella.controller" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: argocd-openshift-ai
"""
GATEWAY_BINDING = "\n  name: argocd-admin\n  namespace: inference-gateway\n"
GATEWAY_NAMESPACE = """  name: inference-gateway
  annotations:
    argocd.argoproj.io/sync-wave: "-2"
  labels:
"""


def rbac(kind: str, name: str, body: str, namespace: str = "") -> str:
    """A manifest of RBAC."""
    inside = f"  namespace: {namespace}\n" if namespace else ""
    return f"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n{inside}{body}"


def bound(kind: str, name: str, role: str, namespace: str = "", role_kind: str = "ClusterRole") -> str:
    """A binding to the controller."""
    body = f"{INCLUDED}\n{REF}  kind: {role_kind}\n  name: {role}\n"
    return rbac(kind, name, body, namespace)


def rules(groups: str, resources: str, verbs: str = "get, list, watch, create, update, patch, delete") -> str:
    """The rules of a role, one rule."""
    return f"rules:\n  - apiGroups: [{groups}]\n    resources: [{resources}]\n    verbs: [{verbs}]\n"


BREAKAGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "201 no binding in the application namespace": (
        {"edits": {ACCESS: (("  namespace: {{ .Values.appNamespace }}", "  namespace: elsewhere"),)}},
        [
            f"SGL201 {UMBRELLA}/app-{name}.yaml:.Values.appNamespace"
            for name in ("signet-embeddings", "signet-llm", "signet-loadtest", "vault-runtime", "web-frontend")
        ],
    ),
    "201 the destination moved": (
        {
            "edits": {
                f"{UMBRELLA}/app-signet-loadtest.yaml": (
                    ("namespace: {{ .Values.appNamespace }}", "namespace: {{ .Values.appNamespace }}-load"),
                )
            }
        },
        [f"SGL201 {UMBRELLA}/app-signet-loadtest.yaml:24"],
    ),
    "201 binding in a misspelt namespace": (
        {"edits": {ACCESS: ((GATEWAY_BINDING, GATEWAY_BINDING.replace("inference", "inferense")),)}},
        [f"SGL201 {GATEWAY_APP}:namespace: inference-gateway"],
    ),
    "201 view instead of admin": (
        {
            "edits": {
                ACCESS: (("  name: admin\n{{- end }}", "  name: view\n{{- end }}"),),
            }
        },
        [f"SGL201 {GATEWAY_APP}:namespace: inference-gateway"],
    ),
    "201 managed by another Argo CD": (
        {
            "edits": {
                ACCESS: ((GATEWAY_BINDING, GATEWAY_BINDING.replace("inference-gateway", "other")),),
                NAMESPACES: ((GATEWAY_NAMESPACE, f"{GATEWAY_NAMESPACE}    argocd.argoproj.io/managed-by: argocd\n"),),
            }
        },
        [f"SGL201 {GATEWAY_APP}:namespace: inference-gateway"],
    ),
    "201 one resource in another namespace": (
        {"edits": {f"{FRONTEND}/route.yaml": (("metadata:\n", "metadata:\n  namespace: edge\n"),)}},
        [f"SGL201 {FRONTEND}/route.yaml:namespace: edge"],
    ),
    "201 a Role without create": (
        {
            "edits": {
                ACCESS: (("kind: ClusterRole\n  name: admin\n{{- end }}", "kind: Role\n  name: gateway\n{{- end }}"),)
            },
            "files": {
                f"{UMBRELLA}/gateway.yaml": "{{- if .Values.ollamaGateway.enabled }}\n"
                + rbac(
                    "Role",
                    "gateway",
                    rules('""', "services", "get, list, watch, update, patch, delete"),
                    "inference-gateway",
                )
                + "{{- end }}\n"
            },
        },
        [f"SGL201 {GATEWAY_APP}:namespace: inference-gateway"],
    ),
    "202 the file removed": ({"files": {AI: None}}, [f"SGL202 {DSC}:kind: DataScienceCluster"]),
    "202 binding removed": ({"edits": {AI: ((AI_BINDING, ""),)}}, [f"SGL202 {AI}:kind: ClusterRole"]),
    "202 bound in a namespace only": (
        {
            "edits": {
                AI: (
                    (
                        "kind: ClusterRoleBinding\nmetadata:\n",
                        "kind: RoleBinding\nmetadata:\n  namespace: redhat-ods-operator\n",
                    ),
                )
            }
        },
        [f"SGL202 {AI}:kind: RoleBinding"],
    ),
    "202 a wrong group": (
        {"edits": {AI: (("- datasciencecluster.opendatahub.io", "- datasciencecluster.opendatahub.io/v2"),)}},
        [f"SGL202 {AI}:opendatahub.io/v2"],
    ),
    "202 the kind's name": (
        {"edits": {AI: (("- datascienceclusters", "- DataScienceCluster"),)}},
        [f"SGL202 {AI}:- DataScienceCluster"],
    ),
    "202 no patch": ({"edits": {AI: (("      - patch\n", ""),)}}, [f"SGL202 {AI}:verbs:"]),
    "202 no delete": ({"edits": {AI: (("      - delete\n", ""),)}}, [f"SGL202 {AI}:verbs:"]),
    "202 named objects only": (
        {"edits": {ISSUER: (("    verbs:", "    resourceNames: [selfsigned, letsencrypt]\n    verbs:"),)}},
        [f"SGL202 {ISSUER}:resourceNames"],
    ),
    "202 and 203 the capacity file removed": (
        {"files": {CAPACITY: None}},
        [
            f"SGL202 {AUTOSCALER}:kind: ClusterAutoscaler",
            f"SGL203 {AUTOSCALER}:kind: MachineAutoscaler",
            f"SGL202 {GPU}:kind: ClusterPolicy",
            f"SGL203 {NFD}:kind: NodeFeatureDiscovery",
        ],
    ),
    "202 gated by another flag": (
        {"edits": {AI: (("{{- if .Values.openshiftAI.enabled }}", "{{- if .Values.ollamaGateway.enabled }}"),)}},
        [f"SGL202 {DSC}:kind: DataScienceCluster"],
    ),
    "202 a new cluster-scoped resource": (
        {
            "files": {
                "charts/cluster-capacity/templates/priority.yaml": "apiVersion: scheduling.k8s.io/v1\n"
                "kind: PriorityClass\nmetadata:\n  name: inference\nvalue: 1000\n"
            }
        },
        ["SGL202 charts/cluster-capacity/templates/priority.yaml:kind: PriorityClass"],
    ),
    "203 the KServe file removed": (
        {"files": {KSERVE: None}},
        [
            f"SGL203 charts/signet-{service}/templates/{kind}.yaml:kind: {name}"
            for service in ("embeddings", "llm")
            for kind, name in (("inferenceservice", "InferenceService"), ("servingruntime", "ServingRuntime"))
        ],
    ),
    "203 a kind that KServe's roles do not cover": (
        {
            "files": {
                "charts/signet-llm/templates/graph.yaml": "apiVersion: serving.kserve.io/v1alpha1\n"
                "kind: InferenceGraph\nmetadata:\n  name: both\nspec:\n  nodes: {}\n"
            }
        },
        [f"SGL203 {KSERVE}:resources:"],
    ),
    "203 a ServiceMonitor, which admin lacks": (
        {
            "files": {
                f"{FRONTEND}/monitor.yaml": "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n"
                "  name: web\nspec:\n  selector: {}\n  endpoints: []\n"
            }
        },
        [f"SGL203 {FRONTEND}/monitor.yaml:kind: ServiceMonitor"],
    ),
    "203 a quota, which admin may only read": (
        {
            "files": {
                f"{FRONTEND}/quota.yaml": "apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: web\n"
                "spec:\n  hard:\n    pods: 10\n"
            }
        },
        [f"SGL203 {FRONTEND}/quota.yaml:kind: ResourceQuota"],
    ),
    "204 a misspelt group of the subject's kind": (
        {
            "edits": {
                HELPERS: (
                    ("- kind: ServiceAccount\n", "- kind: ServiceAccount\n  apiGroup: rbac.authorization.k8s.io\n"),
                )
            }
        },
        [f"SGL204 {HELPERS}:apiGroup: rbac.authorization.k8s.io"],
    ),
    "204 the account in the values": (
        {"edits": {COMMON: ((CONTROLLER, "argocd-application-controller"),)}},
        [f"SGL204 {COMMON}:controllerServiceAccount:"],
    ),
    "204 Argo CD's namespace in the template of one binding": (
        {"edits": {ISSUER: ((NS_LINE, "    namespace: openshift-gitop"),)}},
        [f"SGL204 {ISSUER}:namespace: openshift-gitop"],
    ),
    "204 the operator's namespace": (
        {"edits": {ISSUER: ((NS_LINE, "    namespace: openshift-gitops-operator"),)}},
        [f"SGL204 {ISSUER}:namespace: openshift-gitops-operator"],
    ),
    "204 the ApplicationSet controller": (
        {"edits": {COMMON: ((CONTROLLER, "openshift-gitops-applicationset-controller"),)}},
        [f"SGL204 {COMMON}:controllerServiceAccount:"],
    ),
    "204 the parameter passes another namespace": (
        {
            "edits": {
                SET: (
                    (
                        "- name: argocd.namespace\n              value: {{ .Values.argocdNamespace | quote }}",
                        "- name: argocd.namespace\n              value: openshift-gitops",
                    ),
                ),
                HELPERS: (("  namespace: {{ .Values.argocd.namespace }}", "  namespace: {{ .Values.appNamespace }}"),),
            }
        },
        [
            f"SGL204 {ENVS}:appNamespace: signet-local",
            f"SGL204 {ENVS}:appNamespace: signet-prod",
            f"SGL204 {ENVS}:appNamespace: signet-sno",
        ],
    ),
    "204 a role that was renamed": (
        {
            "edits": {
                KSERVE: (
                    ("kind: Role\nmetadata:\n  name: argocd-kserve", "kind: Role\nmetadata:\n  name: kserve-deployer"),
                )
            }
        },
        [f"SGL204 {KSERVE}:34"],
    ),
    "204 the ClusterRole removed, its binding kept": (
        {
            "edits": {
                ISSUER: (
                    (
                        "kind: ClusterRole\nmetadata:\n  name: argocd-cert-manager",
                        "kind: ClusterRole\nmetadata:\n  name: people",
                    ),
                )
            }
        },
        [f"SGL204 {ISSUER}:26"],
    ),
    "204 a Role in another namespace": (
        {
            "edits": {
                VAULT: (
                    (
                        "kind: Role\nmetadata:\n  name: argocd-vault-secrets\n  namespace: {{ $.Values.appNamespace }}",
                        "kind: Role\nmetadata:\n  name: argocd-vault-secrets\n  namespace: vault",
                    ),
                )
            }
        },
        [f"SGL204 {VAULT}:29"],
    ),
    "204 a Role for a ClusterRole": (
        {"edits": {AI: ((f"{REF}  kind: ClusterRole", f"{REF}  kind: Role"),)}},
        [f"SGL204 {AI}:kind: Role\n"],
    ),
    "204 a misspelt built-in role": (
        {"edits": {ACCESS: (("  name: admin\n{{- end }}", "  name: admn\n{{- end }}"),)}},
        [f"SGL204 {ACCESS}:name: admn"],
    ),
    "204 a workload's binding to no Role": (
        {"edits": {LOADTEST_RBAC: (("kind: Role\n  name: {{ .Values.name }}", "kind: Role\n  name: signet-lodtest"),)}},
        [f"SGL204 {LOADTEST_RBAC}:signet-lodtest"],
    ),
    "204 no subjects": ({"edits": {AI: ((INCLUDED, "subjects: []"),)}}, [f"SGL204 {AI}:subjects: []"]),
    "204 a user by the account's bare name": (
        {
            "edits": {
                ISSUER: (
                    (
                        f"  - kind: ServiceAccount\n{SA_LINE}\n{NS_LINE}",
                        f"  - kind: User\n    apiGroup: rbac.authorization.k8s.io\n    name: {CONTROLLER}",
                    ),
                )
            }
        },
        [f"SGL204 {ISSUER}:kind: User"],
    ),
    "204 the subject's namespace left out of the helper": (
        {"edits": {HELPERS: (("  namespace: {{ .Values.argocd.namespace }}\n", ""),)}},
        [f"SGL204 {HELPERS}:9"],
    ),
    "204 Argo CD's namespace in the entry chart": (
        {"edits": {ENVS: (("argocdNamespace: openshift-gitops", "argocdNamespace: argocd"),)}},
        [f"SGL204 {ENVS}:argocdNamespace"],
    ),
    "204 a values key that nothing sets": (
        {"edits": {ISSUER: ((".Values.argocd.controllerServiceAccount", ".Values.argocd.controllerAccount"),)}},
        [f"SGL204 {ISSUER}:.Values.argocd.controllerAccount"],
    ),
    "204 a group of another namespace's accounts": (
        {
            "edits": {
                ISSUER: (
                    (
                        f"  - kind: ServiceAccount\n{SA_LINE}\n{NS_LINE}",
                        "  - kind: Group\n    apiGroup: rbac.authorization.k8s.io\n"
                        "    name: system:serviceaccounts:openshift-gitop",
                    ),
                )
            }
        },
        [f"SGL204 {ISSUER}:system:serviceaccounts:"],
    ),
    "204 a version in the role's group": (
        {
            "edits": {
                ISSUER: (("  apiGroup: rbac.authorization.k8s.io\n", "  apiGroup: rbac.authorization.k8s.io/v1\n"),)
            }
        },
        [f"SGL204 {ISSUER}:  apiGroup: rbac"],
    ),
    "205 any group": ({"edits": {AI: (("- datasciencecluster.opendatahub.io", "- '*'"),)}}, [f"SGL205 {AI}:- '*'"]),
    "205 any resource and verb of a namespace": (
        {
            "edits": {
                KSERVE: (
                    (
                        f"      - inferenceservices\n      - servingruntimes\n    {ISSUER_VERBS}",
                        "      - '*'\n    verbs: ['*']",
                    ),
                )
            }
        },
        [f"SGL205 {KSERVE}:16"],
    ),
    "205 cluster-admin in a namespace": (
        {"edits": {ACCESS: (("  name: admin\n{{- end }}", "  name: cluster-admin\n{{- end }}"),)}},
        [f"SGL205 {ACCESS}:name: cluster-admin"],
    ),
    "205 cluster-admin by a new file": (
        {"files": {f"{UMBRELLA}/everything.yaml": bound("ClusterRoleBinding", "argocd-everything", "cluster-admin")}},
        [f"SGL205 {UMBRELLA}/everything.yaml:name: cluster-admin"],
    ),
    "206 two of a kind": (
        {
            "files": {
                f"{FRONTEND}/runs.yaml": "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata:\n  name: first\n---\n"
                "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata:\n  name: again\n"
            }
        },
        [f"SGL206 {FRONTEND}/runs.yaml:2"],
    ),
    "206 a request for a certificate": (
        {
            "files": {
                f"{FRONTEND}/request.yaml": "apiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata:\n"
                "  name: web\nspec: {}\n"
            }
        },
        [f"SGL206 {FRONTEND}/request.yaml:kind: CertificateRequest"],
    ),
}
