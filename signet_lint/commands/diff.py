"""`signet-lint diff`: what Argo CD would deploy at one git revision, compared with another or the working tree."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signet_lint.commands import output
from signet_lint.commands.repository import root_folder

if TYPE_CHECKING:
    from signet_lint.changes import Changes, FieldChange, ResourceChange, Side
    from signet_lint.config import Config
    from signet_lint.rule import Rule
    from signet_lint.source.gittree import GitTree


@click.command(
    epilog="\b\nExamples:\n"
    "  signet-lint diff                       the last commit against the files here\n"
    "  signet-lint diff origin/main HEAD      two revisions\n"
    "  signet-lint diff main --format markdown"
)
@click.argument("base", default="HEAD")
@click.argument("head", default="")
@click.option("--env", "envs", multiple=True, metavar="NAME", help="Compare this environment only (repeatable).")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--root", default=".", metavar="FOLDER", help="The repository, or the folder of it that is deployed.")
@click.option("--config", "config_file", metavar="FILE", help="Configuration file to use instead of the repository's.")
@click.option("--helm", metavar="PATH", help="Render with this helm command instead of the built-in engine.")
def diff(
    *, base: str, head: str, envs: tuple[str, ...], form: str, root: str, config_file: str | None, helm: str | None
) -> int:
    """Show what Argo CD would deploy differently at HEAD (default: the files here) than at the git revision BASE.

    Both are read from git's objects: nothing is checked out. Exits 0 whether something differs or not, 3 when one of
    the two could not be analysed.
    """
    from signet_lint.changes import compare
    from signet_lint.commands.check import chosen_rules
    from signet_lint.settings import load
    from signet_lint.simulated import refuse_unknown

    folder = root_folder(root)
    config = load(folder, Path(config_file) if config_file else None)
    rules = chosen_rules(config, (), ())
    with ExitStack() as stack:
        trees = [stack.enter_context(_tree(folder, revision)) for revision in (base, head)]
        sides = [_side(folder, config, tree, rules=rules, envs=envs, helm=helm) for tree in trees]
        # An environment may be on one side only: that is a difference.
        refuse_unknown(envs, sorted({name for side in sides for name in side.state.known_envs}))
        changes = compare(*sides)
    output.write(_rendered(_redacted(changes, sides), form))
    names = (base, head or "the files here")
    return max(output.say_incomplete(side.report, name) for side, name in zip(sides, names, strict=True))


def _redacted(changes: Changes, sides: list[Side]) -> Changes:
    """The changes with the secrets of both sides hidden."""
    from msgspec.structs import replace

    from signet_lint.changes import HIDDEN
    from signet_lint.report.redact import hide_in, redacted

    secrets = {secret for side in sides for secret in side.report.secrets}

    def field(one: FieldChange) -> FieldChange:
        before, after = (hide_in(value, hide) for value in (one.before, one.after))
        return replace(one, before=before, after=after)

    def hide(text: str) -> str:
        # Two secrets may begin alike: that a field differs must stay visible, and what differs must not.
        return HIDDEN if text in secrets else output.without_secrets(text, tuple(secrets))

    def resource(one: ResourceChange) -> ResourceChange:
        return replace(one, fields=tuple(map(field, one.fields)))

    envs = tuple(replace(env, resources=tuple(map(resource, env.resources))) for env in changes.envs)
    new, gone = (
        redacted(replace(sides[0].report, findings=found), hide).findings for found in (changes.new, changes.gone)
    )
    return replace(changes, envs=envs, new=new, gone=gone)


def _tree(folder: Path, revision: str) -> AbstractContextManager[GitTree | None]:
    from signet_lint.source.gittree import GitTree

    return GitTree.open(folder, revision) if revision else nullcontext()


def _side(
    folder: Path,
    config: Config,
    tree: GitTree | None,
    *,
    rules: tuple[Rule[Any], ...],
    envs: tuple[str, ...],
    helm: str | None,
) -> Side:
    from signet_lint.changes import Side
    from signet_lint.commands.check import local_day
    from signet_lint.render.opening import open_engine
    from signet_lint.simulated import simulated
    from signet_lint.verdict import report_on

    with simulated(folder, config, envs or config.envs, engine=open_engine(config, helm), tree=tree) as found:
        return Side(found.state, report_on(found, rules, today=local_day()))


def _rendered(changes: Changes, form: str) -> str:
    from signet_lint.report import changes as written

    if form == "json":
        return written.document(changes)
    if form == "markdown":
        return written.markdown(changes)
    return written.text(changes, color=output.wants_color())
