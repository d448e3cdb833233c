"""SGL506: a selector with a label that no GPU node has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from signet_lint.catalogue import instance_types, nodes
from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import gpu_machines
from signet_lint.model.resource import Field, dig
from signet_lint.model.gpu_scheduling import is_on_other_accelerator, pool_labels
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_TERMS = ("nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
_PRODUCT = "nvidia.com/gpu.product"
_INSTANCE = ("spec", "template", "spec", "providerSpec", "value", "instanceType")


@rule(
    id="SGL506",
    name="gpu-node-label-unknown",
    severity="warning",
    section="5.3",
    summary="A node selector or affinity uses a label that no GPU MachineSet sets and no known discovery gives.",
    rationale="A pod whose selector matches no node stays Pending, and nothing says why before it is deployed.",
    remedy="select by a label of the GPU MachineSet, or by one that NFD or GPU feature discovery gives",
    each=Env,
    bad=(
        Example(
            title="a misspelt label",
            files={"charts/signet-llm/values-prod.yaml": 'nodeSelector:\n  nvidia.com/gpu-present: "true"\n'},
            at="charts/signet-llm/values-prod.yaml:2",
        ),
        Example(
            title="another GPU",
            files={"charts/signet-llm/values-prod.yaml": "nodeSelector:\n  nvidia.com/gpu.product: NVIDIA-A100-SXM4-40GB\n"},
            at="charts/signet-llm/values-prod.yaml:2",
        ),
    ),
    good=(
        Example(title="a discovered label", files={"charts/signet-llm/values-prod.yaml": 'nodeSelector:\n  nvidia.com/gpu.present: "true"\n'}),
        Example(title="the pool's GPU", files={"charts/signet-llm/values-prod.yaml": "nodeSelector:\n  nvidia.com/gpu.product: NVIDIA-L40S\n"}),
    ),
)
def gpu_node_label_unknown(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every model server that asks for a GPU."""
    known = pool_labels(env, state.config)
    for server in inference_servers(env):
        if not server.gpus or is_on_other_accelerator(server):
            continue
        for label, values, at in _wanted(server):
            why = _unmatched(label, values, known, env)
            if why and not gpu_machines(env) and not state.config.gpu.labels:
                yield LeftOut(f"the node label `{label}` of `{server.name}`", "the repository declares no GPU nodes", at)
            elif why:
                yield Hit(at, f"{server.workload.kind} `{server.name}` selects nodes by `{label}`, {why}", subject=server.workload, key=label)


def _wanted(server: InferenceServer) -> Iterator[tuple[str, set[str], Field]]:
    """Labels that a node must have, with the values allowed (empty: any)."""
    for key, piece in server.node_selector.items():
        yield key, {str(piece.value)}, piece.at
    terms = dig(server.affinity.value, _TERMS) if server.affinity else None
    # Terms are alternatives: only a single one is demanded of every node.
    expressions = dig(terms, (0, "matchExpressions")) if isinstance(terms, list) and len(terms) == 1 else None
    for index, one in enumerate(expressions if isinstance(expressions, list) else []):
        if isinstance(one, Mapping) and one.get("operator") in ("In", "Exists") and server.affinity:
            values = {str(value) for value in one.get("values") or []}
            at = server.affinity.at.child(*_TERMS, 0, "matchExpressions", index, "key")
            yield str(one.get("key")), values, at


def _unmatched(label: str, values: set[str], known: Mapping[str, set[str]], env: Env) -> str:
    if label in known:
        given = known[label]
        return "" if not values or "*" in given or values & given else f"which the GPU MachineSets set to another value than `{_or(values)}`"
    if not nodes.label_known(label):
        return "which no GPU MachineSet sets and no known discovery gives"
    return _other_gpu(values, env) if label == _PRODUCT else ""


def _other_gpu(values: set[str], env: Env) -> str:
    """Whether a product label names a GPU that the pool's instance types do not have."""
    types = [instance_types.lookup(str(one.machine_set.get(*_INSTANCE))) for one in gpu_machines(env)]
    names = {one.gpu for one in types if one is not None}
    wanted = {gpu.name for value in values if (gpu := nodes.gpu_by_product(value))}
    if not names or not wanted or len(wanted) < len(values) or wanted & names:
        return ""
    return f"which is `{_or(values)}`; the pool has {_or({str(name) for name in names})}"


def _or(values: set[str]) -> str:
    return " or ".join(sorted(values))
