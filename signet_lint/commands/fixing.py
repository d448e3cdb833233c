"""`check --fix` and `--diff`: applies fixes, or shows what they would change."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from signet_lint.commands import output
from signet_lint.fixes.passes import Mended, Mender
from signet_lint.fixes.write import barred, write_all
from signet_lint.source.tree import text_of

if TYPE_CHECKING:
    from signet_lint.finding import Finding, Report
    from signet_lint.source.tree import Tree


def mended(root: Path, tree: Tree, report: Report, judged: Callable[[Tree], Report], *, unsafe: bool) -> Mended:
    """The fixes of a report, tried in memory; nothing is written."""
    return Mender(tree, judged, lambda path: barred(root, path), unsafe).mend(report)


def write(root: Path, tree: Tree, done: Mended, *, quiet: bool) -> None:
    """Writes the files that fixes change, and says on standard error what was fixed and what was not."""
    write_all(root, done.contents, tree)
    for line in _told(done, quiet=quiet):
        output.say(line)


def show(tree: Tree, done: Mended, *, quiet: bool) -> None:
    """Prints what fixes would change, as a unified diff, and says on standard error what they cannot."""
    text = "".join(f"{line}\n" for line in unified(tree, done))
    output.write(output.without_secrets(text, done.report.secrets))
    for finding, why in done.refused:
        output.say(f"not fixable: {_place(finding)}: {why}")
    if not quiet and not done.contents:
        output.say("nothing to fix")


def unified(tree: Tree, done: Mended) -> Iterator[str]:
    """The lines of a unified diff that `git apply` takes."""
    for path, content in sorted(done.contents.items()):
        is_new = not tree.exists(path)
        old = "" if is_new else text_of(tree.read(path))
        before, after = (_ended(text.split("\n")) for text in (old, text_of(content)))
        yield f"diff --git a/{path} b/{path}"
        if is_new:
            yield "new file mode 100644"
        name = "/dev/null" if is_new else f"a/{path}"
        yield from _without_end(difflib.unified_diff(before, after, name, f"b/{path}", lineterm=""))


_NO_END = "\0"


def _ended(lines: list[str]) -> list[str]:
    """Lines of a text split at line feeds; a last one without its end is marked."""
    return lines[:-1] if not lines[-1] else [*lines[:-1], lines[-1] + _NO_END]


def _without_end(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.endswith(_NO_END):
            yield line.removesuffix(_NO_END)
            yield "\\ No newline at end of file"
        else:
            yield line


def _told(done: Mended, *, quiet: bool) -> Iterator[str]:
    if not quiet:
        for finding in done.fixed:
            yield f"fixed: {_place(finding)}: {finding.fix.title if finding.fix else ''}"
    for finding, why in done.refused:
        yield f"not fixed: {_place(finding)}: {why}"
    if not quiet and done.fixed:
        files = len(done.contents)
        yield f"{len(done.fixed)} fixed in {files} {'file' if files == 1 else 'files'}"


def _place(finding: Finding) -> str:
    return f"{finding.location.path}:{finding.location.line} {finding.rule}"
