"""Manifests as YAML that people read, with a comment behind each field where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from signet_lint.model.resource import Path
from signet_lint.report.escape import visible

Comment = Callable[[Path], str]

_FURTHEST = 56  # the column of comments, where the lines are not all shorter
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks, no anchors: as people write manifests."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is the library's
        return True


def _represent(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent)


def manifest_yaml(body: Mapping[str, Any]) -> str:
    """A manifest as a YAML document."""
    return yaml.dump(_plain(body), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def annotated_yaml(body: Mapping[str, Any], comment: Comment) -> str:
    """The same document with a comment behind each scalar, and each empty mapping or list."""
    text = manifest_yaml(body)
    node = yaml.compose(text, Loader=_Loader)
    leaves = [] if node is None else list(_leaves(node, _plain(body), ()))
    ends = [(text.index("\n", index), path) for path, index in leaves]
    starts = [text.rfind("\n", 0, end) + 1 for end, _ in ends]
    width = min(max((end - start for (end, _), start in zip(ends, starts, strict=True)), default=0), _FURTHEST)
    parts, last = [], 0
    for (end, path), start in zip(ends, starts, strict=True):
        parts.append(f"{text[last:end]}{' ' * (width - (end - start))}  # {visible(comment(path))}")
        last = end
    return "".join([*parts, text[last:]])


def _leaves(node: yaml.Node, value: Any, path: Path) -> Iterator[tuple[Path, int]]:
    """The path of each leaf, and where in the text the line goes on that a comment on it may end."""
    if isinstance(node, yaml.MappingNode) and node.value:
        for (_, below), (key, item) in zip(node.value, value.items(), strict=True):
            yield from _leaves(below, item, (*path, key))
    elif isinstance(node, yaml.SequenceNode) and node.value:
        for index, (below, item) in enumerate(zip(node.value, value, strict=True)):
            yield from _leaves(below, item, (*path, index))
    elif isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        yield path, node.start_mark.index  # in the text itself a comment would be text
    else:
        yield path, node.end_mark.index


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
