"""SGL508: a GPU that is shared or split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from signet_lint.catalogue import nodes
from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import gpu_machines
from signet_lint.model.gpu_scheduling import NODE_LABELS, requirements, shares_gpu
from signet_lint.model.resource import INTO_YAML, Field, Resource, dig
from signet_lint.model.servers import inference_servers, resource_containers
from signet_lint.model.state import DesiredState
from signet_lint.model.vllm_servers import yaml_in
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"

_WHOLE = ("", "all-disabled")


@rule(
    id="SGL508",
    name="shared-gpu",
    severity="error",
    section="10",
    plan_only=True,
    summary="GPUs are time-sliced, shared by MPS, or split by MIG, or a pod asks for a part of one.",
    rationale=(
        "One model per GPU: shared GPUs have neither memory nor fault isolation between models, vLLM "
        "takes its share of all "
        "memory when it starts, and the L40S has no MIG."
    ),
    remedy="remove the sharing, and ask for one whole `nvidia.com/gpu`",
    each=Env,
    bad=(
        Example(
            title="a share of a GPU",
            edits={_LLM: (("  limits:\n", "  limits:\n    nvidia.com/gpu.shared: 1\n"),)},
            at=f"{_LLM}:nvidia.com/gpu.shared",
        ),
    ),
    good=(
        Example(
            title="a configuration that shares nothing",
            files={
                "charts/cluster-capacity/templates/device-plugin.yaml": (
                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: device-plugin\n"
                    "  namespace: nvidia-gpu-operator\n"
                    "data:\n  default: |\n    version: v1\n    flags:\n      migStrategy: none\n"
                )
            },
        ),
    ),
)
def shared_gpu(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the GPU operator's policy, its device plugin's configuration, what nodes carry, and what pods ask for."""
    for resource in env.resources:
        if resource.kind == "ClusterPolicy" and resource.gvk.group == "nvidia.com":
            yield from _policy(resource)
        elif resource.kind == "ConfigMap":
            yield from _configuration(resource)
        for container in resource_containers(resource):
            for at, name in _shares(container):
                message = f"{resource.kind} `{resource.name}` asks for `{name}`, a part of a GPU"
                yield Hit(at, message, subject=resource, key=name)
    yield from _nodes(env)


def _policy(policy: Resource) -> Iterator[Outcome]:
    strategy = policy.get("spec", "mig", "strategy")
    if strategy in ("single", "mixed"):
        message = f"ClusterPolicy `{policy.name}` splits GPUs: MIG strategy `{strategy}`"
        yield Hit(policy.at("spec", "mig", "strategy"), message)
    layout = policy.get("spec", "migManager", "config", "default")
    if isinstance(layout, str) and layout not in _WHOLE:
        message = f"ClusterPolicy `{policy.name}` splits the GPUs of every node: `{layout}`"
        yield Hit(policy.at("spec", "migManager", "config", "default"), message)


def _configuration(config_map: Resource) -> Iterator[Outcome]:
    """A device plugin's configuration: YAML with `sharing`, in a value of a ConfigMap."""
    values = config_map.get("data")
    for key, text in values.items() if isinstance(values, Mapping) else ():
        content = yaml_in(text) if isinstance(text, str) and "sharing" in text else None
        for way in ("timeSlicing", "mps"):
            if dig(content, ("sharing", way, "resources")):
                at = config_map.at("data", key, INTO_YAML, "sharing", way)
                yield Hit(at, f"ConfigMap `{config_map.name}` shares GPUs between pods: `{way}`", key=f"{key} {way}")


def _nodes(env: Env) -> Iterator[Outcome]:
    """Labels that split the GPUs of a pool's nodes, and selectors for nodes with shared ones."""
    for machines in gpu_machines(env):
        layout = machines.machine_set.at(*NODE_LABELS, "nvidia.com/mig.config")
        if isinstance(layout.value, str) and layout.value not in _WHOLE:
            yield Hit(
                layout, f"MachineSet `{machines.machine_set.name}` splits the GPUs of its nodes: `{layout.value}`"
            )
    for server in inference_servers(env):
        for wanted in (wanted for way in requirements(server.placement) for wanted in way if shares_gpu(wanted)):
            message = f"{server.title} selects nodes with shared GPUs: `{wanted}`"
            yield Hit(wanted.at, message, subject=server.workload)


def _shares(container: Field) -> Iterator[tuple[Field, str]]:
    """Parts of a GPU in the limits of a container, or in its requests where the limits have none of it."""
    found: dict[str, Field] = {}
    for field in ("requests", "limits"):
        resources = container.child("resources", field).value
        for name in resources if isinstance(resources, Mapping) else ():
            known = nodes.accelerator(str(name))
            if known is not None and known.vendor == "nvidia" and known.sharing != "whole":
                found[str(name)] = container.child("resources", field, name)
    for name, at in found.items():
        yield at, name
