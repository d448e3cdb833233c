"""What Argo CD gives to `helm template` for one source of an Application.

[reposerver/repository/repository.go helmTemplate; util/helm/cmd.go template, cleanSetParameters;
pkg/apis/application/v1alpha1/values.go ValuesYAML; Argo CD v3.1.9]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from signet_lint.argocd.envsubst import envsubst
from signet_lint.argocd.fieldpath import Path, mapping, sequence, text
from signet_lint.argocd.problems import NotExamined
from signet_lint.argocd.value_file import FileResolver, ResolvedFile
from signet_lint.source.yamldoc import YamlError, parse

if TYPE_CHECKING:
    from signet_lint.source.tree import Tree

_KUBE_VERSION = re.compile(r"\s*v?(\d+(?:\.\d+)+)")


class ValueFileLayer(Struct, frozen=True):
    """`--values FILE`: a file of the repository."""

    path: str
    field: Path


class ValuesLayer(Struct, frozen=True):
    """The values written in the Application itself (`values` or `valuesObject`), given as the last `--values`."""

    values: Mapping[str, Any]
    field: Path


class ParameterLayer(Struct, frozen=True):
    """`--set`, `--set-string` or `--set-file`.

    `value` is what `$NAME` was replaced in (the file's path for set-file); `argument` is the text after the flag, for
    Helm's own parser.
    """

    flag: Literal["set", "set-string", "set-file"]
    name: str
    value: str
    argument: str
    field: Path


Layer = ValueFileLayer | ValuesLayer | ParameterLayer


class HelmSourceError(Struct, frozen=True):
    """Why Argo CD cannot generate the source's manifests; `path` is the field in the Application."""

    message: str
    path: Path


class UndefinedVariable(Struct, frozen=True):
    """A `$NAME` that Argo CD does not define and replaces by nothing."""

    name: str
    path: Path


class HelmSource(Struct, frozen=True):
    """One `helm template`; `layers` go from the lowest to the highest precedence.

    `ignored` are value files that are absent and dropped by `ignoreMissingValueFiles`. With any error Argo CD renders
    nothing. `kube_version` "" and `api_versions` () mean those of the cluster.
    """

    release_name: str
    namespace: str
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    skip_crds: bool = False
    skip_tests: bool = False
    skip_schema_validation: bool = False
    layers: tuple[Layer, ...] = ()
    ignored: tuple[ValueFileLayer, ...] = ()
    errors: tuple[HelmSourceError, ...] = ()
    not_examined: tuple[NotExamined, ...] = ()
    undefined: tuple[UndefinedVariable, ...] = ()


def clean_set_parameter(value: str) -> str:
    """A parameter's value with its commas escaped for Helm, unless they are, or the value is a `{list}`."""
    if value.startswith("{") and value.endswith("}"):
        return value
    return re.sub(r"(?<!\\),", r"\\,", value)


def helm_source(
    source: Mapping[str, Any],
    at: Path,
    *,
    application: Mapping[str, Any],
    chart_path: str,
    tree: Tree,
    owns_repo: Callable[[str], bool],
    variables: Mapping[str, str],
) -> HelmSource:
    """What Helm is given for a source.

    `source` is the source after `.argocd-source.yaml`, `at` its field in the Application's manifest `application`,
    `chart_path` its folder in the tree, `variables` those of `build_environment`.
    """
    spec = mapping(application.get("spec"))
    helm = mapping(source.get("helm"))
    siblings = [mapping(one) for one in sequence(spec.get("sources"))]
    reader = _Reader(helm, (*at, "helm"), FileResolver(chart_path, siblings, owns_repo, variables), tree)
    reader.read()
    return HelmSource(
        release_name=text(helm.get("releaseName")) or _name(application),
        namespace=text(helm.get("namespace")) or text(mapping(spec.get("destination")).get("namespace")),
        kube_version=reader.kube_version(),
        api_versions=tuple(str(one) for one in sequence(helm.get("apiVersions"))),
        skip_crds=helm.get("skipCrds") is True,
        skip_tests=helm.get("skipTests") is True,
        skip_schema_validation=helm.get("skipSchemaValidation") is True,
        layers=tuple(reader.layers),
        ignored=tuple(reader.ignored),
        errors=tuple(reader.errors),
        not_examined=tuple(reader.not_examined),
        undefined=tuple(reader.undefined),
    )


def _name(application: Mapping[str, Any]) -> str:
    return text(mapping(application.get("metadata")).get("name"))


class _Reader(Struct):
    helm: Mapping[str, Any]
    at: Path
    resolver: FileResolver
    tree: Tree
    layers: list[Layer] = field(default_factory=list)
    ignored: list[ValueFileLayer] = field(default_factory=list)
    errors: list[HelmSourceError] = field(default_factory=list)
    not_examined: list[NotExamined] = field(default_factory=list)
    undefined: list[UndefinedVariable] = field(default_factory=list)

    def read(self) -> None:
        if self.helm.get("version") not in (None, "", "v3"):
            self._error(f"helm chart version '{self.helm['version']}' is not supported", "version")
        for index, name in enumerate(sequence(self.helm.get("valueFiles"))):
            self._value_file(name, "valueFiles", index)
        self._inline_values()
        parameters = list(enumerate(mapping(one) for one in sequence(self.helm.get("parameters"))))
        self._parameters("set", [(i, one) for i, one in parameters if one.get("forceString") is not True])
        self._parameters("set-string", [(i, one) for i, one in parameters if one.get("forceString") is True])
        self._file_parameters()

    def kube_version(self) -> str:
        """`kubeVersion` without what semantic versions do not know (`v1.32.5+vendor` is 1.32.5)."""
        version = text(self.helm.get("kubeVersion"))
        parsed = _KUBE_VERSION.match(version)
        if version and not parsed:
            self._error(f"could not parse kubernetes version {version}", "kubeVersion")
        return parsed.group(1) if parsed else ""

    def _value_file(self, name: Any, *field_path: str | int) -> None:
        if not isinstance(name, str):
            self._error("must be a string", *field_path)
            return
        resolved = self._resolved(name, *field_path)
        if not resolved.path:
            return
        layer = ValueFileLayer(resolved.path, (*self.at, *field_path))
        unreadable = next((left.why for left in self.tree.left_out if left.path == resolved.path), "")
        if unreadable:
            self.layers.append(layer)
            self._error(f"`{resolved.path}` cannot be read: {unreadable}", *field_path)
        elif self.tree.exists(resolved.path):
            self.layers.append(layer)
        elif self.helm.get("ignoreMissingValueFiles") is True and not self.tree.is_dir(resolved.path):
            self.ignored.append(layer)
        else:
            self._error(f"open {resolved.path}: no such file", *field_path)

    def _resolved(self, name: str, *field_path: str | int) -> ResolvedFile:
        resolved = self.resolver.resolve(name)
        path = (*self.at, *field_path)
        self.undefined.extend(UndefinedVariable(variable, path) for variable in resolved.undefined)
        if resolved.error:
            self._error(f"error resolving value file path: {resolved.error}", *field_path)
        if resolved.not_examined:
            self.not_examined.append(NotExamined("value file", resolved.not_examined, path))
        return resolved

    def _inline_values(self) -> None:
        """`valuesObject` if it is there, else `values`: they are never merged."""
        key = "values" if self.helm.get("valuesObject") is None else "valuesObject"
        values = self.helm.get(key)
        if values is None or values == "":
            return
        if key == "values" and isinstance(values, str):
            try:
                values = parse(values)
            except YamlError as error:
                self._error(f"error parsing values: {error.message}", key)
                return
            values = {} if values is None else values
        elif key == "values":
            self._error("must be a string; `valuesObject` takes a map", key)
            return
        if isinstance(values, Mapping):
            self.layers.append(ValuesLayer(values, (*self.at, key)))
        else:
            self._error("must hold a map", key)

    def _parameters(
        self, flag: Literal["set", "set-string"], parameters: Sequence[tuple[int, Mapping[str, Any]]]
    ) -> None:
        last = {text(parameter.get("name")): (index, parameter) for index, parameter in parameters}
        for name, (index, parameter) in last.items():
            written = parameter.get("value", "")
            if not isinstance(written, str):
                self._error("must be a string: quote it", "parameters", index, "value")
                continue
            value, undefined = envsubst(written, self.resolver.variables)
            path = (*self.at, "parameters", index)
            self.undefined.extend(UndefinedVariable(variable, (*path, "value")) for variable in undefined)
            self.layers.append(ParameterLayer(flag, name, value, f"{name}={clean_set_parameter(value)}", path))

    def _file_parameters(self) -> None:
        parameters = list(enumerate(mapping(one) for one in sequence(self.helm.get("fileParameters"))))
        last = {text(parameter.get("name")): (index, parameter) for index, parameter in parameters}
        for name, (index, parameter) in last.items():
            resolved = self._resolved(text(parameter.get("path")), "fileParameters", index, "path")
            if resolved.path and not self.tree.exists(resolved.path):
                self._error(f"open {resolved.path}: no such file", "fileParameters", index, "path")
            elif resolved.path:
                argument = f"{name}={clean_set_parameter(resolved.path)}"
                path = (*self.at, "fileParameters", index)
                self.layers.append(ParameterLayer("set-file", name, resolved.path, argument, path))

    def _error(self, message: str, *field_path: str | int) -> None:
        self.errors.append(HelmSourceError(message, (*self.at, *field_path)))
