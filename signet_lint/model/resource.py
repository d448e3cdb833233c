"""A manifest that Argo CD would apply, and places inside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

Path = tuple[str | int, ...]

INTO_YAML = "\0yaml"  # a step of a field path: the text here is YAML, go on inside it
INTO_TEXT = "\0text"  # a step of a field path: the text here has lines, the next step is the number of one (from 1)


class Gvk(Struct, frozen=True):
    """Group (`""` is core), version and kind of a manifest."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """The `apiVersion` as a manifest spells it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @classmethod
    def parse(cls, api_version: str, kind: str) -> Gvk:
        """From the two fields of a manifest."""
        group, _, version = api_version.rpartition("/")
        return cls(group, version, kind)


class ManifestRef(Struct, frozen=True):
    """Where a manifest was made: an opaque maker (a rendering, a file, an ApplicationSet) and the document in it.

    `template` is the file or template, relative to the root where it is one of its files; `index` counts the
    non-empty documents of that template's output; `item` counts the items of a `List`, -1 outside of one.
    """

    maker: object
    template: str
    index: int
    item: int = -1


class Resource(Struct, frozen=True, eq=False):
    """One manifest of one Application in one environment; compared by identity.

    `namespace` is where Argo CD puts it: its own, else the Application's destination; `""` for cluster-scoped ones.
    """

    gvk: Gvk
    namespace: str
    name: str
    body: Mapping[str, Any]
    application: str
    env: str
    ref: ManifestRef

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.gvk.kind

    def get(self, *path: str | int, default: Any = None) -> Any:
        """The value at a field path, or `default` where a step is missing."""
        return dig(self.body, path, default)

    def at(self, *path: str | int, probe: Any = None) -> Field:
        """The field at a path, to point at; `probe` is a plausible value for a field that is absent."""
        return Field(self, path, probe)

    def written(self, *path: str | int) -> Written:
        """The line of this manifest's own template (or file) that writes a field, wherever its value comes from."""
        return Written(self, path)

    def declaration(self) -> Declaration:
        """The line of source that begins this manifest."""
        return Declaration(self)

    def annotation(self, name: str) -> str | None:
        """An annotation's text, or None."""
        value = dig(self.body, ("metadata", "annotations", name), None)
        return value if isinstance(value, str) else None

    def label(self, name: str) -> str | None:
        """A label's text, or None."""
        value = dig(self.body, ("metadata", "labels", name), None)
        return value if isinstance(value, str) else None


def dig(value: Any, path: Path, default: Any = None) -> Any:
    """The value at a path of mapping keys and list indices, or `default` where a step is missing."""
    for step in path:
        if type(value) is dict or isinstance(value, Mapping):  # asked of a type alone, it is ten times as fast
            if step not in value:
                return default
        elif not (isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value)):
            return default
        value = value[step]
    return value


def plain(value: Any) -> str:
    """A scalar as YAML and JSON write it, without quotes."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def pointer_step(step: object) -> str:
    """A key or index as a JSON Pointer spells it (RFC 6901)."""
    return str(step).replace("~", "~0").replace("/", "~1")


class Field(Struct, frozen=True):
    """A field of a manifest, present or not: points at the line of source that sets it, or under which it belongs."""

    resource: Resource
    path: Path
    probe: Any = None

    @property
    def value(self) -> Any:
        """Its value, None when absent."""
        return dig(self.resource.body, self.path)

    def child(self, *path: str | int) -> Field:
        """A field below this one."""
        return Field(self.resource, self.path + path, self.probe)


class Declaration(Struct, frozen=True):
    """The line of source that begins a manifest (its template's first line of it)."""

    resource: Resource


class Written(Struct, frozen=True):
    """The line of a manifest's own template that writes a field, wherever the field's value comes from."""

    resource: Resource
    path: Path


class WrittenOut(Struct, frozen=True):
    """The line of a template that writes a field out; a hit there counts only where no value of the chart is read."""

    resource: Resource
    path: Path


class Gate(Struct, frozen=True):
    """The line of the value that switches a manifest on; its declaration where nothing does."""

    resource: Resource


class Key(Struct, frozen=True):
    """A key of a YAML source file, or the nearest parent that exists (the first line where none does)."""

    file: str
    path: Path = ()


class OutputLine(Struct, frozen=True):
    """A line (from 1) of a template's output, for text that is no manifest; `maker` as in `ManifestRef`."""

    maker: object
    template: str
    line: int
    application: str = ""


class InstalledValue(Struct, frozen=True):
    """A value of an entry chart as it is installed for one environment: points at the line that sets it."""

    chart: str
    env: str
    path: Path


def written(at: Field | Key) -> Written | Key:
    """The line that writes a field, wherever its value comes from; a key of a source file is written where it stands."""
    return at if isinstance(at, Key) else Written(at.resource, at.path)
