"""Values that templates name: the quick comparison says what comparing one by one would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signet_lint.render.engine import Path
from signet_lint.render.named import NamedValues

_STEPS = st.sampled_from(["a", "b", "c", 0, 1])
_PATHS = st.lists(_STEPS, min_size=1, max_size=4).map(tuple)


def _agree(one: Path, other: Path) -> bool:
    return all(a == b or isinstance(a, int) or isinstance(b, int) for a, b in zip(one, other, strict=False))


@given(st.frozensets(_PATHS, max_size=6), st.one_of(_PATHS, st.just(())))
def test_touching_and_covering_are_agreement_as_far_as_both_paths_go(named: frozenset[Path], path: Path) -> None:
    values = NamedValues(named)
    assert values.touch(path) == any(_agree(path, one) for one in named)
    assert values.cover(path) == any(len(one) <= len(path) and _agree(path, one) for one in named)


@given(st.frozensets(_PATHS, max_size=6))
def test_the_deepest_are_those_that_lead_no_further(named: frozenset[Path]) -> None:
    further = {one for one in named if any(other != one and other[: len(one)] == one for other in named)}
    assert set(NamedValues(named).deepest) == named - further


def test_a_number_stands_for_any_entry() -> None:
    values = NamedValues([("pipelines", 0, "runTests")])
    assert values.cover(("pipelines", 3, "runTests"))
    assert values.touch(("pipelines",))
    assert not values.cover(("pipelines",))
    assert not values.touch(("pipelines", 3, "other"))
