"""SGL705: a model that answers everybody."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.resource import Resource
from signet_lint.model.routes import ROUTE, selects, targets
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.state import DesiredState
from signet_lint.model.vllm_servers import vllm_servers
from signet_lint.rule import Example, Hit, Outcome, rule

AUTH = "security.opendatahub.io/enable-auth"
_VISIBILITY = "networking.kserve.io/visibility"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_LINE = f'    {AUTH}: "true"\n'
_PROXIES = ("oauth-proxy", "oauth2-proxy", "kube-rbac-proxy", "kube-auth-proxy", "authorino")


@rule(
    id="SGL705",
    name="open-endpoint",
    severity="warning",
    section="6",
    summary="A model service that a Route makes reachable asks for no token.",
    rationale="Whoever finds the address uses the GPU, and the load is taken for that of the service's clients.",
    remedy=f'annotate the InferenceService with `{AUTH}: "true"`',
    each=Env,
    bad=(
        Example(title="not asked for", edits={_SERVICE: ((_LINE, ""),)}, at=f"{_SERVICE}:metadata:"),
        Example(
            title="switched off", edits={_SERVICE: ((_LINE, _LINE.replace("true", "false")),)}, at=f"{_SERVICE}:{AUTH}"
        ),
        Example(
            title="by a Route of its own",
            edits={
                _SERVICE: ((_LINE, ""), ("    networking.kserve.io/visibility: exposed\n", "    example.org/a: b\n"))
            },
            files={
                "charts/signet-llm/templates/route.yaml": (
                    "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata:\n  name: r\nspec:\n"
                    "  to: {kind: Service, name: signet-llm-predictor}\n  tls: {termination: edge}\n"
                )
            },
            at=f"{_SERVICE}:metadata:",
        ),
    ),
    good=(
        Example(
            title="inside the cluster only",
            edits={
                _SERVICE: (
                    (_LINE, ""),
                    (
                        "    networking.kserve.io/visibility: exposed\n",
                        "    networking.kserve.io/visibility: cluster-local\n",
                    ),
                )
            },
        ),
        Example(
            title="vLLM asks for a key",
            edits={
                _SERVICE: (
                    (_LINE, ""),
                    (
                        "      env:\n",
                        "      env:\n        - name: VLLM_API_KEY\n          valueFrom: {secretKeyRef: {name: key, key: key}}\n",
                    ),
                )
            },
        ),
    ),
)
def open_endpoint(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges every model server that is reachable from outside the cluster."""
    invocations = dict(vllm_servers(env))
    for server in inference_servers(env):
        if server.role or not _is_reachable(server, env) or _asks(server):
            continue
        invocation = invocations.get(server)
        if invocation is not None and (invocation.unresolved or invocation.get("api-key")):
            continue
        workload = server.workload
        given = workload.annotation(AUTH)
        at = workload.at("metadata", "annotations", AUTH) if given is not None else workload.written("metadata")
        yield Hit(at, f"{server.title} is reachable by a Route and asks for no token")


def _is_reachable(server: InferenceServer, env: Env) -> bool:
    if server.form != "pod" and server.workload.label(_VISIBILITY) == "exposed":
        return True
    for route in env.of_kind("Route", group=ROUTE):
        if route.namespace == server.workload.namespace and _leads_to(route, server, env):
            return True
    return False


def _leads_to(route: Resource, server: InferenceServer, env: Env) -> bool:
    if server.form == "pod":
        return any(selects(str(target.value), server.workload, env) for target in targets(route))
    return any(str(target.value) in (server.name, f"{server.name}-predictor") for target in targets(route))


def _asks(server: InferenceServer) -> bool:
    if server.workload.annotation(AUTH) == "true" or server.container.variable("VLLM_API_KEY") is not None:
        return True
    return any(proxy in str(sibling.image.value) for sibling in server.siblings for proxy in _PROXIES)
