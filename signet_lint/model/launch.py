"""What vLLM makes of the command, arguments, variables and mounted files of a model server."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from signet_lint.model.container import Piece, config_maps
from signet_lint.model.inference import InferenceServer
from signet_lint.model.resource import Field, dig
from signet_lint.source.yamldoc import YamlError, parse
from signet_lint.vllm import ConfigKey, Container, Invocation, Setting, Token, Variable, read_invocation

ADDITIONAL_ARGS = "VLLM_ADDITIONAL_ARGS"
"""Where an LLMInferenceService passes flags to the script of its container (KServe rhoai-3.0, config/llmisvc)."""


@lru_cache(maxsize=256)
def invocation_of(server: InferenceServer) -> Invocation | None:
    """What vLLM makes of its arguments, None where the container does not start vLLM; sources are `Field`s.

    Files named by `--config` or run as scripts are read from the ConfigMaps that the pod mounts.
    """
    if server.server is None or not server.server.max_model_len:
        return None
    container = server.container
    launched = Container(
        command=_tokens(container.command),
        args=[_tokens(part) for part in container.args],
        env=[Variable(variable.name, variable.value, variable.at) for variable in container.env],
        has_env_from=container.open_ended,
        extra_args=(ADDITIONAL_ARGS,) if server.workload.kind == "LLMInferenceService" else (),
    )
    return read_invocation(
        launched,
        config_file=lambda path: _config(server, path),
        script_file=lambda path: _script(server, path),
        load_yaml=_load,
    )


def place_of(source: object, server: InferenceServer) -> Field:
    """The field behind the source of a token or setting: of a key in a config file, the ConfigMap's entry."""
    if isinstance(source, Setting):
        return place_of(source.value_source, server)
    if isinstance(source, Field):
        return source
    if isinstance(source, ConfigKey):
        return mounted_file(server, source.path) or place_of(source.named_by.source, server)
    return server.container.at.child("args")


def mounted_file(server: InferenceServer, path: str) -> Field | None:
    """The entry of a ConfigMap that stands at a path in the container, None where none does."""
    for mount_path, mount in server.container.mounts.items():
        volume = next((v for v in server.volumes if v.value.get("name") == mount.value.get("name")), None)
        name = dig(volume.value, ("configMap", "name")) if volume else None
        found = config_maps(server.env).get((server.workload.namespace, str(name)))
        if volume is None or found is None:
            continue
        folder = mount_path.rstrip("/")
        inside = mount.value.get("subPath") if path == folder else path.removeprefix(f"{folder}/")
        if inside is None or (inside == path and path != folder):
            continue
        at = found.at("data", _key_of(volume, str(inside)))
        if isinstance(at.value, str):
            return at
    return None


def _key_of(volume: Piece, path: str) -> str:
    """The key that a volume projects to a path in it: that of its `items`, else the path itself."""
    items = dig(volume.value, ("configMap", "items"))
    named = (item for item in items if dig(item, ("path",)) == path) if isinstance(items, list) else iter(())
    return str(dig(next(named, {}), ("key",), path))


def _config(server: InferenceServer, path: str) -> Mapping[str, object] | None:
    at = mounted_file(server, path)
    loaded = _load(at.value) if at else None
    return loaded if isinstance(loaded, Mapping) else None


def _load(content: str) -> Any:
    try:
        return parse(content)
    except YamlError:
        return None


def _script(server: InferenceServer, path: str) -> Token | None:
    at = mounted_file(server, path)
    return Token(at.value, at) if at else None


def _tokens(pieces: tuple[Piece, ...]) -> list[Token]:
    return [Token(str(piece.value), piece.at) for piece in pieces]
