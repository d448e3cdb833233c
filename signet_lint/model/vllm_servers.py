"""What vLLM makes of the command, arguments, variables and mounted files of a model server."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.container import Piece, config_maps, line_with
from signet_lint.model.resource import INTO_TEXT, INTO_YAML, Field, dig
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.source.yamldoc import YamlError, parse
from signet_lint.vllm import ConfigKey, Container, Invocation, Token, Variable, read_invocation

ADDITIONAL_ARGS = "VLLM_ADDITIONAL_ARGS"
"""Where an LLMInferenceService passes flags to the script of its container (KServe rhoai-3.0, config/llmisvc)."""


@lru_cache(maxsize=64)
def vllm_servers(env: Env) -> tuple[tuple[InferenceServer, Invocation | None], ...]:
    """Every server of an environment that is vLLM or a fork of it; None where its arguments cannot be told."""
    servers = [one for one in inference_servers(env) if one.server is not None and one.server.max_model_len]
    return tuple((server, _invocation(server)) for server in servers)


def _invocation(server: InferenceServer) -> Invocation | None:
    """What vLLM makes of its arguments, None where the container does not start vLLM; sources are `Field`s.

    Files named by `--config` or run as scripts are read from the ConfigMaps that the pod mounts.
    """
    container = server.container
    is_llm = server.form == "LLMInferenceService" and not container.command
    launched = Container(
        command=_tokens(container.command),
        args=[_tokens(part) for part in container.args],
        env=[Variable(variable.name, variable.value, variable.at) for variable in container.env],
        has_env_from=container.open_ended,
        entrypoint="vllm-serve" if is_llm else "api-server",
        extra_args=(ADDITIONAL_ARGS,) if is_llm else (),
    )
    return read_invocation(
        launched,
        config_file=lambda path: _config(server, path),
        script_file=lambda path: _script(server, path),
        load_yaml=yaml_in,
    )


def length_cap(server: InferenceServer, config: Config) -> int:
    """The longest context that the configuration allows a server, in tokens."""
    return config.max_model_len_of.get(server.name, config.max_model_len)


def place_of(token: Token | None, server: InferenceServer) -> Field:
    """The field that a word was written at: its variable, its line of a script, its key of a config file.

    The file is one that the pod mounts or the script writes, else it is the argument that names it; for None, it is the
    arguments as a whole.
    """
    source = token.variables[-1] if token and token.variables else token.source if token else None
    if isinstance(source, ConfigKey):
        file, script = mounted_file(server, source.path), source.named_by.source
        if file is not None:
            return file.child(INTO_YAML, source.key)
        inside = line_with(script, f"{source.key}:") if isinstance(script, Field) else None
        return inside if inside is not None and inside != script else place_of(source.named_by, server)
    if not isinstance(source, Field):
        return server.own("args")
    is_script = token is not None and not token.variables and isinstance(source.value, str) and "\n" in source.value
    return source.child(INTO_TEXT, source.value.count("\n", 0, token.index) + 1) if token and is_script else source


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
    loaded = yaml_in(at.value) if at else None
    return loaded if isinstance(loaded, Mapping) else None


def yaml_in(content: str) -> Any:
    """What a text holds as YAML, None where it is none."""
    try:
        return parse(content)
    except YamlError:
        return None


def _script(server: InferenceServer, path: str) -> Token | None:
    at = mounted_file(server, path)
    return Token(at.value, at) if at else None


def _tokens(pieces: tuple[Piece, ...]) -> list[Token]:
    return [Token(str(piece.value), piece.at) for piece in pieces]
