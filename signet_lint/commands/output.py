"""Where text goes: standard output, standard error or a file, and in which colours."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from signet_lint.errors import SignetLintError, UsageError

STDOUT = "-"


def write(text: str, target: str = STDOUT, secrets: Sequence[str] = ()) -> None:
    """Writes to a file, or to standard output for "-"; raises `UsageError` where a file cannot be written.

    Secrets of a known form are hidden, whoever wrote them into the text; so is each of `secrets`.
    """
    text = without_secrets(text, secrets)
    if target != STDOUT:
        try:
            Path(target).write_bytes(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise UsageError(f"`{target}` cannot be written: {error.strerror}") from None
        return
    try:
        click.echo(text, nl=False, color=True)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`); Python must not fail again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def check_writable(target: str) -> None:
    """Raises `UsageError` where a file could not be written: known before the work, not after it."""
    path = Path(target)
    if target == STDOUT:
        return
    if path.is_dir():
        raise UsageError(f"--output `{target}` is a folder", hint="name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"--output `{target}`: there is no folder `{path.parent}`", hint="create the folder first")


def say(text: str) -> None:
    """Writes a line to standard error, secrets of a known form hidden."""
    click.echo(without_secrets(text), err=True)


def without_secrets(text: str, secrets: Sequence[str] = ()) -> str:
    """The text with secrets behind their first characters; each keeps its length, so that carets stay in place."""
    from signet_lint.catalogue.tokens import hidden, masked

    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, hidden(secret))
    return masked(text)


def say_error(error: SignetLintError) -> None:
    """Writes what went wrong to standard error, one `error:` a line, then the hint."""
    from signet_lint.report.escape import visible

    for line in str(error).splitlines():
        say(f"error: {visible(line)}")
    if error.hint:
        say(f"hint: {visible(error.hint)}")


def wants_color() -> bool:
    """Whether standard output is to be coloured: NO_COLOR, then FORCE_COLOR, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    force = os.environ.get("FORCE_COLOR")
    if force:
        return force not in ("0", "false")
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int | None:
    """The width of the terminal (or COLUMNS), None where standard output is no terminal."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS", "").isdigit():
        return None
    return shutil.get_terminal_size().columns
