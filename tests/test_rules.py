"""Every example of every rule, through the whole pipeline."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

import signet_lint.rules
from signet_lint.config import Config
from signet_lint.finding import Report
from signet_lint.judge import subjects
from signet_lint.model.later import Later
from signet_lint.rule import Example, Rule
from signet_lint.simulated import simulate
from tests.overlay import FIXTURE, check, line_of, overlay, places


def all_rules() -> list[Rule[Any]]:
    """Every rule declared under signet_lint.rules."""
    modules = pkgutil.walk_packages(signet_lint.rules.__path__, "signet_lint.rules.")
    loaded = [importlib.import_module(module.name) for module in modules]
    found = {id(value): value for module in loaded for value in vars(module).values() if isinstance(value, Rule)}
    return sorted(found.values(), key=lambda rule: rule.id)


RULES = all_rules()


def examples(kind: str) -> Iterator[Any]:
    """One test parameter for each example of a kind."""
    for rule in RULES:
        for example in getattr(rule, kind):
            yield pytest.param(rule, example, id=f"{rule.id}-{example.title.replace(' ', '-')}")


def rules_for(rule: Rule[Any]) -> list[Rule[Any]]:
    """What runs for an example: the rule alone, but for those on suppressions, which suppress findings of others."""
    return RULES if "suppressions" in rule.needs else [rule]


def own_places(rule: Rule[Any], report: Report) -> list[str]:
    """The places of all findings, where others were run as well only of the rule's own."""
    return [place for place in places(report) if "suppressions" not in rule.needs or place.startswith(rule.id)]


@pytest.mark.parametrize(("rule", "example"), list(examples("bad")))
def test_bad_example_is_found_at_its_line(rule: Rule[Any], example: Example) -> None:
    """A bad example gives exactly the finding it names."""
    report = check(rules_for(rule), files=example.files, edits=example.edits)
    expected = line_of(overlay(example.files, example.edits), example.at)
    assert [f"{rule.id} {expected}"] == own_places(rule, report)


@pytest.mark.parametrize(("rule", "example"), list(examples("good")))
def test_good_example_is_silent(rule: Rule[Any], example: Example) -> None:
    """A good example gives no finding of its rule."""
    report = check(rules_for(rule), files=example.files, edits=example.edits)
    assert [] == own_places(rule, report)
    assert not report.incomplete


def test_fixture_is_clean() -> None:
    """The plan, carried out, has no finding in any environment."""
    report = check(RULES)
    assert [] == [f"{f.rule} {f.location.path}:{f.location.line} {f.message}" for f in report.findings]
    assert ("local", "sno", "prod") == report.coverage.environments
    assert () == report.coverage.not_examined
    assert () == report.incomplete


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_declared_like_its_file(rule: Rule[Any]) -> None:
    """Name, function and file agree, and the rule shows at least one bad and one good example."""
    function = rule.check.__name__
    assert rule.name.replace("-", "_") == function
    assert rule.check.__module__.endswith(f".{function}")
    assert rule.bad
    assert rule.good


def test_a_rule_that_does_not_name_the_wiring_does_not_look_at_it() -> None:
    """Such a rule runs while the wiring is measured: if it looked at it, it would wait, and all others with it."""

    class LookedError(Exception):
        pass

    def look() -> Any:
        raise LookedError

    state = replace(simulate(FIXTURE, Config()), wiring=Later(look))
    looking = set()
    for rule in all_rules():
        try:
            for _, subject in subjects(rule, state):
                list(rule.check(subject, state))
        except LookedError:
            looking.add(rule.id)
    assert looking
    assert looking <= {rule.id for rule in all_rules() if "wiring" in rule.needs}
