"""What a run found, and what it could not look at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from signet_lint.source.location import Location

Severity = Literal["error", "warning", "note"]
Precision = Literal["exact", "line", "template", "chart"]
Safety = Literal["safe", "unsafe"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the road from the environment to the place a finding points at."""

    location: Location
    note: str


@dataclass(frozen=True, slots=True)
class SourceKey:
    """A key of a YAML file, there or not: `index` counts the documents that hold something."""

    file: str
    path: tuple[str | int, ...]
    index: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """The place to edit, how exactly it is known, and the road that the value travelled (environment first).

    `key` is the key of a YAML file that the location is of, where it is of one.
    """

    location: Location
    precision: Precision
    trail: tuple[Hop, ...] = ()
    key: SourceKey | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The manifest that a finding is about."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place in a source file, between two characters: line and column, from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The text from `start` up to `end` of a source file replaced; `start` equal to `end` inserts.

    A file that is not there yet is edited from (1, 1) to (1, 1), and so made.
    """

    path: str
    start: Point
    end: Point
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that removes a finding; `unsafe` ones want a second look before they are applied."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
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


@dataclass(frozen=True, slots=True, order=True)
class NotExamined:
    """Something that was not looked at: what, why, and where (line 0: no place)."""

    what: str
    why: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much a run looked at: counts, and what it left out."""

    charts: int
    environments: tuple[str, ...]
    applications: int
    resources: int
    not_examined: tuple[NotExamined, ...]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that a suppression keeps out of the report, and the reason given there."""

    finding: Finding
    reason: str
    at: Location
    in_source: bool = True


@dataclass(frozen=True, slots=True)
class Report:
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
    secrets: tuple[str, ...] = field(default=(), repr=False)
    secret_lines: frozenset[tuple[str, int]] = frozenset()

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
