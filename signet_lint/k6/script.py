"""A k6 script with the files it imports, read by meaning.

Starts where k6 does (the module, its default export, the functions that scenarios name) and follows calls, so that code
nobody calls and comments do not count. Where the same name gets values on several ways, what is known is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from signet_lint.k6.evaluator import TooLongError
from signet_lint.k6.modules import Reader
from signet_lint.k6.record import Script


def read_script(
    file: str, load: Callable[[str], str | None], environment: Mapping[str, str | None], *, open_ended: bool = False
) -> Script:
    """Read a script; `load` gives the text of a file by its path, `environment` None for a variable it cannot tell."""
    script = Script()
    reader = Reader(script, load, environment, open_ended=open_ended)
    try:
        module = reader.module(file)
        if module is not None:
            reader.enter(module)
    except (RecursionError, TooLongError):
        script.problem = "it is too long to follow"
    return script
