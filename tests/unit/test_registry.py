"""Which rules there are and which a run uses."""

from __future__ import annotations

import importlib
import sys

import pytest

from signet_lint import registry
from signet_lint.errors import UsageError
from signet_lint.model.state import DesiredState
from signet_lint.rule import Rule

MODULE = """
from signet_lint.model.state import DesiredState
from signet_lint.rule import rule

@rule(id="{id}", name="{name}", severity="error", section="1", summary="s", rationale="r", remedy="m",
      each=DesiredState, bad=(), good=())
def check(state, _):
    yield from ()
"""


def make(rule_id, name, *, plan_only=False):
    """A rule that finds nothing."""
    return Rule(
        id=rule_id,
        name=name,
        severity="error",
        section="1",
        summary="s",
        rationale="r",
        remedy="m",
        each=DesiredState,
        check=lambda *_: iter(()),
        bad=(),
        good=(),
        plan_only=plan_only,
    )


RULES = (
    make("SGL101", "incomplete-chart"),
    make("SGL501", "cpu-inference", plan_only=True),
    make("SGL502", "no-gpu-request"),
    make("SGL602", "max-model-len-too-high"),
)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes modules into a new package and imports it."""
    folder = tmp_path / "made_rules"

    def write(**modules):
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        (folder / "family").mkdir()
        (folder / "family" / "__init__.py").write_text("")
        for name, text in modules.items():
            (folder / "family" / f"{name}.py").write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        return importlib.import_module("made_rules")

    yield write
    for name in [name for name in sys.modules if name.split(".")[0] == "made_rules"]:
        del sys.modules[name]


def test_collect_finds_rules_in_subpackages_sorted_by_id(package):
    """Every module below the package is walked; an imported rule counts once."""
    made = package(
        a=MODULE.format(id="SGL202", name="second"),
        b=MODULE.format(id="SGL101", name="first"),
        c="from made_rules.family.a import check as borrowed",
    )
    assert [rule.id for rule in registry.collect(made)] == ["SGL101", "SGL202"]


@pytest.mark.parametrize(
    ("first", "second"),
    [(("SGL101", "one"), ("SGL101", "two")), (("SGL101", "one"), ("SGL102", "one"))],
    ids=["same-id", "same-name"],
)
def test_collect_refuses_a_clash(package, first, second):
    """Ids and names are the public contract: no two rules share one."""
    made = package(a=MODULE.format(id=first[0], name=first[1]), b=MODULE.format(id=second[0], name=second[1]))
    with pytest.raises(RuntimeError, match="two rules are called"):
        registry.collect(made)


def test_the_rules_are_sorted_and_cached():
    """The package's own rules load, in order of their ids, once."""
    ids = [rule.id for rule in registry.rules()]
    assert ids == sorted(set(ids))
    assert registry.rules() is registry.rules()


@pytest.mark.parametrize("text", ["SGL602", "sgl602", "max-model-len-too-high", " Max-Model-Len-Too-High "])
def test_find_rule(text):
    """Id or name, in any case."""
    assert registry.find_rule(text, RULES).id == "SGL602"


def test_find_rule_suggests():
    """A near miss is answered with the name meant."""
    with pytest.raises(UsageError, match=r"no rule `max_model_len_to_high`; did you mean `max-model-len-too-high`\?"):
        registry.find_rule("max_model_len_to_high", RULES)


@pytest.mark.parametrize(
    ("select", "ignore", "profile", "expected"),
    [
        ((), (), "signet", ["SGL101", "SGL501", "SGL502", "SGL602"]),
        ((), (), "universal", ["SGL101", "SGL502", "SGL602"]),
        (("SGL5",), (), "signet", ["SGL501", "SGL502"]),
        (("sgl5xx",), (), "signet", ["SGL501", "SGL502"]),
        (("SGL50X",), (), "signet", ["SGL501", "SGL502"]),
        (("SGL5",), (), "universal", ["SGL502"]),
        (("SGL501",), (), "universal", ["SGL501"]),
        (("SGL5", "incomplete-chart"), ("cpu-inference",), "signet", ["SGL101", "SGL502"]),
        (("SGL501", "SGL602"), ("SGL5",), "signet", ["SGL602"]),
        ((), ("SGL1", "SGL6"), "signet", ["SGL501", "SGL502"]),
    ],
    ids=str,
)
def test_select(select, ignore, profile, expected):
    """Ids, names and beginnings of ids; what is ignored stays out."""
    assert [rule.id for rule in registry.select(RULES, select, ignore, profile)] == expected


def test_select_names_everything_unknown_at_once():
    """One run of the tool tells every mistake."""
    with pytest.raises(UsageError) as caught:
        registry.select(RULES, ["SGL900", "cpu-inferense"], ["nonsense"], "signet")
    assert str(caught.value).splitlines() == [
        "no rule `SGL900`; did you mean `SGL602` or `SGL502` or `SGL501`?",
        "no rule `cpu-inferense`; did you mean `cpu-inference`?",
        "no rule `nonsense`",
    ]


def test_select_refuses_to_run_no_rule():
    """A run without rules would be green without having looked."""
    with pytest.raises(UsageError, match="no rule is left"):
        registry.select(RULES, ["SGL501"], ["SGL5"], "signet")
