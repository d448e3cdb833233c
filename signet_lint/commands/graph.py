"""`signet-lint graph`: what Argo CD would run, from the environments down to the manifests, as a picture or a tree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from signet_lint.commands import output
from signet_lint.commands.repository import root_folder

if TYPE_CHECKING:
    from signet_lint.graph import Graph

FORMATS = ("tree", "mermaid", "dot", "svg", "json")


@click.command(epilog="\b\nExamples:\n  signet-lint graph --env prod\n  signet-lint graph --format svg > graph.svg")
@click.argument("root", default=".")
@click.option("--env", "envs", multiple=True, metavar="NAME", help="Draw this environment only (repeatable).")
@click.option("--format", "form", type=click.Choice(FORMATS), default="tree", show_default=True)
@click.option("--config", "config_file", metavar="FILE", help="Configuration file to use instead of the repository's.")
@click.option("--helm", metavar="PATH", help="Render with this helm command instead of the built-in engine.")
def graph(*, root: str, envs: tuple[str, ...], form: str, config_file: str | None, helm: str | None) -> int:
    """Draw what Argo CD would run from the repository at ROOT, with GPUs and findings marked.

    Exits 0 whatever the findings are, 3 when not everything could be analysed.
    """
    from signet_lint.commands.check import chosen_rules
    from signet_lint.graph import graph_of
    from signet_lint.render.opening import open_engine
    from signet_lint.settings import load
    from signet_lint.simulated import refuse_unknown, simulated
    from signet_lint.verdict import report_on

    folder = root_folder(root)
    config = load(folder, Path(config_file) if config_file else None)
    wanted = envs or config.envs
    rules = chosen_rules(config, (), ())
    with simulated(folder, config, wanted, engine=open_engine(config, helm)) as found:
        refuse_unknown(wanted, found.state.known_envs)
        report = report_on(found, rules, wanted)
        drawn = graph_of(found.state, report.findings)
    output.write(_rendered(drawn, form))
    code = output.say_incomplete(report)
    output.say_not_examined(report)
    return code


def _rendered(drawn: Graph, form: str) -> str:
    from signet_lint.report import graph as written

    if form == "svg":
        from signet_lint.report.graph_svg import svg

        return svg(drawn)
    if form == "tree":
        return written.tree(drawn, color=output.wants_color())
    return {"mermaid": written.mermaid, "dot": written.dot, "json": written.document}[form](drawn)
