"""What making edits needs of the rest: places turned into lines, and the files that are edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from signet_lint.finding import Origin
from signet_lint.model.state import At
from signet_lint.source.yamldoc import Document, YamlError


class Places(Protocol):
    """Turns symbolic places into lines."""

    def origin(self, at: At) -> Origin:
        """The place to edit and the road to it."""
        ...


class Files(Protocol):
    """The files that edits are made of."""

    def text(self, path: str) -> str:
        """A file's text; raises `KeyError` where it is not there, `YamlError` where it is none."""
        ...

    def documents(self, path: str) -> Sequence[Document]:
        """A YAML file's documents; raises `KeyError` or `YamlError`."""
        ...


def is_there(files: Files, path: str) -> bool:
    """Whether a file of that path is there, whatever it holds."""
    try:
        files.text(path)
    except KeyError:
        return False
    except YamlError:
        return True
    return True
