"""Declared dependencies that are not vendored: the helm command refuses a chart that has one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import yaml

_MISSING = re.compile(r"found in Chart\.yaml, but missing in charts/ directory: (.*)")
_DECLARING = ("Chart.yaml", "requirements.yaml")


def missing_names(reason: str) -> list[str]:
    """The dependencies that Helm misses, from its error text."""
    found = _MISSING.search(reason)
    return [name.strip() for name in found.group(1).split(",")] if found else []


def without_dependencies(files: Mapping[str, bytes], names: Collection[str]) -> dict[str, bytes]:
    """The chart's files without the declarations of these dependencies."""
    return {path: _without(text, names) if path in _DECLARING else text for path, text in files.items()}


def _without(text: bytes, names: Collection[str]) -> bytes:
    """The YAML text without these entries of `dependencies`; scalars stay as they are written."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return text
    for key, value in root.value:
        if key.value == "dependencies" and isinstance(value, yaml.SequenceNode):
            value.value = [entry for entry in value.value if _name(entry) not in names]
    written: bytes = yaml.serialize(root, Dumper=yaml.CSafeDumper, encoding="utf-8", allow_unicode=True)
    return written


def _name(entry: yaml.Node) -> str:
    if isinstance(entry, yaml.MappingNode):
        for key, value in entry.value:
            if key.value == "name" and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return ""
