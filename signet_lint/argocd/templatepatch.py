"""`templatePatch` of an ApplicationSet: a strategic merge patch on the generated Application.

[applicationset/controllers/template/patch.go, Argo CD v3.1.9; apimachinery v0.33.1, pkg/util/strategicpatch/patch.go]
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from signet_lint.argocd.fieldpath import Path, leaves
from signet_lint.source.yamldoc import YamlError, parse

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_LIST = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"
# The only lists of an Application whose Go type carries patchStrategy=merge are those of metav1.ObjectMeta.
_MERGED_LISTS = frozenset((("metadata", "finalizers"),))
# Its value is a RawExtension: the patch library finds no fields in it, so two maps or lists inside cannot be merged.
_OPAQUE = "valuesObject"


class TemplatePatchError(Exception):
    """A `templatePatch` that Argo CD refuses to apply."""


def parse_patch(text: str) -> Mapping[str, Any]:
    """The patch in an expanded `templatePatch`: JSON when it starts with `{`, else YAML.

    Raises `TemplatePatchError`.
    """
    try:
        patch = json.loads(text) if text.strip().startswith("{") else parse(text)
    except (ValueError, RecursionError, YamlError) as error:
        raise TemplatePatchError(f"error while converting template to json: {error}") from None
    if patch is None:
        return {}
    if not isinstance(patch, Mapping):
        raise TemplatePatchError("invalid templatePatch: it must be an object")
    return patch


def apply_patch(application: Mapping[str, Any], patch: Mapping[str, Any]) -> tuple[dict[str, Any], set[Path]]:
    """The patched Application and the leaf paths whose values the patch set; `spec.project` stays.

    Raises `TemplatePatchError`.
    """
    changed: set[Path] = set()
    patched = _merge_map(application, patch, (), changed)
    spec = patched.get("spec")
    before = application.get("spec")
    if isinstance(spec, dict) and isinstance(before, Mapping):
        spec.pop("project", None)
        changed.discard(("spec", "project"))
        if "project" in before:
            spec["project"] = before["project"]
    return patched, changed


def _merge_map(original: Mapping[str, Any], patch: Mapping[str, Any], at: Path, changed: set[Path]) -> dict[str, Any]:
    directive = patch.get(_DIRECTIVE)
    if directive is not None:
        return _replaced(directive, patch, at, changed)
    merged = dict(original)
    retained = patch.get(_RETAIN)
    if isinstance(retained, list):
        merged = {key: value for key, value in merged.items() if key in retained}
    for key, value in patch.items():
        if key == _RETAIN or key.startswith(_ORDER):
            continue
        if key.startswith(_DELETE_LIST):
            _delete_from_list(merged, key[len(_DELETE_LIST) :], value)
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge_value(merged.get(key), value, (*at, key), changed)
    return merged


def _merge_value(original: Any, value: Any, at: Path, changed: set[Path]) -> Any:
    both = isinstance(original, Mapping) and isinstance(value, Mapping)
    both_lists = isinstance(original, list) and isinstance(value, list)
    if (both or both_lists) and _OPAQUE in at[:-1]:
        raise TemplatePatchError(f'unable to find api field in struct RawExtension for the json field "{at[-1]}"')
    if both:
        return _merge_map(original, value, at, changed)
    if both_lists and at in _MERGED_LISTS:
        changed.update((*at, len(original) + index) for index in range(len(value)))
        return [*original, *(item for item in value if item not in original)]
    taken = _without_nulls(value)
    changed.update(leaves(taken, at))
    return taken


def _replaced(directive: Any, patch: Mapping[str, Any], at: Path, changed: set[Path]) -> dict[str, Any]:
    if directive == "delete":
        return {}
    if directive == "replace":
        taken = {key: value for key, value in patch.items() if key != _DIRECTIVE}
        changed.update(leaves(taken, at))
        return taken
    raise TemplatePatchError(f"unknown patch type: {directive}")


def _delete_from_list(merged: dict[str, Any], key: str, unwanted: Any) -> None:
    if isinstance(merged.get(key), list) and isinstance(unwanted, list):
        merged[key] = [item for item in merged[key] if item not in unwanted]


def _without_nulls(value: Any) -> Any:
    """A value new to the object: nulls and directives in its maps are dropped (lists are taken as they are)."""
    if isinstance(value, Mapping):
        return {
            key: _without_nulls(inner) for key, inner in value.items() if inner is not None and not key.startswith("$")
        }
    return value
