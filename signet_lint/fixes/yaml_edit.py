"""Edits of YAML files at known positions: comments, quoting, order and line ends stay as they are.

Every function gives the edits, or None where no edit is surely right: behind an alias, inside a block of text, over
values that would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from msgspec import Struct

from signet_lint.finding import Edit
from signet_lint.fixes.text import Source
from signet_lint.model.resource import plain
from signet_lint.source.scalars import scalar
from signet_lint.source.yamldoc import Path, node_key

Edits = tuple[Edit, ...]
_QUOTES = ("'", '"')


class _Found(Struct, frozen=True):
    """How far a path leads: the last key (None in a list) and value, how many steps; whether `{}` or `[]` is around it."""

    key: yaml.Node | None
    node: yaml.Node
    depth: int
    in_flow: bool


def set_value(source: Source, root: yaml.Node, path: Path, value: Any, after: str = "") -> Edits | None:
    """A value at a path, its parents made where they are missing; a new key goes after the key `after`, else last."""
    found = _find(root, path)
    if found is None:
        return None
    rest = path[found.depth :]
    if not rest:
        return _replaced(source, found, value)
    step, below = rest[0], nested(rest[1:], value)
    if isinstance(found.node, yaml.SequenceNode):
        return _appended(source, found, below) if step == len(found.node.value) else None
    if isinstance(step, int):
        return None
    if isinstance(found.node, yaml.MappingNode) and found.node.value:
        return _inserted(source, found, {step: below}, after)
    return _replaced(source, found, {step: below})


def append(source: Source, root: yaml.Node, path: Path, item: Any) -> Edits | None:
    """One more item at the end of a list, which is made where it is missing."""
    found = _find(root, path)
    if found is None:
        return None
    if len(path) == found.depth and isinstance(found.node, yaml.SequenceNode):
        return _appended(source, found, item)
    return set_value(source, root, path, [item])


def drop_first_of_two(source: Source, root: yaml.Node, line: int) -> Edits | None:
    """Of a key that stands twice in a mapping, the second on that line (from 1), the first goes: it has no effect."""
    for mapping in _mappings(root):
        seen: dict[str | None, tuple[yaml.Node, yaml.Node]] = {}
        for key, node in mapping.value:
            name = node_key(key)
            if key.start_mark.line + 1 == line and name in seen and not mapping.flow_style:
                return _without(source, *seen[name])
            seen[name] = (key, node)
    return None


def nested(path: Path, value: Any) -> Any:
    """A value under the keys of a path."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def block(value: Any, indent: int) -> list[str]:
    """The lines of a mapping or list in block style."""
    text = yaml.dump(
        value, Dumper=_dumper(), default_flow_style=False, sort_keys=False, width=10_000, allow_unicode=True
    )
    return [" " * indent + line for line in text.splitlines()]


def flow(value: Any) -> str:
    """A value on one line; text is quoted where it must be."""
    if isinstance(value, (Mapping, list)):
        return _dumped(value)
    return _dumped([value])[1:-1]


def _dumped(value: Any) -> str:
    return yaml.dump(
        value, Dumper=_dumper(), default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
    ).strip()


@cache
def _dumper() -> Any:
    class Dumper(yaml.SafeDumper):
        """Lists are indented, quotes are double, nothing is aliased."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
            return True

    def text(dumper: Any, value: str) -> Any:
        plain = isinstance(scalar(value) if value else None, str)
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else '"')

    Dumper.add_representer(str, text)
    return Dumper


def _find(root: yaml.Node, path: Path) -> _Found | None:
    """As far as a path leads through what is written here; None where an alias stands in the way."""
    found = _Found(None, root, 0, in_flow=False)
    for step in path:
        pair = _own_child(found.node, step)
        if pair is None:
            return found
        key, node = pair
        if key is not None and _starts_before(node, key):
            return None
        in_flow = found.in_flow or bool(getattr(found.node, "flow_style", False))
        found = _Found(key, node, found.depth + 1, in_flow)
    return found


def _own_child(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in reversed(node.value) if node_key(key) == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        return None, node.value[step]
    return None


def _starts_before(node: yaml.Node, key: yaml.Node) -> bool:
    """Whether a value is written before its key: an alias stands there, and the value elsewhere."""
    return (node.start_mark.line, node.start_mark.column) < (key.end_mark.line, key.end_mark.column)


def _replaced(source: Source, found: _Found, value: Any) -> Edits | None:
    """Another value in the place of a scalar, or of a container that holds nothing."""
    node: Any = found.node  # PyYAML's stubs know no style
    if isinstance(node, yaml.ScalarNode) and not isinstance(value, (Mapping, list)):
        return _rescalar(source, found, value)
    is_empty = not node.value if not isinstance(node, yaml.ScalarNode) else not node.style and not scalar(node.value)
    if not is_empty or not isinstance(value, (Mapping, list)) or found.key is None:
        return None
    line, colon = _colon(source, found.key)
    on_one_line = node.end_mark.line + 1 == line
    if not on_one_line:
        return None
    end = max(colon + 1, node.end_mark.column)
    if found.in_flow:
        return (source.replaced(line, colon + 1, end, f" {flow(value)}"),)
    below = source.inserted_after(line, block(value, found.key.start_mark.column + 2))
    return (source.replaced(line, colon + 1, end, ""), below) if end > colon + 1 else (below,)


def _rescalar(source: Source, found: _Found, value: Any) -> Edits | None:
    node: Any = found.node
    if node.style in ("|", ">") or node.start_mark.line != node.end_mark.line:
        return None
    line = node.start_mark.line + 1
    if node.start_mark.column == node.end_mark.column:  # nothing is written
        if found.key is None:
            return None
        line, colon = _colon(source, found.key)
        return (source.replaced(line, colon + 1, colon + 1, f" {flow(value)}"),)
    return (source.replaced(line, node.start_mark.column, node.end_mark.column, styled(value, node.style)),)


def styled(value: Any, style: str | None) -> str:
    """A scalar, in quotes where there were some."""
    if style == "'":
        return "'" + plain(value).replace("'", "''") + "'"
    if style == '"':
        return '"' + plain(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    return flow(value)


def _colon(source: Source, key: yaml.Node) -> tuple[int, int]:
    """The line of a key (from 1) and where its colon stands (from 0)."""
    line = key.end_mark.line + 1
    return line, source.line(line).index(":", key.end_mark.column)


def _inserted(source: Source, found: _Found, entry: Mapping[str, Any], after: str) -> Edits | None:
    """One more entry of a mapping that has some."""
    mapping: Any = found.node
    if mapping.flow_style:
        _, last = mapping.value[-1]
        text = f", {flow(entry)[1:-1]}"
        return (source.replaced(last.end_mark.line + 1, last.end_mark.column, last.end_mark.column, text),)
    key, node = next((pair for pair in mapping.value if node_key(pair[0]) == after), mapping.value[-1])
    lines = block(entry, mapping.value[0][0].start_mark.column)
    if len(mapping.value) > 1 and key.start_mark.line and not source.line(key.start_mark.line).strip():
        lines.insert(0, "")  # entries stand apart here
    return (source.inserted_after(_last_line(source, key, node), lines),)


def _appended(source: Source, found: _Found, item: Any) -> Edits | None:
    sequence: Any = found.node
    if not sequence.value:
        return _replaced(source, found, [item])
    last = sequence.value[-1]
    styles = {one.style for one in sequence.value if isinstance(one, yaml.ScalarNode)}
    style = styles.pop() if len(styles) == 1 else None
    if sequence.flow_style:
        text = styled(item, style) if not isinstance(item, (Mapping, list)) else flow(item)
        return (source.replaced(last.end_mark.line + 1, last.end_mark.column, last.end_mark.column, f", {text}"),)
    indent = sequence.start_mark.column
    if isinstance(item, str) and style in _QUOTES:
        lines = [" " * indent + f"- {styled(item, style)}"]
    else:
        lines = [" " * indent + line.removeprefix("  ") for line in block({"x": [item]}, 0)[1:]]
    return (source.inserted_after(_last_line(source, None, last), lines),)


def _without(source: Source, key: yaml.Node, node: yaml.Node) -> Edits | None:
    """An entry of a block mapping goes with its lines; None where something else stands on them."""
    first, last = key.start_mark.line + 1, _last_line(source, key, node)
    if source.line(first)[: key.start_mark.column].strip():
        return None
    return (source.without_lines(first, last),)


def _last_line(source: Source, key: yaml.Node | None, node: yaml.Node) -> int:
    """The last line (from 1) of an entry's own text: a block's mark ends after the comments that follow it."""
    if key is not None and _starts_before(node, key):
        return int(key.end_mark.line) + 1
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _last_line(source, *node.value[-1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _last_line(source, None, node.value[-1])
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        last = int(node.end_mark.line) + (1 if node.end_mark.column else 0)
        while last > node.start_mark.line + 1 and not source.line(last).strip():
            last -= 1
        return last
    end = node.end_mark
    if (end.line, end.column) == (node.start_mark.line, node.start_mark.column) and key is not None:
        return int(key.end_mark.line) + 1  # nothing is written
    return int(end.line) + 1


def _mappings(root: yaml.Node) -> list[yaml.MappingNode]:
    found: list[yaml.MappingNode] = []
    pending, seen = [root], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            found.append(node)
            pending += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value
    return found
