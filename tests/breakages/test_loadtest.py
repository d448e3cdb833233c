"""Load tests that run when nobody started them, and load tests that wait."""

from __future__ import annotations

from typing import Any

import pytest

from tests.overlay import check, line_of, overlay, places
from tests.test_rules import RULES

FAMILY = [rule for rule in RULES if rule.id == "SGL801"]

CHART = "charts/signet-loadtest"
DEPLOYMENT = f"{CHART}/templates/deployment.yaml"
COMMON = f"{CHART}/values-common.yaml"
PROD = f"{CHART}/values-prod.yaml"
MORE = f"{CHART}/templates/more.yaml"
ENVS = "charts/argocd-apps/values.yaml"

REPLICAS = "{{ .Values.replicas }}"
IMAGE = "docker.io/grafana/k6:1.4.0"


def edit(path: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """Changes of one file."""
    return {"edits": {path: changes}}


def workload(container: str, *, kind: str = "Deployment", spec: str = "replicas: 1", more: str = "") -> dict[str, Any]:
    """Another workload in the load test's chart."""
    text = (
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata:\n  name: more\nspec:\n  {spec}\n  selector:\n    "
        f"matchLabels: {{a: b}}\n"
        f"  template:\n    metadata:\n      labels: {{a: b}}\n    spec:\n      containers:\n        - "
        f"{container}\n{more}"
    )
    return {"files": {MORE: text}}


TEST_RUN = """\
apiVersion: k6.io/v1alpha1
kind: TestRun
metadata:
  name: run
spec:
  parallelism: PARALLELISM
  script: {configMap: {name: x}}
"""

RUNNING: dict[str, tuple[dict[str, Any], str]] = {
    "one in the common values": (edit(COMMON, ("replicas: 0", "replicas: 1")), f"{COMMON}:replicas: 1"),
    "five in the common values": (edit(COMMON, ("replicas: 0", "replicas: 5")), f"{COMMON}:replicas: 5"),
    "one in the environment's values": (edit(PROD, ("endpoints:", "replicas: 1\nendpoints:")), f"{PROD}:replicas"),
    "written in the template": (edit(DEPLOYMENT, (REPLICAS, "1")), f"{DEPLOYMENT}:replicas: 1"),
    "no replicas in the template": (edit(DEPLOYMENT, (f"  replicas: {REPLICAS}\n", "")), f"{DEPLOYMENT}:8"),
    "a default that takes 0 for nothing": (
        edit(DEPLOYMENT, (REPLICAS, "{{ .Values.replicas | default 1 }}")),
        f"{DEPLOYMENT}:default 1",
    ),
    "0 leaves the field out": (
        edit(
            DEPLOYMENT,
            (f"  replicas: {REPLICAS}\n", "  {{- with .Values.replicas }}\n  replicas: {{ . }}\n  {{- end }}\n"),
        ),
        f"{DEPLOYMENT}:8",
    ),
    "by a condition in the template": (
        edit(DEPLOYMENT, (REPLICAS, '{{ ternary 1 0 (eq .Release.Namespace "signet-prod") }}')),
        f"{DEPLOYMENT}:ternary",
    ),
    "on in another environment": (
        {
            "edits": {
                ENVS: (
                    (
                        "    signetEmbeddingsEnabled: false\n    signetLoadtestEnabled: false\n\n  - name: prod",
                        "    signetEmbeddingsEnabled: false\n    signetLoadtestEnabled: true\n\n  - name: prod",
                    ),
                )
            },
            "files": {f"{CHART}/values-sno.yaml": "# lab\nreplicas: 2\n"},
        },
        f"{CHART}/values-sno.yaml:2",
    ),
    "a second load test": (workload(f"{{name: k6, image: '{IMAGE}'}}"), f"{MORE}:replicas"),
    "a mirror with a digest": (
        workload("{name: k6, image: 'registry.example.org:5000/mirror/k6@sha256:abc'}"),
        f"{MORE}:replicas",
    ),
    "an image that xk6 built": (workload("{name: t, image: 'ghcr.io/example/xk6-sse:0.1'}"), f"{MORE}:replicas"),
    "k6 as the command": (
        workload("{name: t, image: 'example/tools', command: [/usr/bin/k6, run, /s.js]}"),
        f"{MORE}:replicas",
    ),
    "k6 in a shell": (
        workload(
            "{name: t, image: 'example/tools', command: [sh, -c], args: ['sleep 5 && exec k6 --quiet run /s.js']}"
        ),
        f"{MORE}:replicas",
    ),
    "k6 in a script of several lines": (
        workload(
            "name: t\n          image: example/tools\n          command:\n            - bash\n            - "
            "-ec\n            - |\n              cd /scripts\n              while true; do k6 run loadtest.js; done"
        ),
        f"{MORE}:replicas",
    ),
    "its own image with the script mounted": (
        workload(
            "name: t\n          image: registry.example.org/load:1",
            more="      volumes:\n        - name: s\n          configMap:\n            name: signet-loadtest-script\n",
        ),
        f"{MORE}:replicas",
    ),
    "a StatefulSet": (
        workload(f"{{name: k6, image: '{IMAGE}'}}", kind="StatefulSet", spec="serviceName: a"),
        f"{MORE}:5",
    ),
    "a DaemonSet": (
        workload(f"{{name: k6, image: '{IMAGE}'}}", kind="DaemonSet", spec="minReadySeconds: 1"),
        f"{MORE}:kind",
    ),
    "a run of the k6 operator": ({"files": {MORE: TEST_RUN.replace("PARALLELISM", "2")}}, f"{MORE}:kind"),
}

WAITING: dict[str, dict[str, Any]] = {
    "as planned": {},
    "0 in the template": edit(DEPLOYMENT, (REPLICAS, "0")),
    "0 as text in the values": edit(COMMON, ("replicas: 0", 'replicas: "0"')),
    "a switch of its own that is off": edit(DEPLOYMENT, (REPLICAS, "{{ if .Values.run }}1{{ else }}0{{ end }}")),
    "not deployed at all": edit(
        ENVS,
        (
            "signetEmbeddingsEnabled: true\n    # Deployed with replicas 0; see docs/LOADTEST.md.\n    "
            "signetLoadtestEnabled: true",
            "signetEmbeddingsEnabled: true",
        ),
    ),
    "the operator of k6": workload("{name: manager, image: 'ghcr.io/grafana/k6-operator:controller-v0.0.20'}"),
    "a dashboard for k6": workload("{name: d, image: 'example/k6-dashboard:1'}"),
    "a name that says k6": workload("{name: k6, image: 'docker.io/library/nginx:1.27', args: [-g, 'daemon off;']}"),
    "k6 in a comment of a shell script": workload(
        "{name: t, image: 'example/tools', command: [sh, -c, \"# k6 run x\\nsleep 1\"]}"
    ),
    "k6 that only tells its version": workload("{name: t, image: 'example/tools', command: [k6, version]}"),
    "a script of something else": workload(
        "name: t\n          image: registry.example.org/load:1",
        more="      volumes:\n        - name: s\n          configMap:\n            name: other\n",
    ),
    "a paused run of the k6 operator": {"files": {MORE: TEST_RUN.replace("PARALLELISM", '2\n  paused: "true"')}},
}


@pytest.mark.parametrize(("change", "at"), RUNNING.values(), ids=RUNNING.keys())
def test_running_load_test_is_found_at_its_line(change: dict[str, Any], at: str) -> None:
    """Each load test that runs is one finding, at the line that makes it run."""
    assert [f"SGL801 {line_of(overlay(**change), at)}"] == places(check(FAMILY, **change))


def test_null_replicas_are_found_in_the_values() -> None:
    """A null is an absent field: one pod runs, and the values say so."""
    change = edit(COMMON, ("replicas: 0", "replicas: null"))
    assert [f"SGL801 {line_of(overlay(**change), f'{COMMON}:replicas')}"] == places(check(FAMILY, **change))


@pytest.mark.parametrize("change", WAITING.values(), ids=WAITING.keys())
def test_waiting_load_test_is_silent(change: dict[str, Any]) -> None:
    """A load test without a replica, and what is none, is no finding."""
    assert [f"{f.location} {f.message}" for f in check(FAMILY, **change).findings] == []


KINDS = [rule for rule in RULES if rule.id == "SGL802"]
SCALERS = [rule for rule in RULES if rule.id == "SGL803"]
SPEC = (
    "restartPolicy: Never\n          containers: [{name: t, image: example/tools, command: [sh, -c, 'k6 run /s.js']}]"
)
CRON = f"apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: c}}\nspec:\n  schedule: '0 1 * * *'\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          {SPEC}\n"
JOB = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: c}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: t, image: 'example/tools:1', command: [k6, run, /s.js]}]\n"
SCALER = "apiVersion: A\nkind: K\nmetadata: {name: s}\nspec:\n  maxReplicas: 3\n  scaleTargetRef: {T}\n"


@pytest.mark.parametrize(
    "text",
    [
        CRON,
        JOB,
        TEST_RUN.replace("PARALLELISM", "1"),
        JOB.replace("'example/tools:1', command: [k6, run, /s.js]", "grafana/k6"),
    ],
    ids=["CronJob", "Job", "TestRun", "Job by image"],
)
def test_load_test_that_runs_again_is_found(text: str) -> None:
    """Whatever runs k6 as soon as it is applied is found at its kind."""
    change: dict[str, Any] = {"files": {MORE: text}}
    assert [f"SGL802 {line_of(overlay(**change), f'{MORE}:kind: ')}"] == places(check(KINDS, **change))


@pytest.mark.parametrize(
    "change",
    [
        {},
        workload(f"{{name: k6, image: '{IMAGE}'}}", spec="replicas: 0"),
        {"files": {MORE: JOB.replace("k6, run, /s.js", "k6, version")}},
        {"files": {MORE: JOB.replace("k6, run, /s.js", "npm, run, test")}},
    ],
    ids=["as planned", "a second Deployment", "a Job that tells the version", "a Job of something else"],
)
def test_other_kinds_are_silent(change: dict[str, Any]) -> None:
    """Scaled workloads, and Jobs that run something else, are no finding."""
    assert places(check(KINDS, **change)) == []


def scaler(version: str, kind: str, target: str) -> dict[str, Any]:
    text = SCALER.replace("apiVersion: A", f"apiVersion: {version}").replace("kind: K", f"kind: {kind}")
    return {"files": {MORE: text.replace("{T}", target)}}


DEPLOYED = "{apiVersion: apps/v1, kind: Deployment, name: signet-loadtest}"


@pytest.mark.parametrize(
    "change",
    [
        scaler("autoscaling/v2", "HorizontalPodAutoscaler", DEPLOYED),
        scaler("autoscaling/v1", "HorizontalPodAutoscaler", DEPLOYED),
        scaler("keda.sh/v1alpha1", "ScaledObject", "{name: signet-loadtest}"),
    ],
    ids=["HPA v2", "HPA v1", "KEDA"],
)
def test_autoscaled_load_test_is_found(change: dict[str, Any]) -> None:
    """An autoscaler of the load test is found at the autoscaler."""
    assert [f"SGL803 {line_of(overlay(**change), f'{MORE}:2')}"] == places(check(SCALERS, **change))


@pytest.mark.parametrize(
    "change",
    [
        {},
        scaler("autoscaling/v2", "HorizontalPodAutoscaler", DEPLOYED.replace("signet-loadtest", "web-frontend")),
        scaler("autoscaling/v2", "HorizontalPodAutoscaler", DEPLOYED.replace("Deployment", "StatefulSet")),
        scaler("keda.sh/v1alpha1", "ScaledObject", "[signet-loadtest]"),
    ],
    ids=["as planned", "another workload", "another kind", "no mapping"],
)
def test_autoscalers_of_others_are_silent(change: dict[str, Any]) -> None:
    """What scales something else is no finding."""
    assert places(check(SCALERS, **change)) == []
