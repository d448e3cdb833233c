"""SGL803: an autoscaler targets the load test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from signet_lint.model.application import Env
from signet_lint.model.loadtest import load_tests
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_MORE = "charts/signet-loadtest/templates/more.yaml"
_HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: more
spec:
  maxReplicas: 2
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ .Values.name }}
"""
_KEDA = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: more
spec:
  scaleTargetRef:
    name: signet-loadtest
  triggers:
    - {type: cron, metadata: {timezone: UTC, start: "0 8 * * *", end: "0 9 * * *", desiredReplicas: "1"}}
"""


@rule(
    id="SGL803",
    name="loadtest-autoscaled",
    severity="error",
    section="8",
    summary="An autoscaler targets a load test.",
    rationale=(
        "A load test runs when a commit sets its replicas. An autoscaler that targets it sets them too: "
        "0 does not stay 0, and Argo CD and the autoscaler undo each other's changes."
    ),
    remedy="remove the autoscaler, or let it target another workload",
    each=Env,
    bad=(
        Example(title="an HPA", files={_MORE: _HPA}, at=f"{_MORE}:kind: HorizontalPodAutoscaler"),
        Example(title="KEDA", files={_MORE: _KEDA}, at=f"{_MORE}:kind: ScaledObject"),
    ),
    good=(Example(title="of another workload", files={_MORE: _HPA.replace("{{ .Values.name }}", "web-frontend")}),),
)
def loadtest_autoscaled(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the autoscalers of an environment."""
    tests = {(t.resource.namespace, t.resource.kind, t.resource.name) for t in load_tests(env) if t.is_scaled}
    for scaler in env.of_kind("HorizontalPodAutoscaler", "ScaledObject"):
        target = _target(scaler)
        if target and (scaler.namespace, *target) in tests:
            yield Hit(
                scaler.declaration(),
                f"{scaler.kind} `{scaler.name}` scales the load test `{target[1]}`: it sets the replicas that should stay 0",
            )


def _target(scaler: Resource) -> tuple[str, str] | None:
    reference = scaler.get("spec", "scaleTargetRef")
    if not isinstance(reference, Mapping) or not isinstance(reference.get("name"), str):
        return None
    default = "Deployment" if scaler.kind == "ScaledObject" else ""
    return str(reference.get("kind") or default), reference["name"]
