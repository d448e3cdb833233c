"""A suppression as it is written: `signet-lint: allow RULE[, RULE] [until=YYYY-MM-DD] -- reason`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from msgspec import Struct

from signet_lint.errors import UsageError
from signet_lint.source.comments import Comment
from signet_lint.source.location import Location

FORM = "write `signet-lint: allow RULE until=YYYY-MM-DD -- reason`, the date if you want one"

_ADDRESSED = re.compile(r"signet-lint\s*:\s*(?P<said>.*)\Z|signet-lint\s+(?P<bare>allow\b.*)\Z", re.IGNORECASE)
_VERB = re.compile(r"[\w-]*")
# Words of other linters' suppressions, and rule ids: whoever writes them means a suppression, others talk of the tool.
_MEANT = re.compile(r"(?:allow|disable|exempt|ignore|nolint|noqa|off|skip|suppress)", re.IGNORECASE)
_RULE_ID = re.compile(r"\bSGL\d{3}\b", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")

FindRule = Callable[[str], str]
"""From a rule's id or name to its id; raises `UsageError` for others."""


class Directive(Struct, frozen=True):
    """One suppression: ids of rules, reason, last day ("" and None where not given), and what it says wrongly."""

    at: Location
    covers: range
    rules: tuple[str, ...]
    reason: str
    until: date | None
    wrong: tuple[str, ...] = ()


def directive(comment: Comment, path: str, find_rule: FindRule) -> Directive | None:
    """The suppression that a comment's line is; None for a comment about anything else."""
    addressed = _ADDRESSED.match(comment.text)
    if addressed is None:
        return None
    said = (addressed["said"] or addressed["bare"] or "").strip()
    verb = _VERB.match(said)
    word = verb[0] if verb else ""
    if word and not _MEANT.match(word) and not _RULE_ID.search(said):
        return None
    at = Location(path, comment.line, comment.column, comment.line, comment.end_column)
    rest = said[len(word) :] if word == "allow" else said
    wrong = [] if word == "allow" and addressed["said"] else [_unlike(word, bare=bool(addressed["bare"]))]
    head, _, reason = rest.partition("--")
    rules, until = _read(head if word == "allow" else "", find_rule, wrong)
    if word == "allow" and not reason.strip(" -.\t"):
        wrong.append("it gives no reason")
    return Directive(at, comment.covers, rules, reason.strip(), until, tuple(wrong))


def _unlike(word: str, *, bare: bool) -> str:
    if bare:
        return "the colon after `signet-lint` is missing"
    return f"`{word}` is not `allow`" if word else "it does not say what to allow"


def _read(head: str, find_rule: FindRule, wrong: list[str]) -> tuple[tuple[str, ...], date | None]:
    """The rules and the date of the part before the reason; what is none of them is added to `wrong`."""
    rules: list[str] = []
    until: date | None = None
    words = [word for word in re.split(r"[,\s]+", head) if word]
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            try:
                rules.append(find_rule(word))
            except UsageError as error:
                wrong.append(str(error))
        elif key != "until":
            wrong.append(f"`{key}=` is no setting of a suppression")
        elif (until := day(value)) is None:
            wrong.append(f"`{value}` is no date such as 2030-12-31")
    if not rules and not wrong:
        wrong.append("it names no rule")
    return tuple(dict.fromkeys(rules)), until


def day(text: str) -> date | None:
    """A date written as YYYY-MM-DD, None for any other text."""
    try:
        return date.fromisoformat(text) if _DATE.match(text) else None
    except ValueError:
        return None
