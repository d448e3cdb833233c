"""SGL810: a base URL of the load test leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from signet_lint.config import Config
from signet_lint.k6 import HOLE
from signet_lint.model.application import Env
from signet_lint.model.k6_scripts import TestScript, test_scripts
from signet_lint.model.resource import Field
from signet_lint.model.serving import KSERVE, is_raw
from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import not_deployed, unseen
from signet_lint.rule import Example, Hit, Outcome, rule

_PROD = "charts/signet-loadtest/values-prod.yaml"
_COMMON = "charts/signet-loadtest/values-common.yaml"
_BASE = re.compile(r"(https?://[^/]+)", re.IGNORECASE)
_NO_HOST = "has the host"
_ENDINGS = ("-predictor", "-metrics", "-kserve-workload-svc")
_OF_SERVICE = re.compile(rf"(?:{'|'.join(_ENDINGS)})$")
_URL = "https://signet-llm-predictor.signet-prod.svc.cluster.local:8443"


@rule(
    id="SGL810",
    name="loadtest-url",
    severity="warning",
    section="6",
    summary="A base URL of the load test leads nowhere.",
    rationale=(
        "The script appends `/v1/...` to a root. A host that nothing here makes does not resolve; the Service of a "
        "predictor is headless by default (`rawDeploymentServiceConfig`), so that its name leads to the pods and no "
        "port is translated."
    ),
    remedy="give the root of a Service, InferenceService or Route that this environment has, with the container's port",
    each=Env,
    needs=("wiring",),
    bad=(
        Example(title="it ends in /v1", edits={_PROD: ((_URL, f"{_URL}/v1"),)}, at=f"{_PROD}:llm:"),
        Example(title="another host", edits={_PROD: (("signet-llm-predictor", "signet-chat"),)}, at=f"{_PROD}:llm:"),
        Example(title="no port", edits={_PROD: ((":8443", ""),)}, at=f"{_PROD}:llm:"),
    ),
    good=(
        Example(title="the short name", edits={_PROD: ((".svc.cluster.local", ".svc"),)}),
        Example(
            title="the generated Route",
            edits={_PROD: ((_URL, "https://signet-llm-signet-prod.apps.example.org"),)},
        ),
    ),
)
def loadtest_url(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges the URLs that each script calls, with its container's variables."""
    for one in test_scripts(env):
        seen: set[Field] = set()
        for call in one.script.calls if one.script else ():
            url = call.url.text
            if not _BASE.match(url) or HOLE in url.partition("?")[0].split("://")[-1].partition("/")[0]:
                continue
            variable = next((v for n in sorted(call.url.names) if (v := one.variable(n)) and v.value), None)
            at = variable.at if variable else one.at(call.url) or one.start
            fault = _fault(url, one, env, state.config)
            if fault and at not in seen:
                seen.add(at)
                subject = f"`{variable.name}` of `{one.name}`" if variable else f"a URL of `{one.name}`"
                hit = Hit(at, f"{subject} {fault}", key=variable.name if variable else url)
                hidden = None
                if fault.startswith(_NO_HOST):
                    what, kinds = f"the host of {subject}", (r"\w*Service", "Route")
                    named, namespace = _service(urlsplit(url).hostname or "", one.test.resource.namespace)
                    served = _OF_SERVICE.sub("", named)
                    hidden = unseen(state, env, what, at, *kinds, namespace=namespace)
                    hidden = hidden or not_deployed(state, env, served, what, at, *kinds)
                yield hidden or hit


def _fault(url: str, one: TestScript, env: Env, config: Config) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL that can be read"
    if "/v1/v1/" in parts.path.replace("//", "/"):
        return "ends in `/v1`, to which the script appends `/v1` again"
    host = (parts.hostname or "").rstrip(".")
    name, namespace = _service(host, one.test.resource.namespace)
    if not name:
        return "" if _is_routed(host, env) else f"{_NO_HOST} `{host}`, which no Route or Service of `{env.name}` has"
    known = config.exists.services
    if name in known or f"{namespace}/{name}" in known:
        return ""
    if any((r.namespace, r.name) == (namespace, name) for r in env.of_kind("Service", group="")):
        return ""
    for service in env.of_kind("InferenceService", "LLMInferenceService", group=KSERVE):
        if service.namespace != namespace or name not in _services_of(service.name):
            continue
        headless = service.kind == "InferenceService" and is_raw(service) and name.endswith("-predictor")
        if headless and _headless(env) and _port(parts, port) in (80, 443):
            return (
                f"misses the container's port: the Service `{name}` is headless, and {_port(parts, port)} is not served"
            )
        return ""
    return f"{_NO_HOST} `{host}`, which no Service or InferenceService of `{env.name}` has"


def _port(parts: SplitResult, port: int | None) -> int:
    return port or (80 if parts.scheme == "http" else 443)


def _services_of(name: str) -> set[str]:
    """Names that KServe gives the Services of a service."""
    return {name, *(f"{name}{ending}" for ending in _ENDINGS)}


def _service(host: str, namespace: str) -> tuple[str, str]:
    """Name and namespace that a host inside of the cluster names; empty for one outside."""
    labels = re.sub(r"\.svc(?:\.cluster\.local)?$", "", host).split(".")
    if host.endswith((".svc", ".svc.cluster.local")):
        return (labels[-2], labels[-1]) if len(labels) >= 2 else ("", "")
    if len(labels) <= 2:
        return labels[0], labels[1] if len(labels) == 2 else namespace
    return "", ""


def _is_routed(host: str, env: Env) -> bool:
    """Whether a Route, Ingress or Gateway names the host, or OpenShift would make it: `<name>-<namespace>.<domain>`."""
    first = host.partition(".")[0]
    for resource in env.of_kind("Route"):
        given = resource.get("spec", "host")
        if given == host or (not given and first == f"{resource.name}-{resource.namespace}"):
            return True
    for service in env.of_kind("InferenceService", "LLMInferenceService", group=KSERVE):
        if first in {f"{name}-{service.namespace}" for name in _services_of(service.name)}:
            return True
    kinds = ("Ingress", "HTTPRoute", "Gateway", "VirtualService")
    return any(f"'{host}'" in str(resource.get("spec")) for resource in env.of_kind(*kinds))


def _headless(env: Env) -> bool:
    """Whether the Services of predictors are headless: the default of the DataScienceCluster."""
    clusters = env.of_kind("DataScienceCluster")
    configured = [c.get("spec", "components", "kserve", "rawDeploymentServiceConfig") for c in clusters]
    return not any(value == "Headed" for value in configured)
