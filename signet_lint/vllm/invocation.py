"""Describes what a container hands to vLLM, each word with the place it was written, and what vLLM makes of it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

Server = Literal["vllm-serve", "api-server"]


class Token(Struct, frozen=True):
    """One word of a command line.

    `source` is whatever the caller uses to name a place (a field of a resource, say); it is never looked into.
    `index` is the offset of the word in the text at `source`: 0 for a list item, more inside a script.
    `variables` are the sources of the variables that supplied part of the text, outermost first.
    `unknown` says why the text cannot be told from the pod spec; the text then shows the reference itself.
    """

    text: str
    source: object = None
    index: int = 0
    variables: tuple[object, ...] = ()
    unknown: str = ""


class Variable(Struct, frozen=True):
    """One entry of a container's `env`; `value` is None where a Secret or the like supplies it."""

    name: str
    value: str | None
    source: object = None


class ConfigKey(Struct, frozen=True):
    """The source of a token that stands in a `--config` file."""

    path: str
    key: str
    named_by: Token


class Setting(Struct, frozen=True):
    """An option as vLLM will have it: `value` is None when it was set to nothing, so that the default applies.

    Flags have the value `true` or `false`; a list option has its first item as `value` and all of them in `values`.
    `token` names the option, `value_token` holds the value (both are the same one for `--x=y` and for flags).
    """

    option: str
    value: str | None
    token: Token
    value_token: Token
    values: tuple[str, ...] = ()

    @property
    def value_source(self) -> object:
        """Where the value is written: the variable it came through, else the argument."""
        return self.value_token.variables[-1] if self.value_token.variables else self.value_token.source

    @property
    def unknown(self) -> str:
        """Why the value cannot be told, or an empty string."""
        return self.value_token.unknown


class Refusal(Struct, frozen=True):
    """An argument with which vLLM does not start, and why."""

    token: Token | None
    reason: str


class Argv(Struct, frozen=True):
    """The arguments of a vLLM server, without the program and the `serve` word.

    `dropped` are arguments that a shell never passes on; `files` are those that the script itself writes (path to
    content); `beside` is a word of a second server that the script starts while the first one runs; `unresolved` says
    why the arguments cannot be told, in which case `tokens` may be incomplete.
    """

    server: Server
    tokens: tuple[Token, ...] = ()
    dropped: tuple[Token, ...] = ()
    files: Mapping[str, Token] = field(default_factory=lambda: MappingProxyType({}))
    beside: Token | None = None
    unresolved: str = ""


class Invocation(Struct, frozen=True):
    """What vLLM makes of its arguments.

    `ineffective` are written but have no effect (or, where `refusals` names them too, stop the server);
    `unknown_options` are those that vLLM 0.11.0 does not have; `beside` is a word of a second server that runs in the
    same container; with `unresolved` set, `settings` is not to be trusted.
    """

    server: Server
    settings: Mapping[str, Setting]
    model: Setting | None = None
    ineffective: tuple[Token, ...] = ()
    unknown_options: tuple[Token, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    beside: Token | None = None
    unresolved: str = ""

    def get(self, option: str) -> Setting | None:
        """Return the effective setting of an option by its long name, with or without the leading dashes."""
        return self.settings.get(option.lstrip("-").replace("_", "-"))
