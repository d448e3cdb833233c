"""The wiring of a chart, each step copied from a neighbour that is wired already.

What is copied is source text with the neighbour's names replaced: so the new lines are spelt as the repository spells
such lines, whatever its style is.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from signet_lint.finding import Edit, Point
from signet_lint.fixes import yaml_edit
from signet_lint.fixes.ports import Files, Places, is_there
from signet_lint.fixes.text import Source
from signet_lint.model.resource import InstalledValue, Path, dig, written
from signet_lint.model.state import DesiredState
from signet_lint.model.wiring import EnvKey, Gate, Thread, Wiring, flag_name

_ABSENT = object()
_KIND = re.compile(r"^kind:[ \t]*(\w+)", re.MULTILINE)
_ACRONYMS = frozenset(("ai", "api", "gpu", "llm"))


class _Chain(Struct, frozen=True):
    """One chart's chain: its folder's name, the value that switches it, and (of a whole chain) parameter and key.

    `root` is the first step of the value: `signetLLM` of `signetLLM.enabled`.
    """

    chart: str
    gate: Gate
    value: Path
    thread: Thread
    element: str

    @property
    def name(self) -> str:
        return posixpath.basename(self.chart)

    @property
    def root(self) -> str:
        return str(self.value[0])


class _Names(Struct, frozen=True):
    """What the new chart's steps are called, in place of a neighbour's."""

    name: str
    value: Path
    element: str
    replaced: tuple[tuple[str, str], ...]

    def rename(self, text: str) -> str:
        """Source text of the neighbour with its names replaced, the longer ones first."""
        for old, new in self.replaced:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(old)}(?![A-Za-z0-9])", new, text)
        return text


class Wirer(Struct, frozen=True):
    """Writes the steps of the wiring that a chart lacks."""

    state: DesiredState
    places: Places
    files: Files

    def wire(self, chart: str) -> tuple[Edit, ...] | None:
        """Every step that is missing; None where nothing like it is wired yet, or a step cannot be copied."""
        wiring = next(iter(self.state.wiring), None)
        if wiring is None:
            return None
        gate = self._gate(chart)
        for neighbour in self._neighbours(chart, wiring):
            names = self._names(chart, gate, neighbour, wiring)
            steps = [
                self._template(gate, names, neighbour),
                self._declarations(names, neighbour, wiring),
                self._element(names, neighbour, wiring),
                self._parameter(names, neighbour, wiring),
                self._switches(names, neighbour),
            ]
            if all(step is not None for step in steps):
                return tuple(edit for step in steps for edit in step or ())
        return None

    def _gate(self, chart: str) -> Gate | None:
        gates = (gate for umbrella in self.state.umbrellas for gate in umbrella.gates if chart in gate.charts)
        return next(gates, None)

    def _neighbours(self, chart: str, wiring: Wiring) -> list[_Chain]:
        """Charts that are wired whole, the best model first: of the same family, for the same kinds of things."""
        own, kinds = posixpath.basename(chart), self._kinds(chart)

        def distance(chain: _Chain) -> tuple[bool, int, int]:
            family = chain.name.partition("-")[0] == own.partition("-")[0]
            unlike = len(kinds ^ self._kinds(chain.chart))
            return not family, unlike, len(self.files.text(chain.gate.template))

        # A template with several Applications is no model for one.
        templates = Counter(gate.template for gate in wiring.umbrella.gates)
        return sorted(
            (c for c in _chains(wiring) if c.chart != chart and templates[c.gate.template] == 1), key=distance
        )

    def _kinds(self, chart: str) -> frozenset[str]:
        """What a chart's templates render."""
        found = self.state.chart(chart)
        texts = found.templates.values() if found else ()
        return frozenset(kind for text in texts for kind in _KIND.findall(text))

    def _names(self, chart: str, gate: Gate | None, neighbour: _Chain, wiring: Wiring) -> _Names:
        """Names that are there already in some step, else spelt like the neighbour's."""
        name = posixpath.basename(chart)
        known = [str(path[0]) for path in _declared(self.state, wiring) if flag_name(str(path[0])) == flag_name(name)]
        value = gate.values[0] if gate and gate.values else ((known or [_camel(name)])[0], *neighbour.value[1:])
        root = str(value[0])
        element = neighbour.element.replace(neighbour.root, root, 1)
        passed = next((key for thread in wiring.threads_to(value) for key in sorted(thread.keys)), "")
        element = passed or wiring.named_like(value) or element
        pairs = {neighbour.element: element, neighbour.name: name, neighbour.root: root}
        return _Names(name, value, element, tuple(sorted(pairs.items(), key=lambda pair: -len(pair[0]))))

    def _template(self, gate: Gate | None, names: _Names, neighbour: _Chain) -> list[Edit] | None:
        """Step 2: the child Application, a copy of the neighbour's."""
        if gate is not None:
            return []
        folder, file = posixpath.split(neighbour.gate.template)
        own = file.replace(neighbour.name, names.name) if neighbour.name in file else f"app-{names.name}.yaml"
        path, start = posixpath.join(folder, own), Point(1, 1)
        if is_there(self.files, path):
            return None
        text = _renamed_variable(self.files.text(neighbour.gate.template), neighbour.root, names)
        return [Edit(path, start, start, names.rename(text))]

    def _declarations(self, names: _Names, neighbour: _Chain, wiring: Wiring) -> list[Edit] | None:
        """Step 3: the flag, off, in every base values file of the umbrella."""
        made: list[Edit] = []
        for file in wiring.umbrella.values_files:
            if dig(self.state.values_of(file), names.value, _ABSENT) is not _ABSENT:
                continue
            edits = self._value(file, names.value, False, neighbour.root)
            if edits is None:
                return None
            made += edits
        return made

    def _value(self, file: str, path: Path, value: Any, after: str) -> tuple[Edit, ...] | None:
        documents = [document for document in self.files.documents(file) if document.node is not None]
        source = Source(file, self.files.text(file))
        if not documents or documents[0].node is None:
            return (source.inserted_after(len(source.lines), yaml_edit.block(yaml_edit.nested(path, value), 0)),)
        return yaml_edit.set_value(source, documents[0].node, path, value, after)

    def _element(self, names: _Names, neighbour: _Chain, wiring: Wiring) -> list[Edit] | None:
        """Step 4, first half: the key of the generator's element."""
        if names.element in wiring.elements:
            return []
        at = self.places.origin(written(wiring.elements[neighbour.element]))
        if at.precision not in ("exact", "line"):
            return None
        return self._copy(at.location.path, at.location.line, at.location.line, names, neighbour.element)

    def _parameter(self, names: _Names, neighbour: _Chain, wiring: Wiring) -> list[Edit] | None:
        """Step 4, second half: what passes the element on to the umbrella."""
        if wiring.threads_to(names.value):
            return []
        thread = neighbour.thread
        first, last = self.places.origin(written(thread.name_at)), self.places.origin(written(thread.value_at))
        if {first.precision, last.precision} - {"exact", "line"} or first.location.path != last.location.path:
            return None
        path, lines = first.location.path, sorted((first.location.line, last.location.line))
        if thread.name_at == thread.value_at and not thread.is_parameter:
            source = Source(path, self.files.text(path))
            begin = next((n for n in range(lines[0], len(source.lines)) if _key_of(source, n) == neighbour.root), 0)
            in_block = thread.name_at.path[-1] == "values"
            lines = [begin, begin + len(thread.path) - 1] if in_block else [lines[0] - len(thread.path) + 1, lines[1]]
        return self._copy(path, lines[0], lines[1], names, neighbour.element)

    def _copy(self, path: str, first: int, last: int, names: _Names, needle: str) -> list[Edit] | None:
        """Lines of the neighbour, once more with the new names; None where they are not the neighbour's alone."""
        source = Source(path, self.files.text(path))
        lines = [source.line(number) for number in range(first, last + 1)]
        new = [names.rename(line) for line in lines]
        if new == lines or not any(needle in line for line in lines):
            return None
        return [source.inserted_after(last, new)]

    def _switches(self, names: _Names, neighbour: _Chain) -> list[Edit] | None:
        """Step 4, the environments: on where inference runs, off wherever the neighbour is spelt out."""
        made: list[Edit] = []
        for wiring in self.state.wiring:
            theirs, own = wiring.keys_of(neighbour.element), wiring.keys_of(names.element)
            wanted = self.state.env(wiring.env).runs_inference
            present = own[0] if own else _same_name(wiring, names.element)
            if present is not None and (not wanted or str(present.value).lower() == "true"):
                continue
            place = present.place if present else _beside(theirs, names)
            if not isinstance(place, InstalledValue):
                return None  # elements that no chart makes differ too much from one another
            file = f"{place.chart}/values.yaml".lstrip("/")
            edits = self._value(file, place.path, wanted, str(theirs[0].path[-1]) if theirs else "")
            if edits is None:
                return None
            made += edits
        return made


def _key_of(source: Source, line: int) -> str:
    """The key that a line opens."""
    return source.line(line).strip().partition(":")[0]


def _same_name(wiring: Wiring, element: str) -> EnvKey | None:
    return next((key for key in wiring.env_keys if key.name == element), None)


def _beside(theirs: Sequence[EnvKey], names: _Names) -> InstalledValue | None:
    """Where the new flag goes: beside the neighbour's, which must be a key of its own in the environment."""
    if not theirs:
        return None
    place = theirs[0].place
    own = names.rename(str(place.path[-1]))
    if own == place.path[-1] or not isinstance(place, InstalledValue):
        return None
    return InstalledValue(place.chart, place.env, (*place.path[:-1], own))


def _chains(wiring: Wiring) -> Iterator[_Chain]:
    """Charts of the umbrella with one flag each, followed from its parameter to one key of the element."""
    for gate in wiring.umbrella.gates:
        if len(gate.charts) != 1 or len(gate.values) != 1 or gate.inverted or len(gate.values[0]) < 2:
            continue
        value = gate.values[0]
        threads = wiring.threads_to(value)
        elements = {key for thread in threads for key in thread.keys}
        if len(threads) != 1 or len(elements) != 1 or not elements <= set(wiring.elements):
            continue
        chain = _Chain(gate.charts[0], gate, value, threads[0], next(iter(elements)))
        if chain.root in chain.element and flag_name(chain.root) == flag_name(chain.name):
            yield chain


def _declared(state: DesiredState, wiring: Wiring) -> Iterable[Path]:
    """Values that some step names already: declared, passed, or read."""
    for file in wiring.umbrella.values_files:
        yield from ((key,) for key in state.values_of(file))
    yield from (thread.path for thread in wiring.threads if thread.path)
    yield from (path for path in wiring.umbrella.reads if path)


def _renamed_variable(text: str, root: str, names: _Names) -> str:
    """A template whose variable for the neighbour's values is called after the new chart (`$llm` for `signet-llm`)."""
    found = re.search(rf"\$(\w+) := [^\n]*\.Values\.{re.escape(root)}\b", text)
    if found is None:
        return text
    own = re.sub(r"[^A-Za-z0-9]+", "", names.name.partition("-")[2] or names.name)
    return re.sub(rf"\${found[1]}(?=Enabled\b|\b)", f"${own}", text)


def _camel(name: str) -> str:
    """`signet-llm` as values spell it: `signetLLM`."""
    first, *others = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    return first + "".join(word.upper() if word in _ACRONYMS else word.capitalize() for word in others)
