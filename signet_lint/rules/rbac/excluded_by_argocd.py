"""SGL206: an Application deploys a kind that Argo CD never applies."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Application
from signet_lint.model.needs import is_excluded
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_TEMPLATES = "charts/web-frontend/templates"
_RUN = """apiVersion: tekton.dev/v1
kind: PipelineRun
metadata:
  name: build
spec:
  pipelineRef:
    name: build
"""
_SLICE = """apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: backend
addressType: IPv4
endpoints: []
"""


@rule(
    id="SGL206",
    name="excluded-by-argocd",
    severity="warning",
    section="5.0",
    summary="An Application deploys a kind that the Argo CD installation excludes.",
    rationale=(
        "Kinds on the installation's exclusion list are neither applied nor shown: the Application only carries a "
        "warning condition, and the resource never reaches the cluster."
    ),
    remedy="deliver the resource in another way (a trigger, a Job), or take the kind off the installation's exclusions",
    each=Application,
    bad=(
        Example(
            title="a PipelineRun", files={f"{_TEMPLATES}/run.yaml": _RUN}, at=f"{_TEMPLATES}/run.yaml:kind: PipelineRun"
        ),
        Example(
            title="an EndpointSlice",
            files={f"{_TEMPLATES}/slice.yaml": _SLICE},
            at=f"{_TEMPLATES}/slice.yaml:kind: EndpointSlice",
        ),
    ),
    good=(
        Example(title="a Pipeline", files={f"{_TEMPLATES}/run.yaml": _RUN.replace("PipelineRun", "Pipeline")}),
        Example(
            title="a kind of the same name in another group",
            files={f"{_TEMPLATES}/run.yaml": _RUN.replace("tekton.dev/v1", "example.org/v1")},
        ),
    ),
)
def excluded_by_argocd(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the kinds of one Application, each once."""
    if application.manifest is None:
        return
    env = state.env(application.env)
    seen: set[tuple[str, str]] = set()
    for resource in application.resources:
        kind = (resource.gvk.group, resource.kind)
        if kind in seen or not is_excluded(resource, env, state.config.argocd.installation):
            continue
        seen.add(kind)
        message = (
            f"{resource.kind} `{resource.name}` is never applied: the Argo CD installation excludes `{resource.kind}` "
            f"of the group `{resource.gvk.group or 'core'}`"
        )
        yield Hit(resource.declaration(), message, key="/".join(kind))
