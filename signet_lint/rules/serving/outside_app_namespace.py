"""SGL615: a model service outside of the environment's application namespace."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Application
from signet_lint.model.serving import KSERVE
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_APP = "charts/signet-umbrella/templates/app-signet-llm.yaml"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_DESTINATION = "    namespace: {{ .Values.appNamespace }}\n"


@rule(
    id="SGL615",
    name="outside-app-namespace",
    severity="warning",
    section="2",
    plan_only=True,
    summary="A model service is deployed outside the environment's application namespace.",
    rationale="There Argo CD has its rights, secrets are delivered, and the clients are; anywhere else needs all of it anew.",
    remedy="deploy it into the environment's application namespace",
    each=Application,
    bad=(
        Example(
            title="another destination",
            edits={_APP: ((_DESTINATION, "    namespace: models\n"),)},
            at=f"{_APP}:namespace: models",
        ),
        Example(
            title="in the manifest itself",
            edits={_SERVICE: (("  namespace: {{ .Release.Namespace }}\n", "  namespace: models\n"),)},
            at=f"{_SERVICE}:namespace: models",
        ),
    ),
    good=(
        Example(title="left to the destination", edits={_SERVICE: (("  namespace: {{ .Release.Namespace }}\n", ""),)}),
        Example(
            title="the same by another way",
            edits={_APP: ((_DESTINATION, "    namespace: signet-{{ .Values.env }}\n"),)},
        ),
    ),
)
def outside_app_namespace(application: Application, state: DesiredState) -> Iterator[Outcome]:
    """Judges the model services of an Application, together where its destination is at fault."""
    wanted = state.env(application.env).namespace
    for service in application.resources if wanted and application.manifest is not None else ():
        if service.gvk.group != KSERVE or service.kind not in ("InferenceService", "LLMInferenceService"):
            continue
        if service.namespace in (wanted, ""):
            continue
        own = service.namespace != application.destination
        at = service.at("metadata", "namespace") if own else application.written("spec", "destination", "namespace")
        message = f"{service.kind} `{service.name}` is deployed into `{service.namespace}`, and the environment's namespace is `{wanted}`"
        yield Hit(at, message, subject=service, application=application.name)
