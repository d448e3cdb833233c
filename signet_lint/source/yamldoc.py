"""YAML as Helm and Argo CD read it, with the position of every key.

Scalars are typed as sigs.k8s.io/yaml types them (`source/scalars.py`), keys become strings, merges and anchors count as
goyaml.v2 counts them; the table in tests/conformance/test_yaml.py is checked against Helm's own parser.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import yaml
from msgspec import Struct

from signet_lint.source.location import Location
from signet_lint.source.scalars import NULLS, PLAIN, STR, key_text, scalar, value_of

Path = tuple[str | int, ...]

MAX_DEPTH = 500  # deeper nesting is refused: no manifest needs it, and parsers recurse
MAX_NODES = 1_000_000  # nodes after aliases are expanded; goyaml refuses "excessive aliasing" too

_UNSEEN_BREAK = re.compile("[\x85\u2028\u2029]")
_BREAK = re.compile("\r\n|\r|\n")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class YamlError(Exception):
    """Text that is not YAML; `line` and `column` start at 1 within the text given."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Duplicate(Struct, frozen=True):
    """A key that stands a second time in one mapping; lines start at 1 within the text given."""

    key: str
    first_line: int
    line: int
    column: int
    end_column: int


class Document(Struct, frozen=True):
    """One YAML document: its plain data, its node tree (None for an empty document), and keys that stand twice."""

    data: Any
    node: yaml.Node | None
    duplicates: tuple[Duplicate, ...] = ()


if yaml.__with_libyaml__:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]

    class _Loader(_Parser, yaml.constructor.SafeConstructor, yaml.resolver.BaseResolver):
        """The C parser, leaving the typing of plain scalars to `scalar`."""

        def __init__(self, stream: str) -> None:
            _Parser.__init__(self, stream)
            yaml.constructor.SafeConstructor.__init__(self)
            yaml.resolver.BaseResolver.__init__(self)

        def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:  # noqa: ARG002 - the signature is PyYAML's
            return _resolve(kind, implicit)

else:  # pragma: no cover - PyYAML built without libyaml

    class _Loader(yaml.SafeLoader):  # type: ignore[no-redef]
        """The pure Python parser, leaving the typing of plain scalars to `scalar`."""

        def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:  # noqa: ARG002 - the signature is PyYAML's
            return _resolve(kind, implicit)


class _Reanchored(yaml.composer.Composer, _Loader):
    """Takes an anchor that stands twice, as goyaml does: from the second one on, that is the one meant."""

    def __init__(self, stream: str) -> None:
        _Loader.__init__(self, stream)
        yaml.composer.Composer.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.NodeEvent) and not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)


def _resolve(kind: type[yaml.Node], implicit: Any) -> str:
    if kind is yaml.ScalarNode:
        return PLAIN if implicit[0] else STR
    return "tag:yaml.org,2002:map" if kind is yaml.MappingNode else "tag:yaml.org,2002:seq"


def parse_documents(text: str) -> list[Document]:
    """Every document of a YAML stream; raises `YamlError`."""
    _refuse_deep_nesting(text)
    if "%YAML" in text:
        _refuse_other_versions(text)
    try:
        nodes = _composed(text)
    except yaml.MarkedYAMLError as error:
        raise _from_mark(error) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlError(_first_line(str(error))) from None
    if _UNSEEN_BREAK.search(text):
        _renumber(nodes, text)
    if "\\/" in text:
        _refuse_escaped_slash(nodes, text)
    return [_document(node) for node in nodes]


def _composed(text: str) -> list[yaml.Node | None]:
    try:
        return list(yaml.compose_all(text, Loader=_Loader))  # type: ignore[arg-type]
    except yaml.composer.ComposerError:  # perhaps an anchor that stands twice, which libyaml refuses
        return list(yaml.compose_all(text, Loader=_Reanchored))  # type: ignore[arg-type]


def _renumber(nodes: Iterable[yaml.Node | None], text: str) -> None:
    """Lines as editors count them: YAML 1.1 also ends one at U+0085, U+2028 and U+2029."""
    starts = [0, *(match.end() for match in _BREAK.finditer(text))]
    for node in _every_node(nodes):
        for name in ("start_mark", "end_mark"):
            index = getattr(node, name).index
            line = bisect_right(starts, index) - 1
            setattr(node, name, yaml.Mark("", index, line, index - starts[line], None, 0))


def _every_node(nodes: Iterable[yaml.Node | None]) -> Iterator[yaml.Node]:
    """The nodes and all below them, each once."""
    pending = [node for node in nodes if node is not None]
    done: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in done:
            continue
        done.add(id(node))
        yield node
        if not isinstance(node, yaml.ScalarNode):
            pending += [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]


def _refuse_escaped_slash(nodes: Iterable[yaml.Node | None], text: str) -> None:
    """YAML 1.2 and libyaml know JSON's escaped slash in double quotes, goyaml does not."""
    for node in _every_node(nodes):
        if isinstance(node, yaml.ScalarNode) and node.style == '"':
            written = text[node.start_mark.index : node.end_mark.index]
            if "/" in _ESCAPED.findall(written):
                raise YamlError("found unknown escape character `\\/`", *_at(node))


def _refuse_other_versions(text: str) -> None:
    """goyaml.v2 reads YAML 1.1 alone, and says so of a document that announces another version."""
    with suppress(yaml.YAMLError):  # it is refused as soon as its nodes are composed
        for event in yaml.parse(text, Loader=_Loader):  # type: ignore[arg-type]
            if isinstance(event, yaml.DocumentStartEvent) and event.version not in (None, (1, 1)):
                mark: Any = event.start_mark
                version = ".".join(map(str, event.version))
                raise YamlError(f"Helm and Argo CD read YAML 1.1, not {version}", mark.line + 1, mark.column + 1)


def _document(node: yaml.Node | None) -> Document:
    if node is None:
        return Document(None, None)
    builder = _Builder()
    return Document(builder.build(node), node, tuple(builder.duplicates))


def parse(text: str) -> Any:
    """The data of a text with at most one document (several: they are merged by nobody, the first is taken)."""
    documents = parse_documents(text)
    return documents[0].data if documents else None


def child(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    """The key node (None in a list) and value node of one step, the last that gives it; None when absent."""
    if isinstance(node, yaml.MappingNode):
        found: tuple[yaml.Node | None, yaml.Node] | None = None
        for key, value in node.value:
            if _is_merge(key):
                found = _merged_child(value, step) or found
            elif node_key(key) == step:
                found = (key, value)
        return found
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        return None, node.value[step]
    return None


def _merged_child(merged: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    for source in merged.value if isinstance(merged, yaml.SequenceNode) else [merged]:
        if isinstance(source, yaml.MappingNode) and (found := child(source, step)):
            return found
    return None


def locate(document: yaml.Node, path: Path, file: str) -> tuple[Location, int]:
    """Where `path` stands in a document, or its nearest parent; with the number of steps that exist.

    A scalar's span covers key and value, a mapping's or list's only its key (its first line in a list).
    """
    key, node, depth = None, document, 0
    for step in path:
        found = child(node, step)
        if found is None:
            break
        key, node, depth = found[0], found[1], depth + 1
    return _span(key, node, file), depth


def node_at(document: yaml.Node, path: Path) -> yaml.Node | None:
    """The value node at a path, None where a step is missing."""
    node: yaml.Node = document
    for step in path:
        found = child(node, step)
        if found is None:
            return None
        node = found[1]
    return node


def _span(key: yaml.Node | None, node: yaml.Node, file: str) -> Location:
    start = key or node
    if isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">") and _not_alias(key, node):
        end = node.end_mark
    elif key is not None:
        end = key.end_mark
    else:
        return Location(file, node.start_mark.line + 1, node.start_mark.column + 1)
    return Location(file, start.start_mark.line + 1, start.start_mark.column + 1, end.line + 1, end.column + 1)


def _not_alias(key: yaml.Node | None, node: yaml.Node) -> bool:
    # An aliased value stands elsewhere (usually earlier): the span must not run backwards.
    return key is None or (node.start_mark.line, node.start_mark.column) >= (key.end_mark.line, key.end_mark.column)


def node_key(key: yaml.Node) -> str | None:
    """The JSON key of a key node; None where the key is no scalar."""
    if not isinstance(key, yaml.ScalarNode):
        return None
    return key_text(scalar(key.value)) if key.tag == PLAIN else str(key.value)


def _is_merge(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and key.tag in (PLAIN, "tag:yaml.org,2002:merge")


class _Builder:
    """Plain data from nodes; counts nodes as if aliases were copies."""

    def __init__(self) -> None:
        self.done: dict[int, tuple[Any, int]] = {}
        self.open: set[int] = set()
        self.duplicates: list[Duplicate] = []

    def build(self, node: yaml.Node) -> Any:
        return self._build(node)[0]

    def _build(self, node: yaml.Node) -> tuple[Any, int]:
        if isinstance(node, yaml.ScalarNode):
            return _scalar_of(node), 1
        known = self.done.get(id(node))
        if known is None:
            if id(node) in self.open:
                raise YamlError("an alias refers to the mapping or list that contains it", *_at(node))
            self.open.add(id(node))
            known = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
            self.open.discard(id(node))
            if known[1] > MAX_NODES:
                raise YamlError("excessive aliasing: the document would expand to over a million values", *_at(node))
            self.done[id(node)] = known
        return known

    def _mapping(self, node: yaml.MappingNode) -> tuple[dict[str, Any], int]:
        out: dict[str, Any] = {}
        merged: set[str] = set()
        size = 1
        for key, value in node.value:
            built, count = self._build(value)
            size += count
            if _is_merge(key):
                before = set(out)
                self._merge(out, built, key)
                merged |= out.keys() - before
                continue
            name = node_key(key)
            if name is None or (key.tag == PLAIN and key.value in NULLS):
                raise YamlError(f"a {'mapping or list' if name is None else 'null'} cannot be a key", *_at(key))
            if name in out and name not in merged:
                self.duplicates.append(_duplicate(name, key, node))
            merged.discard(name)
            out[name] = built
        return out, size

    @staticmethod
    def _merge(target: dict[str, Any], built: Any, key: yaml.Node) -> None:
        """As goyaml.v2 does it (decode.go, `merge`): over what stands before it, the first of several mappings last."""
        for source in reversed(built) if isinstance(built, list) else [built]:
            if not isinstance(source, dict):
                raise YamlError("map merge requires a mapping or a list of mappings", *_at(key))
            target.update(source)

    def _sequence(self, node: yaml.Node) -> tuple[list[Any], int]:
        items = [self._build(item) for item in node.value]
        return [item for item, _ in items], 1 + sum(count for _, count in items)


def _duplicate(name: str, key: yaml.Node, node: yaml.MappingNode) -> Duplicate:
    first = next(other for other, _ in node.value if node_key(other) == name)
    line, column = _at(key)
    return Duplicate(name, _at(first)[0], line, column, key.end_mark.column + 1)


def _scalar_of(node: yaml.ScalarNode) -> Any:
    try:
        return value_of(node.tag, node.value)
    except ValueError as error:
        raise YamlError(str(error), *_at(node)) from None


def _at(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _from_mark(error: yaml.MarkedYAMLError) -> YamlError:
    mark: Any = error.problem_mark or error.context_mark
    # What was opened and never closed is to be mended where it begins, not where the file ends.
    if error.context and any(word in error.context for word in ("simple key", "quoted scalar")):
        mark = error.context_mark or mark
    if mark is None:
        return YamlError(str(error.problem))
    message = ", ".join(part for part in (error.context, error.problem) if part)
    # libyaml's scanner looks ahead, and newer versions refuse deep nesting (at 1000) before the parser tells us of it.
    if "nesting depth" in message:
        message = _TOO_DEEP
    return YamlError(message, mark.line + 1, mark.column + 1)


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else "not YAML"


_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
_SUSPICIOUS = (" " * 400, "- " * 50, "? " * 50)


def _refuse_deep_nesting(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH and not any(run in text for run in _SUSPICIOUS):
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):  # type: ignore[arg-type]
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    mark: Any = event.start_mark
                    raise YamlError(_TOO_DEEP, mark.line + 1, mark.column + 1)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.MarkedYAMLError as error:
        raise _from_mark(error) from None
    except yaml.YAMLError as error:
        raise YamlError(_first_line(str(error))) from None
