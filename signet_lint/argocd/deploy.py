"""What one Application deploys: its sources resolved in this repository, rendered, and read as manifests."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from signet_lint.argocd.directory import directory_files
from signet_lint.argocd.expansion import EngineGoTemplate
from signet_lint.argocd.helm_request import HelmInput, helm_input
from signet_lint.argocd.installs import Install
from signet_lint.argocd.manifests import Fault, ManifestReader, Target, deduplicated
from signet_lint.argocd.ownership import Ownership
from signet_lint.argocd.source_type import SourceType, SourceTypeError, source_type
from signet_lint.argocd.value_file import reference_errors
from signet_lint.catalogue.tokens import without
from signet_lint.config import Config
from signet_lint.discover.repository import Repository
from signet_lint.model.application import Application, Source
from signet_lint.model.chart import declared_dependencies, has_dependency
from signet_lint.model.resource import Field, Key, OutputLine, Path, Resource, dig
from signet_lint.model.secret import secret_values
from signet_lint.model.state import At, LeftOut, Problem, ProblemKind
from signet_lint.render.chart_copy import refers_outside
from signet_lint.render.engine import ChartFiles, Cluster, HelmEngine, RenderFailure, RenderRequest
from signet_lint.render.rendering import Rendering
from signet_lint.render.trace import is_partial
from signet_lint.render.values import Layer, effective_values, given_values, leaves
from signet_lint.source.location import Location
from signet_lint.source.yamldoc import YamlError

_MOST_CULPRITS = 50  # templates tried to find the one that exceeds a limit
_ASKS_FOR_API = re.compile(r"APIVersions\.Has\s+[\"`]([^\"`]+)[\"`]")

# What a template says where a chart that it depends on would define a template or the values that it reads.
_LACKS = re.compile(r'template "[^"]+" not defined|no template "[^"]+"|nil pointer evaluating')

_REPLACED = "\ufffd"  # what the engine's answer has in place of bytes that are no text


class PlainFile(Struct, frozen=True):
    """A manifest file of the repository (the `maker` of a `ManifestRef`)."""

    path: str


class Deployment(Struct, frozen=True):
    """An Application's sources and manifests; `rendered` is false where one of its charts failed.

    `dropped` are manifests that a later one of the same name replaces.
    """

    sources: tuple[Source, ...]
    resources: tuple[Resource, ...]
    rendered: bool = True
    dropped: tuple[Resource, ...] = ()


def _deployment(sources: tuple[Source, ...], resources: list[Resource], *, rendered: bool) -> Deployment:
    kept = deduplicated(resources)
    known = set(map(id, kept))
    return Deployment(sources, tuple(kept), rendered, tuple(one for one in resources if id(one) not in known))


class Deployer(Struct, dict=True):
    """Renders Applications; collects what failed and what was left out."""

    repository: Repository
    engine: HelmEngine
    config: Config
    ownership: Ownership
    cluster: Cluster
    problems: list[Problem] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    reader: ManifestReader = field(default_factory=ManifestReader)
    plain_files: set[str] = field(default_factory=set)
    _dependencies_told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.gotemplate = EngineGoTemplate(self.engine)

    def owns_git_generator(self, url: str) -> bool:
        """Whether a git generator's repository is this one."""
        return self.ownership.owns(url, path_is_here=True, outermost=not self.ownership.urls)

    def leave_out(self, what: str, why: str, at: At | None = None) -> None:
        """Note something that was not looked at, once."""
        if (left := LeftOut(what, why, at)) not in self.left_out:
            self.left_out.append(left)

    def install(self, install: Install) -> Deployment:
        """An entry chart, installed for one environment."""
        folder = install.folder
        layers = [self._file_layer(f"{folder}/values.yaml".lstrip("/"), "defaults")]
        layers += [self._file_layer(f"{folder}/{name}".lstrip("/"), "file") for name in install.value_files]
        if install.set_values:
            layers.append(Layer("install", install.set_values))
        name = posixpath.basename(folder) or "entry"
        target = Target(name, install.env, self.config.argocd.namespace)
        source = Source("helm", folder, "", "", (), values=given_values(layers))
        if any(self._is_broken(layer.file) for layer in layers):
            return Deployment((source,), (), rendered=False)
        resources, rendered = self._render(
            folder, HelmInput(tuple(layers), name, target.namespace), target, Key(f"{folder}/Chart.yaml")
        )
        return _deployment((source,), resources, rendered=rendered)

    def deploy(self, manifest: Resource, env: str, *, outermost: bool) -> Deployment:
        """An Application's sources, resolved and rendered."""
        target = Target(manifest.name, env, str(manifest.get("spec", "destination", "namespace", default="") or ""))
        sources: list[Source] = []
        resources: list[Resource] = []
        rendered = True
        bodies = self._sources(manifest)
        for index, reason in reference_errors([body for _, body in bodies]):
            self.fail_at(manifest, ("spec", "sources", index, "ref"), f"Application `{manifest.name}`: {reason}")
        for at, body in bodies:
            source, body = self._resolved(manifest, at, body, outermost=outermost)  # noqa: PLW2901 - overridden
            found: list[Resource] = []
            if source.kind == "helm":
                source, found, ok = self._helm(manifest, source, body, target)
                rendered = rendered and ok
            elif source.kind == "directory":
                found = list(self._directory(manifest, source, body, target))
            sources.append(source)
            resources.extend(found)
        return _deployment(tuple(sources), resources, rendered=rendered)

    def _sources(self, manifest: Resource) -> list[tuple[Path, Mapping[str, Any]]]:
        """The sources that name something; what Argo CD refuses or hydrates elsewhere is told.

        [pkg/apis/application/v1alpha1/types.go GetSource; util/argo/argo.go ValidateRepo; Argo CD v3.1.9]
        """
        who = f"Application `{manifest.name}`"
        if isinstance(manifest.get("spec", "sourceHydrator"), Mapping):
            why = "the manifests of its source hydrator are on a branch that Argo CD writes"
            self.leave_out(who, why, Field(manifest, ("spec", "sourceHydrator")))
            return []
        bodies = list(source_bodies(manifest))
        if not bodies:
            self.fail_at(manifest, ("spec",), f"{who} has no source: `spec.source` or `spec.sources` must name one")
        named = []
        for at, body in bodies:
            if any(body.get(key) for key in ("path", "chart", *(("ref",) if "sources" in at else ()))):
                named.append((at, body))
            else:
                self.fail_at(manifest, at, f"{who}: a source needs a `path` or a `chart`")
        return named

    def _resolved(
        self, manifest: Resource, at: Path, body: Mapping[str, Any], *, outermost: bool
    ) -> tuple[Source, Mapping[str, Any]]:
        """What kind of source it is and where in this repository, and its body after overrides."""
        url, path = str(body.get("repoURL") or ""), body.get("path")
        source = Source("missing", _normal(path), url, str(body.get("targetRevision") or ""), at)
        here = isinstance(path, str) and self.repository.tree.is_dir(source.path)
        if body.get("chart"):
            self.leave_out(
                f"chart `{body['chart']}` of {manifest.name}",
                f"it comes from the chart repository {url}",
                Field(manifest, (*at, "chart")),
            )
            return replace(source, kind="remote"), body
        owned = self.ownership.owns(url, path_is_here=here, outermost=outermost)
        if not owned:
            self.leave_out(
                f"Application `{manifest.name}`",
                f"its repository `{url}` is not this one",
                Field(manifest, (*at, "repoURL")),
            )
            return replace(source, kind="remote"), body
        if path is None and body.get("ref"):
            return replace(source, kind="ref"), body
        if not here:
            return source, body
        return self._typed(manifest, source, body)

    def _typed(self, manifest: Resource, source: Source, body: Mapping[str, Any]) -> tuple[Source, Mapping[str, Any]]:
        """The source with its kind, and its body after override files in its folder."""
        typed = source_type(self.repository.tree, source.path, body, manifest.name, multiple="sources" in source.field)
        if isinstance(typed, SourceTypeError):
            self.fail_at(manifest, source.field, f"Application `{manifest.name}`: {typed.message}")
            return source, body
        if typed.kind in (SourceType.HELM, SourceType.DIRECTORY):
            return replace(source, kind="helm" if typed.kind is SourceType.HELM else "directory"), typed.source
        why = f"its source is of type {typed.kind.value}, which is not rendered here"
        self.leave_out(f"Application `{manifest.name}`", why, Field(manifest, (*source.field, "path")))
        return replace(source, kind="kustomize" if typed.kind is SourceType.KUSTOMIZE else "plugin"), typed.source

    def _helm(
        self, manifest: Resource, source: Source, body: Mapping[str, Any], target: Target
    ) -> tuple[Source, list[Resource], bool]:
        read = helm_input(
            manifest,
            source,
            body,
            repository=self.repository,
            engine=self.engine,
            owns_repo=self._owns,
            cluster=self.cluster,
        )
        ignores = dig(body, ("helm", "ignoreMissingValueFiles")) is True
        source = replace(
            source,
            value_files=read.value_files,
            ignore_missing_value_files=ignores,
            values=given_values(read.layers),
            undefined_variables=read.undefined,
        )
        for left in read.not_examined:
            self.leave_out(f"{left.what} of {manifest.name}", left.why, Field(manifest, left.path))
        self._tell_errors(manifest, source, read)
        has_metadata = self.repository.tree.exists(f"{source.path}/Chart.yaml".lstrip("/"))
        if read.errors or not has_metadata or any(self._is_broken(layer.file) for layer in read.layers):
            return source, [], False
        resources, ok = self._render(source.path, read, target, Field(manifest, (*source.field, "path")))
        return source, resources, ok

    def with_own_values(self, folder: str, files: Sequence[str]) -> Rendering | None:
        """A chart rendered with its defaults and these values files alone; None where that fails."""
        layers = (self._file_layer(f"{folder}/values.yaml", "defaults"), *(self._file_layer(f, "file") for f in files))
        request = RenderRequest(
            self.repository.chart_files(folder), given_values(layers), posixpath.basename(folder), "default"
        )
        outputs = self.engine.render(request)
        return None if isinstance(outputs, RenderFailure) else Rendering(request, outputs, layers)

    def own_manifests(self, folder: str, files: Sequence[str]) -> list[Resource]:
        """What a chart gives with its own values and these files of it, in no environment."""
        rendering = self.with_own_values(folder, files)
        if rendering is None:
            return []
        target = Target(posixpath.basename(folder), "", "default")
        problems = list(self.problems)
        found = list(self._manifests(rendering, target))
        self.problems[:] = problems  # what is wrong with it is told for the environments that deploy it
        return found

    def _is_broken(self, file: str) -> bool:
        """Whether a values file is there and cannot be read: Helm fails, and the file itself is reported."""
        try:
            self.repository.documents(file)
        except KeyError:
            return False
        except YamlError:
            return True
        return False

    def _owns(self, url: str) -> bool:
        return self.ownership.owns(url, path_is_here=True, outermost=False)

    def _tell_errors(self, manifest: Resource, source: Source, read: HelmInput) -> None:
        """What keeps Helm from starting; a missing value file is a rule's own matter."""
        missing = {entry.field for entry in source.value_files if not entry.exists}
        if source.ignore_missing_value_files:
            missing = set()  # those are no errors; what is one is no matter of that rule
        for error in read.errors:
            if error.path not in missing:
                self.fail_at(manifest, error.path, f"Application `{manifest.name}`: {error.message}")

    def fail_at(self, resource: Resource, path: Path, message: str) -> None:
        """Note what Argo CD would refuse, at a field of a manifest."""
        at = Field(resource, path)
        self.problems.append(Problem("render-failed", message, at, resource.env, resource.application))

    def _render(self, folder: str, given: HelmInput, target: Target, at: At) -> tuple[list[Resource], bool]:
        chart = self.repository.chart_files(folder)
        self._tell_dependencies(folder, chart)
        self._tell_unknown_apis(chart, given.cluster or self.cluster)
        self._tell_outside_schemas(chart)
        if given.skip_schema:
            files = {path: text for path, text in chart.files.items() if not path.endswith("values.schema.json")}
            chart = ChartFiles(chart.folder, chart.name, files)
        request = RenderRequest(
            chart,
            given_values(given.layers),
            given.release,
            given.namespace,
            given.integers,
            given.include_crds,
            given.cluster,
        )
        outputs = self.engine.render(request)
        if isinstance(outputs, RenderFailure):
            reason = without(outputs.reason, secret_values(leaves(effective_values(given.layers))))
            missing = self._missing_dependencies(folder, chart) if _LACKS.search(reason) else []
            for index, name, _ in missing[:1]:
                why = f"`{name}`, a dependency that is not in `{folder}/charts/`, may give what it lacks: {reason}"
                self.leave_out(f"chart `{folder}`", why, _dependency(folder, index))
            if not missing:
                self._fail(folder, self._with_culprit(request, replace(outputs, reason=reason)), target, at)
            return [], False
        rendering = Rendering(request, outputs, given.layers)
        return list(self._manifests(rendering, target)), True

    def _manifests(self, rendering: Rendering, target: Target) -> Iterator[Resource]:
        for template in sorted(rendering.outputs):
            text = rendering.outputs[template]
            if not text.strip() or template.endswith("NOTES.txt"):
                continue
            if _REPLACED in text:
                self._tell_no_text(rendering, template, target)
            for found in self.reader.read(rendering, template, text, target):
                if isinstance(found, Fault):
                    kind: ProblemKind = "duplicate-key" if found.is_duplicate else "not-a-manifest"
                    at = OutputLine(rendering, template, found.line)
                    self.problems.append(Problem(kind, found.message, at, target.env, target.application))
                else:
                    yield found

    def _tell_no_text(self, rendering: Rendering, template: str, target: Target) -> None:
        """A template with bytes that are not UTF-8: Argo CD cannot read what comes out of it."""
        file = rendering.source_file(template)
        try:
            self.repository.text(file)
        except KeyError:
            return
        except YamlError as error:
            at = Location(file, error.line)
            self.problems.append(Problem("not-a-manifest", error.message, at, target.env, target.application))

    def _with_culprit(self, request: RenderRequest, failure: RenderFailure) -> RenderFailure:
        """A limit exceeded names no template: each is rendered alone until one exceeds it again."""
        if not failure.limit:
            return failure
        files = request.chart.files
        templates = sorted(path for path in files if path.startswith("templates/") and not is_partial(path))
        for template in templates[:_MOST_CULPRITS]:
            others = {path: text for path, text in files.items() if path == template or path not in templates}
            alone = replace(request, chart=ChartFiles(request.chart.folder, request.chart.name, others))
            outputs = self.engine.render(alone)
            if isinstance(outputs, RenderFailure) and outputs.limit:
                return replace(failure, template=template, line=1)
        return failure

    def _fail(self, folder: str, failure: RenderFailure, target: Target, at: At) -> None:
        file = f"{folder}/{failure.template}".lstrip("/")
        if failure.template and self.repository.tree.exists(file):
            at = Location(file, max(failure.line, 1))
        elif failure.limit:
            at = Location(f"{folder}/Chart.yaml".lstrip("/"))
        self.problems.append(
            Problem(
                "render-failed",
                f"chart `{folder}` cannot be rendered: {failure.reason}",
                at,
                target.env,
                target.application,
            )
        )

    def _directory(
        self, manifest: Resource, source: Source, body: Mapping[str, Any], target: Target
    ) -> Iterator[Resource]:
        directory = body.get("directory")
        files = directory_files(self.repository.tree, source.path, directory if isinstance(directory, Mapping) else {})
        for left in files.not_examined:
            self.leave_out(f"file `{left.path}` of {manifest.name}", left.why, Location(left.path))
        for path in files.paths:
            yield from self.plain_manifests(path, target)

    def plain_files_of(self, manifest: Resource) -> Iterator[str]:
        """The plain files of this repository that an outermost Application deploys, as far as it alone tells."""
        tree = self.repository.tree
        for _, body in source_bodies(manifest):
            folder, url, directory = _normal(body.get("path")), str(body.get("repoURL") or ""), body.get("directory")
            is_plain = tree.is_dir(folder) and not tree.exists(posixpath.join(folder, "Chart.yaml"))
            if body.get("path") and is_plain and self.ownership.owns(url, path_is_here=True, outermost=True):
                yield from directory_files(tree, folder, directory if isinstance(directory, Mapping) else {}).paths

    def plain_manifests(self, path: str, target: Target) -> Iterator[Resource]:
        """The manifests of a plain file; what in it is none is a problem."""
        self.plain_files.add(path)
        try:
            text = self.repository.text(path)
            self.repository.documents(path)
        except (KeyError, YamlError):
            return  # the file itself is reported as unreadable
        for found in self.reader.read(PlainFile(path), path, text, target):
            if isinstance(found, Fault):
                if not found.is_duplicate:  # the file itself is reported for those
                    at = Location(path, found.line)
                    self.problems.append(Problem("not-a-manifest", found.message, at, target.env, target.application))
            else:
                yield found

    def _file_layer(self, path: str, kind: Any) -> Layer:
        return Layer(kind, self.repository.values(path), path)

    def _tell_unknown_apis(self, chart: ChartFiles, cluster: Cluster) -> None:
        """A template that asks for an API only the cluster can tell of is answered no, and that is told."""
        for path, text in chart.files.items():
            for name in _ASKS_FOR_API.findall(text.decode("utf-8", "replace")) if b"APIVersions.Has" in text else ():
                if name not in cluster.api_versions:
                    why = (
                        "whether the cluster serves it is not known; set `api-versions` in the configuration if it does"
                    )
                    self.leave_out(
                        f"`{name}`, which chart `{chart.folder}` asks for", why, Location(f"{chart.folder}/{path}")
                    )

    def _tell_outside_schemas(self, chart: ChartFiles) -> None:
        """What a values schema demands by reference to another file or host is not checked: nothing is fetched."""
        for path, text in chart.files.items():
            if path.endswith("values.schema.json") and refers_outside(text):
                what = f"a part of `{chart.folder}/{path}`"
                self.leave_out(what, "it refers to another file or host", Location(f"{chart.folder}/{path}"))

    def _tell_dependencies(self, folder: str, chart: ChartFiles) -> None:
        """Helm leaves a declared dependency that is not vendored out without a word."""
        if folder in self._dependencies_told:
            return
        self._dependencies_told.add(folder)
        for index, name, repository in self._missing_dependencies(folder, chart):
            fetched = f"Argo CD would fetch it from {repository}" if repository else "and no repository is given for it"
            why = f"it is not in `{folder}/charts/`; {fetched}"
            self.leave_out(f"dependency `{name}` of chart `{folder}`", why, _dependency(folder, index))

    def _missing_dependencies(self, folder: str, chart: ChartFiles) -> list[tuple[int, str, str]]:
        """The index, name and repository of each declared dependency that is not vendored."""
        declared = declared_dependencies(self.repository.values(f"{folder}/Chart.yaml".lstrip("/")))
        return [(index, *one) for index, one in enumerate(declared) if not has_dependency(chart.files, one[0])]


def _dependency(folder: str, index: int) -> Key:
    return Key(f"{folder}/Chart.yaml".lstrip("/"), ("dependencies", index, "name"))


def source_bodies(manifest: Resource) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Each source of an Application with its field path; `sources` wins where both are given."""
    many = manifest.get("spec", "sources")
    if isinstance(many, list) and many:
        for index, body in enumerate(many):
            if isinstance(body, Mapping):
                yield ("spec", "sources", index), body
        return
    one = manifest.get("spec", "source")
    if isinstance(one, Mapping):
        yield ("spec", "source"), one


def _normal(path: Any) -> str:
    if not isinstance(path, str):
        return ""
    normal = posixpath.normpath(path.strip("/") or ".")
    return "" if normal == "." else normal


def entry_application(install: Install, deployment: Deployment) -> Application:
    """The installation of an entry chart as an Application without a manifest."""
    name = posixpath.basename(install.folder) or "entry"
    return Application(
        name, "", install.env, None, deployment.sources, "", deployment.resources, "", deployment.rendered
    )


def plain_application(deployer: Deployer, path: str) -> Application:
    """A plain file with Applications, as somebody would `kubectl apply` it."""
    target = Target(path, "", deployer.config.argocd.namespace)
    resources = tuple(deployer.plain_manifests(path, target))
    source = Source("directory", posixpath.dirname(path), "", "", ())
    return Application(path, "", "", None, (source,), "", resources)
