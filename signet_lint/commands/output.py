"""Where text goes: standard output, standard error or a file, and in which colours."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signet_lint import exits
from signet_lint.errors import SignetLintError, UsageError

if TYPE_CHECKING:
    from signet_lint.finding import Report

STDOUT = "-"
MAX_SUMMARY = 1_000_000  # bytes; GitHub takes 1 MiB a step


def write(text: str, target: str = STDOUT) -> None:
    """Writes to a file, or to standard output for "-"; raises `UsageError` where a file cannot be written.

    Secrets of a known form are hidden, whoever wrote them into the text. Other secrets are to be hidden before a format
    is made of them: in a format their text may be a key, a path or an escape.
    """
    text = without_secrets(text)
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


def add_job_summary(text: Callable[[], str]) -> None:
    """Appends Markdown to the job summary of GitHub Actions, where there is one; says so where it cannot be written."""
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if not target:
        return
    content = without_secrets(text()).encode("utf-8", "backslashreplace")
    if len(content) > MAX_SUMMARY:  # GitHub drops a summary that is too long as a whole
        content = content[:MAX_SUMMARY].rsplit(b"\n\n", 1)[0] + b"\n\nThe rest is in the log.\n"
    try:
        with Path(target).open("ab") as file:
            file.write(content)
    except OSError as error:
        say(f"warning: the job summary `{target}` cannot be written: {error.strerror}")


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[None]:
    """Says on the terminal that the work goes on, where it takes longer than a moment; nothing in pipes and logs."""
    if quiet or not sys.stderr.isatty() or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_tick, args=(what, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _tick(what: str, done: threading.Event) -> None:
    seconds = 0
    while not done.wait(1.0):
        seconds += 1
        sys.stderr.write(f"\r{what}, {seconds} s")
        sys.stderr.flush()
    if seconds:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


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


def say_incomplete(report: Report, of: str = "") -> int:
    """Writes to standard error why an analysis (`of` what, where there are several) is incomplete.

    Returns how a command exits that does not judge.
    """
    from signet_lint.report.escape import visible

    start = f"{visible(of)}: " if of else ""
    for reason in report.incomplete:
        say(f"not fully analysed: {start}{visible(reason)}")
    return exits.INCOMPLETE if report.incomplete else exits.CLEAN


def say_not_examined(report: Report) -> None:
    """Writes to standard error everything that was not examined, a line each."""
    from signet_lint.report.escape import visible

    for left in report.coverage.not_examined:
        say(f"not examined: {visible(left.what)}: {visible(left.why)}")


def without_secrets(text: str, secrets: Sequence[str] = ()) -> str:
    """The text with secrets behind their first characters; each keeps its length, so that carets stay in place."""
    from signet_lint.catalogue.tokens import masked, without

    return masked(without(text, secrets))


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
