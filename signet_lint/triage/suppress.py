"""Sorts findings into those reported and those that a comment or the configuration suppresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from signet_lint.config import Ignore
from signet_lint.discover.repository import Repository
from signet_lint.finding import Finding, Suppressed
from signet_lint.model.suppression import SuppressionFault
from signet_lint.pages import pages
from signet_lint.registry import find_rule
from signet_lint.source.comments import comments
from signet_lint.source.location import Location
from signet_lint.source.yamldoc import YamlError
from signet_lint.triage.directive import FORM, Directive, directive
from signet_lint.triage.ignores import covers, envs_left, told

_MARK = b"signet-lint"


class Scope(Struct, frozen=True):
    """What a run can tell of suppressions: the rules that ran, and whether nothing was left out that they could find."""

    rules: frozenset[str]
    complete: bool

    def judges(self, rule: str) -> bool:
        """Whether a suppression of that rule which kept nothing back is unused, not just untried."""
        return self.complete and rule in self.rules


class Suppressions(Struct, dict=True):
    """The suppressions of a repository, and which of them kept a finding back."""

    directives: Sequence[Directive]
    ignores: Sequence[Ignore]
    today: date | None
    _used: set[tuple[int, str]] = field(default_factory=set)
    _used_ignores: set[int] = field(default_factory=set)
    _by_path: dict[str, list[tuple[int, Directive]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, one in enumerate(self.directives):
            self._by_path.setdefault(one.at.path, []).append((number, one))

    def apply(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Suppressed]]:
        """The findings still to be reported, and those suppressed."""
        kept: list[Finding] = []
        out: list[Suppressed] = []
        for finding in findings:
            # Both are asked, so that neither is called unused because of the other.
            by_comment, (left, by_config) = self._comment_on(finding), self._configured(finding)
            suppressed = by_comment or by_config
            if suppressed:
                out.append(suppressed)
            else:
                kept.append(left)
        return kept, out

    def _comment_on(self, finding: Finding) -> Suppressed | None:
        found: Suppressed | None = None
        for number, one in self._by_path.get(finding.location.path, ()):
            if (
                finding.location.line in one.covers
                and finding.rule in one.rules
                and not one.wrong
                and not self._is_past(one.until)
            ):
                self._used.add((number, finding.rule))
                found = found or Suppressed(finding, one.reason, one.at)
        return found

    def _configured(self, finding: Finding) -> tuple[Finding, Suppressed | None]:
        """The finding without the environments in which the configuration ignores it; suppressed where none is left."""
        left = finding
        for number, ignore in enumerate(self.ignores):
            if self._is_past(ignore.until) or not covers(ignore, finding):
                continue
            self._used_ignores.add(number)
            envs = envs_left(ignore, left)
            if not envs:
                return finding, Suppressed(finding, ignore.reason, ignore.at, in_source=False)
            left = replace(left, envs=envs)
        return left, None

    def _is_past(self, until: date | None) -> bool:
        return until is not None and self.today is not None and self.today > until

    def faults(self, scope: Scope) -> Iterator[SuppressionFault]:
        """What is wrong with the suppressions themselves, once every finding was applied."""
        for number, one in enumerate(self.directives):
            if one.wrong:
                why = "; ".join(text.replace("\n", "; ") for text in one.wrong)
                yield SuppressionFault("incomplete", one.at, f"this suppresses nothing: {why}", FORM, why)
            elif self._is_past(one.until):
                yield _expired(one.at, one.rules, one.until)
            else:
                unused = [rule for rule in one.rules if (number, rule) not in self._used and scope.judges(rule)]
                for rule in unused:
                    yield _unused(one, rule)
        yield from self._faults_of_ignores(scope)

    def _faults_of_ignores(self, scope: Scope) -> Iterator[SuppressionFault]:
        for number, ignore in enumerate(self.ignores):
            if self._is_past(ignore.until):
                yield _expired(ignore.at, ignore.rules, ignore.until)
            elif number not in self._used_ignores and all(scope.judges(rule) for rule in ignore.rules):
                yield SuppressionFault(
                    "unused",
                    ignore.at,
                    f"nothing is ignored by this entry: there is no finding of {told(ignore)}",
                    "remove the entry",
                    told(ignore),
                )


def _expired(at: Location, rules: tuple[str, ...], until: date | None) -> SuppressionFault:
    return SuppressionFault(
        "expired",
        at,
        f"the suppression of {', '.join(rules)} ended on {until}",
        "correct what it covered and remove it; set a later date only where the reason still holds",
        ",".join(rules),
    )


def _unused(one: Directive, rule: str) -> SuppressionFault:
    return SuppressionFault(
        "unused",
        one.at,
        f"there is no finding of {rule} here to suppress",
        "remove the comment" if len(one.rules) == 1 else f"take {rule} out of the comment",
        rule,
    )


def directives_in(repository: Repository, paths: Iterable[str]) -> list[Directive]:
    """The suppressions in these files; a file that does not name the tool is not scanned."""
    found: list[Directive] = []
    for path in sorted(set(paths)):
        try:
            if _MARK not in repository.tree.read(path).lower():
                continue
            text = repository.text(path)
        except (KeyError, YamlError):
            continue
        template = "/templates/" in f"/{path}"
        read = (directive(one, path, _rule_id) for one in comments(text, template=template))
        found += [one for one in read if one]
    return found


def _rule_id(text: str) -> str:
    return find_rule(text, pages()).id
