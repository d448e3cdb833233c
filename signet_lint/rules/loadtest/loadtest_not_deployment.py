"""SGL802: the load test is something that Argo CD runs again and again."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.loadtest import load_tests
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_MORE = "charts/signet-loadtest/templates/more.yaml"
_DEPLOYMENT = "charts/signet-loadtest/templates/deployment.yaml"
_JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: more
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - {name: k6, image: "docker.io/grafana/k6:1.4.0", args: [run, /s.js]}
"""
_WAYS = {
    "Job": "it runs once applied, and Argo CD creates it again whenever it is gone or changed",
    "CronJob": "it runs on every schedule until somebody takes it out",
    "Pod": "it runs once applied, and Argo CD creates it again whenever it is gone",
    "TestRun": "the k6 operator runs it once applied, and again each time Argo CD creates it",
    "K6": "the k6 operator runs it once applied, and again each time Argo CD creates it",
}


@rule(
    id="SGL802",
    name="loadtest-not-deployment",
    severity="error",
    section="8",
    plan_only=True,
    summary="A load test is a Job, CronJob or Pod.",
    rationale=(
        "Argo CD keeps what is in Git in the cluster: a Job that was cleaned up or changed is created, and so run, "
        "again. A Deployment with 0 replicas runs only when a commit says so."
    ),
    remedy="make it a Deployment with `replicas: 0`",
    each=Env,
    bad=(
        Example(title="a Job", files={_MORE: _JOB}, at=f"{_MORE}:kind: Job"),
        Example(
            title="a bare Pod",
            files={
                _MORE: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: more\nspec:\n  containers:\n    - {name: k6, image: grafana/k6, args: [run, /s.js]}\n"
            },
            at=f"{_MORE}:kind: Pod",
        ),
    ),
    good=(
        Example(
            title="a StatefulSet with 0 replicas",
            edits={
                _DEPLOYMENT: (
                    ("kind: Deployment", "kind: StatefulSet"),
                    ("  selector:", "  serviceName: x\n  selector:"),
                )
            },
        ),
        Example(
            title="a Job of something else",
            files={
                _MORE: _JOB.replace("docker.io/grafana/k6:1.4.0", "docker.io/library/busybox:1").replace(
                    "run, /s.js", "ls"
                )
            },
        ),
    ),
)
def loadtest_not_deployment(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the kind of each load test."""
    for test in load_tests(env):
        resource = test.resource
        why = _WAYS.get(resource.kind)
        if why:
            yield Hit(resource.declaration(), f"the load test `{resource.name}` is a {resource.kind}: {why}")
