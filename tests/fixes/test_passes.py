"""Which fixes are kept, on reports made up for the purpose."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from signet_lint.finding import Coverage, Edit, Finding, Fix, Origin, Point, Report, Safety
from signet_lint.fixes.passes import Mender, apart
from signet_lint.source.location import Location
from signet_lint.source.tree import MemoryTree, Tree

COVERAGE = Coverage(1, ("prod",), 1, 1, ())


def edit(line: int, old: str, new: str) -> Edit:
    """An edit of the first characters of a line."""
    return Edit("f", Point(line, 1), Point(line, len(old) + 1), new)


def finding(rule: str, line: int, *edits: Edit, safety: Safety = "safe") -> Finding:
    """A finding on a line, with a fix of these edits."""
    fix = Fix("mend it", safety, edits) if edits else None
    at = Origin(Location("f", line), "exact")
    return Finding(rule, "name", "error", "it is bad", at, ("prod",), "", None, None, "", "", f"{rule}{line}", fix)


def judging(word: dict[str, Callable[[int], Finding]]) -> Callable[[Tree], Report]:
    """A judge with a finding for each line that is one of some words."""

    def judged(tree: Tree) -> Report:
        lines = tree.read("f").decode().split("\n")
        found = [word[line](number) for number, line in enumerate(lines, 1) if line in word]
        return Report("signet", tuple(found), COVERAGE)

    return judged


def mend(
    text: str, judged: Callable[[Tree], Report], *, unsafe: bool = False, barred: str = ""
) -> tuple[str, list[str], list[str]]:
    """The text afterwards, the findings fixed, and why others are not."""
    tree = MemoryTree({"f": text.encode()})
    done = Mender(tree, judged, lambda _: barred, unsafe).mend(judged(tree))
    after = done.contents.get("f", text.encode()).decode()
    return after, [one.fingerprint for one in done.fixed], [f"{one.fingerprint}: {why}" for one, why in done.refused]


def test_a_fix_is_kept_where_its_finding_goes() -> None:
    """And nothing else changes."""
    judged = judging({"bad": lambda n: finding("SGL801", n, edit(n, "bad", "good"))})
    assert mend("bad\nx\nbad\n", judged) == ("good\nx\ngood\n", ["SGL8011", "SGL8013"], [])


def test_a_fix_that_does_not_help_is_left_out() -> None:
    """The others of its batch are kept all the same."""
    judged = judging(
        {
            "bad": lambda n: finding("SGL801", n, edit(n, "bad", "good")),
            "worse": lambda n: finding("SGL802", n, edit(n, "worse", "worse")),
        }
    )
    assert mend("worse\nbad\n", judged) == ("worse\ngood\n", ["SGL8012"], ["SGL8021: the finding would still be there"])


def test_a_fix_that_breaks_something_else_is_left_out() -> None:
    """What another rule would find is named."""
    judged = judging(
        {"bad": lambda n: finding("SGL801", n, edit(n, "bad", "ugly")), "ugly": lambda n: finding("SGL005", n)}
    )
    assert mend("bad\n", judged) == ("bad\n", [], ["SGL8011: it would give rise to SGL005"])


def test_what_a_fix_brings_to_light_is_fixed_next() -> None:
    """As long as there is more deployed than before."""

    def judged(tree: Tree) -> Report:
        text = tree.read("f").decode()
        applications = 0 if text == "off\n" else 1
        words = {
            "off": finding("SGL108", 1, edit(1, "off", "raw")),
            "raw": finding("SGL501", 1, edit(1, "raw", "done")),
        }
        found = tuple(words[word] for word in [text.strip()] if word in words)
        return Report("signet", found, replace(COVERAGE, applications=applications))

    assert mend("off\n", judged) == ("done\n", ["SGL1081", "SGL5011"], [])


def test_less_analysed_is_worse() -> None:
    """A finding that goes because nothing is looked at any more is not fixed."""

    def judged(tree: Tree) -> Report:
        broken = tree.read("f") == b"gone\n"
        found = () if broken else (finding("SGL801", 1, edit(1, "bad", "gone")),)
        return Report("signet", found, COVERAGE, incomplete=("environment `prod` failed",) if broken else ())

    assert mend("bad\n", judged) == ("bad\n", [], ["SGL8011: afterwards environment `prod` failed"])


def test_unsafe_fixes_want_to_be_asked_for() -> None:
    """They are neither applied nor complained of otherwise."""
    judged = judging({"bad": lambda n: finding("SGL801", n, edit(n, "bad", "good"), safety="unsafe")})
    assert mend("bad\n", judged) == ("bad\n", [], [])
    assert mend("bad\n", judged, unsafe=True) == ("good\n", ["SGL8011"], [])


def test_a_file_that_must_not_be_written_is_named() -> None:
    """The fix is not even tried."""
    judged = judging({"bad": lambda n: finding("SGL801", n, edit(n, "bad", "good"))})
    assert mend("bad\n", judged, barred="`f` is a link") == ("bad\n", [], ["SGL8011: `f` is a link"])


def test_fixes_that_touch_the_same_text_wait_for_each_other() -> None:
    """Equal edits go together, an overlap or an insertion at the same place does not."""
    one, same = finding("SGL1", 1, edit(1, "ab", "x")), finding("SGL2", 1, edit(1, "ab", "x"), edit(2, "a", "b"))
    across, here = finding("SGL3", 1, edit(1, "a", "y")), finding("SGL4", 3, edit(3, "", "new\n"))
    there = finding("SGL5", 3, edit(3, "", "other\n"))
    assert apart([one, same, across, here, there]) == [one, same, here]


def test_a_byte_order_mark_stays() -> None:
    """It is no part of the text that edits are made of."""
    tree = MemoryTree({"f": b"\xef\xbb\xbfbad\n"})
    first = Report("signet", (finding("SGL801", 1, edit(1, "bad", "good")),), COVERAGE)
    done = Mender(tree, lambda _: Report("signet", (), COVERAGE), lambda _: "").mend(first)
    assert done.contents == {"f": b"\xef\xbb\xbfgood\n"}
