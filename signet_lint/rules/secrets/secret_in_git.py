"""SGL701: a token or key in a file that git would track."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_VALUES = "charts/signet-llm/values-common.yaml"
_README = "docs/NOTES.md"
_HEX = "q7Zt9Lm2" + "Xw4Rb8Nc" + "1Vy6Kd3H" + "p5Gs0Fj8"  # in pieces: nobody's token, and none for a scanner to find


@rule(
    id="SGL701",
    name="secret-in-git",
    severity="error",
    section="5.4",
    summary="A token or key stands in a text file that git would track.",
    rationale="What was pushed once is known: it stays in every clone, and in the history after it was removed.",
    remedy="revoke it, remove it, and deliver a new one through Vault or another secret store",
    each=DesiredState,
    needs=("secrets",),
    bad=(
        Example(
            title="a Hugging Face token in a values file",
            edits={_VALUES: (("huggingFaceTokenSecret: huggingface-token", "huggingFaceToken: hf_" + _HEX),)},
            at=f"{_VALUES}:huggingFaceToken: hf_",
        ),
        Example(
            title="an OpenShift token in a note",
            files={_README: f"oc login --token=sha256~{_HEX}{_HEX[:11]}\n"},
            at=f"{_README}:1",
        ),
        Example(
            title="a private key",
            files={"certs/key.pem": f"-----BEGIN PRIVATE KEY-----\n{_HEX}{_HEX}\n-----END PRIVATE KEY-----\n"},
            at="certs/key.pem:1",
        ),
    ),
    good=(
        Example(
            title="placeholders",
            files={_README: "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx <hf-token> ${HF_TOKEN} AKIAIOSFODNN7EXAMPLE\n"},
        ),
        Example(
            title="a file that git ignores",
            files={"notes/token.txt": f"hf_{_HEX}\n", ".gitignore": "notes/\n"},
        ),
    ),
)
def secret_in_git(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every tracked text file; the message has the kind and the first characters alone."""
    for found in state.secrets:
        if found.kind != "kubeconfig":
            begins = f", which begins with `{found.shown}`" if found.shown else ""
            yield Hit(found.at, f"{found.title}{begins}, stands here", key=f"{found.kind}:{found.shown}")
