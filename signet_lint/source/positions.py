"""Where keys stand in the YAML files of a repository."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from signet_lint.source.location import Location
from signet_lint.source.yamldoc import Document, Path, YamlError, locate

Documents = Callable[[str], Sequence[Document]]


def key_location(documents: Documents, file: str, path: Path, index: int = 0) -> tuple[Location, bool]:
    """Where a key stands, or its nearest parent; and whether the key itself is there.

    `documents` gives a file's documents; a file that is absent or broken is pointed at by its first line.
    """
    try:
        found = documents(file)
    except (KeyError, YamlError):
        return Location(file), False
    solid = [document for document in found if document.node is not None]
    if index >= len(solid) or (node := solid[index].node) is None:
        return Location(file), False
    location, depth = locate(node, path, file)
    return (location if depth or not path else Location(file)), depth == len(path)
