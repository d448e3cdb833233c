"""Which file of the repository an entry of `valueFiles` or `fileParameters` names.

[reposerver/repository/repository.go getResolvedValueFiles, getResolvedRefValueFile; util/io/path/resolved.go;
util/argo/argo.go GetRefSources; Argo CD v3.1.9]
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from signet_lint.argocd.envsubst import envsubst
from signet_lint.argocd.fieldpath import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_REF = re.compile(r"[A-Za-z0-9_-]+")
_ALLOWED_SCHEMES = frozenset(("http", "https"))  # argocd-cm `helm.valuesFileSchemes` when unset


class ResolvedFile(Struct, frozen=True):
    """`path` relative to the root of this repository; "" with the reason in `error` or `not_examined`.

    `undefined` are names of variables in the text that Argo CD does not define: they became empty.
    """

    path: str = ""
    error: str = ""
    not_examined: str = ""
    undefined: tuple[str, ...] = ()


class FileResolver(Struct, frozen=True):
    """Resolves the file names of one source: `chart_path` is its folder, `sources` all of the Application's sources."""

    chart_path: str
    sources: Sequence[Mapping[str, Any]]
    owns_repo: Callable[[str], bool]
    variables: Mapping[str, str]

    def resolve(self, name: str) -> ResolvedFile:
        """The file a name stands for: beside the chart, from the root (`/…`), or in another source (`$ref/…`)."""
        head, slash, rest = name.partition("/")
        reference = self._reference(head) if head.startswith("$") else None
        if reference is None:
            substituted, undefined = envsubst(name, self.variables)
            return self._local(substituted, tuple(undefined), self.chart_path)
        if text(reference.get("chart")):
            return ResolvedFile(error=f"source `{head}` has a `chart`: charts cannot be `ref` sources")
        if not self.owns_repo(text(reference.get("repoURL"))):
            return ResolvedFile(
                not_examined=f"`{head}` is the repository `{text(reference.get('repoURL'))}`, not this one"
            )
        substituted, undefined = envsubst(slash + rest, self.variables)
        return self._local(substituted, tuple(undefined), "")

    def _reference(self, head: str) -> Mapping[str, Any] | None:
        if len(self.sources) < 2:
            return None
        return next((source for source in self.sources if source.get("ref") and f"${source['ref']}" == head), None)

    def _local(self, name: str, undefined: tuple[str, ...], folder: str) -> ResolvedFile:
        scheme = _SCHEME.match(name)
        if scheme and scheme.group(1).lower() in _ALLOWED_SCHEMES:
            return ResolvedFile(not_examined=f"`{name}` is on another server", undefined=undefined)
        if scheme:
            return ResolvedFile(error=f"the URL scheme '{scheme.group(1)}' is not allowed", undefined=undefined)
        base = "" if name.startswith("/") else folder
        path = posixpath.normpath(posixpath.join("/", "root", base, name.lstrip("/")))
        if path == "/root":
            return ResolvedFile(error="path resolved to repository root, which is not allowed", undefined=undefined)
        if not path.startswith("/root/"):
            return ResolvedFile(error=f"file '{name}' resolved to outside repository root", undefined=undefined)
        return ResolvedFile(path.removeprefix("/root/"), undefined=undefined)


def reference_errors(sources: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Sources whose `ref` Argo CD refuses, by index: bad characters, or a key used twice."""
    errors: list[tuple[int, str]] = []
    seen: set[str] = set()
    for index, source in enumerate(sources):
        ref = text(source.get("ref"))
        if not ref or len(sources) < 2:
            continue
        if not _REF.fullmatch(ref):
            errors.append((index, f"sources.ref {ref} cannot contain any special characters except '_' and '-'"))
        elif ref in seen:
            errors.append((index, "invalid sources: multiple sources had the same `ref` key"))
        seen.add(ref)
    return errors
