"""Recognises in the words of a command the program that runs in the end: vLLM's server, a shell, or another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signet_lint.vllm.invocation import Server, Token

_PYTHON = re.compile(r"python[\d.]*")
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
# fmt: off
_WRAPPERS = frozenset({
    "catatonit", "chrt", "command", "conda", "ddtrace-run", "dumb-init",
    "env", "exec", "gosu", "ionice", "micromamba", "nice",
    "nohup", "nsys", "numactl", "opentelemetry-instrument", "pipenv", "poetry",
    "setsid", "stdbuf", "su-exec", "sudo", "taskset", "time",
    "timeout", "tini", "uv",
})
# fmt: on
_API_SERVER = "vllm.entrypoints.openai.api_server"
_COMMAND_LINE = frozenset({"vllm", "vllm.entrypoints.cli.main"})
_PYTHON_OPTIONS_WITH_VALUE = frozenset({"-X", "-W"})
_SHELL_OPTIONS_WITH_VALUE = frozenset({"--rcfile", "--init-file", "-O", "+O"})


class Shell(Struct, frozen=True):
    """A shell that is started: `words` are its script (the path of it where `is_file`) and the script's arguments.

    After the text of a script the first argument is `$0`; a script file is its own `$0`.
    """

    words: tuple[Token, ...]
    is_file: bool


def find_program(words: Sequence[Token]) -> Sequence[Token]:
    """Return the words from the program on that wrappers such as `exec`, `env` or `tini` start in the end."""
    if not words or _name(words[0]) not in _WRAPPERS:
        return words
    for position, word in enumerate(words[1:], start=1):
        name = _name(word)
        if name == "vllm" or name in _SHELLS or _PYTHON.fullmatch(name):
            return words[position:]
    plain = (position for position, word in enumerate(words) if position and not _belongs_to_wrapper(word))
    return words[next(plain, len(words)) :]


def server_arguments(program: Sequence[Token]) -> tuple[Server, Sequence[Token]] | None:
    """Return the vLLM server that a command starts and its arguments, None when it starts none."""
    texts = [word.text for word in program[:2]]
    if not texts:
        return None
    if _name(program[0]) == "vllm":
        return ("vllm-serve", program[2:]) if texts[1:] == ["serve"] else None
    if not _PYTHON.fullmatch(_name(program[0])):
        return None
    return _python_module(program[1:])


def _python_module(words: Sequence[Token]) -> tuple[Server, Sequence[Token]] | None:
    position = 0
    while position < len(words) and words[position].text.startswith("-") and not words[position].text.endswith("m"):
        position += 2 if words[position].text in _PYTHON_OPTIONS_WITH_VALUE else 1
    rest = words[position:]
    if not rest:
        return None
    if not rest[0].text.startswith("-"):
        path = rest[0].text.replace("\\", "/")
        return ("api-server", rest[1:]) if path.endswith("vllm/entrypoints/openai/api_server.py") else None
    module = rest[1].text if len(rest) > 1 else ""
    if module == _API_SERVER:
        return "api-server", rest[2:]
    if module in _COMMAND_LINE and [word.text for word in rest[2:3]] == ["serve"]:
        return "vllm-serve", rest[3:]
    return None


def shell_of(program: Sequence[Token]) -> Shell | None:
    """Return the shell that a command starts, None when it starts none or one that reads no script."""
    if not program or _name(program[0]) not in _SHELLS:
        return None
    position, takes_command = 1, False
    while position < len(program) and program[position].text[:1] in {"-", "+"}:
        text = program[position].text
        position += 1
        if text in {"-", "--"}:
            break
        if text in _SHELL_OPTIONS_WITH_VALUE or (not text.startswith("--") and text.endswith("o")):
            position += 1
        takes_command |= text.startswith("-") and not text.startswith("--") and "c" in text
    if position >= len(program):
        return None
    return Shell(tuple(program[position:]), is_file=not takes_command)


def _name(word: Token) -> str:
    return word.text.rpartition("/")[2]


def _belongs_to_wrapper(word: Token) -> bool:
    return word.text.startswith("-") or "=" in word.text or word.text.replace(".", "").rstrip("smhd").isdecimal()
