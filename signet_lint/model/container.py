"""A container and its placement as they end up in a pod, each piece with the field that it is written in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from signet_lint.model.application import Env
from signet_lint.model.resource import INTO_TEXT, Field, Path, Resource, dig, plain

_TAG = re.compile(r"(?<=[^/]):[^/@:]*$")


class Piece(Struct, frozen=True):
    """A value, and the field that holds it."""

    value: Any
    at: Field


class EnvVar(Struct, frozen=True):
    """A variable of a container; `value` is None where something that is not in the repository supplies it.

    `at` is where its text stands: the entry's `value`, or the key of the ConfigMap that it is taken from.
    """

    name: str
    value: str | None
    at: Field


class Container(Struct, frozen=True):
    """A container as it runs.

    `at` is the container in the workload's own manifest, under which things belong that are absent; it may itself be
    absent. `args` keeps the lists that were joined apart: a ServingRuntime's, then the InferenceService's.
    `open_ended` says that variables beyond `env` may exist. `mounts` has each `volumeMounts` entry by its path.
    """

    name: str
    at: Field
    image: Piece
    command: tuple[Piece, ...] = ()
    args: tuple[tuple[Piece, ...], ...] = ()
    env: tuple[EnvVar, ...] = ()
    open_ended: bool = False
    limits: Mapping[str, Piece] = field(default_factory=lambda: MappingProxyType({}))
    requests: Mapping[str, Piece] = field(default_factory=lambda: MappingProxyType({}))
    claims: tuple[Piece, ...] = ()
    mounts: Mapping[str, Piece] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def all_args(self) -> tuple[Piece, ...]:
        """The arguments in the order in which the program gets them."""
        return tuple(piece for part in self.args for piece in part)

    @property
    def words(self) -> tuple[Piece, ...]:
        """Command and arguments."""
        return (*self.command, *self.all_args)

    def variable(self, name: str) -> EnvVar | None:
        """The variable of that name."""
        return next((variable for variable in self.env if variable.name == name), None)


class Placement(Struct, frozen=True):
    """What decides on which nodes a pod may run.

    `terms` are the `nodeSelectorTerms` of the required node affinity, of which one must hold. `at` is the pod's spec in
    the workload's own manifest, under which fields belong that are absent.
    """

    at: Field
    node_selector: Mapping[str, Piece]
    tolerations: tuple[Piece, ...]
    terms: tuple[Piece, ...]
    node_name: Piece | None = None
    claims: tuple[Piece, ...] = ()


def container_of(layers: Sequence[Field], env: Env, *, joined_args: bool = False) -> Container:
    """The container that several descriptions of it make, the strongest last (it is also where things belong).

    Variables are merged by name, resources key by key, mounts by path; `args` are replaced, or with `joined_args` put
    one after the other, as KServe does (red-hat-data-services/kserve rhoai-3.0,
    pkg/controller/v1beta1/inferenceservice/utils/utils.go, MergeRuntimeContainers).
    """
    described = [layer for layer in layers if isinstance(layer.value, Mapping)]
    own = layers[-1]
    args = [part for layer in described if (part := _texts(layer.child("args")))]
    commands = [part for layer in described if (part := _texts(layer.child("command")))]
    images = [
        Piece(image, layer.child("image")) for layer in described if isinstance(image := layer.value.get("image"), str)
    ]
    names = [name for layer in described if isinstance(name := layer.value.get("name"), str)]
    return Container(
        name=names[-1] if names else "",
        at=own,
        image=images[-1] if images else Piece("", own.child("image")),
        command=commands[-1] if commands else (),
        args=tuple(args if joined_args else args[-1:]),
        env=_variables(described, env),
        open_ended=any(_has_unknown_source(layer, env) for layer in described),
        limits=_merged(described, "resources", "limits"),
        requests=_merged(described, "resources", "requests"),
        claims=tuple(piece for layer in described for piece in listed(layer.child("resources", "claims"))),
        mounts=_mounts(described),
    )


def placement_of(layers: Sequence[Field]) -> Placement:
    """The placement that several pod specs make, the strongest last.

    Selectors are merged key by key; of tolerations and affinity terms the last list that is not empty holds
    (red-hat-data-services/kserve rhoai-3.0, utils.go, MergePodSpec).
    """
    described = [layer for layer in layers if isinstance(layer.value, Mapping)]
    terms = ("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    names = [Piece(name, layer.child("nodeName")) for layer in described if (name := layer.value.get("nodeName"))]
    return Placement(
        at=layers[-1],
        node_selector=_merged(described, "nodeSelector"),
        tolerations=_last_list(described, "tolerations"),
        terms=_last_list(described, *terms),
        node_name=names[-1] if names else None,
        claims=tuple(piece for layer in described for piece in listed(layer.child("resourceClaims"))),
    )


def listed(at: Field) -> tuple[Piece, ...]:
    """The mappings in a list, each with its place; nothing where the field is no list."""
    items = at.value if isinstance(at.value, list) else []
    return tuple(Piece(item, at.child(index)) for index, item in enumerate(items) if isinstance(item, Mapping))


def line_with(at: Field, word: str) -> Field:
    """The line of a field's text in which a word stands, the field itself where the text has no lines or no such word."""
    content = at.value
    if not isinstance(content, str) or "\n" not in content or not word or word not in content:
        return at
    return at.child(INTO_TEXT, content.count("\n", 0, content.index(word)) + 1)


def named_container(pod: Field, name: str) -> Field:
    """The container of that name in a pod's spec, else the first one, else where the first one belongs."""
    found = listed(pod.child("containers"))
    return next(
        (c.at for c in found if c.value.get("name") == name), found[0].at if found else pod.child("containers", 0)
    )


def with_tag(container: Container, version: Piece) -> Container:
    """The container with the tag of its image replaced, as `runtimeVersion` does (KServe, utils.go, UpdateImageTag)."""
    image = container.image.value
    if not image or "@" in image:
        return container
    return replace(container, image=Piece(f"{_TAG.sub('', image)}:{version.value}", version.at))


def with_metadata(container: Container, service: Resource) -> Container:
    """The container with `{{.Name}}` and `{{.Namespace}}` filled in, which KServe does in what a runtime brings."""

    def filled(piece: Piece) -> Piece:
        text = re.sub(r"\{\{\s*\.Name\s*\}\}", lambda _: service.name, piece.value)
        return replace(piece, value=re.sub(r"\{\{\s*\.Namespace\s*\}\}", lambda _: service.namespace, text))

    args = tuple(tuple(map(filled, part)) for part in container.args)
    return replace(container, args=args, command=tuple(map(filled, container.command)))


@lru_cache(maxsize=64)
def config_maps(env: Env) -> Mapping[tuple[str, str], Resource]:
    """The ConfigMaps of an environment by namespace and name."""
    return {(resource.namespace, resource.name): resource for resource in env.of_kind("ConfigMap", group="")}


def text(value: Any) -> str:
    """A scalar as Kubernetes would read it where it wants text."""
    return "" if value is None else plain(value)


def _texts(at: Field) -> tuple[Piece, ...]:
    items = at.value if isinstance(at.value, list) else []
    return tuple(Piece(text(item), at.child(index)) for index, item in enumerate(items))


def _merged(layers: Sequence[Field], *path: str) -> Mapping[str, Piece]:
    pieces: dict[str, Piece] = {}
    for layer in layers:
        found = dig(layer.value, path)
        for key, value in found.items() if isinstance(found, Mapping) else ():
            if value is not None:
                pieces[str(key)] = Piece(value, layer.child(*path, key))
    return MappingProxyType(pieces)


def _last_list(layers: Sequence[Field], *path: str) -> tuple[Piece, ...]:
    found = [pieces for layer in layers if (pieces := listed(layer.child(*path)))]
    return found[-1] if found else ()


def _mounts(layers: Sequence[Field]) -> Mapping[str, Piece]:
    mounts = (piece for layer in layers for piece in listed(layer.child("volumeMounts")))
    return MappingProxyType({text(mount.value.get("mountPath")): mount for mount in mounts})


def _variables(layers: Sequence[Field], env: Env) -> tuple[EnvVar, ...]:
    found: dict[str, EnvVar] = {}
    for layer in layers:
        for source in listed(layer.child("envFrom")):
            found.update((variable.name, variable) for variable in _from_config_map(source, env))
    for layer in layers:
        for entry in listed(layer.child("env")):
            name = entry.value.get("name")
            if isinstance(name, str):
                found[name] = _variable(name, entry, env)
    return tuple(found.values())


def _variable(name: str, entry: Piece, env: Env) -> EnvVar:
    if entry.value.get("value") is not None:
        return EnvVar(name, text(entry.value["value"]), entry.at.child("value"))
    source = entry.value.get("valueFrom")
    if not isinstance(source, Mapping):
        return EnvVar(name, "", entry.at.child("value") if "value" in entry.value else entry.at.child("name"))
    reference = source.get("configMapKeyRef")
    config_map = _config_map(reference, entry.at.resource, env)
    path: Path = ("data", str(dig(reference, ("key",))))
    if config_map is None or not isinstance(config_map.get(*path), str):
        return EnvVar(name, None, entry.at.child("valueFrom"))
    return EnvVar(name, config_map.get(*path), config_map.at(*path))


def _from_config_map(source: Piece, env: Env) -> Iterator[EnvVar]:
    config_map = _config_map(source.value.get("configMapRef"), source.at.resource, env)
    entries = config_map.get("data") if config_map else None
    if config_map is None or not isinstance(entries, Mapping):
        return
    prefix = text(source.value.get("prefix"))
    for key, value in entries.items():
        yield EnvVar(f"{prefix}{key}", text(value), config_map.at("data", key))


def _has_unknown_source(layer: Field, env: Env) -> bool:
    sources = listed(layer.child("envFrom"))
    return any(_config_map(source.value.get("configMapRef"), layer.resource, env) is None for source in sources)


def _config_map(reference: Any, user: Resource, env: Env) -> Resource | None:
    name = dig(reference, ("name",))
    return config_maps(env).get((user.namespace, name)) if isinstance(name, str) else None
