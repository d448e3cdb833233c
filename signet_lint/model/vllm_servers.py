"""What vLLM makes of an inference server's arguments, with the fields they were written at."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from signet_lint.model.application import Env
from signet_lint.model.resource import Field, dig
from signet_lint.model.servers import EnvVar, InferenceServer, Piece, inference_servers
from signet_lint.vllm import Container, Invocation, Token, Variable, read_invocation


@lru_cache(maxsize=64)
def vllm_servers(env: Env) -> tuple[tuple[InferenceServer, Invocation | None], ...]:
    """Every server of an environment that is vLLM or a fork of it; None where its arguments cannot be told."""
    servers = [one for one in inference_servers(env) if one.server is not None and one.server.max_model_len]
    return tuple((server, _invocation(server, env)) for server in servers)


def place_of(source: object, default: Field) -> Field:
    """The field that a token or setting was written at."""
    return source if isinstance(source, Field) else default


def _invocation(server: InferenceServer, env: Env) -> Invocation | None:
    def config_file(path: str) -> Mapping[str, Any] | None:
        return _mounted(server, path, env)

    is_llm = server.form == "LLMInferenceService" and not server.command
    container = Container(
        command=[_token(piece) for piece in server.command],
        args=[[_token(piece) for piece in items] for items in server.args],
        env=[_variable(variable) for variable in server.variables],
        has_env_from=server.has_env_from,
        entrypoint="vllm-serve" if is_llm else "api-server",
        extra_args=("VLLM_ADDITIONAL_ARGS",) if is_llm else (),
    )
    return read_invocation(container, config_file=config_file, load_yaml=_parse)


def _token(piece: Piece) -> Token:
    return Token(str(piece.value), piece.at)


def _variable(variable: EnvVar) -> Variable:
    return Variable(variable.name, variable.value, variable.at.child("value"))


def _mounted(server: InferenceServer, path: str, env: Env) -> Mapping[str, Any] | None:
    """The content of a file that a ConfigMap of the environment mounts into the container."""
    folder, _, name = path.rpartition("/")
    for mount in _listed(server.container_at.child("volumeMounts")):
        at = str(mount.get("mountPath", "")).rstrip("/")
        if at not in (folder, path):
            continue
        for volume in _listed(server.pod_at.child("volumes")):
            config_map = dig(volume, ("configMap", "name"))
            if volume.get("name") == mount.get("name") and isinstance(config_map, str):
                return _config(config_map, name, server, env)
    return None


def _listed(field: Field) -> list[Mapping[str, Any]]:
    listed = field.value
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _config(name: str, key: str, server: InferenceServer, env: Env) -> Mapping[str, Any] | None:
    for config_map in env.of_kind("ConfigMap"):
        if (config_map.namespace, config_map.name) == (server.workload.namespace, name):
            parsed = _parse(str(config_map.get("data", key, default="")))
            return parsed if isinstance(parsed, Mapping) else None
    return None


def _parse(text: str) -> Any:
    # Imported late: commands that judge nothing must not load YAML.
    from signet_lint.source.yamldoc import YamlError, parse

    try:
        return parse(text)
    except YamlError:
        return None
