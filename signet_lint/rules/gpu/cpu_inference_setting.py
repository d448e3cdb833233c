"""SGL507: a setting that puts inference on the CPU."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.catalogue import model_servers
from signet_lint.finding import Severity
from signet_lint.model.application import Env
from signet_lint.model.resource import Field
from signet_lint.model.gpu_scheduling import is_meant_for_gpus
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_RUNTIME = "charts/signet-llm/templates/servingruntime.yaml"


@rule(
    id="SGL507",
    name="cpu-inference-setting",
    severity="error",
    section="0",
    summary="An argument, image, runtime or variable puts inference on the CPU.",
    rationale=(
        "A server can hold a GPU and still compute on the CPU: by a CPU build of its image, a device argument, or a variable "
        "that hides the GPU from CUDA. CPU inference is never acceptable here."
    ),
    remedy="remove the setting, or use the CUDA build of the image",
    each=Env,
    bad=(
        Example(
            title="a CPU image",
            edits={_LLM: (("registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5", "quay.io/opendatahub/vllm:2.19-cpu"),)},
            at=f"{_LLM}:-cpu",
        ),
    ),
    good=(
        Example(
            title="another CUDA image",
            edits={_LLM: (("registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5", "docker.io/vllm/vllm-openai:v0.11.0"),)},
        ),
    ),
)
def cpu_inference_setting(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server of an environment."""
    universal = state.config.profile == "universal"
    severity: Severity | None = "warning" if universal else None
    for server in inference_servers(env):
        if universal and not is_meant_for_gpus(server):
            continue
        for at, what, why in _signals(server):
            message = f"{server.workload.kind} `{server.name}`: {what} puts inference on the CPU: {why}"
            yield Hit(at, message, subject=server.workload, severity=severity, key=what)


def _signals(server: InferenceServer) -> Iterator[tuple[Field, str, str]]:
    image = server.image
    if image is not None and (signal := model_servers.cpu_signal_in_image(str(image.value))):
        yield image.at, f"the image `{image.value}`", signal.why
    runtime = server.container_at.child("runtime")
    if isinstance(runtime.value, str) and (signal := model_servers.cpu_signal_in_runtime(runtime.value)):
        yield runtime, f"the runtime `{runtime.value}`", signal.why
    for variable in server.variables:
        signal = model_servers.cpu_signal_in_env(variable.name, variable.value) if variable.value is not None else None
        if signal:
            yield variable.at.child("value"), f"`{variable.name}={variable.value}`", signal.why
    words = [*server.command, *(piece for items in server.args for piece in items)]
    command, args = [str(p.value) for p in server.command], [str(p.value) for items in server.args for p in items]
    for signal in model_servers.cpu_signals_in_args(command, args):
        at = words[signal.item].at if signal.item is not None else server.own("args")
        yield at, f"`{signal.text}`", signal.why
