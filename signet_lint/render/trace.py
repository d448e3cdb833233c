"""Where a rendered field comes from, measured: change one value, render again, look whether the field changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any

import yaml
from msgspec import Struct
from msgspec.structs import replace

from signet_lint.model.resource import INTO_TEXT, INTO_YAML, dig, plain
from signet_lint.render.engine import ChartFiles, HelmEngine, Path, RenderFailure, RenderRequest
from signet_lint.render.marks import Mark, marked_files, marks_at, unmarked
from signet_lint.render.named import NamedValues
from signet_lint.render.references import references_by_line, value_references
from signet_lint.render.rendering import Rendering, solid_documents
from signet_lint.render.values import leaves, nodes
from signet_lint.source.yamldoc import Document, YamlError, locate, node_at, parse, parse_documents

_ACTION = re.compile(r"\{\{.*?\}\}")
_ARGUMENT = re.compile(r"\{\{[^}]*(?<![\w$.)])\.(?!(?:Values|Release|Chart|Capabilities|Template|Files)\b)\w")
_ACTS = re.compile(r"\{\{|\}\}")
_LITERAL_ACTION = re.compile(r"\{\{-?\s*(?:\"(?:\\.|[^\"\\])*\"|`[^`]*`)\s*-?\}\}")
_MISSING = object()
_MAX_CANDIDATES = 600  # values tried for one field; charts of the plan have under 200


class Spot(Struct, frozen=True):
    """A document of a template's output, and a field path in it (`item` counts within a `List`)."""

    template: str
    index: int
    path: Path
    item: int = -1

    @property
    def full_path(self) -> Path:
        """The path from the document's root."""
        return ("items", self.item, *self.path) if self.item >= 0 else self.path


class Tracer:
    """Answers where fields of renderings come from; renders small copies of charts, and remembers them."""

    def __init__(self, engine: HelmEngine) -> None:
        self.engine = engine
        self._bases: dict[tuple[int, str], RenderRequest | None] = {}
        self._marked: dict[tuple[int, str], tuple[str, list[str]] | None] = {}
        self._references: dict[tuple[str, str], NamedValues] = {}
        self._marked_charts: dict[int, tuple[Mapping[str, str], list[str]]] = {}
        self._with_marks: dict[tuple[str, str], ChartFiles] = {}
        self._kept: list[Rendering] = []  # ids stay unique while the renderings live

    def value_of(self, rendering: Rendering, spot: Spot) -> Path | None:
        """The path of the value behind a field, None where the template alone makes it."""
        base = self._base(rendering, spot.template)
        if base is None or _is_static(rendering, spot.template):
            return None
        current = self._field(rendering.outputs[spot.template], spot)
        if isinstance(current, (Mapping, list)) and current:
            return self._container(base, rendering, spot, current)
        beside = self._line_references(rendering, spot)
        if beside is None:
            return None  # the template writes the field out
        references = self.references(rendering, spot.template)
        for group in _scalar_candidates(_own_leaves(rendering), current, beside, references):
            found = self._first_that_changes(base, rendering, spot, group)
            if found is not None:
                return found
        return None

    def is_written_out(self, rendering: Rendering, spot: Spot) -> bool:
        """Whether the template line that emits a field is measured and acts on nothing."""
        return self._line_references(rendering, spot) is None

    def _line_references(self, rendering: Rendering, spot: Spot) -> NamedValues | None:
        """The values named on the template line that emits a field; None where that line has no action at all."""
        template, line, measured = self.template_line(rendering, spot)
        if not measured:
            return NamedValues()
        found = [self._named_on(rendering, *at) for at in {(template, line), *self._value_line(rendering, spot)}]
        acting = [named for named in found if named is not None]
        return NamedValues(path for named in acting for path in named) if acting else None

    def _named_on(self, rendering: Rendering, template: str, line: int) -> Set[Path] | None:
        """The values named on a line of a template; None where it has no action at all."""
        text = rendering.request.chart.files[template].decode("utf-8", "replace")
        source = text.splitlines()[line - 1] if line <= text.count("\n") + 1 else ""
        if not _ACTS.search(_LITERAL_ACTION.sub("", source)):
            return None
        return references_by_line(text).get(line, frozenset())

    def _value_line(self, rendering: Rendering, spot: Spot) -> Iterator[tuple[str, int]]:
        """The template line that emits the beginning of an empty value, which may stand below its key."""
        try:
            node = rendering.document(spot.template, spot.index).node
        except (YamlError, IndexError):
            return
        value = node_at(node, spot.full_path) if node is not None else None
        if value is not None and not value.value:
            template, line, measured = self.line_of_output(rendering, spot.template, value.start_mark.line + 1)
            if measured:
                yield template, line

    def home_of(self, rendering: Rendering, spot: Spot, probes: Sequence[Any]) -> Path | None:
        """The path of a value that, if set to one of the probes, would make an absent field appear."""
        base = self._base(rendering, spot.template)
        if base is None or _is_static(rendering, spot.template):
            return None
        tail = _missing_tail(self._document(rendering.outputs[spot.template], spot), spot.full_path)
        references = self.references(rendering, spot.template)
        for probe in probes:
            candidates = list(_homes(rendering.effective, references, tail, probe))[:_MAX_CANDIDATES]
            outputs = self.engine.render_variants(base, spot.template, [(path, value) for path, value, _ in candidates])
            for output, (_, _, home) in zip(outputs, candidates, strict=True):
                if output in (None, rendering.outputs[spot.template]):
                    continue
                if self._field(str(output), spot) not in (_MISSING, None, {}, []):
                    return home
        return None

    def gates(self, rendering: Rendering, template: str, index: int) -> list[Path]:
        """The values which, switched off alone, take a document out of a template's output; flags before texts."""
        base = self._base(rendering, template)
        before = _documents(rendering.outputs[template])
        if base is None or not before or index >= len(before):
            return []
        references = self.references(rendering, template)
        named = [(path, value) for path, value in leaves(rendering.effective) if references.touch(path)]
        # A text that the manifest repeats (`if .name`) is what it is about, not what switches it.
        shown = str(before[index].data)
        texts = [(path, value) for path, value in named if not isinstance(value, str) or value not in shown]
        for switched_off, candidates in ((_flag_off, named), (_text_off, texts)):
            changes = [(path, off) for path, value in candidates if (off := switched_off(value)) is not _MISSING]
            outputs = self.engine.render_variants(base, template, changes)
            found = [
                path
                for output, (path, _) in zip(outputs, changes, strict=True)
                if output is not None and _is_gone(before, index, _documents(output))
            ]
            if found:
                return found
        return []

    def template_line(self, rendering: Rendering, spot: Spot) -> tuple[str, int, bool]:
        """The template (path in the chart) and line that emit a field or its nearest parent; whether it is measured."""
        measured = self._marked_output(rendering, spot.template)
        try:
            document = rendering.document(spot.template, spot.index)
        except (YamlError, IndexError):
            return spot.template, 1, False
        if document.node is None or measured is None:
            return spot.template, 1, False
        text, order = measured
        found = marks_at(text, _output_line(document.node, spot) - 1)
        if not found:
            return spot.template, 1, False
        mark = _best_mark(found, order, spot.template, rendering)
        return order[mark.file], mark.line, True

    def line_of_output(self, rendering: Rendering, template: str, line: int) -> tuple[str, int, bool]:
        """The template and line that emit a line (from 1) of a template's output."""
        measured = self._marked_output(rendering, template)
        found = marks_at(measured[0], line - 1) if measured else []
        if not found or measured is None:
            return template, 1, False
        mark = _best_mark(found, measured[1], template, rendering)
        return measured[1][mark.file], mark.line, True

    def references(self, rendering: Rendering, template: str) -> NamedValues:
        """Value paths that a template, or a partial of its chart, names."""
        chart = rendering.request.chart
        key = (chart.digest, template)
        if key not in self._references:
            own = value_references(chart.files[template].decode("utf-8", "replace")) if template in chart.files else ()
            self._references[key] = NamedValues((*own, *self._of_partials(chart)))
        return self._references[key]

    def _of_partials(self, chart: ChartFiles) -> NamedValues:
        """Value paths that the partials of a chart name."""
        key = (chart.digest, "")
        if key not in self._references:
            texts = (text for path, text in chart.files.items() if is_partial(path))
            named = (value_references(text.decode("utf-8", "replace")) for text in texts)
            self._references[key] = NamedValues(path for paths in named for path in paths)
        return self._references[key]

    def base(self, rendering: Rendering, template: str) -> RenderRequest | None:
        """A request whose values are all a template sees, on the smallest copy of the chart that renders it alike."""
        return self._base(rendering, template)

    def _base(self, rendering: Rendering, template: str) -> RenderRequest | None:
        key = (id(rendering), template)
        if key not in self._bases:
            self._kept.append(rendering)
            self._bases[key] = self._find_base(rendering, template)
        return self._bases[key]

    def _find_base(self, rendering: Rendering, template: str) -> RenderRequest | None:
        for candidate in _copies(rendering, template):
            output = self.engine.render(candidate)
            if not isinstance(output, RenderFailure) and output.get(template) == rendering.outputs[template]:
                return candidate
        return None

    def _marked_output(self, rendering: Rendering, template: str) -> tuple[str, list[str]] | None:
        key = (id(rendering), template)
        if key not in self._marked:
            self._kept.append(rendering)
            self._marked[key] = self._mark(rendering, template)
        return self._marked[key]

    def _mark(self, rendering: Rendering, template: str) -> tuple[str, list[str]] | None:
        outputs, order = self._marked_chart(rendering)
        text = outputs.get(template, "")
        if text and _alike(unmarked(text), rendering.outputs[template]):
            return text, order
        # A mark in some other template changed what this one gives: it is marked alone.
        for base in _copies(rendering, template):
            order = sorted(path for path in base.chart.files if _is_template(path))
            for only in ("", template):
                text = self._render_marked(base, order, only).get(template, "")
                if text and _alike(unmarked(text), rendering.outputs[template]):
                    return text, order
        return None

    def _marked_chart(self, rendering: Rendering) -> tuple[Mapping[str, str], list[str]]:
        """What the chart gives with marks in all of its templates, once for all findings in it."""
        key = id(rendering)
        if key not in self._marked_charts:
            *_, whole = _copies(rendering, "")
            order = sorted(path for path in whole.chart.files if _is_template(path))
            self._marked_charts[key] = self._render_marked(whole, order, ""), order
        return self._marked_charts[key]

    def _render_marked(self, base: RenderRequest, order: list[str], only: str) -> Mapping[str, str]:
        key = (base.chart.digest, only)
        if key not in self._with_marks:  # environments render the same chart
            files = marked_files(base.chart.files, order, only=only)
            self._with_marks[key] = ChartFiles(base.chart.folder, base.chart.name, files)
        output = self.engine.render(replace(base, chart=self._with_marks[key]))
        return {} if isinstance(output, RenderFailure) else output

    def _container(self, base: RenderRequest, rendering: Rendering, spot: Spot, current: Any) -> Path | None:
        """The mapping or list of values that a field repeats."""
        equal = [(path, value) for path, value in nodes(rendering.effective) if path and value == current]
        changes = [(path, _extended(value)) for path, value in equal]
        return self._changed(base, rendering, spot, changes)

    def _first_that_changes(
        self, base: RenderRequest, rendering: Rendering, spot: Spot, candidates: list[tuple[Path, Any]]
    ) -> Path | None:
        for attempt in (0, 1):
            changes = [
                (path, others[attempt])
                for path, value in candidates[:_MAX_CANDIDATES]
                if len(others := alternatives(value)) > attempt
            ]
            found = self._changed(base, rendering, spot, changes)
            if found is not None:
                return found
        return None

    def _changed(
        self, base: RenderRequest, rendering: Rendering, spot: Spot, changes: list[tuple[Path, Any]]
    ) -> Path | None:
        """The first change that gives the field another value.

        A change under which the field goes, or its manifest, says why it exists, not where it comes from.
        """
        before = rendering.outputs[spot.template]
        current = self._field(before, spot)
        outputs = self.engine.render_variants(base, spot.template, changes)
        for output, (path, _) in zip(outputs, changes, strict=True):
            if output in (None, before) or _other_in_its_place(before, str(output), spot.index):
                continue
            if self._field(str(output), spot) not in (_MISSING, current):
                return path
        return None

    def _document(self, output: str, spot: Spot) -> Any:
        documents = _documents(output)
        return documents[spot.index].data if documents and spot.index < len(documents) else _MISSING

    def _field(self, output: str, spot: Spot) -> Any:
        document = self._document(output, spot)
        return _MISSING if document is _MISSING else field_value(document, spot.full_path)


def field_value(document: Any, path: Path) -> Any:
    """The value at a field path, which may lead into YAML text; a marker object where it is absent."""
    if INTO_TEXT in path:
        at = path.index(INTO_TEXT)
        text, line = dig(document, path[:at], _MISSING), path[at + 1]
        lines = text.splitlines() if isinstance(text, str) else []
        return lines[line - 1] if isinstance(line, int) and 0 < line <= len(lines) else _MISSING
    if INTO_YAML not in path:
        return dig(document, path, _MISSING)
    at = path.index(INTO_YAML)
    text = dig(document, path[:at], _MISSING)
    try:
        return field_value(parse(text), path[at + 1 :]) if isinstance(text, str) else _MISSING
    except YamlError:
        return _MISSING


def _output_line(node: yaml.Node, spot: Spot) -> int:
    """The line (from 1) of the output where a field stands, or its nearest parent."""
    path = spot.full_path
    if INTO_TEXT in path:
        at, number = path.index(INTO_TEXT), path[path.index(INTO_TEXT) + 1]
        block = node_at(node, path[:at])
        is_block = isinstance(block, yaml.ScalarNode) and block.style in ("|", ">")
        line = locate(node, path[:at], spot.template)[0].line
        return line + number if is_block and isinstance(number, int) else line
    if INTO_YAML not in path:
        return locate(node, path, spot.template)[0].line
    at = path.index(INTO_YAML)
    line = locate(node, path[:at], spot.template)[0].line
    block = node_at(node, path[:at])
    if not isinstance(block, yaml.ScalarNode) or block.style not in ("|", ">"):
        return line
    try:
        inner = parse_documents(block.value)[0].node
    except (YamlError, IndexError):
        return line
    # The text of a block begins on the line after its `|`.
    return line if inner is None else line + locate(inner, path[at + 1 :], spot.template)[0].line


def alternatives(value: Any) -> list[Any]:
    """Other values of the same kind to try in its place."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, 0] if value else [1]
    if isinstance(value, str):
        if value.lower() in ("true", "false"):
            return ["false" if value.lower() == "true" else "true"]
        # A text that begins like a number (`16k`) may be read as one, where only another number makes a difference.
        return [str(int(value) + 1) if value.isdigit() else f"{value}x", "7" if value[:1].isdigit() else ""]
    if isinstance(value, list):
        return [["x"], [{"name": "x"}]]
    return [{"x": "x"}] if isinstance(value, Mapping) else ["x", True]


@lru_cache(maxsize=256)  # one field after the other of the same rendering is asked for
def _own_leaves(rendering: Rendering) -> list[tuple[Path, Any]]:
    """The values behind a rendering that somebody wrote; what an installation sets selects, and is in no file."""
    installed = [layer for layer in rendering.layers if layer.kind == "install"]
    return [leaf for leaf in leaves(rendering.effective) if not any(layer.has(leaf[0]) for layer in installed)]


def _scalar_candidates(
    found: list[tuple[Path, Any]], current: Any, beside: NamedValues, references: NamedValues
) -> Iterator[list[tuple[Path, Any]]]:
    """Values to try for a field, the likeliest first.

    Those its own line names and whose text stands in it, those its line names, those whose text stands in it, those the
    template names, all others.
    """
    text = _text(current)
    left = sorted(found, key=lambda leaf: -len(_text(leaf[1])))  # the longest text is the most telling

    def is_written(leaf: tuple[Path, Any]) -> bool:
        own = _text(leaf[1])
        return own != "" and own in text

    tests: list[Callable[[tuple[Path, Any]], bool]] = [
        lambda leaf: is_written(leaf) and beside.touch(leaf[0]),
        lambda leaf: beside.touch(leaf[0]),
        is_written,
        lambda leaf: references.touch(leaf[0]),
        lambda _: True,
    ]
    for test in tests:
        group: list[tuple[Path, Any]] = []
        rest: list[tuple[Path, Any]] = []
        for leaf in left:
            (group if test(leaf) else rest).append(leaf)
        left = rest
        if group:
            yield group


def _text(value: Any) -> str:
    if value is None or value is _MISSING or isinstance(value, (Mapping, list)):
        return ""
    return plain(value)


def _homes(effective: Any, references: NamedValues, tail: Path, probe: Any) -> Iterator[tuple[Path, Any, Path]]:
    """Changes that might make an absent field appear: (value path, new value, the path to point at)."""
    empties = [path for path, value in leaves(effective) if not value or value is False]
    for path in sorted(empties, key=lambda p: not references.touch(p)):
        yield path, probe, path
    for reference in sorted(references, key=str):
        if dig(effective, reference, _MISSING) is _MISSING:
            yield reference, probe, reference
    keys = [step for step in tail if isinstance(step, str)]
    for path, value in nodes(effective):
        if isinstance(value, Mapping) and value:
            for cut in range(len(keys)):
                yield (*path, *keys[cut:]), probe, (*path, keys[cut])
        elif isinstance(value, list):
            yield (*path, len(value)), probe, path


def _missing_tail(document: Any, path: Path) -> Path:
    for length in range(len(path) + 1):
        if dig(document, path[:length], _MISSING) is _MISSING:
            return path[length - 1 :]
    return path[-1:]


def _flag_off(value: Any) -> Any:
    if value is True:
        return False
    if isinstance(value, str) and value.lower() == "true":
        return "false"
    return 0 if isinstance(value, int) and not isinstance(value, bool) and value else _MISSING


def _text_off(value: Any) -> Any:
    return "" if isinstance(value, str) and value and value.lower() != "true" else _MISSING


def _other_in_its_place(before: str, after: str, index: int) -> bool:
    """Whether another document stands at an index, as some before it have come or gone."""
    own, others = _documents(before), _documents(after)
    if own is None or others is None or len(own) == len(others) or index >= min(len(own), len(others)):
        return False
    return _identity(own[index].data) != _identity(others[index].data)


def _is_gone(before: Sequence[Document], index: int, after: Sequence[Document] | None) -> bool:
    """Whether a document is no longer there: neither it nor one of its kind in its place."""
    if after is None:
        return False
    kind, name = _identity(before[index].data)
    fewer = sum(_identity(d.data)[0] == kind for d in after) < sum(_identity(d.data)[0] == kind for d in before)
    return fewer and (kind, name) not in [_identity(d.data) for d in after]


def _extended(value: Any) -> Any:
    return {**value, "signet-probe": "x"} if isinstance(value, Mapping) else [*value, value[-1] if value else "x"]


def _documents(text: str) -> Sequence[Document] | None:
    try:
        return solid_documents(text)
    except YamlError:
        return None


def _identity(document: Any) -> tuple[str, str]:
    return str(dig(document, ("kind",))), str(dig(document, ("metadata", "name")))


def _is_template(path: str) -> bool:
    return path.startswith("templates/") or "/templates/" in path


def is_partial(path: str) -> bool:
    """Whether a template only defines named templates and gives no output."""
    return _is_template(path) and (path.rsplit("/", 1)[-1].startswith("_") or path.endswith(".tpl"))


def _is_output(path: str) -> bool:
    """Whether a template of the chart itself gives output of its own."""
    return path.startswith("templates/") and not is_partial(path)


def _best_mark(found: Sequence[Mark], order: Sequence[str], template: str, rendering: Rendering) -> Mark:
    """The mark of the template itself on the line, else the first of any.

    A line that does nothing but include a partial ends on the same line of output as the partial's last one: that one
    writes the output, unless it only repeats what the template gives it.
    """
    own = next((mark for mark in found if order[mark.file] == template), found[0])
    included = found[0]
    if included is own or _ACTION.sub("", _line_at(rendering, order, own)).strip(" \t\r-"):
        return own
    return own if _ARGUMENT.search(_line_at(rendering, order, included)) else included


def _line_at(rendering: Rendering, order: Sequence[str], mark: Mark) -> str:
    lines = rendering.request.chart.files[order[mark.file]].decode("utf-8", "replace").split("\n")
    return lines[mark.line - 1] if mark.line <= len(lines) else ""


def unique(paths: Iterable[Path]) -> list[Path]:
    """The paths without repeats, in order."""
    return list(dict.fromkeys(paths))


def _is_static(rendering: Rendering, template: str) -> bool:
    """Whether a template has no action at all, so that no value can change what it gives."""
    return b"{{" not in rendering.request.chart.files.get(template, b"{{")


def _copies(rendering: Rendering, template: str) -> Iterator[RenderRequest]:
    """Requests that should render a template alike, the smallest chart first; the values are all that it sees."""
    for small in _smaller(rendering.request.chart, template):
        yield replace(rendering.request, chart=small, values=rendering.effective, include_crds=False)


@lru_cache(maxsize=1024)  # environments share charts, and a chart that is the same object is hashed and loaded once
def _smaller(chart: ChartFiles, template: str) -> tuple[ChartFiles, ...]:
    files = {path: text for path, text in chart.files.items() if path not in ("values.yaml", "values.schema.json")}
    partials = {path: text for path, text in files.items() if path == template or not _is_output(path)}
    # Few templates read other files of their chart, and those files may be large.
    alone = {path: text for path, text in partials.items() if path.startswith(("templates/", "charts/", "Chart."))}
    smallest = partials if any(b".Files" in text for text in alone.values()) else alone
    return tuple(ChartFiles(chart.folder, chart.name, kept) for kept in (smallest, files))


def _alike(one: str, other: str) -> bool:
    """Whether two outputs are the same, or the same keys line by line: what stands behind them may be drawn at random."""
    if one == other:
        return True
    lines, others = one.split("\n"), other.split("\n")
    same = (a.partition(":")[0] == b.partition(":")[0] for a, b in zip(lines, others, strict=False))
    return len(lines) == len(others) and all(same)
