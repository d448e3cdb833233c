"""Values that templates name, kept so that many paths can be compared with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from signet_lint.render.engine import Path


class NamedValues(frozenset[Path]):
    """Paths under `.Values`. A step that is a number stands for any entry of what is ranged over."""

    @cached_property
    def deepest(self) -> tuple[Path, ...]:
        """The paths that do not lead further in another one."""
        return tuple(path for path in self if path not in self._above)

    def touch(self, path: Path) -> bool:
        """Whether one of them is a value, is inside it, or holds it."""
        if path in self or path in self._above or any(path[:length] in self for length in range(len(path))):
            return True
        return any(_agree(path, one) for one in self._to_compare(path))

    def cover(self, path: Path) -> bool:
        """Whether one of them is a value or holds it."""
        if path in self or any(path[:length] in self for length in range(len(path))):
            return True
        return any(len(one) <= len(path) and _agree(path, one) for one in self._to_compare(path))

    def _to_compare(self, path: Path) -> Iterable[Path]:
        """Those for which equality says too little: any of them where the path has a number, else those that have one."""
        if not _has_number(path):
            return self._numbered
        return self if isinstance(path[0], int) else (*self._by_first.get(path[:1], ()), *self._numbered)

    @cached_property
    def _above(self) -> frozenset[Path]:
        return frozenset(path[:length] for path in self for length in range(len(path)))

    @cached_property
    def _by_first(self) -> dict[Path, list[Path]]:
        found: dict[Path, list[Path]] = {}
        for path in self:
            found.setdefault(path[:1], []).append(path)
        return found

    @cached_property
    def _numbered(self) -> tuple[Path, ...]:
        return tuple(filter(_has_number, self))


def _has_number(path: Path) -> bool:
    return any(isinstance(step, int) for step in path)


def _agree(one: Sequence[str | int], other: Sequence[str | int]) -> bool:
    """Whether two paths are the same as far as both go."""
    return all(a == b or isinstance(a, int) or isinstance(b, int) for a, b in zip(one, other, strict=False))
