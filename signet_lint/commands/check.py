"""`signet-lint check`: judges a repository and reports."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from msgspec.structs import replace

from signet_lint import exits
from signet_lint.commands import output
from signet_lint.commands.repository import prefix_of, root_folder, sources
from signet_lint.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from signet_lint.config import Config
    from signet_lint.finding import Report, Severity
    from signet_lint.render.engine import HelmEngine
    from signet_lint.rule import Rule
    from signet_lint.source.tree import Tree
    from signet_lint.triage.baseline import Baseline

# Each format's module in `signet_lint.report`.
FORMATS = {
    "text": "text",
    "concise": "concise",
    "json": "json_v1",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "markdown": "markdown",
}
# Formats that say themselves, on standard output, how many findings there are and why an analysis is incomplete.
_WHOLE = ("text", "github", "markdown")
FAIL_ON = ("error", "warning", "note")


@click.command(
    epilog="\b\nExamples:\n"
    "  signet-lint check --env prod\n"
    "  signet-lint check --format text --output - --format json --output report.json"
)
@click.argument("root", default=".")
@click.option("--env", "envs", multiple=True, metavar="NAME", help="Look at this environment only (repeatable).")
@click.option("--profile", type=click.Choice(["signet", "universal"]), help="Which set of rules runs.")
@click.option("--select", multiple=True, metavar="IDS", help="Run these rules only: ids, names, SGL5xx, by commas.")
@click.option("--ignore", multiple=True, metavar="IDS", help="Leave these rules out.")
@click.option("--format", "formats", multiple=True, type=click.Choice(list(FORMATS)), help="Repeatable; default text.")
@click.option("--output", "outputs", multiple=True, metavar="FILE", help="File for the nth --format; - is stdout.")
@click.option("--fail-on", type=click.Choice(FAIL_ON), default="error", show_default=True, help="Exit 1 from here up.")
@click.option("--config", "config_file", metavar="FILE", help="Configuration file to use instead of the repository's.")
@click.option("--baseline", metavar="FILE", help="Hide the findings that this file, written by `baseline`, knows of.")
@click.option("--helm", metavar="PATH", help="Render with this helm command instead of the built-in engine.")
@click.option("--fix", is_flag=True, help="Apply the fixes that keep to what is meant, and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also those that a person should look at.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit 1 where --fix changed a file, as hooks must.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
@click.option("-v", "--verbose", is_flag=True, help="List everything that was not examined.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings only.")
def check(  # noqa: PLR0913 - the options of the command line
    *,
    root: str,
    envs: tuple[str, ...],
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    fail_on: str,
    config_file: str | None,
    baseline: str | None,
    helm: str | None,
    fix: bool,
    unsafe_fixes: bool,
    show_diff: bool,
    exit_non_zero_on_fix: bool,
    statistics: bool,
    exit_zero: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Tell whether Argo CD will deploy GPU inference from the repository at ROOT.

    Exits 0 when clean, 1 with findings, 2 on bad arguments, 3 when not everything could be analysed.
    """
    gc.disable()  # a run is short, keeps nearly all it makes, and has no cycles that matter
    # A thread that waits for the Helm engine must not then wait five milliseconds for the other one.
    sys.setswitchinterval(0.0002)

    folder = root_folder(root)
    targets = pairs(formats, outputs)
    _refuse_together(formats, fix=fix, unsafe_fixes=unsafe_fixes, show_diff=show_diff)
    config, known, engine = _begun(folder, profile, config_file, baseline, helm)
    from signet_lint.pipeline import run
    from signet_lint.source.tree import DiskTree

    try:
        rules = _rules_ahead(config, _split(select), _split(ignore), [name for name, _ in targets])
    except UsageError:
        engine.close()
        raise
    run_on = partial(run, folder, config, rules=rules, envs=envs or config.envs, today=local_day(), baseline=known)
    tree = DiskTree(folder)
    with output.progress("simulating Argo CD", quiet=quiet):
        report = run_on(engine=engine, tree=tree)
        done = None
        if fix or show_diff:
            from signet_lint.commands import fixing
            from signet_lint.render.opening import open_engine

            def again(changed: Tree) -> Report:
                return run_on(engine=open_engine(config, helm), tree=changed)

            done = fixing.mended(folder, tree, report, again, unsafe=unsafe_fixes)
    if done and show_diff:
        fixing.show(tree, done, quiet=quiet)
        output.say_incomplete(done.report)
        return max(exit_code(done.report, fail_on, exit_zero=exit_zero), exits.FINDINGS if done.contents else 0)
    if done:
        fixing.write(folder, tree, done, quiet=quiet)
        report = done.report
    options: dict[str, Any] = {"verbose": verbose, "quiet": quiet, "statistics": statistics, "fail_on": fail_on}
    publish(report, sources(folder), targets, {**options, "prefix": prefix_of(folder)})
    changed = exits.FINDINGS if exit_non_zero_on_fix and done and done.contents else exits.CLEAN
    return max(changed, exit_code(report, fail_on, exit_zero=exit_zero))


def _begun(
    folder: Path, profile: str | None, config_file: str | None, baseline: str | None, helm: str | None
) -> tuple[Config, Baseline | None, HelmEngine]:
    """What a run begins with, and the engine, which gets ready while the rest is imported."""
    from signet_lint.render.start import available, end_worker, start_worker

    worker = start_worker() if helm is None and available() else None
    from signet_lint.render.opening import open_engine
    from signet_lint.settings import load

    try:
        config = load(folder, Path(config_file) if config_file else None)
        config = replace(config, profile=profile or config.profile)
        known = known_findings(folder, config, baseline)
    except UsageError:
        if worker:
            end_worker(worker)
        raise
    return config, known, open_engine(config, helm, worker)


def _refuse_together(formats: Sequence[str], *, fix: bool, unsafe_fixes: bool, show_diff: bool) -> None:
    """Raises `UsageError` for options that have no meaning together."""
    if unsafe_fixes and not (fix or show_diff):
        hint = "--fix --unsafe-fixes applies them, --diff --unsafe-fixes shows them"
        raise UsageError("--unsafe-fixes does nothing without --fix or --diff", hint=hint)
    if show_diff and formats:
        raise UsageError("--diff has a format of its own", hint="leave --format out, or run without --diff")


def pairs(formats: Sequence[str], outputs: Sequence[str]) -> list[tuple[str, str]]:
    """Each format with its target ("-" is standard output); raises `UsageError` where they do not fit."""
    formats = formats or ("text",)
    if len(outputs) > len(formats):
        raise UsageError(f"{len(outputs)} --output for {len(formats)} --format", hint="give each --output its --format")
    targets = [*outputs, *(output.STDOUT for _ in formats[len(outputs) :])]
    for target in targets:
        if targets.count(target) > 1:
            where = "standard output" if target == output.STDOUT else f"`{target}`"
            hint = "the nth --output belongs to the nth --format; - is standard output"
            raise UsageError(f"several formats go to {where}", hint=hint)
        output.check_writable(target)
    return list(zip(formats, targets, strict=True))


def chosen_rules(config: Config, select: Sequence[str], ignore: Sequence[str]) -> tuple[Rule[Any], ...]:
    """The rules of a run, with the severities that the configuration gives them."""
    from signet_lint import registry

    off = [rule for rule, severity in config.severity.items() if severity == "off"]
    chosen = registry.select(registry.rules(), select, [*ignore, *off], config.profile)
    return tuple(
        replace(rule, severity=cast("Severity", config.severity[rule.id])) if rule.id in config.severity else rule
        for rule in chosen
    )


def _rules_ahead(
    config: Config, select: Sequence[str], ignore: Sequence[str], formats: Sequence[str]
) -> Sequence[Rule[Any]]:
    """The rules of a run, imported while the Helm engine is waited for, and after them what judges and reports.

    Raises `UsageError` as `chosen_rules` does, before anything else is done.
    """
    from signet_lint.catalogue.ahead import make_ready
    from signet_lint.model.later import Later

    ahead = ThreadPoolExecutor(max_workers=1)
    rules = ahead.submit(chosen_rules, config, select, ignore)
    for module in ("signet_lint.verdict", *(f"signet_lint.report.{FORMATS[name]}" for name in formats)):
        ahead.submit(importlib.import_module, module)
    ahead.submit(make_ready)
    ahead.shutdown(wait=False)
    if select or ignore or config.severity:  # then there may be an error to tell
        rules.result()
    return Later(rules.result)


def known_findings(root: Path, config: Config, option: str | None) -> Baseline | None:
    """The baseline that the option names (by the current folder), else the configuration (by the root)."""
    if option is None and config.baseline is None:
        return None
    from signet_lint.settings import relative
    from signet_lint.triage import baseline

    path = Path(option) if option is not None else root / (config.baseline or "")
    if option is None and not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"the baseline `{config.baseline}` is outside the repository; it is not read")
    return baseline.read(path, relative(path, root))


def local_day() -> date:
    """Today, by the clock of this machine: what `until` dates are held against."""
    from datetime import datetime

    return datetime.now().astimezone().date()


def publish(
    report: Report,
    texts: Callable[[str], str | None],
    targets: Sequence[tuple[str, str]],
    options: Mapping[str, Any],
) -> None:
    """Writes a report in each format to its target, and to standard error what standard output does not say."""
    from signet_lint.report.redact import redacted, redacted_sources

    def hide(text: str) -> str:
        return output.without_secrets(text, report.secrets)

    shown, hidden_texts = redacted(report, hide), redacted_sources(texts, report, hide)
    for name, target in targets:
        render = _renderer(name)
        screen = target == output.STDOUT
        color = screen and output.wants_color()
        width = output.terminal_width() if screen else None
        output.write(render(shown, hidden_texts, color=color, width=width, **options), target)
        if name == "github":
            output.add_job_summary(lambda: _renderer("markdown")(shown, hidden_texts, **options))
    if not any((name, output.STDOUT) in targets for name in _WHOLE):
        _say_ending(shown, quiet=options["quiet"], counts="json" not in [name for name, _ in targets])


def _renderer(name: str) -> Callable[..., str]:
    render: Callable[..., str] = importlib.import_module(f"signet_lint.report.{FORMATS[name]}").render
    return render


def _say_ending(report: Report, *, quiet: bool, counts: bool) -> None:
    from signet_lint.report.summary import verdict

    output.say_incomplete(report)
    if counts and not quiet:
        output.say(f"{verdict(report)}.")


def exit_code(report: Report, fail_on: str, *, exit_zero: bool) -> int:
    """How the command exits: an incomplete analysis outranks findings, and `exit_zero` forgives findings alone."""
    if report.incomplete:
        return exits.INCOMPLETE
    counted = FAIL_ON[: FAIL_ON.index(fail_on) + 1]
    if any(finding.severity in counted for finding in report.findings) and not exit_zero:
        return exits.FINDINGS
    return exits.CLEAN


def _split(texts: Sequence[str]) -> list[str]:
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]
