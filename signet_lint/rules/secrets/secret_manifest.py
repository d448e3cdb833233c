"""SGL703: a Secret whose content is in Git."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.resource import Resource
from signet_lint.model.secret import held
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_FILE = "charts/signet-llm/templates/secret.yaml"
_TEXT = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\n{}"


@rule(
    id="SGL703",
    name="secret-manifest",
    severity="error",
    section="5.4",
    summary="A rendered Secret has `data` or `stringData` that is not empty.",
    rationale="Base64 hides nothing: the content is in Git, and Argo CD puts it back whenever the real one is rotated.",
    remedy="deliver it with a VaultStaticSecret, an ExternalSecret or a SealedSecret",
    each=Resource,
    kinds=("Secret",),
    bad=(
        Example(title="plain text", files={_FILE: _TEXT.format("stringData:\n  token: abc\n")}, at=f"{_FILE}:2"),
        Example(
            title="from a value",
            files={_FILE: _TEXT.format("data:\n  token: {{ .Values.name | b64enc }}\n")},
            at=f"{_FILE}:2",
        ),
        Example(
            title="drawn when it is rendered",
            files={_FILE: _TEXT.format("stringData:\n  token: {{ randAlphaNum 20 }}\n")},
            at=f"{_FILE}:2",
        ),
    ),
    good=(
        Example(title="an empty one to be filled", files={_FILE: _TEXT.format("type: Opaque\n")}),
        Example(title="keys without content", files={_FILE: _TEXT.format('stringData:\n  token: ""\n')}),
        Example(
            title="a token that Kubernetes fills in",
            files={_FILE: _TEXT.format("type: kubernetes.io/service-account-token\n")},
        ),
    ),
)
def secret_manifest(secret: Resource, _: DesiredState) -> Iterator[Outcome]:
    """Judges one Secret."""
    keys = held(secret) if secret.gvk.group == "" else ()
    if keys:
        listed = ", ".join(f"`{key}`" for key in keys)
        yield Hit(secret.declaration(), f"Secret `{secret.name}` has its content in Git: {listed}")
