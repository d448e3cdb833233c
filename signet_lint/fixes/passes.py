"""Applies fixes, pass by pass, and keeps only those that do what they say.

A fix is tried on a copy of the repository in memory: it stays if its finding is gone afterwards and no rule has more to
say than before. (A fix that makes Argo CD deploy more may bring to light what is wrong there; that is no fault of its.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, field

from signet_lint.finding import Edit, Finding, Report
from signet_lint.fixes.text import edited, overlap
from signet_lint.source.tree import OverlayTree, Tree, text_of

MAX_PASSES = 25
_BOM = b"\xef\xbb\xbf"
_UNREADABLE = "SGL0"  # ids of rules on files that cannot be read or rendered


class Mended(Struct, frozen=True):
    """What came of the fixes: the report afterwards, what was fixed, and what was not and why.

    `contents` are the new bytes of every file that changes.
    """

    report: Report
    fixed: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...]
    contents: Mapping[str, bytes]


class Mender(Struct):
    """Tries fixes on a tree; `judged` judges a tree, `barred` says why a file must not be written, or nothing."""

    tree: Tree
    judged: Callable[[Tree], Report]
    barred: Callable[[str], str]
    unsafe: bool = False
    contents: dict[str, bytes] = field(default_factory=dict)
    fixed: list[Finding] = field(default_factory=list)
    refused: dict[str, tuple[Finding, str]] = field(default_factory=dict)

    def mend(self, report: Report) -> Mended:
        """Applies all fixes that can be, those that earlier ones bring to light too; `report` is on the tree as it is."""
        for _ in range(MAX_PASSES):
            wanted = [finding for finding in report.findings if self._is_wanted(finding)]
            if not wanted:
                break
            report = self._pass(wanted, report)
        return Mended(report, tuple(self.fixed), tuple(self.refused.values()), self.contents)

    def _is_wanted(self, finding: Finding) -> bool:
        fix = finding.fix
        if fix is None or finding.fingerprint in self.refused or (fix.safety == "unsafe" and not self.unsafe):
            return False
        why = next(filter(None, (self.barred(edit.path) for edit in fix.edits)), "")
        if why:
            self.refused[finding.fingerprint] = (finding, why)
        return not why

    def _pass(self, wanted: Sequence[Finding], report: Report) -> Report:
        """All of them at once where they do not touch each other; one by one where that does not work out."""
        batch = apart(wanted)
        after, why = self._try(batch, report)
        if not why:
            return after
        for finding in batch:
            current = next((one for one in report.findings if one.fingerprint == finding.fingerprint), None)
            if current is None or not self._is_wanted(current):
                continue
            after, why = self._try([current], report)
            if why:
                self.refused[current.fingerprint] = (current, why)
            else:
                report = after
        return report

    def _try(self, batch: Sequence[Finding], before: Report) -> tuple[Report, str]:
        """The report with the fixes of a batch, which are kept where it gives no reason why not."""
        contents = self._with(edit for finding in batch if finding.fix for edit in finding.fix.edits)
        after = self.judged(OverlayTree(self.tree, contents))
        why = _still_there(batch, after) or _worse(before, after)
        if why:
            return before, why
        self.contents = contents
        self.fixed += batch
        return after, ""

    def _with(self, edits: Iterable[Edit]) -> dict[str, bytes]:
        by_path: dict[str, set[Edit]] = {}
        for edit in edits:
            by_path.setdefault(edit.path, set()).add(edit)
        contents = dict(self.contents)
        for path, wanted in by_path.items():
            old = self._bytes(path)
            mark = _BOM if old.startswith(_BOM) else b""
            contents[path] = mark + edited(text_of(old), wanted).encode()
        return contents

    def _bytes(self, path: str) -> bytes:
        """A file as it stands by now, nothing for one that is to be made."""
        if path in self.contents:
            return self.contents[path]
        return self.tree.read(path) if self.tree.exists(path) else b""


def apart(findings: Sequence[Finding]) -> list[Finding]:
    """Findings, in order, whose fixes do not touch the same text as one before; equal edits do not disturb each other."""
    chosen: list[Finding] = []
    taken: list[Edit] = []
    for finding in findings:
        edits = finding.fix.edits if finding.fix else ()
        new = [edit for edit in edits if edit not in taken]
        if not new or any(overlap(edit, other) for edit in new for other in taken):
            continue
        chosen.append(finding)
        taken += new
    return chosen


def _still_there(batch: Sequence[Finding], after: Report) -> str:
    """Whether a finding is left as it was; with fewer environments it is on its way."""
    left = {finding.fingerprint: finding for finding in after.findings}
    for finding in batch:
        same = left.get(finding.fingerprint)
        if same is not None and not set(same.envs) < set(finding.envs):
            return "the finding would still be there"
    return ""


def _worse(before: Report, after: Report) -> str:
    """What a change would break: another rule finds more than before, or less can be analysed."""
    if len(after.incomplete) > len(before.incomplete):
        return f"afterwards {after.incomplete[-1]}"
    more_deployed = after.coverage.applications > before.coverage.applications
    counts = Counter(finding.rule for finding in after.findings)
    counts.subtract(finding.rule for finding in before.findings)
    for rule, count in sorted(counts.items()):
        if count > 0 and (rule.startswith(_UNREADABLE) or not more_deployed):
            return f"it would give rise to {rule}"
    return ""
