"""SGL704: a kubeconfig with which anybody can log in."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_FILE = "docs/kubeconfig"
_TEXT = (
    "apiVersion: v1\nkind: Config\nclusters:\n  - name: prod\n    cluster: {server: https://api.example.org:6443}\n"
    "users:\n  - name: me\n    user:\n      CREDENTIAL\n"
)
_SECRET = "Zq8Lw3" + "Xv7Rt2" + "Ny5Kc9" + "Pb1Hd4"


@rule(
    id="SGL704",
    name="kubeconfig-in-git",
    severity="error",
    section="6",
    summary="A kubeconfig with credentials is in the repository.",
    rationale="Whoever can read the repository can then do what that user can, on the cluster itself.",
    remedy="remove it, revoke its credentials, and keep kubeconfigs outside of the repository",
    each=DesiredState,
    needs=("secrets",),
    bad=(
        Example(title="a token", files={_FILE: _TEXT.replace("CREDENTIAL", f"token: {_SECRET}")}, at=f"{_FILE}:1"),
        Example(
            title="a client key",
            files={"prod.yaml": _TEXT.replace("CREDENTIAL", f"client-key-data: {_SECRET}==")},
            at="prod.yaml:1",
        ),
        Example(
            title="as JSON",
            files={
                "kube.json": (
                    '{"apiVersion": "v1", "kind": "Config", "users": [{"name": "me", "user": {"password": "'
                    + _SECRET
                    + '"}}]}\n'
                )
            },
            at="kube.json:1",
        ),
    ),
    good=(
        Example(
            title="a login command", files={_FILE: _TEXT.replace("CREDENTIAL", "exec: {command: oc, apiVersion: v1}")}
        ),
        Example(title="a placeholder", files={_FILE: _TEXT.replace("CREDENTIAL", "token: <your-token>")}),
    ),
)
def kubeconfig_in_git(state: DesiredState, _: DesiredState) -> Iterator[Outcome]:
    """Judges every tracked file that is a kubeconfig."""
    for found in state.secrets:
        if found.kind == "kubeconfig":
            yield Hit(found.at, "this kubeconfig holds credentials")
