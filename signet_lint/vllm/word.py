"""The parts of a shell command as written, before any of it is expanded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from signet_lint.vllm.expansion import Fragment


class ShellSyntaxError(ValueError):
    """A script that the shell itself could not read, or one nested too deeply to follow."""


class Text(Struct, frozen=True):
    """Characters that stand for themselves."""

    fragments: tuple[Fragment, ...]
    quoted: bool


class Parameter(Struct, frozen=True):
    """`$NAME`, `${NAME}`, or `${NAME:-default}` with its operator and the word after it."""

    name: str
    written: Fragment
    quoted: bool
    operator: str = ""
    default: Word | None = None


class Unknowable(Struct, frozen=True):
    """What only a running shell can tell, such as `$(cat file)`."""

    written: Fragment
    reason: str


class Word(Struct, frozen=True):
    """One word; for `NAME=(a b)`, `items` are the words between the parentheses."""

    parts: tuple[Text | Parameter | Unknowable, ...]
    items: tuple[Word, ...] | None = None

    @property
    def bare(self) -> str:
        """The text of a word with neither quotes nor expansions, else an empty string."""
        text = ""
        for part in self.parts:
            if not isinstance(part, Text) or part.quoted:
                return ""
            text += "".join(fragment.text for fragment in part.fragments)
        return text

    @property
    def quoted_anywhere(self) -> bool:
        """Whether some character is quoted (a quoted here-document delimiter stops expansion)."""
        return any(isinstance(part, Text) and part.quoted for part in self.parts)


class Redirection(Struct, frozen=True):
    """A redirection with its target; for a here-document, `body` is what it feeds in."""

    operator: str
    target: Word
    body: Word | None = None


class Command(Struct, frozen=True):
    """A simple command and the separator after it."""

    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    separator: str
