"""`signet-lint rules`: lists the rules."""

from __future__ import annotations

import json

import click

from signet_lint import exits
from signet_lint.commands import output


@click.command(epilog="\b\nExample:\n  signet-lint rules --format json")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
def rules(*, form: str) -> int:
    """List the rules."""
    output.write(listing(form))
    return exits.CLEAN


def listing(form: str) -> str:
    """All rules as text, a Markdown table or JSON."""
    from signet_lint import explain
    from signet_lint.pages import pages

    known = pages()
    if form == "json":
        return json.dumps({"version": 1, "rules": [rule.detail for rule in known]}, indent=2) + "\n"
    if form == "markdown":
        return explain.table(known)
    width = max((len(rule.name) for rule in known), default=0)
    return "".join(
        f"{rule.id}  {rule.severity:<7}  {rule.name:<{width}}  {' '.join(rule.summary.split())}\n" for rule in known
    )
