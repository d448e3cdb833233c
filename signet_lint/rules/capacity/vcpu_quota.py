"""SGL902: more GPU machines than the quota allows."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.catalogue import instance_types
from signet_lint.catalogue.instance_types import InstanceType
from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import GpuMachines, gpu_machines, instance_type_at
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_PROD = "charts/cluster-capacity/values-prod.yaml"
_COMMON = "charts/cluster-capacity/values-common.yaml"
_NO_SCALER = ("autoscaler:\n  enabled: true", "autoscaler:\n  enabled: false")


@rule(
    id="SGL902",
    name="vcpu-quota",
    severity="error",
    section="9",
    plan_only=True,
    summary="GPU MachineSets of the G and VT families use more vCPUs than the quota (default 8, configurable).",
    rationale="AWS counts such instances in vCPUs. Over the quota it starts none, the Machine fails, and pods stay Pending.",
    remedy="use fewer or smaller machines, or raise the quota and then `vcpu-quota` in the configuration",
    each=Env,
    bad=(
        Example(
            title="the autoscaler goes further",
            edits={_PROD: (("  max: 2", "  max: 3"),)},
            at=f"{_PROD}:max: 3",
        ),
        Example(
            title="three machines",
            edits={_PROD: (_NO_SCALER, ("  replicas: 2", "  replicas: 3"))},
            at=f"{_PROD}:replicas: 3",
        ),
        Example(
            title="larger machines",
            edits={_COMMON: (("instanceType: g6e.xlarge", "instanceType: g6e.2xlarge"),)},
            at=f"{_COMMON}:instanceType: g6e.2xlarge",
        ),
    ),
    good=(
        Example(
            title="one machine of twice the size",
            edits={_PROD: (("  replicas: 2", "  replicas: 1\n  instanceType: g6e.2xlarge"), ("  max: 2", "  max: 1"))},
        ),
        Example(
            title="another family has another quota",
            edits={_COMMON: (("instanceType: g6e.xlarge", "instanceType: p5.4xlarge"),)},
        ),
    ),
)
def vcpu_quota(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges the GPU machines of an environment together, at the maximum of their autoscalers."""
    machines = gpu_machines(env)
    quota = state.config.vcpu_quota_of.get(env.name, state.config.vcpu_quota)
    counted: list[tuple[GpuMachines, InstanceType]] = []
    for one in machines:
        known = instance_types.lookup(one.instance_type)
        if known is None:
            why = (
                f"the instance type `{one.instance_type}` is in no catalogue"
                if one.instance_type
                else "it names no instance type"
            )
            yield LeftOut(f"the vCPUs of MachineSet `{one.machine_set.name}`", why, instance_type_at(one.machine_set))
        elif known.quota_group == instance_types.G_AND_VT:
            counted.append((one, known))
    used = sum(one.count * known.vcpus for one, known in counted)
    if used <= quota:
        return
    listed = ", ".join(f"{one.count} x {known.name} ({known.vcpus} vCPUs)" for one, known in counted if one.count)
    largest, its_type = max(counted, key=lambda pair: pair[0].count * pair[1].vcpus)
    others = used - largest.count * its_type.vcpus
    smaller = _smallest(its_type)
    # With the smallest type of its kind the count would be right: then the type is to be changed, not the count.
    too_large = its_type.vcpus > smaller and others + largest.count * smaller <= quota
    at = instance_type_at(largest.machine_set) if too_large else largest.count_at
    message = f"`{env.name}` may use {used} vCPUs for GPU machines, and the quota is {quota}: {listed}"
    yield Hit(at, message, application=at.resource.application)


def _smallest(known: InstanceType) -> int:
    """How many vCPUs the smallest type with the same GPU, as many of them, in the same family, has."""
    alike = [t for t in instance_types.entries() if (t.family, t.gpu_count) == (known.family, known.gpu_count)]
    return min(one.vcpus for one in alike)
