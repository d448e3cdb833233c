"""SGL204: a binding names a role that is not there, or a subject that is nearly the application controller."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.access import rights_in
from signet_lint.model.bindings import Fault
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_UMBRELLA = "charts/signet-umbrella/templates"
_AI = f"{_UMBRELLA}/rbac-argocd-openshift-ai-cluster.yaml"
_ACCESS = f"{_UMBRELLA}/rbac-argocd-access.yaml"
_KSERVE = f"{_UMBRELLA}/rbac-argocd-kserve.yaml"
_ISSUER = f"{_UMBRELLA}/rbac-argocd-cert-manager-cluster.yaml"
_COMMON = "charts/signet-umbrella/values-common.yaml"
_CONTROLLER = "openshift-gitops-argocd-application-controller"
_SA_LINE = "    name: {{ .Values.argocd.controllerServiceAccount }}"
_NS_LINE = "    namespace: {{ .Values.argocd.namespace }}"
_REF = "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n"


@rule(
    id="SGL204",
    name="broken-binding",
    severity="error",
    section="5.0",
    summary="A binding names a role that nothing renders, or misses the application controller by name or namespace.",
    rationale=(
        "Kubernetes accepts a binding to a role or subject that does not exist and grants nothing by it. Nothing fails "
        "until Argo CD is refused what the binding was to allow."
    ),
    remedy="name the role that is rendered, and the controller's ServiceAccount in Argo CD's namespace",
    each=DesiredState,
    bad=(
        Example(
            title="a misspelt role",
            edits={
                _AI: ((f"{_REF}  kind: ClusterRole\n  name: argocd", f"{_REF}  kind: ClusterRole\n  name: argo-cd"),)
            },
            at=f"{_AI}:name: argo-cd-openshift-ai",
        ),
        Example(
            title="the controller's account misspelt in the values",
            edits={_COMMON: ((_CONTROLLER, "openshift-gitops-argocd-aplication-controller"),)},
            at=f"{_COMMON}:controllerServiceAccount:",
        ),
        Example(
            title="another namespace in the template",
            edits={_ISSUER: ((_NS_LINE, "    namespace: argocd"),)},
            at=f"{_ISSUER}:namespace: argocd",
        ),
        Example(
            title="a ClusterRole where a Role is rendered",
            edits={_KSERVE: ((f"{_REF}  kind: Role\n", f"{_REF}  kind: ClusterRole\n"),)},
            at=f"{_KSERVE}:kind: ClusterRole",
        ),
        Example(
            title="the server's account instead of the controller's",
            edits={_ISSUER: ((_SA_LINE, "    name: openshift-gitops-argocd-server"),)},
            at=f"{_ISSUER}:name: openshift-gitops-argocd-server",
        ),
    ),
    good=(
        Example(
            title="the account written out",
            edits={_ISSUER: ((_SA_LINE, f"    name: {_CONTROLLER}"), (_NS_LINE, "    namespace: 'openshift-gitops'"))},
        ),
        Example(
            title="a group of all accounts of Argo CD's namespace",
            edits={
                _ISSUER: (
                    (
                        f"  - kind: ServiceAccount\n{_SA_LINE}\n{_NS_LINE}",
                        "  - kind: Group\n    apiGroup: rbac.authorization.k8s.io\n"
                        "    name: system:serviceaccounts:openshift-gitops",
                    ),
                )
            },
        ),
        Example(
            title="a binding for people to a role that exists elsewhere",
            files={
                f"{_UMBRELLA}/team.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n"
                "  name: team\n  namespace: {{ .Values.appNamespace }}\nsubjects:\n  - kind: Group\n    name: team\n"
                "    apiGroup: rbac.authorization.k8s.io\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n"
                "  kind: ClusterRole\n  name: team-of-the-cluster\n"
            },
        ),
    ),
)
def broken_binding(state: DesiredState, _state: DesiredState) -> Iterator[Outcome]:
    """Judges every binding of every environment; the same slip in several bindings is one finding a place."""
    faults = [fault for env in state.envs for fault in rights_in(env, state.config).faults]
    names: dict[str, set[str]] = {}
    for fault in faults:
        names.setdefault(fault.slip.key, set()).add(f"{fault.binding.kind}/{fault.binding.name}")
    for fault in faults:
        at = fault.binding.at(*fault.slip.path)
        shared = len(names[fault.slip.key]) > 1
        subject = _application(fault, state) if shared else fault.binding
        key = str(fault.slip.path[-1])
        yield Hit(at, fault.slip.message, subject=subject, application=fault.binding.application, key=key)


def _application(fault: Fault, state: DesiredState) -> Resource:
    """The Application that renders a binding, or the binding where a person installs it."""
    return state.application_of(fault.binding).manifest or fault.binding
