"""What a generator could not be expanded for: a mistake in it, or something that is not in the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from signet_lint.argocd.fieldpath import Path


class GeneratorError(Struct, frozen=True):
    """A generator that Argo CD would refuse; `path` is the field in the ApplicationSet.

    `blocks` tells whether it keeps the whole ApplicationSet from being reconciled; an unknown generator only yields
    nothing.
    """

    message: str
    path: Path
    blocks: bool = True


class NotExamined(Struct, frozen=True):
    """Something that cannot be known from the repository; `path` is the field that asks for it."""

    what: str
    why: str
    path: Path


class UnexpandedError(Exception):
    """Carries a problem out of a generator nested in others."""

    def __init__(self, problem: GeneratorError | NotExamined) -> None:
        super().__init__(problem)
        self.problem = problem
