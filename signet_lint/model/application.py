"""Applications as Argo CD would run them in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct

from signet_lint.model.resource import Field, Path, Resource, Written

SourceKind = Literal["helm", "directory", "kustomize", "plugin", "remote", "missing", "ref"]


class ValueFile(Struct, frozen=True):
    """One entry of `valueFiles`: its text, the file it names (relative to the root, "" if none), and whether it is there."""

    text: str
    path: str
    exists: bool
    field: Path


class Source(Struct, frozen=True):
    """One source of an Application; `field` is its path in the Application's manifest.

    `path` is relative to the root. `kind` is "remote" for another repository or a chart repository, "missing" where the
    path is not here or holds nothing to deploy, "ref" for a source that only lends its value files. `values` are given
    to Helm over the chart's own; `undefined_variables` are `$NAME`s (name, field) that Argo CD expands to nothing.
    """

    kind: SourceKind
    path: str
    repo_url: str
    target_revision: str
    field: Path
    value_files: tuple[ValueFile, ...] = ()
    ignore_missing_value_files: bool = False
    values: Mapping[str, Any] | None = None
    undefined_variables: tuple[tuple[str, Path], ...] = ()


class Application(Struct, frozen=True, eq=False):
    """An Application with all it deploys, or the installation of an entry chart (`manifest` is None).

    `chain` names the Applications above it, the outermost first.
    """

    name: str
    namespace: str
    env: str
    manifest: Resource | None
    sources: tuple[Source, ...]
    destination: str
    resources: tuple[Resource, ...]
    parent: str = ""
    rendered: bool = True

    @property
    def is_entry(self) -> bool:
        """Whether this is the installation of an entry chart or of plain files, not an Application of Argo CD."""
        return self.manifest is None

    @property
    def charts(self) -> tuple[str, ...]:
        """The folders of this repository that it deploys as charts."""
        return tuple(source.path for source in self.sources if source.kind == "helm")

    @property
    def prunes(self) -> bool:
        """Whether Argo CD deletes what is no longer in Git."""
        return bool(self.manifest and self.manifest.get("spec", "syncPolicy", "automated", "prune") is True)

    @property
    def sync_options(self) -> tuple[str, ...]:
        """Its `syncOptions`."""
        options = self.manifest.get("spec", "syncPolicy", "syncOptions", default=[]) if self.manifest else []
        return tuple(str(option) for option in options) if isinstance(options, list) else ()

    def written(self, *path: str | int) -> Written:
        """The line that writes a field of its manifest; raises `ValueError` for an entry, which has none."""
        return Written(self.at(*path).resource, path)

    def at(self, *path: str | int, probe: Any = None) -> Field:
        """A field of its manifest, to point at; raises `ValueError` for an entry, which has none."""
        if self.manifest is None:
            raise ValueError(f"{self.name} is an entry chart and has no manifest")
        return Field(self.manifest, path, probe)


class Env(Struct, frozen=True, eq=False):
    """An environment: everything that Argo CD would run there, the entry first, parents before children.

    `is_local` is a developer's own, `runs_inference` one where model services must run.
    """

    name: str
    applications: tuple[Application, ...]
    is_local: bool = False
    runs_inference: bool = False
    namespace: str = ""

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Every manifest of every Application."""
        return _resources(self)

    def application(self, name: str) -> Application | None:
        """The Application of that name."""
        return next((application for application in self.applications if application.name == name), None)

    def of_kind(self, *kinds: str, group: str | None = None) -> tuple[Resource, ...]:
        """Manifests of these kinds (and API group, where given), in their order."""
        found = _by_kind(self).get(kinds[0], ()) if len(kinds) == 1 else _of_kinds(self, kinds)
        return found if group is None else tuple(resource for resource in found if resource.gvk.group == group)


# An environment does not change, and rules ask for its manifests as often as it has some.
@lru_cache(maxsize=512)
def _resources(env: Env) -> tuple[Resource, ...]:
    return tuple(resource for application in env.applications for resource in application.resources)


@lru_cache(maxsize=512)
def _by_kind(env: Env) -> Mapping[str, tuple[Resource, ...]]:
    found: dict[str, list[Resource]] = {}
    for resource in _resources(env):
        found.setdefault(resource.gvk.kind, []).append(resource)
    return {kind: tuple(resources) for kind, resources in found.items()}


@lru_cache(maxsize=4096)
def _of_kinds(env: Env, kinds: tuple[str, ...]) -> tuple[Resource, ...]:
    return tuple(resource for resource in _resources(env) if resource.gvk.kind in kinds)
