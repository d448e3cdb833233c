"""Makes ready what rules ask of the catalogues: patterns to compile and tables to build, while a run waits for Helm."""

from __future__ import annotations

from signet_lint.catalogue import model_servers, rbac, tokens


def make_ready() -> None:
    """Nothing here may be among what a configuration adds to."""
    model_servers.recognise("", (), ())
    for name in rbac.installations():
        rbac.baseline(name)
    tokens.masked("")
