"""From text to manifests, as Argo CD takes them in after rendering.

[argoproj/argo-cd v3.1.9, reposerver/repository/repository.go GenerateManifests; controller/state.go
DeduplicateTargetObjects]: lists are flattened, null documents skipped, a namespaced object without a namespace gets the
destination's, a cluster-scoped one loses its own, of duplicates in one Application the last one wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from signet_lint.argocd.postrender import is_ignored, is_skipped
from signet_lint.catalogue import kinds
from signet_lint.model.resource import Gvk, ManifestRef, Resource, dig
from signet_lint.render.rendering import solid_documents
from signet_lint.source.yamldoc import Duplicate, YamlError

_SEPARATOR = re.compile(r"^---(?=\s|$).*$", re.MULTILINE)


class Fault(Struct, frozen=True):
    """A fault of rendered text: why, the template, the line of its output (from 1), and whether it is a repeated key."""

    message: str
    template: str
    line: int
    is_duplicate: bool = False


class Parsed(Struct, frozen=True):
    """One non-empty document: its index among them, its data, its first line (from 1), and its repeated keys.

    `shift` is what to add to the lines of `duplicates`.
    """

    index: int
    data: Any
    line: int
    duplicates: tuple[Duplicate, ...]
    shift: int


class ManifestReader(Struct):
    """Parses rendered text, each text once however many environments share it."""

    _known: dict[str, tuple[list[Parsed], list[tuple[str, int]]]] = field(default_factory=dict)

    def read(self, maker: object, template: str, text: str, target: Target) -> Iterator[Resource | Fault]:
        """The manifests of one template's output, and what in it is none."""
        documents, broken = self._parsed(text)
        for message, line in broken:
            yield Fault(message, template, line)
        for document in documents:
            for twice in document.duplicates:
                message = f"the key `{twice.key}` stands twice in one mapping; the last one wins in silence"
                yield Fault(message, template, document.shift + twice.line, is_duplicate=True)
            ref = ManifestRef(maker, template, document.index)
            for item, body in _flattened(document.data):
                reason = why_no_manifest(body)
                if reason:
                    yield Fault(reason, template, document.line)
                elif not is_ignored(body) and not is_skipped(body):
                    yield target.resource(body, ManifestRef(ref.maker, template, document.index, item))

    def _parsed(self, text: str) -> tuple[list[Parsed], list[tuple[str, int]]]:
        known = self._known.get(text)
        if known is None:
            known = _parse(text)
            self._known[text] = known
        return known


class Target(Struct, frozen=True):
    """Where manifests go: the Application, its environment, and its destination namespace."""

    application: str
    env: str
    namespace: str

    def resource(self, body: Mapping[str, Any], ref: ManifestRef) -> Resource:
        """A manifest as this Application applies it."""
        gvk = Gvk.parse(str(body["apiVersion"]), str(body["kind"]))
        namespace = dig(body, ("metadata", "namespace"))
        if kinds.is_cluster_scoped(gvk.group, gvk.kind):
            namespace = ""
        elif not isinstance(namespace, str) or not namespace:
            namespace = self.namespace
        name = dig(body, ("metadata", "name")) or dig(body, ("metadata", "generateName"))
        return Resource(gvk, namespace, str(name), body, self.application, self.env, ref)


def deduplicated(resources: list[Resource]) -> list[Resource]:
    """Without earlier duplicates of a group, kind, namespace and name: the last one wins."""
    last = {(r.gvk.group, r.gvk.kind, r.namespace, r.name): r for r in resources}
    kept = set(map(id, last.values()))
    return [
        resource for resource in resources if id(resource) in kept or dig(resource.body, ("metadata", "name")) is None
    ]


def why_no_manifest(body: Any) -> str:
    """What a document lacks to be a manifest; empty where it lacks nothing."""
    if not isinstance(body, Mapping):
        return f"a manifest is a mapping, this document is {_article(body)}"
    for key in ("apiVersion", "kind"):
        if not isinstance(body.get(key), str) or not body[key]:
            return f"the document has no `{key}`"
    metadata = body.get("metadata")
    if not isinstance(metadata, Mapping):
        return f"{body['kind']} has no `metadata`"
    name = metadata.get("name") or metadata.get("generateName")
    if name is None or name == "":
        return f"{body['kind']} has no `metadata.name`"
    return "" if isinstance(name, str) else f"{body['kind']} has a `metadata.name` that is no text: {name!r}"


def _article(body: Any) -> str:
    return "a list" if isinstance(body, list) else f"the text {str(body)[:60]!r}"


def _flattened(data: Any) -> Iterator[tuple[int, Any]]:
    if not isinstance(data, Mapping):
        yield -1, data
    elif isinstance(data.get("items"), list) and str(data.get("kind", "")).endswith("List"):
        yield from enumerate(data["items"])
    else:
        yield -1, data


def _parse(text: str) -> tuple[list[Parsed], list[tuple[str, int]]]:
    try:
        return _numbered(text, 0, 0), []
    except YamlError:
        return _parse_apart(text)


def _numbered(text: str, first_line: int, first_index: int) -> list[Parsed]:
    return [
        Parsed(
            first_index + at,
            document.data,
            first_line + (document.node.start_mark.line if document.node else 0) + 1,
            document.duplicates,
            first_line,
        )
        for at, document in enumerate(solid_documents(text))
    ]


def _parse_apart(text: str) -> tuple[list[Parsed], list[tuple[str, int]]]:
    """Document by document, so that a broken one does not hide the others."""
    good: list[Parsed] = []
    bad: list[tuple[str, int]] = []
    starts = [0, *(match.end() for match in _SEPARATOR.finditer(text))]
    ends = [*(match.start() for match in _SEPARATOR.finditer(text)), len(text)]
    for start, end in zip(starts, ends, strict=True):
        line = text.count("\n", 0, start)
        try:
            good.extend(_numbered(text[start:end], line, len(good)))
        except YamlError as error:
            bad.append((error.message, line + error.line))
    return good, bad
