"""SGL511: scaling to zero that keeps a pod, and its GPU."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.servers import inference_servers
from signet_lint.model.serving import autoscaler_of, is_raw, is_stopped
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"


@rule(
    id="SGL511",
    name="gpu-not-freed-at-zero",
    severity="warning",
    section="5.3",
    summary="`minReplicas: 0` with the default autoscaler of a raw deployment: one pod stays.",
    rationale="The autoscaler never goes below one pod, so the service keeps its GPU however idle it is.",
    remedy='use the annotation `serving.kserve.io/stop: "true"`, KEDA as autoscaler, or switch the Application off',
    each=Env,
    bad=(
        Example(title="zero replicas", edits={_LLM: (("replicas: 1\n", "replicas: 0\n"),)}, at=f"{_LLM}:replicas: 0"),
    ),
    good=(Example(title="one replica as text", edits={_LLM: (("replicas: 1\n", "replicas: 1 # one\n"),)}),),
)
def gpu_not_freed_at_zero(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every InferenceService with a GPU."""
    for server in inference_servers(env):
        service = server.workload
        if server.form != "InferenceService" or not server.gpus or not is_raw(service):
            continue
        at = service.at("spec", "predictor", "minReplicas")
        if at.value == 0 and autoscaler_of(service) == "hpa" and not is_stopped(service):
            yield Hit(
                at, f"InferenceService `{service.name}` keeps one pod and its GPU: the autoscaler's minimum is one"
            )
