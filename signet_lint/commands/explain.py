"""`signet-lint explain`: a rule, a component, a finding, or how a component is wired."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from signet_lint import exits
from signet_lint.commands import output
from signet_lint.errors import UsageError

if TYPE_CHECKING:
    from signet_lint.finding import Finding, Report
    from signet_lint.pages import RulePage

_MORE_HEADINGS = ("Findings", "Road", "Fix", "Check it", "Then")
WORDS = ("list", "wiring")
# A rule's id, however misspelt its number is: no repository need be read to refuse it.
_ID = re.compile(r"sgl\w*", re.IGNORECASE)
_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+)(:\d+)?")
_FINGERPRINT = re.compile(r"[0-9a-f]{6,64}", re.IGNORECASE)
_NEAR = 0.85  # a word that near to a rule's name is meant for one

Written = tuple[str, Callable[[], dict[str, Any]]]


@click.command(
    epilog="\b\nExamples:\n  signet-lint explain SGL602\n  signet-lint explain signet-llm\n"
    "  signet-lint explain charts/signet-llm/values-common.yaml:30\n  signet-lint explain wiring"
)
@click.argument("topic", default="list", metavar="[RULE | COMPONENT | FINDING | wiring]")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--root", default=".", metavar="FOLDER", help="The repository, for components and findings.")
@click.option("--config", "config_file", metavar="FILE", help="Configuration file to use instead of the repository's.")
@click.option("--helm", metavar="PATH", help="Render with this helm command instead of the built-in engine.")
def explain(*, topic: str, form: str, root: str, config_file: str | None, helm: str | None) -> int:
    """Explain a rule (id or name), a component, a finding, or the wiring of a new component.

    A component is a chart or an Application: each step of its wiring is shown with its line, and what it deploys where.
    A finding is named by its fingerprint or by path:line. Without an argument, the rules are listed.
    """
    if topic.casefold() == "list":
        from signet_lint.commands.rules import listing

        output.write(listing(form))
        return exits.CLEAN
    page = _rule(topic)
    if page is not None:
        _show((page.page, lambda: {"version": 1, "kind": "rule", "rule": page.detail}), form)
        return exits.CLEAN
    return _from_repository(topic, form, root, config_file, helm)


def _rule(topic: str) -> RulePage | None:
    """The rule of that name; raises `UsageError` where nothing but a rule can be meant."""
    import difflib

    from signet_lint.pages import pages
    from signet_lint.registry import find_rule

    known = pages()
    wanted = topic.strip().casefold()
    names = {word.casefold() for page in known for word in (page.id, page.name)}
    spelled = wanted.replace("_", "-")
    if wanted in names or _ID.fullmatch(wanted):
        return find_rule(topic, known)
    if wanted not in WORDS and ":" not in wanted and difflib.get_close_matches(spelled, names, 1, _NEAR):
        return find_rule(topic, known)
    return None


def _from_repository(topic: str, form: str, root: str, config_file: str | None, helm: str | None) -> int:
    from pathlib import Path

    from signet_lint.commands.check import chosen_rules
    from signet_lint.commands.repository import root_folder, sources
    from signet_lint.render.opening import open_engine
    from signet_lint.report.redact import redacted, redacted_sources
    from signet_lint.settings import load
    from signet_lint.simulated import simulated
    from signet_lint.verdict import report_on

    folder = root_folder(root)
    config = load(folder, Path(config_file) if config_file else None)
    with simulated(folder, config, config.envs, engine=open_engine(config, helm)) as found:
        report = report_on(found, () if topic.casefold() == "wiring" else chosen_rules(config, (), ()), config.envs)

        def hide(text: str) -> str:
            return output.without_secrets(text, report.secrets)

        texts = redacted_sources(sources(folder), report, hide)
        shown = _written(topic, redacted(report, hide), found, texts)
    _show(shown, form)
    if topic.casefold() == "wiring":
        return exits.CLEAN
    return output.say_incomplete(report)


def _written(topic: str, report: Report, found: Any, texts: Callable[[str], str | None]) -> Written:
    from signet_lint.component import component
    from signet_lint.pages import pages
    from signet_lint.plan_steps import plan_steps
    from signet_lint.report import explanation

    if topic.casefold() == "wiring":
        steps = plan_steps(found.state)
        return explanation.steps_page(steps), lambda: explanation.steps_document(steps)
    known = component(topic, found.state, found.origins, report.findings)
    if known is not None:
        return explanation.component_page(known), lambda: explanation.component_document(known)
    findings = _findings(topic, report)
    if findings:
        page = explanation.findings_page(findings, pages(), texts)
        return page, lambda: explanation.findings_document(findings, pages(), texts)
    raise _unknown(topic, report, found.state)


def _findings(topic: str, report: Report) -> list[Finding]:
    """The findings of that fingerprint (or its beginning), or at that line."""
    every = [*report.findings, *(one.finding for one in report.suppressed), *report.baselined]
    if _FINGERPRINT.fullmatch(topic):
        return [one for one in every if one.fingerprint.startswith(topic.lower())]
    match = _PLACE.fullmatch(topic)
    if match is None:
        return []
    path = match["path"].replace("\\", "/").removeprefix("./")
    return [one for one in every if (one.location.path, one.location.line) == (path, int(match["line"]))]


def _unknown(topic: str, report: Report, state: Any) -> UsageError:
    from signet_lint.component import component_names
    from signet_lint.pages import pages
    from signet_lint.registry import did_you_mean

    if match := _PLACE.fullmatch(topic):
        lines = sorted({one.location.line for one in report.findings if one.location.path == match["path"]})
        there = ", ".join(map(str, lines))
        hint = f"findings in that file are at lines {there}" if lines else "`signet-lint check` lists the findings"
        return UsageError(f"no finding at `{topic}`", hint=hint)
    components = component_names(state)
    known = [word for page in pages() for word in (page.id, page.name)]
    near = did_you_mean(topic, [*components, *known, *WORDS])
    hint = "`signet-lint rules` lists the rules"
    if components:
        hint += f"; components: {', '.join(components)}"
    return UsageError(f"no rule, component or finding `{topic}`{near}", hint=hint)


def _show(shown: Written, form: str) -> None:
    from signet_lint.explain import plain

    page, document = shown
    if form == "json":
        output.write(json.dumps(document(), indent=2) + "\n")
    else:
        output.write(page if form == "markdown" else _styled(plain(page)))


def _styled(text: str) -> str:
    """The page with its headings bold, where colour is wanted."""
    from signet_lint.explain import HEADINGS

    headings = (*HEADINGS, *_MORE_HEADINGS)
    if not output.wants_color():
        return text
    title, *rest = text.splitlines()
    body = [click.style(line, bold=True) if line in headings else line for line in rest]
    return "\n".join([click.style(title, bold=True), *body]) + "\n"
