"""What a run found, and what it could not look at."""

from __future__ import annotations

import hashlib
from typing import Literal

from msgspec import Struct

from signet_lint.source.location import Location

Severity = Literal["error", "warning", "note"]
Precision = Literal["exact", "line", "template", "chart"]
Safety = Literal["safe", "unsafe"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class Hop(Struct, frozen=True):
    """One step of the road from the environment to the place a finding points at."""

    location: Location
    note: str


class SourceKey(Struct, frozen=True):
    """A key of a YAML file, there or not: `index` counts the documents that hold something."""

    file: str
    path: tuple[str | int, ...]
    index: int = 0


class Origin(Struct, frozen=True):
    """The place to edit, how exactly it is known, and the road that the value travelled (environment first).

    `key` is the key of a YAML file that the location is of, where it is of one.
    """

    location: Location
    precision: Precision
    trail: tuple[Hop, ...] = ()
    key: SourceKey | None = None


class Subject(Struct, frozen=True):
    """The manifest that a finding is about."""

    kind: str
    namespace: str
    name: str


class Point(Struct, frozen=True, order=True):
    """A place in a source file, between two characters: line and column, from 1."""

    line: int
    column: int


class Edit(Struct, frozen=True, order=True):
    """The text from `start` up to `end` of a source file replaced; `start` equal to `end` inserts.

    A file that is not there yet is edited from (1, 1) to (1, 1), and so made.
    """

    path: str
    start: Point
    end: Point
    text: str


class Fix(Struct, frozen=True):
    """A change that removes a finding; `unsafe` ones want a second look before they are applied."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...]


class Finding(Struct, frozen=True):
    """A fault at the line that a person must edit, in every environment that has it."""

    rule: str
    name: str
    severity: Severity
    message: str
    origin: Origin
    envs: tuple[str, ...]
    application: str
    subject: Subject | None
    field: str | None
    help: str
    url: str
    fingerprint: str
    fix: Fix | None = None

    @property
    def location(self) -> Location:
        """Where it points."""
        return self.origin.location

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Path, line, column, rule; then the message, so that the order never depends on anything else."""
        at = self.origin.location
        return at.path, at.line, at.column, self.rule, self.message, self.application


class NotExamined(Struct, frozen=True, order=True):
    """Something that was not looked at: what, why, and where (line 0: no place)."""

    what: str
    why: str
    path: str = ""
    line: int = 0


class Coverage(Struct, frozen=True):
    """How much a run looked at: counts, and what it left out."""

    charts: int
    environments: tuple[str, ...]
    applications: int
    resources: int
    not_examined: tuple[NotExamined, ...]


class Suppressed(Struct, frozen=True):
    """A finding that a suppression keeps out of the report, and the reason given there."""

    finding: Finding
    reason: str
    at: Location
    in_source: bool = True


class Report(Struct, frozen=True):
    """The outcome of a run: findings in order, coverage, and why the analysis is incomplete (empty: it is not).

    Every finding is in one pile: reported, suppressed (by a comment or the configuration) or baselined. `secrets` are
    texts that must not be printed, `secret_lines` the lines (path, line) that hold one in whatever spelling.
    """

    profile: str
    findings: tuple[Finding, ...]
    coverage: Coverage
    incomplete: tuple[str, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    baselined: tuple[Finding, ...] = ()
    secrets: tuple[str, ...] = ()
    secret_lines: frozenset[tuple[str, int]] = frozenset()

    def __repr__(self) -> str:
        """How much it says, without the secrets."""
        return f"Report({len(self.findings)} findings, {self.coverage!r}, incomplete={self.incomplete!r})"

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def fixable(self) -> int:
        """How many findings carry a fix."""
        return sum(finding.fix is not None for finding in self.findings)


def fingerprint(*parts: str) -> str:
    """A stable name for a finding, from its rule, subject and field; no line numbers, no message."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
