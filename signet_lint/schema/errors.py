"""The fault a schema finds in a manifest, and the words it is told in."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from signet_lint.schema.json_types import json_type

if TYPE_CHECKING:
    from collections.abc import Collection

ErrorKind = Literal["unknown-field", "missing-field", "wrong-type", "bad-enum", "bad-value"]
Path = tuple[str | int, ...]

_LONGEST_QUOTE = 60
_MOST_NAMES = 10


class SchemaError(Struct, frozen=True):
    """One fault of a manifest.

    ``path`` leads to the field at fault; for a missing field it leads to the object that lacks it.
    ``field`` is the name of the unknown, missing or faulty field (``None`` for the document itself).
    """

    path: Path
    kind: ErrorKind
    message: str
    field: str | None


def unknown_field(document: str, path: Path, known: Collection[str], present: Collection[str]) -> SchemaError:
    """``path`` ends in a name that is not in ``known``; ``present`` are the names beside it."""
    name = str(path[-1])
    message = f"`{name}` is not a field of {owner(document, path[:-1])}"
    meant = nearest(name, known)
    if meant is not None:
        message += f"; did you mean `{meant}`{', which is set as well' if meant in present else ''}?"
    elif 0 < len(known) <= _MOST_NAMES:
        message += f"; its fields are {listing(sorted(known))}"
    return SchemaError(path, "unknown-field", message, name)


def missing_field(document: str, path: Path, name: str) -> SchemaError:
    """The object at ``path`` lacks the required field ``name``."""
    message = f"`{name}` is missing from {owner(document, path)}, where it is required"
    return SchemaError(path, "missing-field", message, name)


def wrong_type(document: str, path: Path, value: Any, expected: Collection[str]) -> SchemaError:
    """The value at ``path`` is of none of the ``expected`` JSON types."""
    fact = f"is {described(document, value)}, but must be {alternatives(expected)}"
    message = f"{subject(document, path)} {fact}{_quoting(value, expected)}"
    return SchemaError(path, "wrong-type", message, last_name(path))


def _quoting(value: Any, expected: Collection[str]) -> str:
    """What to do where only the quotes are wrong."""
    if isinstance(value, (bool, int, float)):
        return "; quote it" if "string" in expected else ""
    boolean = "boolean" in expected and value in ("true", "false")
    number = "integer" in expected and isinstance(value, str) and value.isdecimal()
    return "; remove the quotes" if boolean or number else ""


def bad_enum(document: str, path: Path, value: Any, allowed: Collection[Any]) -> SchemaError:
    """The value at ``path`` is none of the ``allowed`` ones."""
    names = [str(choice) for choice in allowed if choice not in ("", None)]
    message = f"{subject(document, path)} is {described(document, value)}, but must be {listing(names, 'or')}"
    meant = nearest(str(value), names)
    if meant is not None and len(names) > 1:
        message += f"; did you mean `{meant}`?"
    return SchemaError(path, "bad-enum", message, last_name(path))


def bad_value(document: str, path: Path, value: Any, demand: str) -> SchemaError:
    """The value at ``path`` has the right type, but breaks ``demand`` ("must be at most 256")."""
    message = f"{subject(document, path)} is {described(document, value)}, but {demand}"
    return SchemaError(path, "bad-value", message, last_name(path))


def nearest(name: str, candidates: Collection[str]) -> str | None:
    """The candidate that ``name`` is most likely a misspelling of, whatever the case of its letters."""
    by_lower = {candidate.lower(): candidate for candidate in sorted(candidates, reverse=True)}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def owner(document: str, path: Path) -> str:
    """The object at ``path`` in words: "Deployment spec.template", "Deployment" for the document itself."""
    return f"{document} {dotted(path)}" if path else document


def subject(document: str, path: Path) -> str:
    """The field at ``path`` in words: "`args[1]` of Deployment spec.template.spec.containers[0]"."""
    if not path:
        return document
    start = len(path) - 1
    while start and isinstance(path[start], int):
        start -= 1
    return f"`{dotted(path[start:])}` of {owner(document, path[:start])}"


def dotted(path: Path) -> str:
    """``("spec", "args", 1)`` as "spec.args[1]"."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def last_name(path: Path) -> str | None:
    """The innermost field name on ``path``."""
    return next((step for step in reversed(path) if isinstance(step, str)), None)


def described(document: str, value: Any) -> str:
    """The value with its JSON type, short enough for a message; what a Secret holds is never shown."""
    name = json_type(value)
    if document == "Secret" or name not in ("boolean", "integer", "number", "string"):
        return _ARTICLES.get(name, "no JSON value")
    if name == "boolean":
        return f"the boolean {str(value).lower()}"
    if name != "string":
        return f"the number {value}"
    text = str(value)
    shown = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"
    return f"the string {json.dumps(shown, ensure_ascii=False)}"


_ARTICLES = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def alternatives(types: Collection[str]) -> str:
    """JSON type names in words: "an integer or a string"."""
    names = [_ARTICLES[name] for name in sorted(types) if name != "null"]
    return " or ".join(names) or "null"


def listing(names: Collection[str], conjunction: str = "and") -> str:
    """Names in backticks: "`a`, `b` and `c`"."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {conjunction} {quoted[-1]}"
