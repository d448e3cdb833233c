"""Breakages and right spellings of Argo CD's rights, judged by the whole family of rules at once."""

from __future__ import annotations

from typing import Any

import pytest

from signet_lint.config import ArgoCD, Config, Existing
from tests.breakages.rbac_cases import (
    ACCESS,
    AI,
    AI_APP,
    BREAKAGES,
    CAPACITY,
    CONTROLLER,
    DSC,
    FAMILY,
    FRONTEND,
    GATEWAY_APP,
    GATEWAY_BINDING,
    INCLUDED,
    ISSUER,
    KSERVE,
    NAMESPACES,
    REF,
    UMBRELLA,
    WRITE,
    bound,
    rbac,
    rules,
)
from tests.overlay import check, line_of, overlay, places

RIGHT: dict[str, dict[str, Any]] = {
    "201 edit is enough for a Service": {
        "edits": {ACCESS: (("  name: admin\n{{- end }}", "  name: edit\n{{- end }}"),)}
    },
    "201 bound everywhere": {
        "edits": {ACCESS: ((GATEWAY_BINDING, GATEWAY_BINDING.replace("inference-gateway", "other")),)},
        "files": {f"{UMBRELLA}/all.yaml": bound("ClusterRoleBinding", "argocd-admin-all", "admin")},
    },
    "201 a namespace that the Application labels as managed": {
        "edits": {
            ACCESS: ((GATEWAY_BINDING, GATEWAY_BINDING.replace("inference-gateway", "other")),),
            GATEWAY_APP: (
                (
                    "selfHeal: true",
                    "selfHeal: true\n    managedNamespaceMetadata:\n      labels:\n"
                    "        argocd.argoproj.io/managed-by: openshift-gitops\n    syncOptions: [CreateNamespace=true]",
                ),
            ),
        },
    },
    "201 another cluster": {
        "edits": {
            ACCESS: ((GATEWAY_BINDING, GATEWAY_BINDING.replace("inference-gateway", "other")),),
            GATEWAY_APP: (("server: https://kubernetes.default.svc", "server: https://api.edge.example.org:6443"),),
        },
    },
    "201 no namespace in the subject means the binding's own": {
        "files": {
            f"{UMBRELLA}/own.yaml": rbac(
                "RoleBinding",
                "own",
                f"subjects:\n  - kind: ServiceAccount\n    name: {CONTROLLER}\n"
                f"{REF}  kind: ClusterRole\n  name: admin\n",
                "openshift-gitops",
            )
        }
    },
    "202 an aggregated ClusterRole": {
        "edits": {
            AI: (
                (
                    "rules:\n  - apiGroups:\n      - datasciencecluster.opendatahub.io",
                    "aggregationRule:\n  clusterRoleSelectors:\n    - matchLabels:\n        example.org/to: argocd\n"
                    "rules: []\n",
                ),
                (
                    "    resources:\n      - datascienceclusters\n    verbs:\n      - get\n      - list\n"
                    "      - watch\n" + WRITE,
                    rbac(
                        "ClusterRole",
                        "dsc",
                        "  labels:\n    example.org/to: argocd\n"
                        + rules("datasciencecluster.opendatahub.io", "datascienceclusters"),
                    ),
                ),
            )
        }
    },
    "202 delete is not needed for what is kept": {
        "edits": {
            AI: (("      - delete\n", ""),),
            DSC: (("SkipDryRunOnMissingResource=true", "SkipDryRunOnMissingResource=true,Prune=false"),),
        }
    },
    "202 delete is not needed without pruning": {
        "edits": {
            AI: (("      - delete\n", ""),),
            AI_APP: (
                (
                    '{{- include "signet-umbrella.patientSync" . | nindent 4 }}',
                    "automated:\n      prune: false\n      selfHeal: true",
                ),
            ),
        }
    },
    "202 rights of the accounts' group": {
        "edits": {
            AI: (
                (
                    INCLUDED,
                    "subjects:\n  - kind: Group\n    apiGroup: rbac.authorization.k8s.io\n"
                    "    name: system:serviceaccounts",
                ),
            )
        }
    },
    "203 rights added to admin by a rendered ClusterRole": {
        "files": {
            KSERVE: rbac(
                "ClusterRole",
                "kserve-to-admin",
                '  labels:\n    rbac.authorization.k8s.io/aggregate-to-edit: "true"\n'
                + rules("serving.kserve.io", "inferenceservices, servingruntimes"),
            )
        }
    },
    "203 unknown kinds with a role": {
        "files": {
            f"{FRONTEND}/widget.yaml": "apiVersion: example.org/v1\nkind: Widget\nmetadata:\n  name: w\n",
            f"{UMBRELLA}/widgets.yaml": rbac("ClusterRole", "widgets", rules("example.org", "widgets"))
            + bound("ClusterRoleBinding", "widgets", "widgets"),
        }
    },
    "203 a ServiceMonitor with monitoring-edit": {
        "files": {
            f"{FRONTEND}/monitor.yaml": "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n"
            "  name: web\nspec:\n  selector: {}\n  endpoints: []\n",
            f"{UMBRELLA}/monitoring.yaml": bound(
                "RoleBinding", "argocd-monitoring", "monitoring-edit", "{{ .Values.appNamespace }}"
            ),
        }
    },
    "204 another subject beside the controller": {
        "edits": {
            ISSUER: (
                (
                    "subjects:\n",
                    "subjects:\n  - kind: ServiceAccount\n    name: openshift-gitops-argocd-server\n"
                    "    namespace: openshift-gitops\n",
                ),
            )
        }
    },
    "204 a component of Argo CD with a role of its own": {
        "files": {
            f"{UMBRELLA}/server.yaml": rbac(
                "ClusterRole", "dsc-reader", rules("datasciencecluster.opendatahub.io", "datascienceclusters", "get")
            )
            + rbac(
                "ClusterRoleBinding",
                "dsc-reader",
                "subjects:\n  - kind: ServiceAccount\n    name: openshift-gitops-argocd-server\n"
                f"    namespace: openshift-gitops\n{REF}  kind: ClusterRole\n  name: dsc-reader\n",
            )
        }
    },
    "204 a built-in Role of the cluster": {
        "files": {
            f"{UMBRELLA}/auth.yaml": rbac(
                "RoleBinding",
                "reader",
                "subjects:\n  - kind: ServiceAccount\n    name: webhook\n    namespace: signet\n"
                f"{REF}  kind: Role\n  name: extension-apiserver-authentication-reader\n",
                "kube-system",
            )
        }
    },
    "205 many names": {"edits": {ISSUER: (("[clusterissuers]", "[clusterissuers, issuers, certificates]"),)}},
    "206 an Argo CD resource with exclusions of its own": {
        "files": {
            f"{UMBRELLA}/argocd.yaml": "apiVersion: argoproj.io/v1beta1\nkind: ArgoCD\nmetadata:\n"
            "  name: openshift-gitops\n  namespace: openshift-gitops\nspec:\n  resourceExclusions: |\n"
            "    - apiGroups: [tekton.dev]\n      kinds: [TaskRun]\n",
            f"{FRONTEND}/request.yaml": "apiVersion: cert-manager.io/v1\nkind: CertificateRequest\nmetadata:\n"
            "  name: web\nspec: {}\n",
        }
    },
}


def resolved(expected: list[str], contents: dict[str, bytes]) -> list[str]:
    """Each "RULE path:text" as "RULE path:line"."""
    found = []
    for entry in expected:
        rule, _, at = entry.partition(" ")
        found.append(f"{rule} {line_of(contents, at.rstrip())}")
    return sorted(found)


@pytest.mark.parametrize(("change", "expected"), BREAKAGES.values(), ids=BREAKAGES)
def test_breakage_is_found_where_it_is_mended(change: dict[str, Any], expected: list[str]) -> None:
    """A breakage gives the findings of its cause, at the lines to edit, and no other of the family."""
    report = check(FAMILY, **change)
    assert sorted(places(report)) == resolved(expected, overlay(**change)), [f.message for f in report.findings]
    assert not report.incomplete


@pytest.mark.parametrize("change", RIGHT.values(), ids=RIGHT)
def test_right_spelling_is_silent(change: dict[str, Any]) -> None:
    """What Argo CD may do in another way is no finding."""
    report = check(FAMILY, **change)
    assert places(report) == [], [f.message for f in report.findings]
    assert not report.incomplete


def test_role_said_to_exist_is_no_fault_and_leaves_its_rights_open() -> None:
    """A binding to a role that the configuration names is right, and what it allows is reported as not examined."""
    change = {
        "edits": {KSERVE: (("kind: Role\nmetadata:\n  name: argocd-kserve", "kind: Role\nmetadata:\n  name: x"),)}
    }
    report = check(FAMILY, **change, config=Config(exists=Existing(roles=("argocd-kserve",))))  # type: ignore[arg-type]
    assert places(report) == []
    assert {one.what for one in report.coverage.not_examined} == {
        f"rights to {kind} `{name}`"
        for service in ("signet-llm", "signet-embeddings")
        for kind, name in (("InferenceService", service), ("ServingRuntime", f"{service}-vllm"))
    }


def test_upstream_installation_may_do_everything_with_its_own_account() -> None:
    """With Argo CD's own manifests every right is there, but the bindings still name another account."""
    config = Config(argocd=ArgoCD("argocd", "argocd-application-controller", "argocd-upstream"))
    assert {place.split()[0] for place in places(check(FAMILY, files={AI: None, CAPACITY: None}, config=config))} == {
        "SGL204"
    }


def test_installation_without_rights_needs_roles_for_everything() -> None:
    """With no baseline even a Namespace has to be allowed by a rendered role."""
    config = Config(argocd=ArgoCD(installation="none"))
    assert f"SGL202 {NAMESPACES}:2" in places(check(FAMILY, config=config))


@pytest.mark.parametrize(
    ("breakage", "severity"),
    [
        ("202 no delete", "warning"),
        ("202 no patch", "error"),
        ("203 the KServe file removed", "warning"),
        ("203 a ServiceMonitor, which admin lacks", "error"),
    ],
)
def test_what_can_be_applied_all_the_same_is_a_warning(breakage: str, severity: str) -> None:
    """A missing `delete`, and rights that an operand brings later, are warnings."""
    report = check(FAMILY, **BREAKAGES[breakage][0])
    assert {finding.severity for finding in report.findings} == {severity}


def test_unknown_kind_where_admin_is_bound_is_left_open() -> None:
    """Nobody can tell whether an operator adds a kind to `admin` that the catalogue does not know."""
    widget = "apiVersion: example.org/v1\nkind: Widget\nmetadata:\n  name: w\n"
    report = check(FAMILY, files={f"{FRONTEND}/widget.yaml": widget})
    assert places(report) == []
    assert {one.what for one in report.coverage.not_examined} == {"rights to Widget `w`"}


def test_roles_of_any_shape_are_read() -> None:
    """Fields of wrong types are no rights and no crash."""
    odd = """kind: ClusterRole
metadata: {name: odd}
rules: yes
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: odd}
subjects: [a, null, {kind: 3, name: [x]}]
roleRef: x
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: gathered}
aggregationRule: {clusterRoleSelectors: [null, 3, {matchExpressions: [x, {key: a, operator: Foo}]}]}
rules: [null, {verbs: 3}]
"""
    report = check(FAMILY, files={f"{UMBRELLA}/odd.yaml": f"apiVersion: rbac.authorization.k8s.io/v1\n{odd}"})
    assert not report.incomplete
