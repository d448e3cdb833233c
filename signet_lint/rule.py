"""How a rule is declared.

A rule is one function in one file under `signet_lint/rules/`, pure, under the `@rule` decorator that carries everything
else: its catalogue entry and its examples, which are executed as tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from signet_lint.finding import Severity
from signet_lint.model.repair import Repair
from signet_lint.model.resource import Resource
from signet_lint.model.state import At, DesiredState, LeftOut

S = TypeVar("S")


class Hit(Struct, frozen=True):
    """A fault: where to point, what is wrong, and (where it differs from the rule's remedy) what to do.

    `subject` is the manifest it is about where that is not the one pointed at; `application` likewise. `envs` names the
    environments where the subject of the check has none; `key` tells apart findings at one place. A `secret` at that
    place is hidden in everything that is printed. `repair` is the one change that is right, where there is one.
    """

    at: At
    message: str
    help: str = ""
    subject: Resource | None = None
    application: str = ""
    envs: tuple[str, ...] = ()
    key: str = ""
    severity: Severity | None = None
    secret: str = ""
    repair: Repair | None = None


class Example(Struct, frozen=True):
    """A change to the scaffold repository that shows a rule.

    `files` maps a path to its whole new text, or None to remove it; `edits` maps a path to (old, new) replacements, each
    of which must match exactly once. `at` is "path:line" of the finding for a bad example, or a text that occurs once in
    the edited file ("path:text" is resolved to that line).
    """

    title: str
    files: Mapping[str, str | None] = field(default_factory=dict)
    edits: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    at: str = ""


Outcome = Hit | LeftOut


class Rule(Struct, Generic[S], frozen=True):
    """A rule as declared: its catalogue entry, its examples, and the pure function that judges one subject.

    `needs` are parts of the state that are made only for rules that name them (`schemas`, `secrets`), or that are ready
    late, so that such rules come last (`wiring`, then `suppressions`).
    """

    id: str
    name: str
    severity: Severity
    section: str
    summary: str
    rationale: str
    remedy: str
    each: type[S]
    check: Callable[[S, DesiredState], Iterator[Outcome]]
    bad: tuple[Example, ...]
    good: tuple[Example, ...]
    kinds: tuple[str, ...] = ()
    plan_only: bool = False
    needs: tuple[str, ...] = ()
    since: str = "0.1.0"
    fixable: bool = False

    @property
    def url(self) -> str:
        """Its page in the documentation."""
        return f"https://github.com/signet-lint/signet-lint/blob/main/docs/rules/{self.name}.md"


def rule(**declaration: Any) -> Callable[[Callable[[Any, DesiredState], Iterator[Outcome]]], Rule[Any]]:
    """Declare a rule; the keywords are the fields of `Rule` but `check`, which is the function decorated."""

    def declare(check: Callable[[Any, DesiredState], Iterator[Outcome]]) -> Rule[Any]:
        return Rule(check=check, **declaration)

    return declare
