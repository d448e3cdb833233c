"""Tells which arguments vLLM gets from a container's command, arguments and environment."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from signet_lint.vllm.expand import Scope
from signet_lint.vllm.expansion import Fragment, Passage, expand_environment, expand_references, token_of
from signet_lint.vllm.invocation import Argv, Token
from signet_lint.vllm.program import find_program, server_arguments, shell_of
from signet_lint.vllm.script import Trace, follow_script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signet_lint.vllm.expand import Field
    from signet_lint.vllm.invocation import Server, Variable
    from signet_lint.vllm.script import ScriptFile

    Words = Sequence[Token | Sequence[Token]]
