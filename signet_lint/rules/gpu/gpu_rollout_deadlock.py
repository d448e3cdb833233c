"""SGL510: a rollout that waits for a GPU for ever."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from signet_lint.config import Config
from signet_lint.finding import Severity
from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import gpu_machines
from signet_lint.model.pods import gpu_demands, total, whole
from signet_lint.model.repair import Repair, SetTo, repair
from signet_lint.model.resource import Field, dig
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.serving import is_raw
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_PROD = "charts/signet-llm/values-prod.yaml"


@rule(
    id="SGL510",
    name="gpu-rollout-deadlock",
    severity="error",
    section="5.3",
    summary="A rolling update starts a new pod before an old one ends, and the pool has no GPU for it.",
    rationale=(
        "By default a Deployment brings up a surge pod and waits until it is ready. When every GPU is "
        "taken the new pod stays "
        "Pending, the old one keeps its GPU, and no change is ever rolled out."
    ),
    remedy="set the strategy to `Recreate`, or `maxSurge: 0` with `maxUnavailable: 1`",
    fixable=True,
    each=Env,
    bad=(
        Example(title="the default strategy", files={_PROD: "deploymentStrategy: null\n"}, at=f"{_PROD}:1"),
        Example(
            title="a surge pod",
            files={_PROD: "deploymentStrategy:\n  rollingUpdate:\n    maxSurge: 1\n    maxUnavailable: 0\n"},
            at=f"{_PROD}:3",
        ),
    ),
    good=(
        Example(
            title="recreate",
            edits={
                _LLM: (
                    (
                        "  type: RollingUpdate\n  rollingUpdate:\n    maxSurge: 0\n    maxUnavailable: 1\n",
                        "  type: Recreate\n",
                    ),
                )
            },
        ),
        Example(
            title="in percent",
            files={_PROD: "deploymentStrategy:\n  rollingUpdate:\n    maxSurge: 0%\n    maxUnavailable: 100%\n"},
        ),
    ),
)
def gpu_rollout_deadlock(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server that is rolled out as a Deployment."""
    for server in inference_servers(env):
        strategy = _strategy(server)
        if strategy is None or not server.gpus or strategy.child("type").value == "Recreate":
            continue
        pods = server.replicas.most
        surge = _rounded(strategy, "maxSurge", pods, math.ceil)
        if pods and surge:
            stays = not _rounded(strategy, "maxUnavailable", pods, math.floor)
            yield from _judged(server, strategy, surge * server.gpus, stays=stays, config=state.config)
        elif pods and not _rounded(strategy, "maxUnavailable", 100, math.floor):
            # Kubernetes, pkg/apis/apps/validation, ValidateRollingUpdateDeployment.
            message = f"{server.title} cannot be rolled out: with no surge `maxUnavailable` may not be 0"
            yield Hit(strategy.child("rollingUpdate", "maxUnavailable"), message, subject=server.workload)


def _judged(server: InferenceServer, strategy: Field, needed: int, *, stays: bool, config: Config) -> Iterator[Outcome]:
    """Where no old pod may be missing, all stay until the new one is ready; else the new one only waits a while."""
    spare = _spare(server.env, config)
    if spare is None:
        yield LeftOut(f"the rollout of {server.title}", "the repository declares no GPU nodes", strategy)
    elif needed > spare:
        end = "" if stays else "; its new pod stays pending until an old one is gone"
        message = f"a rollout of {server.title} asks for {needed} more GPU, and the pool has {spare} to spare{end}"
        severity: Severity | None = None if stays else "warning"
        fix = _repair(strategy, stays=stays)
        yield Hit(_place(strategy), message, subject=server.workload, severity=severity, repair=fix)


def _repair(strategy: Field, *, stays: bool) -> Repair:
    """No surge pod; and where none of the old ones may be missing, one may."""
    rolling = strategy.child("rollingUpdate")
    if not rolling.value:
        if strategy.value:
            return repair("replace pods one after the other", SetTo(strategy.child("type"), "Recreate"))
        whole_strategy = {"type": "Recreate"}
        at = Field(strategy.resource, strategy.path, whole_strategy)
        return repair("replace pods one after the other", SetTo(at, whole_strategy))
    steps = [SetTo(rolling.child("maxSurge"), 0)]
    if stays:
        steps.append(SetTo(rolling.child("maxUnavailable"), 1))
    return repair("roll out without a surge pod", *steps)


def _place(strategy: Field) -> Field:
    surge = strategy.child("rollingUpdate", "maxSurge")
    if surge.value is not None:
        return surge
    if strategy.value:
        return strategy
    return Field(strategy.resource, strategy.path, {"type": "Recreate"})


def _strategy(server: InferenceServer) -> Field | None:
    """Where the strategy of the Deployment stands; None for what is not rolled out that way."""
    if server.form == "InferenceService":
        return server.workload.at("spec", "predictor", "deploymentStrategy") if is_raw(server.workload) else None
    return (
        server.workload.at("spec", "strategy") if server.workload.kind in ("Deployment", "DeploymentConfig") else None
    )


def _rounded(strategy: Field, key: str, pods: int, rounding: Any) -> int:
    """A number or percentage of pods, as Kubernetes rounds it; 25 % where nothing is set."""
    value = dig(strategy.value, ("rollingUpdate", key))
    text = str("25%" if value is None else value).strip()
    if text.endswith("%") and text[:-1].isdecimal():
        return int(rounding(int(text[:-1]) * pods / 100))
    return whole(value)


def _spare(env: Env, config: Config) -> int | None:
    """GPUs that nothing asks for; None where the pool is not known."""
    machines = gpu_machines(env)
    if any(one.gpus is None for one in machines):
        return None
    pool = sum(one.count * (one.gpus or 0) for one in machines) if machines else config.gpu.count
    return None if pool is None else max(pool - total(gpu_demands(env)), 0)
