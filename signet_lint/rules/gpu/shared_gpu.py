"""SGL508: a GPU that is shared or split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.catalogue import nodes
from signet_lint.model.application import Env
from signet_lint.model.pods import POD_SPECS, containers, pod_spec
from signet_lint.model.resource import INTO_YAML, Field, Resource, dig
from signet_lint.model.servers import FRAMEWORKS, KSERVE
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"


@rule(
    id="SGL508",
    name="shared-gpu",
    severity="error",
    section="10",
    plan_only=True,
    summary="GPUs are time-sliced, shared by MPS, or split by MIG, or a pod asks for a part of one.",
    rationale=(
        "One model per GPU: shared GPUs have neither memory nor fault isolation between models, vLLM takes its share of all "
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
                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: device-plugin\n  namespace: nvidia-gpu-operator\n"
                    "data:\n  default: |\n    version: v1\n    flags:\n      migStrategy: none\n"
                )
            },
        ),
    ),
)
def shared_gpu(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the GPU operator's policy, its device plugin's configuration, and what pods ask for."""
    for resource in env.resources:
        if resource.kind == "ClusterPolicy" and resource.gvk.group == "nvidia.com":
            yield from _policy(resource)
        elif resource.kind == "ConfigMap":
            yield from _configuration(resource)
        for at, name in _shares(resource):
            yield Hit(at, f"{resource.kind} `{resource.name}` asks for `{name}`, a part of a GPU", subject=resource, key=name)


def _policy(policy: Resource) -> Iterator[Outcome]:
    strategy = policy.get("spec", "mig", "strategy")
    if strategy in ("single", "mixed"):
        yield Hit(policy.at("spec", "mig", "strategy"), f"ClusterPolicy `{policy.name}` splits GPUs: MIG strategy `{strategy}`")


def _configuration(config_map: Resource) -> Iterator[Outcome]:
    """A device plugin's configuration: YAML with `sharing`, in a value of a ConfigMap."""
    values = config_map.get("data")
    for key, text in values.items() if isinstance(values, Mapping) else ():
        if not isinstance(text, str) or "sharing" not in text:
            continue
        for way in ("timeSlicing", "mps"):
            if dig(_parse(text), ("sharing", way, "resources")):
                at = config_map.at("data", key, INTO_YAML, "sharing", way)
                yield Hit(at, f"ConfigMap `{config_map.name}` shares GPUs between pods: `{way}`", key=f"{key} {way}")


def _parse(text: str) -> Any:
    # Imported late: commands that judge nothing must not load YAML.
    from signet_lint.source.yamldoc import YamlError, parse

    try:
        return parse(text)
    except YamlError:
        return None


def _shares(resource: Resource) -> Iterator[tuple[Field, str]]:
    for container in _containers(resource):
        limits = container.child("resources", "limits").value
        for name in limits if isinstance(limits, Mapping) else ():
            known = nodes.accelerator(str(name))
            if known is not None and known.vendor == "nvidia" and known.sharing != "whole":
                yield container.child("resources", "limits", name), str(name)


def _containers(resource: Resource) -> Iterator[Field]:
    if resource.gvk.group == KSERVE:
        for key in ("model", *FRAMEWORKS):
            yield resource.at("spec", "predictor", key)
        roots: list[Field] = [resource.at("spec", "predictor"), resource.at("spec"), resource.at("spec", "template")]
    else:
        roots = [resource.at(*POD_SPECS[resource.kind])] if pod_spec(resource) is not None else []
    for root in roots:
        if isinstance(root.value, Mapping):
            for field, index, _ in containers(root.value):
                yield root.child(field, index)
