"""Which findings an entry of the configuration's `ignore` covers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from signet_lint.config import Ignore
from signet_lint.finding import Finding

if TYPE_CHECKING:
    import pathspec


def covers(ignore: Ignore, finding: Finding) -> bool:
    """Whether an entry speaks of a finding, in at least one of its environments."""
    if finding.rule not in ignore.rules:
        return False
    if ignore.paths and not _matches(ignore.paths, finding.location.path):
        return False
    return not ignore.envs or any(env in ignore.envs for env in finding.envs)


def envs_left(ignore: Ignore, finding: Finding) -> tuple[str, ...]:
    """The environments of a finding that an entry which covers it leaves; none where it speaks of all."""
    return tuple(env for env in finding.envs if env not in ignore.envs) if ignore.envs else ()


def told(ignore: Ignore) -> str:
    """What an entry speaks of, in words."""
    where = [f"in {', '.join(ignore.paths)}"] if ignore.paths else []
    where += [f"for {', '.join(ignore.envs)}"] if ignore.envs else []
    return f"{', '.join(ignore.rules)} {' '.join(where)}"


def _matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether a path matches as it would in a .gitignore: `charts/old/`, `**/values-local.yaml`, `!charts/old/a`."""
    return _spec(patterns).match_file(path)


@cache
def _spec(patterns: tuple[str, ...]) -> pathspec.GitIgnoreSpec:
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(patterns)
