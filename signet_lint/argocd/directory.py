"""Which files a plain folder of manifests contributes.

[reposerver/repository/repository.go findManifests, getPotentiallyValidManifestFile, getObjsFromYAMLOrJSON;
Argo CD v3.1.9]
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from signet_lint.argocd.fieldpath import text
from signet_lint.argocd.glob import PatternError, gobwas
from signet_lint.source.tree import LeftOut

if TYPE_CHECKING:
    from signet_lint.source.tree import Tree

_MANIFEST = re.compile(r".*\.(?:yaml|yml|json|jsonnet)", re.DOTALL)
_SKIP_MARKER = b"+argocd:skip-file-rendering"
_LOOKS_LIKE_MANIFEST = (b"apiVersion:", b"kind:", b"metadata:")


class DirectoryFiles(Struct, frozen=True):
    """The files Argo CD reads in a folder, in its order; `not_examined` are those that only jsonnet can evaluate."""

    paths: tuple[str, ...]
    not_examined: tuple[LeftOut, ...]


def directory_files(tree: Tree, folder: str, directory: Mapping[str, Any]) -> DirectoryFiles:
    """The manifest files of a source folder, given its `directory` block ({} when absent).

    Without `recurse` only files directly in the folder; `exclude` beats `include`; both are matched against the path
    below the folder, and a bad pattern matches nothing.
    """
    prefix = f"{folder}/" if folder else ""
    chosen: list[str] = []
    for file in sorted(tree.files(folder), key=lambda path: path.split("/")):
        below = file.removeprefix(prefix)
        if "/" in below and directory.get("recurse") is not True:
            continue
        if _MANIFEST.fullmatch(below.rpartition("/")[2]) and _selected(below, directory):
            chosen.append(file)
    read = [file for file in chosen if _SKIP_MARKER not in tree.read(file)]
    jsonnet = tuple(LeftOut(file, "jsonnet is not evaluated here") for file in read if file.endswith(".jsonnet"))
    return DirectoryFiles(tuple(file for file in read if not file.endswith(".jsonnet")), jsonnet)


def _selected(below: str, directory: Mapping[str, Any]) -> bool:
    exclude, include = text(directory.get("exclude")), text(directory.get("include"))
    if exclude and _matches(exclude, below):
        return False
    return not include or _matches(include, below)


def _matches(pattern: str, below: str) -> bool:
    try:
        return bool(gobwas(pattern).fullmatch(below))
    except PatternError:
        return False


def file_objects(
    file: str, content: bytes, documents: Sequence[Any], failure: str = ""
) -> tuple[list[Mapping[str, Any]], str]:
    """The objects of one file, and why Argo CD refuses it ("" when it does not).

    `documents` are the file's YAML documents up to the first that does not parse, `failure` says why that one does not.
    A document without `kind` is an error too. YAML that does not look like a manifest at all is passed over in silence.
    """
    objects: list[Mapping[str, Any]] = []
    for document in documents:
        if document is None:
            continue
        if not isinstance(document, Mapping) or not text(document.get("kind")):
            failure = "Object 'Kind' is missing"
            break
        objects.append(document)
    is_json = file.endswith(".json")
    if is_json and not failure and len(objects) > 1:
        name = file.rpartition("/")[2]
        return [], f'Found multiple objects in "{name}". Only single objects are allowed in JSON files.'
    if not failure:
        return objects, ""
    if objects or is_json or all(word in content for word in _LOOKS_LIKE_MANIFEST):
        return [], f'Failed to unmarshal "{file.rpartition("/")[2]}": {failure}'
    return [], ""
