"""SGL308: a custom resource that is synced before the CRD its operator brings."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.catalogue.operators import Operator
from signet_lint.model.application import Application, Env
from signet_lint.model.operators import subscriptions
from signet_lint.model.repair import Repair, SetTo, repair
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_OPTION = "SkipDryRunOnMissingResource=true"
_ANNOTATION = "argocd.argoproj.io/sync-options"
_DSC = "charts/openshift-ai/templates/datasciencecluster.yaml"
_LLM = "charts/signet-llm/templates/inferenceservice.yaml"
_RUNTIME = "charts/signet-llm/templates/servingruntime.yaml"
_LINE = f"    {_ANNOTATION}: {_OPTION}\n"
_COMMENT = "    # The operator, which brings the CRD, may still be installing.\n"


@rule(
    id="SGL308",
    name="resource-before-its-crd",
    severity="warning",
    section="5.1",
    summary="A custom resource whose CRD an operator of the same environment brings is not exempt from the dry run.",
    rationale=(
        "Argo CD tries every manifest first. While the operator has not installed the CRD the kind is unknown, and the whole "
        "sync fails before anything is applied; it works by luck of the order."
    ),
    remedy=f"annotate it with `{_ANNOTATION}: {_OPTION}`, or set the option on its Application",
    fixable=True,
    each=Application,
    bad=(
        Example(
            title="the DataScienceCluster",
            edits={_DSC: ((_COMMENT + _LINE, "    example.org/a: b\n"),)},
            at=f"{_DSC}:metadata:",
        ),
        Example(title="an InferenceService", edits={_LLM: ((_LINE, ""),)}, at=f"{_LLM}:metadata:"),
        Example(
            title="the option is off",
            edits={_RUNTIME: ((_OPTION, "SkipDryRunOnMissingResource=false"),)},
            at=f"{_RUNTIME}:metadata:",
        ),
    ),
    good=(
        Example(
            title="on the Application",
            edits={
                _LLM: ((_LINE, ""),),
                "charts/signet-umbrella/templates/app-signet-llm.yaml": (
                    ("  syncPolicy:\n", f"  syncPolicy:\n    syncOptions:\n      - {_OPTION}\n"),
                ),
            },
        ),
        Example(title="with another option", edits={_LLM: ((_OPTION, f"Prune=false, {_OPTION}"),)}),
    ),
)
def resource_before_its_crd(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the custom resources of an Application, once for each kind."""
    env = state.env(application.env)
    if _OPTION in application.sync_options:
        return
    told: set[tuple[str, str]] = set()
    for resource in application.resources:
        kind = (resource.gvk.group, resource.kind)
        operator = _installer(resource, env)
        if operator is None or kind in told or _is_exempt(resource) or _has_crd(application, resource):
            continue
        told.add(kind)
        message = (
            f"{resource.kind} `{resource.name}`: {operator.title} brings its CRD in this environment, and until then the "
            f"dry run fails the whole sync of `{application.name}`"
        )
        yield Hit(resource.written("metadata"), message, key=resource.kind, repair=_repair(application, kind))


def _repair(application: Application, kind: tuple[str, str]) -> Repair:
    """The option for every manifest of the kind: the finding is of the first alone."""
    alike = [r for r in application.resources if (r.gvk.group, r.kind) == kind and not _is_exempt(r)]
    return repair("skip the dry run while the CRD is missing", *(_exempted(resource) for resource in alike))


def _exempted(resource: Resource) -> SetTo:
    known = resource.annotation(_ANNOTATION)
    at = resource.written("metadata", "annotations", _ANNOTATION)
    return SetTo(at, f"{known},{_OPTION}" if known else _OPTION)


def _installer(resource: Resource, env: Env) -> Operator | None:
    """The operator that the environment installs and that brings the CRD of a manifest."""
    for one in subscriptions(env):
        if one.operator and one.operator.installs(resource.gvk.group, resource.kind):
            return one.operator
    return None


def _is_exempt(resource: Resource) -> bool:
    options = (resource.annotation(_ANNOTATION) or "").split(",")
    return _OPTION in [option.strip() for option in options]


def _has_crd(application: Application, resource: Resource) -> bool:
    """Whether the same sync brings the CRD."""
    return any(
        (one.get("spec", "group"), one.get("spec", "names", "kind")) == (resource.gvk.group, resource.kind)
        for one in application.resources
        if one.kind == "CustomResourceDefinition"
    )
