"""From what a rule wants changed to edits of source text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from signet_lint.finding import Edit, Fix, Origin, SourceKey
from signet_lint.fixes import comments, template_edit, yaml_edit
from signet_lint.fixes.ports import Files, Places
from signet_lint.fixes.rights import RightsWriter
from signet_lint.fixes.text import Source, edited, merged
from signet_lint.fixes.wire import Wirer
from signet_lint.model.repair import (
    Allow,
    Append,
    DropComment,
    DropKey,
    OffByDefault,
    Repair,
    Reword,
    SetTo,
    Step,
    Wire,
)
from signet_lint.model.resource import Field, Gate, InstalledValue, Key, Path, Written, dig, plain
from signet_lint.model.state import DesiredState
from signet_lint.source.yamldoc import Document, YamlError

Edits = tuple[Edit, ...]
_ABSENT = object()
_EMPTY: tuple[Any, ...] = (None, "", [], {})


class Fixer(Struct, frozen=True):
    """Makes fixes for one state of a repository."""

    state: DesiredState
    places: Places
    files: Files

    def fix(self, repair: Repair) -> Fix | None:
        """The edits that a repair comes to; None where some step of it cannot surely be made as text."""
        edits: list[Edit] = []
        for step in repair.steps:
            made = self._edits(step)
            if not made:
                return None
            edits += made
        together = tuple(edit for edit in merged(edits) if self._changes(edit))
        return Fix(repair.title, repair.safety, together) if together else None

    def _changes(self, edit: Edit) -> bool:
        """Whether an edit gives another text: what is as it should be already needs no fix."""
        if edit.start == edit.end:
            return bool(edit.text)
        text = self.files.text(edit.path)
        return edited(text, [edit]) != text

    def _edits(self, step: Step) -> Edits | None:
        try:
            return self._made(step)
        except (KeyError, YamlError):
            return None  # a file that is not there, or cannot be read

    def _made(self, step: Step) -> Edits | None:
        match step:
            case SetTo(at, value):
                return self._set(at, value)
            case Append(at, item):
                return self._append(at, item)
            case Reword(at, old, new):
                location = self.places.origin(at).location
                return template_edit.reword(self._source(location.path), location, old, new)
            case OffByDefault(field):
                return self._off_by_default(field)
            case DropKey(file, line):
                return self._drop_key(file, line)
            case DropComment(file, line):
                return comments.drop(self._source(file), line)
            case Wire(chart):
                return Wirer(self.state, self.places, self.files).wire(chart)
            case Allow():
                return RightsWriter(self.state, self.files).allow(step)

    def _source(self, path: str) -> Source:
        return Source(path, self.files.text(path))

    def _document(self, key: SourceKey) -> Document:
        solid = [document for document in self.files.documents(key.file) if document.node is not None]
        if key.index >= len(solid):
            raise KeyError(key.file)
        return solid[key.index]

    def _drop_key(self, file: str, line: int) -> Edits | None:
        source = self._source(file)
        found = (yaml_edit.drop_first_of_two(source, d.node, line) for d in self.files.documents(file) if d.node)
        return next(filter(None, found), None)

    def _off_by_default(self, field: Field) -> Edits | None:
        switch = self.places.origin(Gate(field.resource)).key
        if switch is not None:
            return self._put(switch, False)
        key = self.places.origin(field).key
        emitted = self.places.origin(field.resource.declaration())
        if key is None or emitted.precision != "line":
            return None
        flag = (*key.path[:-1], "enabled")
        if dig(self._document(key).data, flag) is not False:
            return None
        return template_edit.put_behind(self._source(emitted.location.path), ".".join(map(str, (".Values", *flag))))

    def _set(self, at: Field | Written | Gate | Key | InstalledValue, value: Any) -> Edits | None:
        if isinstance(at, Written):
            parent = _existing(at.resource.body, at.path)
            origin = self.places.origin(Written(at.resource, parent))
            return self._write(at, origin, value)
        origin = self.places.origin(at)
        if not isinstance(at, Field):
            return self._put(origin.key, value) if origin.key else None
        return self._behind(at, origin.key, value) if origin.key else self._write(at, origin, value)

    def _put(self, key: SourceKey, value: Any) -> Edits | None:
        node = self._document(key).node
        return yaml_edit.set_value(self._source(key.file), node, key.path, value) if node else None

    def _behind(self, field: Field, key: SourceKey, value: Any) -> Edits | None:
        """The value that a field of a manifest comes from; None where the field is more than that value."""
        parent = _existing(field.resource.body, field.path)
        missing = field.path[len(parent) :]
        behind = dig(self._document(key).data, key.path, _ABSENT)
        if behind is _ABSENT:  # not there yet: the key, or the rest of the field's path from its last step on
            last = key.path[-1]
            at = missing.index(last) + 1 if last in missing else len(missing)
            return self._put(key, yaml_edit.nested(missing[at:], value))
        if not missing:
            return self._put(key, value) if _same(behind, field.value) else None
        if isinstance(behind, Mapping) and (behind or dig(field.resource.body, parent) == behind):
            return self._put(SourceKey(key.file, (*key.path, *missing), key.index), value)
        return self._put(key, value) if behind in _EMPTY else None

    def _write(self, at: Field | Written, origin: Origin, value: Any) -> Edits | None:
        """A field that a template writes out, or that is to be written under the line of its parent."""
        missing = at.path[len(_existing(at.resource.body, at.path)) :]
        if origin.key is not None:
            return self._put(SourceKey(origin.key.file, (*origin.key.path, *missing), origin.key.index), value)
        if origin.precision != "line":
            return None
        source = self._source(origin.location.path)
        if not missing:
            old = dig(at.resource.body, at.path)
            return None if isinstance(old, (Mapping, list)) else _reworded(source, origin, old, value)
        entry = yaml_edit.nested(missing, value)
        if not isinstance(entry, Mapping):
            return None
        return template_edit.put_under(source, origin.location.line, entry)

    def _append(self, at: Field | Key, item: Any) -> Edits | None:
        origin = self.places.origin(at)
        if origin.key is None:
            if not isinstance(at, Field) or at.value is None or origin.precision != "line":
                return self._set(at, [item])
            return template_edit.append(self._source(origin.location.path), origin.location.line, item)
        if isinstance(at, Field) and not at.value:
            return self._behind(at, origin.key, [item])
        node = self._document(origin.key).node
        if isinstance(at, Field) and dig(self._document(origin.key).data, origin.key.path) != at.value:
            return None
        return yaml_edit.append(self._source(origin.key.file), node, origin.key.path, item) if node else None


def _reworded(source: Source, origin: Origin, old: Any, value: Any) -> Edits | None:
    return template_edit.reword(source, origin.location, plain(old), plain(value))


def _existing(body: Any, path: Path) -> Path:
    """The longest part of a path that a manifest has; what is null is not there."""
    for length in range(len(path), 0, -1):
        if dig(body, path[:length]) is not None:
            return path[:length]
    return ()


def _same(one: Any, other: Any) -> bool:
    return one == other or plain(one) == plain(other)
