"""SGL801: the load test runs without anybody having started it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from signet_lint.model.application import Application, Env
from signet_lint.model.loadtest import LoadTest, load_tests
from signet_lint.model.repair import SetTo, repair
from signet_lint.model.resource import Declaration, Field, Resource
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_COMMON = "charts/signet-loadtest/values-common.yaml"
_PROD = "charts/signet-loadtest/values-prod.yaml"
_DEPLOYMENT = "charts/signet-loadtest/templates/deployment.yaml"
_LINE = "  replicas: {{ .Values.replicas }}\n"


@rule(
    id="SGL801",
    name="loadtest-running",
    severity="error",
    section="8",
    plan_only=True,
    summary="A load test is deployed with replicas.",
    rationale=(
        "A Deployment starts k6 over and over for as long as it has a replica. The test is meant for a "
        "window of some minutes: "
        "committed with a replica it loads both models without end, and Argo CD undoes scaling it down by hand."
    ),
    remedy="set its replicas to 0; commit 1 only for the length of a run",
    fixable=True,
    each=DesiredState,
    bad=(
        Example(
            title="on by the chart's own values",
            edits={_COMMON: (("replicas: 0", "replicas: 1"),), _PROD: (("endpoints:", "replicas: 0\nendpoints:"),)},
            at=f"{_COMMON}:replicas: 1",
        ),
        Example(
            title="left on after a run", edits={_COMMON: (("replicas: 0", "replicas: 1"),)}, at=f"{_COMMON}:replicas: 1"
        ),
        Example(
            title="on in one environment", edits={_PROD: (("endpoints:", "replicas: 2\nendpoints:"),)}, at=f"{_PROD}:1"
        ),
        Example(title="no replicas at all", edits={_DEPLOYMENT: ((_LINE, ""),)}, at=f"{_DEPLOYMENT}:8"),
        Example(
            title="written in the template", edits={_DEPLOYMENT: ((_LINE, "  replicas: 1\n"),)}, at=f"{_DEPLOYMENT}:9"
        ),
    ),
    good=(
        Example(title="0 in the template", edits={_DEPLOYMENT: ((_LINE, "  replicas: 0\n"),)}),
        Example(
            title="0 by its own flag",
            edits={_DEPLOYMENT: ((_LINE, "  replicas: {{ ternary 1 0 (default false .Values.run) }}\n"),)},
        ),
        Example(
            title="another workload with replicas",
            edits={"charts/web-frontend/values-common.yaml": (("replicaCount: 1", "replicaCount: 2"),)},
        ),
    ),
)
def loadtest_running(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges load tests that keep running, in every environment and with their chart's own values alone."""
    running = [outcome for env in state.envs for outcome in _running(env)]
    yield from running
    # What is on in an environment is reported there; a chart's own values count where each environment mends them.
    known = {
        outcome.at.resource.name
        for outcome in running
        if isinstance(outcome, Hit) and isinstance(outcome.at, (Field, Declaration))
    }
    for outcome in _running(Env("", (own_values(state.defaults),))):
        if (
            isinstance(outcome, Hit)
            and isinstance(outcome.at, (Field, Declaration))
            and outcome.at.resource.name not in known
        ):
            yield replace(outcome, message=f"{outcome.message} (by its chart's own values)")


def own_values(resources: tuple[Resource, ...]) -> Application:
    """Manifests of charts rendered with their own values alone, as one Application."""
    return Application("", "", "", None, (), "", resources)


def _running(env: Env) -> Iterator[Outcome]:
    """Scaled workloads, DaemonSets and runs of the k6 operator."""
    for test in load_tests(env):
        resource = test.resource
        if test.is_scaled:
            yield from _scaled(test)
        elif resource.kind == "DaemonSet":
            yield Hit(
                resource.declaration(), f"the load test `{resource.name}` is a DaemonSet: it runs on every node, always"
            )
        elif not test.pod and not _waits(test):
            yield Hit(
                resource.declaration(),
                f"the load test `{resource.name}` is a {resource.kind}: it runs as soon as it is applied",
            )


def _scaled(test: LoadTest) -> Iterator[Outcome]:
    resource = test.resource
    replicas = resource.get("spec", "replicas")
    if replicas is None:
        fact = "sets no `replicas`, so that one runs"
    elif isinstance(replicas, (int, float)) and replicas > 0:
        fact = f"runs: `replicas` is {replicas}"
    else:
        return  # 0, or nothing that could be applied
    at = resource.at("spec", "replicas", probe=0)
    yield Hit(at, f"the load test `{resource.name}` {fact}", repair=repair("let none run", SetTo(at, 0)))


def _waits(test: LoadTest) -> bool:
    """Whether the k6 operator makes no pods of it: paused, or split into none."""
    spec = test.resource.get("spec")
    if not isinstance(spec, dict):
        return False
    return str(spec.get("paused")).lower() == "true" or spec.get("parallelism") == 0
