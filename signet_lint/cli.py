"""The command line: finds the command, and turns every error into one line and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from signet_lint import __version__, exits
from signet_lint.commands.output import say, say_error
from signet_lint.errors import EngineError, SignetLintError, UsageError

COMMANDS = {
    "baseline": "Write down today's findings, so that new ones count.",
    "capacity": "Show GPUs, the memory of models, and the vCPU quota.",
    "check": "Check a repository; meant where no command is given.",
    "diff": "Show what a change would deploy differently.",
    "explain": "Explain a rule, a component, a finding, or wiring.",
    "graph": "Draw environments, Applications, GPUs and findings.",
    "init": "Write a configuration, a hook and a workflow.",
    "render": "Print what Argo CD would apply, and where it is from.",
    "rules": "List the rules.",
}
DEFAULT = "check"
INTERRUPTED = 130


class Program(click.Group):
    """A group that imports a command only when it is asked for, and that never shows a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        """The names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"signet_lint.commands.{cmd_name}"), cmd_name)
        command.short_help = COMMANDS[cmd_name]
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without any argument, `check` is meant."""
        return super().parse_args(ctx, args if args or ctx.resilient_parsing else [DEFAULT])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; raises `UsageError` with the nearest ones where there is none."""
        name = args[0]
        if name in COMMANDS or ctx.resilient_parsing or name.startswith("-"):
            return super().resolve_command(ctx, args)
        import difflib

        near = difflib.get_close_matches(name, COMMANDS, n=1)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        hint = f"`signet-lint check {name}` checks that folder" if Path(name).is_dir() else "see `signet-lint --help`"
        raise UsageError(f"no command `{name}`{meant}", hint=hint)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a fault of ours becomes one line and the exit code for an incomplete analysis."""
        try:
            return super().invoke(ctx)
        except (SignetLintError, click.ClickException, click.exceptions.Exit, click.Abort, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - the last door: nothing may show a traceback to a user
            return _report_bug(error, debug=bool(ctx.params.get("debug") or os.environ.get("SIGNET_LINT_DEBUG")))

    def main(self, *args: Any, **extra: Any) -> Any:
        """Runs the program and exits."""
        extra["standalone_mode"] = False
        try:
            code = super().main(*args, **extra)
        except click.Abort:
            code = INTERRUPTED
        except click.ClickException as error:
            code = _refuse(error)
        except SignetLintError as error:
            say_error(error)
            code = exits.INCOMPLETE if isinstance(error, EngineError) else exits.USAGE
        sys.exit(code or exits.CLEAN)


def _refuse(error: click.ClickException) -> int:
    """Reports arguments that click refuses."""
    command = getattr(getattr(error, "ctx", None), "command_path", "signet-lint")
    say_error(UsageError(" ".join(error.format_message().split()), hint=f"see `{command} --help`"))
    return exits.USAGE


def _report_bug(error: Exception, *, debug: bool) -> int:
    from signet_lint.report.escape import visible

    if debug:
        import traceback

        traceback.print_exception(error)
    say(f"error: a bug in signet-lint {__version__}: {type(error).__name__}: {visible(str(error))}")
    say("hint: please report it; `signet-lint --debug COMMAND` shows where it happened")
    return exits.INCOMPLETE


@click.group(
    "signet-lint",
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExamples:\n"
    "  signet-lint                  check the repository in this folder\n"
    "  signet-lint explain SGL602   show what a rule is about",
)
@click.option("--debug", is_flag=True, hidden=True)
@click.version_option(__version__, prog_name="signet-lint", message="%(prog)s %(version)s")
def cli(*, debug: bool) -> None:
    """Will Argo CD really deploy GPU inference in every environment? Checks a GitOps repository before the push."""
    if debug:
        os.environ["SIGNET_LINT_DEBUG"] = "1"


def main() -> None:
    """The entry point of the `signet-lint` command."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows its code: better than failing.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    try:
        cli.main(prog_name="signet-lint")
    except SystemExit as ended:
        _leave(ended)


def _leave(ended: SystemExit) -> None:
    """Ends the process at once: to take a large run's objects apart one by one takes a tenth of its time."""
    if not isinstance(ended.code, int) or sys.gettrace() or sys.getprofile():
        raise ended
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(ended.code)
