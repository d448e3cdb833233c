"""What kind of source a folder is to Argo CD: a chart, a kustomization, a plugin's, or plain manifests.

[pkg/apis/application/v1alpha1/types.go ExplicitType; util/argo/argo.go NormalizeSource;
util/app/discovery/discovery.go; reposerver/repository/repository.go GetAppSourceType, mergeSourceParameters;
Argo CD v3.1.9]
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from signet_lint.argocd.fieldpath import Path, leaves, mapping
from signet_lint.argocd.templating import FileOrigin
from signet_lint.source.yamldoc import YamlError, parse

if TYPE_CHECKING:
    from signet_lint.source.tree import Tree

# In the order of ExplicitType, which its error message keeps.
_EXPLICIT = ("kustomize", "helm", "directory", "plugin")
_KUSTOMIZATIONS = frozenset(("kustomization.yaml", "kustomization.yml", "Kustomization"))
# An override file cannot move the source.
_FIXED = ("chart", "path", "repoURL", "targetRevision")


class SourceType(Enum):
    """How Argo CD generates manifests."""

    HELM = "Helm"
    KUSTOMIZE = "Kustomize"
    DIRECTORY = "Directory"
    PLUGIN = "Plugin"


class SourceTypeError(Struct, frozen=True):
    """Why the kind of a source cannot be told; `file` is the override file at fault, or ""."""

    message: str
    file: str = ""


class TypedSource(Struct, frozen=True):
    """The kind of a source, and the source after `.argocd-source*.yaml`.

    `overridden` has, for each leaf path in `source` that such a file set, the file and its key there.
    """

    kind: SourceType
    source: Mapping[str, Any]
    overridden: Mapping[Path, FileOrigin]


def normalize_source(source: Mapping[str, Any], *, multiple: bool) -> dict[str, Any]:
    """The source without tool blocks that say nothing (`helm: {}`), as the controller passes it on.

    Entries of `sources` keep them: upstream normalises copies of those [util/argo/argo.go NormalizeApplicationSpec].
    """
    if multiple:
        return dict(source)
    said = dict(source)
    for tool in ("kustomize", "helm"):
        if tool in said and _says_nothing(said[tool]):
            del said[tool]
    directory = mapping(said.get("directory"))
    jsonnet = mapping(directory.get("jsonnet"))
    asked = [directory.get(key) for key in ("recurse", "include", "exclude")]
    asked += [jsonnet.get(key) for key in ("extVars", "tlas", "libs")]
    if not any(asked):
        said.pop("directory", None)
    return said


def _says_nothing(block: Any) -> bool:
    # An empty `valuesObject` is a value ("{}" is written to a file); every other empty field is Go's zero value.
    return block is None or (
        isinstance(block, Mapping)
        and all(not value and (key != "valuesObject" or value is None) for key, value in block.items())
    )


def merge_source_overrides(
    tree: Tree, folder: str, source: Mapping[str, Any], application: str
) -> tuple[dict[str, Any], dict[Path, FileOrigin]] | SourceTypeError:
    """The source with `.argocd-source.yaml`, then `.argocd-source-<application>.yaml` of its folder merged onto it.

    Also the origin of each leaf that they set. `folder` is the source's path in the tree.
    """
    merged = dict(source)
    overridden: dict[Path, FileOrigin] = {}
    names = (".argocd-source.yaml", *((f".argocd-source-{application}.yaml",) if application else ()))
    for file in (posixpath.join(folder, name) for name in names):
        if not tree.exists(file):
            continue
        patch = _read_map(tree, file)
        if isinstance(patch, SourceTypeError):
            return patch
        merged = _merge_patch(merged, patch)
        overridden.update({leaf: FileOrigin(file, leaf) for leaf in leaves(patch) if leaf and leaf[0] not in _FIXED})
    fixed = {key: source[key] for key in _FIXED if key in source}
    return {**{key: value for key, value in merged.items() if key not in _FIXED}, **fixed}, overridden


def _read_map(tree: Tree, file: str) -> Mapping[str, Any] | SourceTypeError:
    try:
        patch = parse(tree.read(file).decode("utf-8-sig"))
    except (YamlError, UnicodeDecodeError) as error:
        return SourceTypeError(f"error while parsing source parameters: {file}: {error}", file)
    if isinstance(patch, Mapping):
        return patch
    return SourceTypeError(f"error while parsing source parameters: {file}: it must be a map", file)


def _merge_patch(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON merge patch (RFC 7396)."""
    merged = dict(target)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge_patch(mapping(merged.get(key)), value) if isinstance(value, Mapping) else value
    return merged


def explicit_type(source: Mapping[str, Any]) -> SourceType | SourceTypeError | None:
    """The kind that the source's own blocks say; None where it has none."""
    said = [SourceType[tool.upper()] for tool in _EXPLICIT if source.get(tool) is not None]
    if len(said) > 1:
        return SourceTypeError(f"multiple application sources defined: {','.join(one.value for one in said)}")
    return said[0] if said else None


def discovered_type(tree: Tree, folder: str) -> SourceType:
    """The kind told by the files directly in a folder: the last one by name wins. Plugins are not asked."""
    prefix = f"{folder}/" if folder else ""
    found = SourceType.DIRECTORY
    for file in sorted(tree.files(folder)):
        name = file.removeprefix(prefix)
        if "/" in name:
            continue
        if name.endswith("Chart.yaml"):
            found = SourceType.HELM
        if name in _KUSTOMIZATIONS:
            found = SourceType.KUSTOMIZE
    return found


def source_type(
    tree: Tree, folder: str, source: Mapping[str, Any], application: str, *, multiple: bool = False
) -> TypedSource | SourceTypeError:
    """The kind of a source in this repository, and the source with its override files merged.

    `folder` is its path in the tree; `multiple` tells that it is an entry of `spec.sources`.
    """
    merged = merge_source_overrides(tree, folder, normalize_source(source, multiple=multiple), application)
    if isinstance(merged, SourceTypeError):
        return merged
    kind = explicit_type(merged[0])
    if isinstance(kind, SourceTypeError):
        return kind
    return TypedSource(kind or discovered_type(tree, folder), *merged)
