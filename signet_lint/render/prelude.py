"""What the in-process engine cannot be told, told to the templates themselves.

The engine fixes `.Capabilities` to its own build and keeps no integers apart from floats. Helm's root context is a map,
so a statement before a template's first line can set both: sprig's `set` on `$`. Lines and output stay as they were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

import yaml

from signet_lint.render.chart_copy import OWN, is_template
from signet_lint.render.engine import Cluster, Path

_HAS = re.compile(rb"((?:\$\w*)?(?:\.\w+)*\.Capabilities)\.APIVersions\.Has\b")
_CAPABILITIES = f"templates/_{OWN}capabilities.tpl"
_KUBE_VERSION = f"templates/{OWN}kube-version.yaml"


def prepared_files(files: Mapping[str, bytes], cluster: Cluster, integers: Iterable[Path]) -> dict[str, bytes]:
    """The chart's files with the prelude before each template that needs it, and the check of `kubeVersion`."""
    capabilities = any(b"Capabilities" in text for path, text in files.items() if is_template(path))
    head = f'{{{{ template "{OWN}capabilities" $ }}}}' if capabilities else ""
    rewrite = bool(head and cluster.api_versions)
    prepared = {
        path: head.encode() + (_HAS.sub(rb"hasKey \1.APIVersionSet", text) if rewrite else text)
        if is_template(path)
        else text
        for path, text in with_integers(files, integers).items()
    }
    if capabilities:
        # Once: Helm parses every template again for each rendering.
        prepared[_CAPABILITIES] = f'{{{{ define "{OWN}capabilities" }}}}{_capabilities(cluster)}{{{{ end }}}}'.encode()
    demanded = _demanded_version(files.get("Chart.yaml", b""))
    if demanded:
        prepared[_KUBE_VERSION] = _version_check(demanded, kubernetes_version(cluster)).encode()
    return prepared


def with_integers(files: Mapping[str, bytes], integers: Iterable[Path]) -> dict[str, bytes]:
    """The chart's files with statements before each template that make the values at these paths integers again."""
    head = "".join(_integer(path) for path in integers).encode()
    return {path: head + text if head and is_template(path) else text for path, text in files.items()}


def kubernetes_version(cluster: Cluster) -> str:
    """The version as `.Capabilities.KubeVersion.Version` has it: "v1.32.0" for "1.32"."""
    return "v" + ".".join(([*cluster.kubernetes_version.split("."), "0", "0"])[:3])


def _capabilities(cluster: Cluster) -> str:
    """A statement that sets `.Capabilities`.

    API versions are added to those that Helm knows by itself, as `helm template --api-versions` does [helm/helm
    v3.18.4, pkg/action/install.go]. `Has` is a method of Helm's list; where names are added, the list becomes
    a plain one, and callers of `Has` ask `hasKey` on a set of the same names.
    """
    major, minor, *_ = f"{cluster.kubernetes_version}.0".split(".")
    version = kubernetes_version(cluster)
    content = {
        "KubeVersion": {"Version": version, "GitVersion": version, "Major": major, "Minor": minor},
        "HelmVersion": {"Version": "v3.18.4", "GoVersion": "go1.24"},
    }
    # A template that another includes may be given anything as its root; the templates of a chart share theirs.
    start = (
        '{{ if kindIs "map" $ }}{{ with $.Capabilities }}{{ if not (kindIs "map" .) }}'
        f"{{{{ $c := fromJson {_literal(content)} }}}}"
    )
    end = '{{ $_ := set $ "Capabilities" $c }}{{ end }}{{ end }}{{ end }}'
    if not cluster.api_versions:
        return f'{start}{{{{ $_ := set $c "APIVersions" .APIVersions }}}}{end}'
    given = list(cluster.api_versions)
    return (
        f"{start}{{{{ $l := concat .APIVersions (fromJsonArray {_literal(given)}) }}}}{{{{ $s := dict }}}}"
        "{{ range $l }}{{ $_ := set $s . true }}{{ end }}"
        f'{{{{ $_ := set $c "APIVersions" $l }}}}{{{{ $_ := set $c "APIVersionSet" $s }}}}{end}'
    )


def _literal(content: object) -> str:
    """JSON text as a string literal of a Go template."""
    return json.dumps(json.dumps(content))


def _demanded_version(metadata: bytes) -> str:
    if b"kubeVersion" not in metadata:
        return ""
    try:
        read = yaml.load(metadata, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return ""
    return str(read.get("kubeVersion") or "") if isinstance(read, dict) else ""


def _version_check(demanded: str, version: str) -> str:
    """Helm's check of `kubeVersion` before it renders [helm/helm v3.18.4, pkg/action/action.go renderResources]."""
    message = f"chart requires kubeVersion: {demanded} which is incompatible with Kubernetes {version}"
    quoted = json.dumps(demanded, ensure_ascii=False)
    return (
        f"{{{{ if not (semverCompare {quoted} {json.dumps(version)}) }}}}"
        f"{{{{ fail {json.dumps(message, ensure_ascii=False)} }}}}{{{{ end }}}}"
    )


def _integer(path: Path) -> str:
    """Make the value at a path an integer again: Helm's `--set` yields int64, JSON numbers arrive as floats."""
    if any(isinstance(step, int) for step in path):
        return ""
    key = json.dumps(path[-1], ensure_ascii=False)
    action = f"{{{{ if hasKey . {key} }}}}{{{{ $_ := set . {key} (int64 (get . {key})) }}}}{{{{ end }}}}"
    for step in reversed(path[:-1]):
        # A subchart's templates run this too, with values that lack the path: every step is checked.
        key = json.dumps(step, ensure_ascii=False)
        action = f'{{{{ with get . {key} }}}}{{{{ if kindIs "map" . }}}}{action}{{{{ end }}}}{{{{ end }}}}'
    return f"{{{{ with $.Values }}}}{action}{{{{ end }}}}"
