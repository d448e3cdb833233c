"""Tells which arguments vLLM gets from a container's command, arguments and environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.vllm.arguments import parse
from signet_lint.vllm.expand import Scope, expand_word
from signet_lint.vllm.expansion import Fragment, Passage, expand_environment, expand_references, token_of
from signet_lint.vllm.invocation import Argv, Invocation, Server, Token, Variable
from signet_lint.vllm.program import find_program, server_arguments, shell_of
from signet_lint.vllm.script import follow_command
from signet_lint.vllm.shell import split_words
from signet_lint.vllm.word import ShellSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signet_lint.vllm.configfile import ConfigFile
    from signet_lint.vllm.expand import Field
    from signet_lint.vllm.script import ScriptFile, Start, Trace

    LoadYaml = Callable[[str], object]


class Container(Struct, frozen=True):
    """What a pod spec says about the start of a container.

    `args` may be a list of lists: those of a ServingRuntime, then those of the InferenceService, as KServe joins them.
    `entrypoint` is the server that the image starts when there is no command, None for an image of something else.
    `has_env_from` says that variables beyond `env` may exist. `extra_args` names the variables whose words the
    image's own start script appends (`VLLM_ADDITIONAL_ARGS` for the containers of an LLMInferenceService).
    """

    command: Sequence[Token] = ()
    args: Sequence[Token | Sequence[Token]] = ()
    env: Sequence[Variable] = ()
    has_env_from: bool = False
    entrypoint: Server | None = "api-server"
    extra_args: Sequence[str] = ()


def read_invocation(
    container: Container,
    *,
    config_file: ConfigFile | None = None,
    script_file: ScriptFile | None = None,
    load_yaml: LoadYaml | None = None,
) -> Invocation | None:
    """Return what vLLM makes of a container's arguments, None when the container does not start vLLM.

    The callables give what lies outside the pod spec, or None: `config_file` the content of a `--config` file and
    `script_file` the text of a script, both by their path in the container; `load_yaml` parses a config file that the
    container's own script writes.
    """
    argv = server_argv(container, script_file=script_file)
    if argv is None:
        return None

    def find_config(path: str) -> Mapping[str, object] | None:
        written = argv.files.get(path)
        if written is None:
            return config_file(path) if config_file else None
        content = load_yaml(written.text) if load_yaml and not written.unknown else None
        return content if isinstance(content, Mapping) else None

    invocation = parse(argv.tokens, argv.server, config_file=find_config)
    return replace(
        invocation,
        ineffective=(*invocation.ineffective, *argv.dropped),
        beside=argv.beside,
        unresolved=argv.unresolved or invocation.unresolved,
    )


def server_argv(container: Container, *, script_file: ScriptFile | None = None) -> Argv | None:
    """Return the arguments that the vLLM server of a container gets, None when it starts none.

    `$(VAR)` is expanded as the kubelet does it, scripts are followed without being run.
    """
    env = expand_environment(container.env, open_ended=container.has_env_from)
    words = [
        tuple(expand_references(Fragment(item.text, item.source, item.index), env, open_ended=container.has_env_from))
        for item in (*container.command, *_flatten(container.args))
    ]
    tokens = [token_of(word) for word in words]
    program = find_program(tokens)
    if container.command or server_arguments(program) or shell_of(program):
        return _argv_of(follow_command(words, env, script_file), container) if words else None
    if container.entrypoint is None:
        return None
    return _argv_of_image(tokens, env, container, container.entrypoint)


def _argv_of(trace: Trace, container: Container) -> Argv | None:
    server = container.entrypoint or "vllm-serve"
    if not trace.starts:
        return Argv(server, unresolved=trace.problems[0]) if trace.problems else None
    first, *others = trace.starts
    same = all(_texts(other) == _texts(first) for other in others)
    return Argv(
        first.server,
        first.tokens,
        dropped=tuple(trace.stray),
        files=MappingProxyType(trace.files),
        beside=next(iter(others[0].tokens), None) if others and first.is_background else None,
        unresolved="" if same else "the script starts vLLM in more than one place",
    )


def _texts(start: Start) -> list[str]:
    return [start.server, *(token.text for token in start.tokens)]


def _argv_of_image(
    tokens: Sequence[Token], env: Mapping[str, Fragment], container: Container, entrypoint: Server
) -> Argv:
    if tokens and tokens[0].text == "serve":
        entrypoint, tokens = "vllm-serve", tokens[1:]
    extra: list[Token] = []
    unresolved = ""
    for name in container.extra_args:
        if name in env:
            words, problem = _words_of(env[name], env)
            extra += words
            unresolved = unresolved or problem
        elif container.has_env_from:
            unresolved = unresolved or f"`{name}` may come from `envFrom`"
    return Argv(entrypoint, (*tokens, *extra), unresolved=unresolved)


def _words_of(value: Fragment, env: Mapping[str, Fragment]) -> tuple[list[Token], str]:
    """Return the words that a variable's value becomes when a shell evaluates it, and why if they cannot be told."""
    if value.unknown:
        return [], value.unknown
    try:
        words = split_words(Passage.of([value]))
    except ShellSyntaxError as error:
        return [], f"the shell cannot read the variable: {error}"
    scope = Scope(env)
    fields: list[Field] = [field for word in words for field in expand_word(word, scope)]
    return [token_of(field) for field in fields], ""


def _flatten(items: Sequence[Token | Sequence[Token]]) -> list[Token]:
    flat: list[Token] = []
    for item in items:
        flat += [item] if isinstance(item, Token) else item
    return flat
