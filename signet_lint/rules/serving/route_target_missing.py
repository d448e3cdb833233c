"""SGL616: a Route that leads nowhere, or to a model in the clear."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from signet_lint.catalogue import kinds
from signet_lint.model.application import Env
from signet_lint.model.resource import Field, Resource
from signet_lint.model.routes import ROUTE, serves_model, services_in, targets
from signet_lint.model.serving import KSERVE
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.model.unreadable import unseen
from signet_lint.rule import Example, Hit, Outcome, rule

_ROUTE = "charts/signet-llm/templates/route.yaml"
_TEXT = (
    "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata:\n  name: chat\nspec:\n  to:\n    kind: Service\n"
    "    name: signet-llm-predictor\n  port:\n    targetPort: 8080\n  tls:\n    termination: edge\n"
)


@rule(
    id="SGL616",
    name="route-target-missing",
    severity="error",
    section="6",
    summary="A Route to a Service that nothing renders and KServe does not create, or a Route to a model without TLS.",
    rationale="The router answers 503 for a Service that is not there; and tokens for a model must not cross the network in the clear.",
    remedy="name the Service that KServe creates (`<name>-predictor`), and set `tls.termination`",
    each=Env,
    bad=(
        Example(
            title="a Service of another name",
            files={_ROUTE: _TEXT.replace("signet-llm-predictor", "signet-llm-predicter")},
            at=f"{_ROUTE}:signet-llm-predicter",
        ),
        Example(
            title="no TLS",
            files={_ROUTE: _TEXT.replace("  tls:\n    termination: edge\n", "")},
            at=f"{_ROUTE}:5",
        ),
        Example(
            title="a Service of another namespace",
            edits={
                "charts/web-frontend/templates/route.yaml": (
                    ('    name: {{ include "web-frontend.name" . }}\n    weight', "    name: elsewhere\n    weight"),
                )
            },
            at="charts/web-frontend/templates/route.yaml:name: elsewhere",
        ),
    ),
    good=(
        Example(title="to what KServe creates", files={_ROUTE: _TEXT}),
        Example(title="encrypted all the way", files={_ROUTE: _TEXT.replace("edge", "reencrypt")}),
    ),
)
def route_target_missing(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every Route of an environment."""
    for route in env.of_kind("Route", group=ROUTE):
        for target in targets(route):
            yield from _missing(route, target, env, state)
        if not isinstance(route.get("spec", "tls"), Mapping) and serves_model(route, env):
            message = f"Route `{route.name}` leads to a model server and has no TLS"
            yield Hit(route.at("spec", "tls", probe={"termination": "edge"}), message)


def _missing(route: Resource, target: Field, env: Env, state: DesiredState) -> Iterator[Outcome]:
    name, namespace = str(target.value), route.namespace
    known = services_in(env, namespace)
    exists = state.config.exists.services
    if name in known or name in exists or f"{namespace}/{name}" in exists:
        return
    maker = _possible_maker(name, namespace, env)
    if maker is not None:
        what = f"the Service `{name}` of Route `{route.name}`"
        yield LeftOut(what, f"{maker.kind} `{maker.name}` may make it", target)
        return
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    message = f"Route `{route.name}` leads to the Service `{name}`, which nothing in `{namespace}` brings{hint}"
    what = f"the Service `{name}` of Route `{route.name}`"
    kinds = ("Service", "InferenceService", "LLMInferenceService")
    yield unseen(state, env, what, target, *kinds, namespace=namespace) or Hit(target, message)


def _possible_maker(name: str, namespace: str, env: Env) -> Resource | None:
    """A custom resource whose operator may make a Service of that name."""
    for resource in env.resources:
        entry = kinds.lookup(resource.gvk.group, resource.kind)
        custom = resource.gvk.group not in (KSERVE, ROUTE, "argoproj.io") and (
            entry is None or entry.provenance != "builtin"
        )
        if (
            custom
            and resource.namespace == namespace
            and resource.name
            and resource.name in name
            and "." in resource.gvk.group
        ):
            return resource
    return None
