"""`signet-lint capacity`: GPUs, memory and vCPUs of each environment, asked and there."""

from __future__ import annotations

from pathlib import Path

import click

from signet_lint.commands import output
from signet_lint.commands.repository import root_folder


@click.command(epilog="\b\nExample:\n  signet-lint capacity --env prod")
@click.argument("root", default=".")
@click.option("--env", "envs", multiple=True, metavar="NAME", help="Look at this environment only (repeatable).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--config", "config_file", metavar="FILE", help="Configuration file to use instead of the repository's.")
@click.option("--helm", metavar="PATH", help="Render with this helm command instead of the built-in engine.")
def capacity(*, root: str, envs: tuple[str, ...], form: str, config_file: str | None, helm: str | None) -> int:
    """Show what the model services at ROOT take of the GPUs, their memory and the quota, in every environment.

    The sum is that of one GPU: weights, the KV cache of one request of full length, and overhead, in GiB. Exits 0
    whether it fits or not, 3 when not everything could be analysed.
    """
    from signet_lint.capacity import capacity_of
    from signet_lint.render.opening import open_engine
    from signet_lint.report import capacity as written
    from signet_lint.settings import load
    from signet_lint.simulated import refuse_unknown, simulated
    from signet_lint.verdict import report_on

    folder = root_folder(root)
    config = load(folder, Path(config_file) if config_file else None)
    wanted = envs or config.envs
    with simulated(folder, config, wanted, engine=open_engine(config, helm)) as found:
        refuse_unknown(wanted, found.state.known_envs)
        report = report_on(found, (), wanted)
        shown = capacity_of(found.state)
    output.write(written.document(shown) if form == "json" else written.text(shown, color=output.wants_color()))
    code = output.say_incomplete(report)
    output.say_not_examined(report)
    return code
