"""Which values a template reads, by its text: candidates that measuring then confirms or refutes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from functools import lru_cache

from signet_lint.render.engine import Path
from signet_lint.render.marks import actions

_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|`[^`]*`|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.(?!\w)|:=|=|\w+|[()|,]")
_COMMENT = re.compile(r"\{\{-?\s*/\*")
_COMPUTED_KEY = re.compile(r"\b(?:index|get|hasKey|dig)\s+\(?[$.\w]*\.Values[.\w]*\)?\s+[$.(]|\{\{[^}]*\btpl\s")


def computes_keys(text: str) -> bool:
    """Whether a template picks values by names that it computes (or renders a text), so that its text does not tell them."""
    return bool(_COMPUTED_KEY.search(text))


def value_references(text: str) -> set[Path]:
    """Paths under `.Values` that a template's actions name, variables and `with`/`range` scopes resolved."""
    return {path for paths in references_by_line(text).values() for path in paths}


@lru_cache(maxsize=512)  # environments share templates
def references_by_line(text: str) -> Mapping[int, Set[Path]]:
    """The same by the line (from 1) where the action begins; lines whose actions name nothing are there, too."""
    return _Reader().read(text)


class _Reader:
    """Follows dot and variables through a template as far as they lead to `.Values`."""

    def __init__(self) -> None:
        self.found: set[Path] = set()
        self.variables: dict[str, Path] = {}
        self.scopes: list[tuple[str, Path | None]] = []
        self.dot: Path | None = None  # the path under .Values that dot is; None: the root or unknown

    def read(self, text: str) -> dict[int, set[Path]]:
        by_line: dict[int, set[Path]] = {}
        line, at = 1, 0
        for match in actions(text):
            line, at = line + text.count("\n", at, match.start()), match.start()
            self.found = by_line.setdefault(line, set())
            if not _COMMENT.match(match.group()):
                self._action(match.group().strip("{}").strip("- \n\t"))
        return by_line

    def _action(self, action: str) -> None:
        tokens = _TOKEN.findall(action)
        word = tokens[0] if tokens else ""
        if word == "end":
            if self.scopes:
                self.dot = self.scopes.pop()[1]
            return
        paths = self._paths(tokens)
        if word in ("if", "with", "range", "define", "block"):
            self.scopes.append((word, self.dot))
            if word == "define":
                self.dot = None
            elif word in ("with", "range") and paths:
                self.dot = paths[0] if word == "with" else (*paths[0], 0)
        if ":=" in tokens and paths:
            at = tokens.index(":=")
            # `range $key, $value := …` names the element last.
            name = tokens[at - 1]
            self.variables[name] = (*paths[0], 0) if "range" in tokens else paths[0]

    def _paths(self, tokens: list[str]) -> list[Path]:
        """Every path an action names; `get`, `index`, `dig` and `hasKey` with literal keys lead further."""
        found: list[Path] = []
        for at, token in enumerate(tokens):
            path = self._path(token)
            if path is None:
                continue
            path = self._further(path, tokens, at)
            found.append(path)
            if path:
                self.found.add(path)
        return found

    def _path(self, token: str) -> Path | None:
        if token.startswith("$"):
            name, *steps = token.split(".")
            if name == "$":
                return tuple(steps[1:]) if steps[:1] == ["Values"] else None
            base = self.variables.get(name)
            return (*base, *steps) if base is not None else None
        if token.startswith("."):
            steps = [step for step in token.split(".") if step]
            if steps[:1] == ["Values"]:
                return tuple(steps[1:])
            return (*self.dot, *steps) if self.dot is not None else None
        return None

    @staticmethod
    def _further(path: Path, tokens: list[str], at: int) -> Path:
        before = tokens[at - 1] if at else ""
        if before in ("get", "hasKey", "index"):
            for token in tokens[at + 1 :]:
                if not token.startswith(('"', "`")):
                    break
                path = (*path, token[1:-1])
        elif "dig" in tokens[:at]:
            keys = [token[1:-1] for token in tokens[tokens.index("dig") + 1 : at] if token.startswith(('"', "`"))]
            path = (*path, *keys)
        return path
