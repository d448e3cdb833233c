"""SGL706: a Secret that a pod waits for and nobody brings."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.secret import MAKERS, delivered, references
from signet_lint.model.serving import KSERVE
from signet_lint.model.state import DesiredState
from signet_lint.model.unreadable import unseen
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/signet-llm/values-common.yaml"
_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_WEB = "charts/web-frontend/templates/deployment.yaml"


@rule(
    id="SGL706",
    name="secret-not-delivered",
    severity="warning",
    section="5.4",
    summary="A reference names a Secret that nothing in the environment delivers, and that is not optional.",
    rationale="The container does not start while the Secret is not there; nothing but the pod's events says so.",
    remedy="deliver it (VaultStaticSecret, ExternalSecret …), correct the name, or list it under `exists.secrets`",
    each=Env,
    bad=(
        Example(
            title="a misspelt name",
            edits={
                _VALUES: (("huggingFaceTokenSecret: huggingface-token", "huggingFaceTokenSecret: hugging-face-token"),)
            },
            at=f"{_VALUES}:hugging-face-token",
        ),
        Example(
            title="a volume",
            edits={
                _SERVICE: (
                    (
                        "    model:\n      runtime",
                        "    volumes: [{name: v, secret: {secretName: nowhere}}]\n    model:\n      runtime",
                    ),
                )
            },
            at=f"{_SERVICE}:secretName: nowhere",
        ),
        Example(
            title="all variables of one",
            edits={_SERVICE: (("      env:\n", "      envFrom: [{secretRef: {name: elsewhere}}]\n      env:\n"),)},
            at=f"{_SERVICE}:elsewhere",
        ),
    ),
    good=(
        Example(
            title="not needed to start",
            edits={
                _VALUES: (("huggingFaceTokenSecret: huggingface-token", "huggingFaceTokenSecret: later"),),
                _SERVICE: (
                    ("              key: HF_TOKEN\n", "              key: HF_TOKEN\n              optional: true\n"),
                ),
            },
        ),
        Example(
            title="an ExternalSecret brings it",
            edits={_VALUES: (("huggingFaceTokenSecret: huggingface-token", "huggingFaceTokenSecret: other"),)},
            files={
                "charts/signet-llm/templates/external.yaml": (
                    "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: other\nspec: {}\n"
                )
            },
        ),
    ),
)
def secret_not_delivered(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Judges every reference of an environment's pods, each Secret once a manifest."""
    there = delivered(env)
    exists = state.config.exists.secrets
    # A service that a local environment must not have needs nothing there.
    unwanted = KSERVE if env.is_local and state.config.profile == "signet" else None
    for resource in (one for one in env.resources if one.gvk.group != unwanted):
        told: set[str] = set()
        for reference in references(resource):
            name, namespace = reference.name, resource.namespace
            known = (namespace, name) in there or name in exists or f"{namespace}/{name}" in exists
            if known or name in told:
                continue
            told.add(name)
            if not name:
                yield Hit(reference.at, f"{resource.kind} `{resource.name}` needs a Secret and names none")
                continue
            near = difflib.get_close_matches(name, sorted(n for ns, n in there if ns == namespace), n=1, cutoff=0.75)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            message = f"{resource.kind} `{resource.name}` needs the Secret `{name}`, which nothing delivers to `{namespace}`{hint}"
            hit = Hit(reference.at, message)
            what = f"the Secret `{name}` in `{namespace}`"
            yield unseen(state, env, what, hit.at, r"\w*Secret", *MAKERS, namespace=namespace) or hit
