"""What can go wrong for the user, as exceptions.

SignetLintError
├── UsageError     bad arguments or configuration (exit 2)
└── EngineError    no Helm engine can be started (exit 3)

A fault of the linted repository is never an exception: it is a `Problem` (see `signet_lint.model.state`).
"""

from __future__ import annotations


class SignetLintError(Exception):
    """Base of every error shown to the user without a traceback; `hint` says what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(SignetLintError):
    """The arguments or the configuration cannot be used."""


class EngineError(SignetLintError):
    """No Helm engine can be started."""
