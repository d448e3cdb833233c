"""The findings that a repository had when it took the linter in: hidden until they change, reported once they are gone."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from signet_lint.errors import UsageError
from signet_lint.finding import Finding
from signet_lint.model.suppression import SuppressionFault
from signet_lint.source.location import Location
from signet_lint.triage.suppress import Scope

NAME = ".signet-lint-baseline.json"
VERSION = 1
MAX_BYTES = 10 * 1024 * 1024

_KEYS = ("fingerprint", "rule", "path", "envs", "count")
_HINT = "`signet-lint baseline` writes it anew"


class Entry(Struct, frozen=True):
    """A finding known of: its fingerprint, how many have it, in which environments; rule and path are for people."""

    fingerprint: str
    rule: str
    path: str
    envs: tuple[str, ...]
    count: int
    line: int = 1


class Baseline(Struct):
    """The entries of a baseline, and how many findings each has hidden or, elsewhere too, would have."""

    path: str
    entries: Sequence[Entry]
    _found: Counter[str] = field(default_factory=Counter)

    def split(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """The findings that are new, and those known: in no environment that the entry does not name."""
        known = {entry.fingerprint: entry for entry in self.entries}
        new: list[Finding] = []
        hidden: list[Finding] = []
        for finding in findings:
            entry = known.get(finding.fingerprint)
            if entry is None:
                new.append(finding)
                continue
            self._found[entry.fingerprint] += 1
            seen = self._found[entry.fingerprint] <= entry.count and set(finding.envs) <= set(entry.envs)
            (hidden if seen else new).append(finding)
        return new, hidden

    def faults(self, scope: Scope) -> Iterator[SuppressionFault]:
        """The entries without their findings, once all were split."""
        for entry in self.entries:
            found = self._found[entry.fingerprint]
            if found >= entry.count or not scope.judges(entry.rule):
                continue
            left = f"{found} of {entry.count} findings are left" if found else "there is no such finding any more"
            yield SuppressionFault(
                "unused",
                Location(self.path, entry.line),
                f"the baseline knows of {entry.rule} in {entry.path}, and {left}",
                "run `signet-lint baseline` to take it out",
                entry.fingerprint,
            )


def entries_of(findings: Iterable[Finding]) -> list[Entry]:
    """An entry for each fingerprint, sorted by path and rule."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.fingerprint, []).append(finding)
    entries = []
    for fingerprint, group in groups.items():
        envs = tuple(sorted({env for finding in group for env in finding.envs}))
        entries.append(Entry(fingerprint, group[0].rule, group[0].location.path, envs, len(group)))
    return sorted(entries, key=lambda entry: (entry.path, entry.rule, entry.fingerprint))


def text_of(entries: Sequence[Entry]) -> str:
    """A baseline as JSON, an entry a line, so that a line can be pointed at and versions merge."""
    rows = [json.dumps({key: getattr(entry, key) for key in _KEYS}) for entry in entries]
    body = ",\n".join(f"    {row}" for row in rows)
    return f'{{\n  "version": {VERSION},\n  "findings": [{f"{chr(10)}{body}{chr(10)}  " if rows else ""}]\n}}\n'


def write(root: Path, entries: Sequence[Entry]) -> None:
    """Write the baseline into the root, whole or not at all; raises `UsageError`."""
    target = root / NAME
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise UsageError(f"`{NAME}` is no regular file; it is not written", hint="remove it first")
    try:
        handle, draft = tempfile.mkstemp(prefix=f"{NAME}.", dir=root)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text_of(entries))
            Path(draft).chmod(0o644)
            Path(draft).replace(target)
        except OSError:
            with contextlib.suppress(OSError):
                Path(draft).unlink()
            raise
    except OSError as error:
        raise UsageError(f"`{NAME}` cannot be written: {error.strerror}") from None


def read(path: Path, shown: str) -> Baseline:
    """A baseline from its file, `shown` in reports; raises `UsageError` where it is absent or broken."""
    if not path.is_file():
        raise UsageError(f"no baseline `{shown}`", hint=f"`signet-lint baseline` writes `{NAME}`")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"`{shown}` is over {MAX_BYTES // (1024 * 1024)} MiB; that is no baseline")
        text = path.read_bytes().decode("utf-8-sig")
        content = json.loads(text)
    except OSError as error:
        raise UsageError(f"`{shown}` cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{shown}:{error.lineno}:{error.colno}: not JSON: {error.msg}", hint=_HINT) from None
    except (ValueError, RecursionError):
        raise UsageError(f"`{shown}` is no JSON text", hint=_HINT) from None
    return Baseline(shown, _entries(content, text, shown))


def _entries(content: Any, text: str, shown: str) -> list[Entry]:
    rows = content.get("findings") if isinstance(content, dict) else None
    version = content.get("version") if isinstance(content, dict) else None
    if not isinstance(rows, list) or version is None:
        raise UsageError(f"`{shown}` is no baseline: it has no `version` and `findings`", hint=_HINT)
    if version != VERSION or isinstance(version, bool):
        raise UsageError(f"`{shown}` has version {version!r}; this signet-lint reads version {VERSION}", hint=_HINT)
    lines = _lines(text)
    entries = [_entry(row, number, shown, lines) for number, row in enumerate(rows)]
    twice = [name for name, times in Counter(entry.fingerprint for entry in entries).items() if times > 1]
    if twice:
        raise UsageError(f"`{shown}`: the fingerprint `{twice[0]}` stands twice", hint=_HINT)
    return entries


def _entry(row: Any, number: int, shown: str, lines: dict[str, int]) -> Entry:
    if not isinstance(row, dict) or set(row) != set(_KEYS):
        raise UsageError(f"`{shown}`: entry {number + 1} must have {', '.join(_KEYS)}, and nothing else", hint=_HINT)
    texts, envs, count = [row["fingerprint"], row["rule"], row["path"]], row["envs"], row["count"]
    if (
        not all(isinstance(text, str) and text for text in texts)
        or not isinstance(envs, list)
        or not all(isinstance(env, str) for env in envs)
        or type(count) is not int
        or count < 1
    ):
        raise UsageError(f"`{shown}`: entry {number + 1} has a value of a wrong type", hint=_HINT)
    fingerprint, rule, path = texts
    return Entry(fingerprint, rule, path, tuple(envs), count, lines.get(fingerprint, 1))


def _lines(text: str) -> dict[str, int]:
    """The line on which each quoted text first stands."""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for quoted in line.split('"')[1::2]:
            lines.setdefault(quoted, number)
    return lines
