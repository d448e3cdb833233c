"""Reads what a container runs the way vLLM 0.11.0 does: command and arguments in, effective settings out."""

from __future__ import annotations

from signet_lint.vllm.arguments import parse
from signet_lint.vllm.command import Container, read_invocation, server_argv
from signet_lint.vllm.invocation import (
    Argv,
    ConfigKey,
    Invocation,
    Refusal,
    Server,
    Setting,
    Token,
    Variable,
)
from signet_lint.vllm.parallel import gpus_needed
from signet_lint.vllm.values import human_readable_int, parse_bool_flag

__all__ = [
    "Argv",
    "ConfigKey",
    "Container",
    "Invocation",
    "Refusal",
    "Server",
    "Setting",
    "Token",
    "Variable",
    "gpus_needed",
    "human_readable_int",
    "parse",
    "parse_bool_flag",
    "read_invocation",
    "server_argv",
]
