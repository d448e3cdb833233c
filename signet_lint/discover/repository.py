"""The repository as files: its charts, its YAML, parsed once."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from signet_lint.discover.helmignore import without_ignored
from signet_lint.model.chart import Chart, declared_dependencies, has_dependency
from signet_lint.render.engine import ChartFiles
from signet_lint.source.tree import Tree, text_of
from signet_lint.source.yamldoc import Document, YamlError, parse_documents

YAML_SUFFIXES = (".yaml", ".yml")
_APPLICATION = re.compile(rb"^\s*kind:\s*[\"']?Application(?:Set)?\b", re.MULTILINE)
_EXAMPLES = frozenset(("test", "tests", "example", "examples", "docs", "testdata", "fixtures"))


class Repository(Struct, dict=True):
    """A tree with what was read from it; nothing is read or parsed twice."""

    tree: Tree
    _documents: dict[str, list[Document] | YamlError] = field(default_factory=dict)
    _chart_files: dict[str, ChartFiles] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """A file's text; raises `KeyError` when absent, `YamlError` when it is not UTF-8."""
        try:
            return text_of(self.tree.read(path))
        except UnicodeDecodeError as error:
            line = self.tree.read(path)[: error.start].count(b"\n") + 1
            raise YamlError(f"not UTF-8: byte 0x{error.object[error.start]:02x}", line) from None

    def documents(self, path: str) -> list[Document]:
        """A YAML file's documents; raises `KeyError` when absent, `YamlError` when it is not YAML."""
        known = self._documents.get(path)
        if known is None:
            try:
                known = parse_documents(self.text(path))
            except YamlError as error:
                known = error
            self._documents[path] = known
        if isinstance(known, YamlError):
            raise known
        return known

    def values(self, path: str) -> dict[str, Any]:
        """A values file's data, empty where it is absent, broken, or no mapping."""
        try:
            documents = self.documents(path)
        except (KeyError, YamlError):
            return {}
        data = documents[0].data if documents else None
        return data if isinstance(data, dict) else {}

    @cached_property
    def chart_folders(self) -> tuple[str, ...]:
        """Every folder with a `Chart.yaml` that is not packaged inside another chart."""
        folders = [posixpath.dirname(path) for path in self.tree.files() if posixpath.basename(path) == "Chart.yaml"]
        known = set(folders)
        return tuple(sorted(folder for folder in folders if not _is_subchart(folder, known)))

    @cached_property
    def application_files(self) -> tuple[str, ...]:
        """YAML files outside of charts, and of folders of examples, with an Application or ApplicationSet, sorted."""
        charts = {folder for folder in self.chart_folders if folder}
        return tuple(
            path
            for path in self.tree.files()
            if path.endswith(YAML_SUFFIXES)
            and not _EXAMPLES & set(path.split("/")[:-1])
            and charts.isdisjoint(folders_above(path))
            and self._gives_applications(path)
        )

    def _gives_applications(self, path: str) -> bool:
        try:
            return bool(_APPLICATION.search(self.tree.read(path))) and any(map(_is_application, self.documents(path)))
        except YamlError:
            return True  # it says it does; that it cannot be read must be told
        except KeyError:
            return False

    @cached_property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart of the repository, by folder."""
        return tuple(self.chart(folder) for folder in self.chart_folders)

    def chart(self, folder: str) -> Chart:
        """The chart in a folder, as rules see it (also where `Chart.yaml` is missing)."""
        files = tuple(path[len(folder) :].lstrip("/") for path in self.tree.files(folder))
        metadata = self.values(f"{folder}/Chart.yaml".lstrip("/"))
        values_files = [name for name in files if _is_values_file(name)]
        chart = Chart(
            path=folder,
            name=str(metadata.get("name") or posixpath.basename(folder)),
            files=files,
            metadata=metadata,
            values={name: self.values(f"{folder}/{name}".lstrip("/")) for name in values_files},
            templates=dict(self._templates(folder, files)),
        )
        return (
            replace(chart, readme=self._text_or_nothing(chart.file(chart.readme_file))) if chart.readme_file else chart
        )

    def _text_or_nothing(self, path: str) -> str:
        try:
            return self.text(path)
        except (KeyError, YamlError):
            return ""

    def chart_files(self, folder: str) -> ChartFiles:
        """A chart's files as Helm reads them: `.helmignore` applied, local dependencies vendored."""
        known = self._chart_files.get(folder)
        if known is None:
            files = {path[len(folder) :].lstrip("/"): self.tree.read(path) for path in self._readable(folder)}
            files = without_ignored(files)
            metadata = self.values(f"{folder}/Chart.yaml".lstrip("/"))
            files.update(self._local_dependencies(folder, metadata, files))
            known = ChartFiles(folder, str(metadata.get("name") or posixpath.basename(folder)), files)
            self._chart_files[folder] = known
        return known

    def _readable(self, folder: str) -> Iterator[str]:
        for path in self.tree.files(folder):
            try:
                self.tree.read(path)
            except KeyError:
                continue
            yield path

    def _templates(self, folder: str, files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        for name in files:
            if name.startswith("templates/"):
                try:
                    yield name, self.text(f"{folder}/{name}".lstrip("/"))
                except (KeyError, YamlError):
                    continue

    def _local_dependencies(self, folder: str, metadata: dict[str, Any], files: dict[str, bytes]) -> dict[str, bytes]:
        """Charts of this repository that `helm dependency build`, which Argo CD runs, would copy to `charts/`."""
        found: dict[str, bytes] = {}
        for name, repository in declared_dependencies(metadata):
            if not repository.startswith("file://") or has_dependency(files, name):
                continue
            target = posixpath.normpath(posixpath.join(folder, repository[len("file://") :]))
            if target.startswith("..") or target == folder or not self.tree.exists(f"{target}/Chart.yaml"):
                continue
            found.update({f"charts/{name}/{path}": text for path, text in self.chart_files(target).files.items()})
        return found


def included_charts(repository: Repository) -> Iterator[str]:
    """Charts of this repository that another one declares as a local dependency."""
    for chart in repository.charts:
        for _, source in declared_dependencies(chart.metadata):
            if source.startswith("file://"):
                yield posixpath.normpath(posixpath.join(chart.path, source[len("file://") :]))


def is_chart_source(name: str) -> bool:
    """Whether Helm reads a file of a chart, or of one packaged in it, as YAML or as a template; by its path in it."""
    while name.startswith("charts/"):
        name = name.removeprefix("charts/").partition("/")[2]
    if name.startswith("templates/"):
        return name.endswith((*YAML_SUFFIXES, ".tpl"))
    return name == "Chart.yaml" or _is_values_file(name) or (name.startswith("crds/") and name.endswith(YAML_SUFFIXES))


def _is_values_file(name: str) -> bool:
    return "/" not in name and name.startswith("values") and name.endswith(YAML_SUFFIXES)


def _is_subchart(folder: str, known: set[str]) -> bool:
    parent, _, _ = folder.rpartition("/charts/")
    while parent:
        if parent in known:
            return True
        parent, _, _ = parent.rpartition("/charts/")
    return False


def folders_above(path: str) -> Iterator[str]:
    """The folders that a file is in, from the innermost; the root is not among them."""
    while path := posixpath.dirname(path):
        yield path


def _is_application(document: Document) -> bool:
    data = document.data if isinstance(document.data, dict) else {}
    return data.get("kind") in ("Application", "ApplicationSet") and bool(data.get("spec"))
