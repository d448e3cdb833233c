"""Decides what an operator of an OLM catalogue is: its part in the plan, where it may be installed, what it brings."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cache

from msgspec import Struct

from signet_lint.catalogue._files import added_to, read

Crd = tuple[str, str]


class Operator(Struct, frozen=True):
    """An OLM package.

    `role` names its part ("openshift-ai", "nfd" …). `brings` are the kinds (group, kind; "*" is any) whose CRDs come with
    the operator, `operands_bring` those that come with what it installs. `channels` are patterns of those to subscribe to,
    empty where any is right. What is not `verified` must not cause an error.
    """

    package: str
    title: str
    role: str
    namespace: str
    install_modes: tuple[str, ...]
    channels: tuple[str, ...]
    brings: tuple[Crd, ...]
    operands_bring: tuple[Crd, ...]
    source: str
    verified: bool = True

    def installs(self, group: str, kind: str) -> bool:
        """Whether the CRD of a kind comes with it, sooner or later."""
        return any(g == group and k in ("*", kind) for g, k in (*self.brings, *self.operands_bring))


@cache
def _operators() -> dict[str, Operator]:
    found = {}
    for row in read("operators.json")["operators"]:
        crds = {name: tuple((group, kind) for group, kind in row[name]) for name in ("brings", "operands_bring")}
        lists = {name: tuple(row[name]) for name in ("install_modes", "channels")}
        found[row["package"]] = Operator(**{**row, **crds, **lists})
    return found


_added: dict[str, Operator] = {}


def added(more: Iterable[Operator]) -> AbstractContextManager[None]:
    """While it lasts, the catalogue has these operators too; one of a known package takes its place."""
    return added_to(_added, {one.package: one for one in more})


def entries() -> tuple[Operator, ...]:
    """Every operator of the catalogue."""
    return tuple({**_operators(), **_added}.values())


def lookup(package: str) -> Operator | None:
    """The operator of that package name, None where it is not in the catalogue."""
    return _added.get(package) or _operators().get(package)
