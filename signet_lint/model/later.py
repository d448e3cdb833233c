"""A sequence that is made while others work, and waited for where it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, overload

T = TypeVar("T")


class Later(Sequence[T]):
    """Reads like what `make` returns, which is called at each look: it must be cheap once its work is done."""

    def __init__(self, make: Callable[[], Sequence[T]], is_ready: Callable[[], bool] = lambda: True) -> None:
        self._make = make
        self.is_ready = is_ready

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: Any) -> Any:
        return self._make()[at]

    def __iter__(self) -> Iterator[T]:
        return iter(self._make())

    def __len__(self) -> int:
        return len(self._make())


def is_ready(found: Sequence[T]) -> bool:
    """Whether looking at a sequence does not wait."""
    return not isinstance(found, Later) or found.is_ready()
