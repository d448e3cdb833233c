"""Where Routes lead: to which Services, and whether a model server is behind them."""

from __future__ import annotations

from collections.abc import Mapping

from signet_lint.model.application import Env
from signet_lint.model.pods import pod_spec
from signet_lint.model.resource import Field, Resource
from signet_lint.model.servers import inference_servers
from signet_lint.model.serving import KSERVE

ROUTE = "route.openshift.io"
_COMPONENTS = ("predictor", "transformer", "explainer")
_LLM_SUFFIXES = ("-kserve-workload-svc", "-epp-service", "-inference-pool-ip")


def targets(route: Resource) -> list[Field]:
    """The names of the Services that a Route leads to, the main one first."""
    others = route.get("spec", "alternateBackends")
    count = len(others) if isinstance(others, list) else 0
    fields = [
        route.at("spec", "to", "name"),
        *(route.at("spec", "alternateBackends", at, "name") for at in range(count)),
    ]
    return [field for field in fields if isinstance(field.value, str) and field.value]


def services_in(env: Env, namespace: str) -> set[str]:
    """The Services of a namespace: those rendered, and those that KServe and Tekton make."""
    found = {service.name for service in env.of_kind("Service", group="") if service.namespace == namespace}
    for service in env.of_kind("InferenceService", group=KSERVE):
        if service.namespace == namespace:
            made = [f"{service.name}-{component}" for component in _COMPONENTS]
            found |= {service.name, f"{service.name}-metrics", *made, *(f"{one}-default" for one in made)}
    for service in env.of_kind("LLMInferenceService", group=KSERVE):
        if service.namespace == namespace:
            found |= {f"{service.name}{suffix}" for suffix in _LLM_SUFFIXES}
    listeners = env.of_kind("EventListener", group="triggers.tekton.dev")
    return found | {f"el-{one.name}" for one in listeners if one.namespace == namespace}


def serves_model(route: Resource, env: Env) -> bool:
    """Whether a Route leads to a model server: a service of KServe's, or a Service that selects one's pods."""
    for target in targets(route):
        for server in inference_servers(env):
            workload = server.workload
            if workload.namespace != route.namespace:
                continue
            if server.form != "pod" and str(target.value).startswith(workload.name):
                return True
            if server.form == "pod" and selects(str(target.value), workload, env):
                return True
    return False


def selects(name: str, workload: Resource, env: Env) -> bool:
    """Whether the Service of that name selects the pods of a workload."""
    labels = workload.get("spec", "template", "metadata", "labels", default={})
    for service in env.of_kind("Service", group=""):
        selector = service.get("spec", "selector")
        if (
            (service.namespace, service.name) == (workload.namespace, name)
            and isinstance(selector, Mapping)
            and selector
        ):
            return pod_spec(workload) is not None and isinstance(labels, Mapping) and selector.items() <= labels.items()
    return False
