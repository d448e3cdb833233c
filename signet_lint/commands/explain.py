"""`signet-lint explain`: shows a rule's page."""

from __future__ import annotations

import json

import click

from signet_lint import exits
from signet_lint.commands import output


@click.command(epilog="\b\nExamples:\n  signet-lint explain SGL602\n  signet-lint explain list")
@click.argument("rule", default="list")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
def explain(*, rule: str, form: str) -> int:
    """Explain a RULE by id or name: what it finds, why, and how to fix it; `list` lists them all."""
    if rule.casefold() == "list":
        from signet_lint.commands.rules import listing

        output.write(listing(form))
        return exits.CLEAN
    from signet_lint.explain import plain
    from signet_lint.pages import pages
    from signet_lint.registry import find_rule

    found = find_rule(rule, pages())
    if form == "json":
        output.write(json.dumps({"version": 1, "rule": found.detail}, indent=2) + "\n")
    else:
        output.write(found.page if form == "markdown" else _styled(plain(found.page)))
    return exits.CLEAN


def _styled(text: str) -> str:
    """The page with its headings bold, where colour is wanted."""
    from signet_lint.explain import HEADINGS

    if not output.wants_color():
        return text
    title, *rest = text.splitlines()
    body = [click.style(line, bold=True) if line in HEADINGS else line for line in rest]
    return "\n".join([click.style(title, bold=True), *body]) + "\n"
