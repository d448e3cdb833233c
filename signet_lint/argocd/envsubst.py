"""`$NAME` in Helm parameters and value file names.

[pkg/apis/application/v1alpha1/types.go Env.Envsubst, reposerver/repository/repository.go newEnv, Argo CD v3.1.9;
Go 1.24, os/env.go Expand]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from signet_lint.argocd.fieldpath import text

if TYPE_CHECKING:
    from collections.abc import Mapping

# Alternatives in Go's order: ${*}-like, ${name}, bad ${} and ${ (eaten), $1-like, $name, a lone $ (kept).
_REFERENCE = re.compile(
    r"\$(?:\{(?P<special>[*#$@!?\-0-9])\}|\{(?P<braced>[^}]+)\}|(?P<bad>\{\}?)"
    r"|(?P<single>[*#$@!?\-0-9])|(?P<name>[A-Za-z0-9_]+)|)",
    re.ASCII | re.DOTALL,
)


def envsubst(template: str, variables: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with `$NAME` and `${NAME}` replaced and `$$` as `$`; and the undefined names, which become empty."""
    undefined: list[str] = []

    def value(match: re.Match[str]) -> str:
        if match["bad"]:
            return ""
        name = match["special"] or match["braced"] or match["single"] or match["name"]
        if not name or name == "$":
            return "$"
        if name not in variables:
            undefined.append(name)
        return variables.get(name, "")

    return _REFERENCE.sub(value, template), undefined


def build_environment(
    source: Mapping[str, Any], *, name: str, namespace: str, project: str, revision: str
) -> dict[str, str]:
    """The variables Argo CD substitutes.

    `namespace` is the destination's, `revision` the resolved commit ("" unknown).
    """
    return {
        "ARGOCD_APP_NAME": name,
        "ARGOCD_APP_NAMESPACE": namespace,
        "ARGOCD_APP_PROJECT_NAME": project,
        "ARGOCD_APP_REVISION": revision,
        "ARGOCD_APP_REVISION_SHORT": revision[:7],
        "ARGOCD_APP_REVISION_SHORT_8": revision[:8],
        "ARGOCD_APP_SOURCE_REPO_URL": text(source.get("repoURL")),
        "ARGOCD_APP_SOURCE_PATH": text(source.get("path")),
        "ARGOCD_APP_SOURCE_TARGET_REVISION": text(source.get("targetRevision")),
    }
