"""Puts the settings of a `--config` file among the arguments, where vLLM puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from signet_lint.vllm.invocation import ConfigKey, Refusal, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signet_lint.vllm.invocation import Server

    ConfigFile = Callable[[str], Mapping[str, object] | None]


class Expanded(Struct, frozen=True):
    """The arguments with those of the config file; `unresolved` says why that file cannot be read."""

    tokens: tuple[Token, ...]
    refusals: tuple[Refusal, ...] = ()
    unresolved: str = ""


def insert_config(tokens: Sequence[Token], server: Server, config_file: ConfigFile | None) -> Expanded:
    """Return the arguments with a bare `--config FILE` replaced by what the file sets, before all other options.

    A command line option so beats the file (vLLM 0.11.0, vllm/utils/__init__.py,
    FlexibleArgumentParser._pull_args_from_config). `--config=FILE` is left alone, as vLLM leaves it.
    """
    texts = [token.text for token in tokens]
    if "--config" not in texts:
        return Expanded(tuple(tokens))
    index = texts.index("--config")
    if texts.count("--config") > 1:
        return Expanded(tuple(tokens), (Refusal(tokens[index], "`--config` is given more than once"),))
    if index == len(tokens) - 1:
        return Expanded(tuple(tokens[:index]), (Refusal(tokens[index], "`--config` names no file"),))
    rest = (*tokens[:index], *tokens[index + 2 :])
    return _read_file(rest, index, tokens[index + 1], server, config_file)


def _read_file(
    rest: tuple[Token, ...], index: int, path: Token, server: Server, config_file: ConfigFile | None
) -> Expanded:
    if path.unknown:
        return Expanded(rest, unresolved=path.unknown)
    if path.text.rpartition(".")[2] not in {"yaml", "yml"}:
        return Expanded(rest, (Refusal(path, f"`{path.text}` is not named .yaml or .yml"),))
    settings = config_file(path.text) if config_file else None
    if settings is None:
        return Expanded(rest, unresolved=f"the config file `{path.text}` cannot be read from here")
    return _insert(rest, index, _config_tokens(settings, path), path, server)


def _insert(rest: tuple[Token, ...], index: int, config: tuple[Token, ...], path: Token, server: Server) -> Expanded:
    head = 1 if index > 0 and not rest[0].text.startswith("-") else 0
    refusals: tuple[Refusal, ...] = ()
    if server == "vllm-serve" and not head and all(token.text != "--model" for token in config):
        refusals = (Refusal(path, "neither the first argument of `vllm serve` nor the config file names a model"),)
    return Expanded((*rest[:head], *config, *rest[head:]), refusals)


def _config_tokens(settings: Mapping[str, object], path: Token) -> tuple[Token, ...]:
    tokens: list[Token] = []
    for key, value in settings.items():
        source = ConfigKey(path.text, str(key), path)
        if isinstance(value, bool):
            words = [f"--{key}"] if value else []
        elif isinstance(value, list):
            words = [f"--{key}", *map(str, value)] if value else []
        else:
            words = [f"--{key}", str(value)]
        tokens += [Token(word, source) for word in words]
    return tuple(tokens)
