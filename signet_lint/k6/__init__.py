"""Reads k6 scripts: options, requests, variables and randomness, by evaluating what can be known without running them."""

from signet_lint.k6.record import Call, Script
from signet_lint.k6.script import read_script
from signet_lint.k6.value import HOLE, Val

__all__ = ["HOLE", "Call", "Script", "Val", "read_script"]
