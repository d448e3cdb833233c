"""What is said of one environment, and what it reaches: in the entry chart's values, or in elements that no chart makes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.argocd.installs import Install
from signet_lint.argocd.templating import FileOrigin, ParameterSet
from signet_lint.model.resource import Field, InstalledValue, Key, Path, Resource, dig
from signet_lint.model.wiring import EnvKey, is_flag
from signet_lint.render.rendering import Rendering, solid_documents
from signet_lint.render.trace import Tracer
from signet_lint.render.values import leaves, set_at
from signet_lint.source.yamldoc import YamlError


def place_of(resource: Resource, origin: Path | FileOrigin, above: int) -> Field | Key:
    """The place that a parameter was copied from, or of what is so many steps above it."""
    if isinstance(origin, FileOrigin):
        return Key(origin.path, origin.keypath[: max(len(origin.keypath) - above, 0)])
    return Field(resource, origin[: len(origin) - above])


def element_keys(resource: Resource, elements: Iterable[ParameterSet]) -> Iterator[EnvKey]:
    """What an environment's own elements say; the rest of a file's path and the like, nobody has set."""
    for one in elements:
        for leaf, origin in one.origins.items():
            if isinstance(origin, tuple) or origin.keypath:
                value, element = dig(one.values, leaf), frozenset((str(leaf[0]),))
                switches = element if is_flag(value) else frozenset[str]()
                yield EnvKey(place_of(resource, origin, 0), _dotted(leaf), value, element, True, switches, leaf)


class EnvKeyMeasurer(Struct):
    """Finds what each key of one environment in the entry chart reaches: renders the entry with marked values."""

    tracer: Tracer
    application_set: Resource
    env: str
    install: Install

    def measure(self) -> tuple[EnvKey, ...]:
        """The environment's keys, in the order of the file."""
        rendering = self.application_set.ref.maker
        if not isinstance(rendering, Rendering):
            return ()
        item = dig(rendering.effective, self.install.item)
        found = [(path, value) for path, value in leaves(item) if path and path != self._name(item)]
        marks = {path: f"signetmark{index}x" for index, (path, _) in enumerate(found)}
        landed: dict[str, set[str]] = {}
        for key, value in self._elements(rendering, marks).items():
            for mark in _words(value):
                landed.setdefault(mark, set()).add(key)
        negated = {path: truth(value) is not True for path, value in found if is_flag(value)}
        now, then = _elements_of(self.application_set.body), self._elements(rendering, negated)
        keys = []
        for path, value in found:
            elements = frozenset(landed.get(marks[path], ()))
            switched = frozenset(k for k in elements if {truth(now.get(k)), truth(then.get(k))} == {True, False})
            place = InstalledValue(self.install.folder, self.env, (*self.install.item, *path))
            reaches = bool(elements) or self._changes(rendering, path, value)
            keys.append(EnvKey(place, _dotted(path), value, elements, reaches, switched))
        return tuple(keys)

    @staticmethod
    def _name(item: Any) -> Path:
        return next(((key,) for key in ("name", "env", "environment", "id") if isinstance(dig(item, (key,)), str)), ())

    def _elements(self, rendering: Rendering, changes: Mapping[Path, Any]) -> dict[str, Any]:
        """The element keys of the ApplicationSet with some of the environment's values replaced."""
        entries: Any = dig(rendering.effective, self.install.item[:-1])
        for path, value in changes.items():
            entries = set_at(entries, (*self.install.item[-1:], *path), value)
        values = set_at(rendering.request.values, self.install.item[:-1], entries)
        outputs = self.tracer.engine.render(replace(rendering.request, values=values))
        ref = self.application_set.ref
        return _element_values(outputs.get(ref.template), ref.index) if isinstance(outputs, dict) else {}

    def _changes(self, rendering: Rendering, path: Path, value: Any) -> bool:
        """Whether another value changes the text of any template of the entry chart."""
        others = [not value] if isinstance(value, bool) else ["signetmark", True, None]
        for template, before in rendering.outputs.items():
            base = self.tracer.base(rendering, template)
            if base is None:
                return True
            changes = [((*self.install.item, *path), other) for other in others]
            outputs = self.tracer.engine.render_variants(base, template, changes)
            if any(output != before for output in outputs):
                return True
        return False


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _words(value: Any) -> set[str]:
    return {mark for text in _texts(value) for mark in re.findall(r"signetmark\d+x", text)}


def _texts(value: Any) -> list[str]:
    return [str(leaf) for _, leaf in leaves(value)]


def _element_values(output: str | None, index: int) -> dict[str, Any]:
    if output is None:
        return {}
    try:
        return _elements_of(solid_documents(output)[index].data)
    except (YamlError, IndexError):
        return {}


def _elements_of(body: Any) -> dict[str, Any]:
    """Each element key with its value, or the list of its values in several elements."""
    found: dict[str, Any] = {}
    for path, value in leaves(dig(body, ("spec", "generators"))):
        if "elements" in path:
            key = path[path.index("elements") + 2] if len(path) > path.index("elements") + 2 else ""
            if isinstance(key, str) and key:
                found[key] = value if key not in found else [found[key], value]
    return found


def truth(text: Any) -> bool | None:
    """What a text says of itself: true, false, or neither."""
    lowered = str(text).strip().lower()
    return True if lowered == "true" else False if lowered == "false" else None
