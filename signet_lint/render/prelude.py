"""What the in-process engine cannot be told, told to the templates themselves.

The engine fixes `.Capabilities` to its own build and keeps no integers apart from floats. Helm's root context is a map,
so a statement before a template's first line can set both: sprig's `set` on `$`. Lines and output stay as they were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from signet_lint.render.engine import Cluster, Path


_HAS = re.compile(rb"((?:\$\w*)?(?:\.\w+)*\.Capabilities)\.APIVersions\.Has\b")


def prepared_files(files: Mapping[str, bytes], cluster: Cluster, integers: Iterable[Path]) -> dict[str, bytes]:
    """The chart's files with the prelude before each template that needs it."""
    capabilities = any(b"Capabilities" in text for path, text in files.items() if _is_template(path))
    integers = tuple(integers)
    if not capabilities and not integers:
        return dict(files)
    head = (_capabilities(cluster) if capabilities else "") + "".join(_integer(path) for path in integers)
    return {path: _prepared(text, head.encode()) if _is_template(path) else text for path, text in files.items()}


def _is_template(path: str) -> bool:
    return path.startswith("templates/") or "/templates/" in path


def _prepared(text: bytes, head: bytes) -> bytes:
    # `Has` is a method of Helm's type; a map has none, so the test becomes `hasKey` on a set of the same names.
    return head + _HAS.sub(rb"hasKey \1.APIVersionSet", text)


def _capabilities(cluster: Cluster) -> str:
    major, minor, *_ = f"{cluster.kubernetes_version}.0".split(".")
    version = "v" + ".".join((cluster.kubernetes_version.split(".") + ["0", "0"])[:3])
    kube = {"Version": version, "GitVersion": version, "Major": major, "Minor": minor}
    helm = {"Version": "v3.18.4", "GoVersion": "go1.24"}
    content = {
        "KubeVersion": kube,
        "HelmVersion": helm,
        "APIVersions": list(cluster.api_versions),
        "APIVersionSet": dict.fromkeys(cluster.api_versions, True),
    }
    return f"{{{{ $_ := set $ \"Capabilities\" (fromJson {json.dumps(json.dumps(content))}) }}}}"


def _integer(path: Path) -> str:
    """Make the value at a path an integer again: Helm's `--set` yields int64, JSON numbers arrive as floats."""
    if any(isinstance(step, int) for step in path):
        return ""
    key = json.dumps(path[-1])
    action = f"{{{{ if hasKey . {key} }}}}{{{{ $_ := set . {key} (int64 (get . {key})) }}}}{{{{ end }}}}"
    for step in reversed(path[:-1]):
        # A subchart's templates run this too, with values that lack the path: every step is checked.
        action = f'{{{{ with get . {json.dumps(step)} }}}}{{{{ if kindIs "map" . }}}}{action}{{{{ end }}}}{{{{ end }}}}'
    return f"{{{{ with $.Values }}}}{action}{{{{ end }}}}"
