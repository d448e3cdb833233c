"""What a script does, as it is read."""

from __future__ import annotations

from msgspec import Struct, field

from signet_lint.k6.value import Val


class Call(Struct, frozen=True):
    """A request; `url` may have holes."""

    url: Val
    line: int
    file: str


class Script(Struct):
    """What a script does; `problem` is set where it cannot be read."""

    options: Val | None = None
    calls: list[Call] = field(default_factory=list)
    models: list[Val] = field(default_factory=list)
    limits: list[Val] = field(default_factory=list)
    sizes: list[Val] = field(default_factory=list)
    pauses: list[Val] = field(default_factory=list)
    reads: dict[str, Val] = field(default_factory=dict)
    defaulted: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    problem: str = ""
