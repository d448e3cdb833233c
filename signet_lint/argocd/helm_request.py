"""An Application's Helm source as layers of values, parameters parsed by Helm itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from signet_lint.argocd.envsubst import build_environment
from signet_lint.argocd.helm_source import (
    HelmSource,
    HelmSourceError,
    ParameterLayer,
    ValueFileLayer,
    ValuesLayer,
    helm_source,
)
from signet_lint.argocd.problems import NotExamined
from signet_lint.discover.repository import Repository
from signet_lint.model.application import Source, ValueFile
from signet_lint.model.resource import Path, Resource, dig
from signet_lint.render.engine import Cluster, HelmEngine, RenderFailure
from signet_lint.render.values import Layer, leaves, set_at

_NO_REVISION = "0" * 40  # the commit is not known before the push
_STEP = re.compile(r"((?:\\.|[^.\[\\])+)|\[(\d+)\]")
_LARGEST_PLAIN = 1_000_000  # floats print as integers below; Helm's int64 does above, too


class HelmInput(Struct, frozen=True):
    """What one `helm template` is given: the chart's defaults and every layer over them, release and namespace."""

    layers: tuple[Layer, ...]
    release: str
    namespace: str
    integers: tuple[Path, ...] = ()
    include_crds: bool = True
    cluster: Cluster | None = None
    skip_schema: bool = False
    value_files: tuple[ValueFile, ...] = ()
    errors: tuple[HelmSourceError, ...] = ()
    not_examined: tuple[NotExamined, ...] = ()
    undefined: tuple[tuple[str, Path], ...] = ()


def helm_input(
    manifest: Resource,
    source: Source,
    body: Mapping[str, Any],
    *,
    repository: Repository,
    engine: HelmEngine,
    owns_repo: Callable[[str], bool],
    cluster: Cluster,
) -> HelmInput:
    """Everything Helm gets for one source of an Application."""
    read = helm_source(
        body,
        source.field,
        application=manifest.body,
        chart_path=source.path,
        tree=repository.tree,
        owns_repo=owns_repo,
        variables=build_environment(
            body,
            name=manifest.name,
            namespace=str(manifest.get("spec", "destination", "namespace", default="") or ""),
            project=str(manifest.get("spec", "project", default="") or ""),
            revision=_NO_REVISION,
        ),
    )
    layers, errors = _layers(read, repository, engine)
    defaults = f"{source.path}/values.yaml".lstrip("/")
    return HelmInput(
        layers=(Layer("defaults", repository.values(defaults), defaults), *layers),
        release=read.release_name,
        namespace=read.namespace,
        integers=tuple(_large_integers(layers)),
        include_crds=not read.skip_crds,
        cluster=_cluster(read, cluster),
        skip_schema=read.skip_schema_validation,
        value_files=_value_files(read, body, source),
        errors=(*read.errors, *errors),
        not_examined=read.not_examined,
        undefined=tuple((one.name, one.path) for one in read.undefined),
    )


def _cluster(read: HelmSource, cluster: Cluster) -> Cluster | None:
    if not read.kube_version and not read.api_versions:
        return None
    return Cluster(read.kube_version or cluster.kubernetes_version, read.api_versions or cluster.api_versions)


def _layers(read: HelmSource, repository: Repository, engine: HelmEngine) -> tuple[list[Layer], list[HelmSourceError]]:
    layers: list[Layer] = []
    errors: list[HelmSourceError] = []
    parsed = _parsed_parameters([one for one in read.layers if isinstance(one, ParameterLayer)], engine)
    for one in read.layers:
        if isinstance(one, ValueFileLayer):
            layers.append(Layer("file", repository.values(one.path), one.path))
        elif isinstance(one, ValuesLayer):
            layers.append(Layer("inline", one.values, "", one.field))
        elif one.flag == "set-file":
            text = repository.tree.read(one.value).decode("utf-8", "replace")
            layers.append(Layer("parameter", set_at({}, _steps(one.name), text), "", (*one.field, "path")))
        else:
            values = parsed[id(one)]
            if isinstance(values, RenderFailure):
                errors.append(HelmSourceError(f"parameter `{one.name}`: {values.reason}", (*one.field, "name")))
            else:
                layers.append(Layer("parameter", values, "", (*one.field, "value")))
    return layers, errors


def _parsed_parameters(
    parameters: Sequence[ParameterLayer], engine: HelmEngine
) -> dict[int, dict[str, Any] | RenderFailure]:
    """What Helm's parser makes of each parameter; one call for all of a kind, unless one of them fails."""
    found: dict[int, dict[str, Any] | RenderFailure] = {}
    for flag in ("set", "set-string"):
        group = [one for one in parameters if one.flag == flag]
        if not group:
            continue
        together = engine.parse_set(",".join(one.argument for one in group), strings=flag == "set-string")
        for one in group:
            steps = _steps(one.name)
            value = dig(together, steps, _ABSENT) if isinstance(together, dict) and _is_plain(one.name) else _ABSENT
            if value is _ABSENT:
                found[id(one)] = engine.parse_set(one.argument, strings=flag == "set-string")
            else:
                found[id(one)] = set_at({}, steps, value)
    return found


_ABSENT = object()


def _is_plain(name: str) -> bool:
    return "[" not in name and "\\" not in name


def _steps(name: str) -> Path:
    """The value path that a parameter's name spells."""
    steps: list[str | int] = []
    for key, index in _STEP.findall(name):
        steps.append(int(index) if index else re.sub(r"\\(.)", r"\1", key))
    return tuple(steps)


def parameter_path(name: str) -> Path:
    """The value path that the name of a Helm parameter spells: `a.b[0]` is a, b, 0."""
    return _steps(name)


def passed_value(body: Mapping[str, Any], path: Path) -> Any:
    """What the `helm` block of a source itself passes for a value, values files aside; None where it does not."""
    parameters = dig(body, ("helm", "parameters"))
    for parameter in reversed(parameters if isinstance(parameters, list) else []):
        if parameter_path(str(dig(parameter, ("name",)))) == path:
            return dig(parameter, ("value",))
    return dig(body, ("helm", "valuesObject", *path))


def _large_integers(layers: Sequence[Layer]) -> list[Path]:
    return [
        path
        for layer in layers
        if layer.kind == "parameter"
        for path, value in leaves(layer.values)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LARGEST_PLAIN
    ]


def _value_files(read: HelmSource, body: Mapping[str, Any], source: Source) -> tuple[ValueFile, ...]:
    """Each entry of `valueFiles` with the file it names."""
    entries = dig(body, ("helm", "valueFiles"), [])
    used = {one.field: one.path for one in read.layers if isinstance(one, ValueFileLayer)}
    ignored = {one.field: one.path for one in read.ignored}
    elsewhere = {one.path for one in read.not_examined}
    found = []
    for index, text in enumerate(entries if isinstance(entries, list) else []):
        field = (*source.field, "helm", "valueFiles", index)
        if field not in elsewhere and isinstance(text, str):
            path = used.get(field) or ignored.get(field) or f"{source.path}/{text}".lstrip("/")
            found.append(ValueFile(text, path, field in used, field))
    return tuple(found)
