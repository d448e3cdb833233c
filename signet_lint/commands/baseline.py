"""`signet-lint baseline`: writes down what a repository has already, so that only what is new is reported."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import replace

from signet_lint import exits
from signet_lint.commands import output
from signet_lint.commands.repository import root_folder


@click.command(
    epilog="\b\nExamples:\n  signet-lint baseline\n  signet-lint check --baseline .signet-lint-baseline.json"
)
@click.argument("root", default=".")
@click.option("--profile", type=click.Choice(["signet", "universal"]), help="Which set of rules runs.")
@click.option("--config", "config_file", metavar="FILE", help="Configuration file to use instead of the repository's.")
@click.option("--helm", metavar="PATH", help="Render with this helm command instead of the built-in engine.")
def baseline(*, root: str, profile: str | None, config_file: str | None, helm: str | None) -> int:
    """Write the findings of the repository at ROOT to .signet-lint-baseline.json.

    `check --baseline` hides them until they change, and reports entries whose finding is gone. Every environment is
    looked at. Exits 3, and writes nothing, when not everything could be analysed.
    """
    from signet_lint.commands.check import chosen_rules, local_day
    from signet_lint.pipeline import run
    from signet_lint.render.opening import open_engine
    from signet_lint.report.summary import counted
    from signet_lint.settings import load
    from signet_lint.triage.baseline import NAME, entries_of, write

    folder = root_folder(root)
    config = load(folder, Path(config_file) if config_file else None)
    config = replace(config, profile=profile or config.profile)
    rules = chosen_rules(config, (), ())
    report = run(folder, config, rules=rules, engine=open_engine(config, helm), today=local_day())
    if report.incomplete:
        output.say_incomplete(report)
        output.say(f"hint: `{NAME}` is not written: a baseline must know of everything")
        return exits.INCOMPLETE
    if not report.findings and not (folder / NAME).exists():
        output.write("No findings: there is nothing to write down.\n")
        return exits.CLEAN
    write(folder, entries_of(report.findings))
    output.write(f"{NAME}: {counted(len(report.findings), 'finding')} written down.\n")
    return exits.CLEAN
