"""SGL507: a setting that puts inference on the CPU."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.catalogue import model_servers
from signet_lint.catalogue.command_words import statements
from signet_lint.finding import Severity
from signet_lint.model.application import Env
from signet_lint.model.container import Container, line_with
from signet_lint.model.gpu_scheduling import is_meant_for_gpus
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer, inference_servers, texts
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
        "A server can hold a GPU and still compute on the CPU: by a CPU build of its image, a device "
        "argument, or a variable "
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
            message = f"{server.title}: {what} puts inference on the CPU: {why}"
            yield Hit(at, message, subject=server.workload, severity=severity, key=what)


def _signals(server: InferenceServer) -> Iterator[tuple[Field, str, str]]:
    """What keeps a server off the GPU: the place, what stands there, and why."""
    container = server.container
    if signal := model_servers.cpu_signal_in_image(container.image.value):
        yield container.image.at, f"the image `{container.image.value}`", signal.why
    elif server.choice and not server.runtime and (signal := model_servers.cpu_signal_in_runtime(server.choice.name)):
        yield server.choice.at, f"the runtime `{server.choice.name}`", signal.why
    for variable in container.env:
        if signal := model_servers.cpu_signal_in_env(variable.name, variable.value):
            yield variable.at, f"`{variable.name}={variable.value}`", signal.why
    command, args = texts(container.command), texts(container.all_args)
    for signal in model_servers.cpu_signals_in_args(command, args):
        at = container.words[signal.item].at if signal.item is not None else server.own("args")
        yield line_with(at, signal.text), f"`{signal.text}`", signal.why
    yield from _assigned(container, [*command, *args])


def _assigned(container: Container, words: list[str]) -> Iterator[tuple[Field, str, str]]:
    """Variables that a script or `env` sets for the server."""
    for statement in statements(words):
        for word, item in zip(statement.words, statement.items, strict=True):
            name, equals, value = word.partition("=")
            signal = model_servers.cpu_signal_in_env(name, value) if equals else None
            if signal:
                yield line_with(container.words[item].at, word), f"`{word}`", signal.why
