"""Which rules there are, and which of them a run uses."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from signet_lint.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType

    from signet_lint.rule import Rule

    AnyRule = Rule[Any]


class Named(Protocol):
    """What has a rule's id and name: a rule, or its page."""

    @property
    def id(self) -> str:
        """SGL and three digits."""
        ...

    @property
    def name(self) -> str:
        """The bad pattern, in words."""
        ...


N = TypeVar("N", bound=Named)

PROFILES = ("signet", "universal")

# "SGL5", "SGL5xx", "SGL": an id cut short, or with x for the digits left open.
_PREFIX = re.compile(r"(SGL\d{0,3})X*\Z")


@cache
def rules() -> tuple[AnyRule, ...]:
    """Every rule of the package `signet_lint.rules`, sorted by id; raises `RuntimeError` for a clash."""
    import signet_lint.rules

    return collect(signet_lint.rules)


def collect(package: ModuleType) -> tuple[AnyRule, ...]:
    """The rules declared in a package's modules, sorted by id; raises `RuntimeError` where two share an id or name."""
    from signet_lint.rule import Rule

    found: dict[int, AnyRule] = {}
    for module in _modules(package):
        for value in vars(module).values():
            if isinstance(value, Rule):
                found.setdefault(id(value), value)
    unique: dict[str, AnyRule] = {}
    for rule in found.values():
        for key in (rule.id, rule.name):
            if key in unique:
                raise RuntimeError(f"two rules are called {key}: {unique[key].name} and {rule.name}")
            unique[key] = rule
    return tuple(sorted(found.values(), key=lambda rule: rule.id))


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    names = sorted(info.name for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    for name in names:
        yield importlib.import_module(name)


def find_rule(text: str, known: Sequence[N]) -> N:
    """The rule (or page) of that id or name, in any case; raises `UsageError` naming the nearest ones."""
    wanted = text.strip().casefold()
    for rule in known:
        if wanted in (rule.id.casefold(), rule.name.casefold()):
            return rule
    raise UsageError(_unknown([text], known), hint="`signet-lint rules` lists them all")


def select(
    among: Sequence[AnyRule], select: Sequence[str] = (), ignore: Sequence[str] = (), profile: str = "signet"
) -> tuple[AnyRule, ...]:
    """The rules a run uses, in the order given.

    `select` (empty: all) and `ignore` hold ids, names and beginnings of ids ("SGL5", "SGL5xx"); `ignore` wins. Under
    the profile `universal` the rules that hold for the plan alone are off, unless `select` names one in full. Raises
    `UsageError` for unknown texts, all at once, and where no rule is left.
    """
    wanted, named, unknown = _matches(among, select)
    dropped, _, unknown_too = _matches(among, ignore)
    if unknown or unknown_too:
        raise UsageError(_unknown([*unknown, *unknown_too], among), hint="`signet-lint rules` lists them all")
    chosen = tuple(
        rule
        for rule in among
        if (not select or rule.id in wanted)
        and rule.id not in dropped
        and (profile != "universal" or not rule.plan_only or rule.id in named)
    )
    if among and not chosen:
        raise UsageError("no rule is left to check", hint="select more rules or ignore fewer")
    return chosen


def _matches(among: Sequence[AnyRule], texts: Sequence[str]) -> tuple[set[str], set[str], list[str]]:
    """Ids that the texts stand for, those of them named in full, and the texts that stand for none."""
    matched: set[str] = set()
    named: set[str] = set()
    unknown = []
    for text in texts:
        full = {rule.id for rule in among if text.strip().casefold() in (rule.id.casefold(), rule.name.casefold())}
        prefix = _PREFIX.match(text.strip().upper())
        begun = {rule.id for rule in among if prefix and rule.id.startswith(prefix[1])}
        if not full | begun:
            unknown.append(text)
        matched |= full | begun
        named |= full
    return matched, named, unknown


def _unknown(texts: Iterable[str], among: Sequence[Named]) -> str:
    known = [word for rule in among for word in (rule.id, rule.name)]
    return "\n".join(f"no rule `{text}`{did_you_mean(text, known)}" for text in texts)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message that names the nearest known words ("; did you mean `a` or `b`?"), or ""."""
    import difflib

    spelled = {name.casefold().replace("_", "-"): name for name in known}
    near = difflib.get_close_matches(word.casefold().replace("_", "-"), spelled, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(f'`{spelled[name]}`' for name in near)}?" if near else ""
