"""The files under the root, read once, never outside it."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

MAX_FILE_BYTES = 10 * 1024 * 1024  # larger files are no manifests; they are counted as not examined
MAX_FILES = 100_000  # links to folders that hold links to folders can make any number of paths

NAME_IS_NO_TEXT = "its name is not UTF-8"

# Folders git never tracks or that hold other people's packages.
_SKIPPED_FOLDERS = frozenset(
    (".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".terraform")
)


class Tree(Protocol):
    """Files of a repository: on disk, in memory, or at a git revision."""

    left_out: list[LeftOut]

    def files(self, under: str = "") -> Sequence[str]:
        """Paths of all files in the folder `under` and below, relative to the root, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `KeyError` when it is absent or unreadable."""
        ...

    def is_dir(self, path: str) -> bool:
        """Whether a folder of that path has files (`""` is the root)."""
        ...

    def exists(self, path: str) -> bool:
        """Whether a file of that path is there."""
        ...


class LeftOut(Struct, frozen=True):
    """A file that was not read: `path` and why."""

    path: str
    why: str


class DiskTree(Struct):
    """The files below a folder; links that leave it are not followed and are listed in `left_out`."""

    root: Path
    left_out: list[LeftOut] = field(default_factory=list)
    _files: list[str] | None = None
    _folders: set[str] = field(default_factory=set)
    _contents: dict[str, bytes] = field(default_factory=dict)

    def files(self, under: str = "") -> Sequence[str]:
        """Paths of all files in `under` and below, sorted."""
        if self._files is None:
            self._files = self._walk()
            self._folders = parent_folders(self._files)
        return files_under(self._files, under)

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `KeyError` when absent, unreadable or left out."""
        known = self._contents.get(path)
        if known is None:
            if not self.exists(path):
                raise KeyError(path)
            try:
                known = (self.root / path).read_bytes()
            except OSError as error:
                self.left_out.append(LeftOut(path, f"cannot be read: {error.strerror}"))
                raise KeyError(path) from None
            self._contents[path] = known
        return known

    def is_dir(self, path: str) -> bool:
        """Whether a folder of that path has files."""
        self.files()
        return path.strip("/") in self._folders

    def exists(self, path: str) -> bool:
        """Whether a file of that path is there (and was not left out)."""
        return contains(self.files(), path)

    def _walk(self) -> list[str]:
        real_root = os.path.realpath(self.root)
        found: list[str] = []
        pending = [("", real_root, frozenset((real_root,)))]
        linked: deque[tuple[str, str, frozenset[str]]] = deque()  # after the others, so that none of them is cut off
        while pending or linked:
            prefix, folder, chain = pending.pop() if pending else linked.popleft()
            if len(found) + len(pending) + len(linked) > MAX_FILES:
                why = f"over {MAX_FILES} files, links followed; the rest is not read"
                self.left_out.append(LeftOut(prefix.rstrip("/"), why))
                break
            entries = _scan(folder)
            if entries is None:
                self.left_out.append(LeftOut(prefix.rstrip("/"), "a folder that cannot be read"))
                continue
            for entry in sorted(entries, key=lambda one: one.name):
                path = f"{prefix}{entry.name}"
                if not is_text(entry.name):
                    self.left_out.append(LeftOut(path, NAME_IS_NO_TEXT))
                    continue
                if entry.is_symlink():
                    real = os.path.realpath(entry.path)
                    if not _inside(real, real_root):
                        self.left_out.append(LeftOut(path, "a symbolic link that leaves the root"))
                        continue
                else:
                    real = entry.path
                if os.path.isdir(real):
                    if entry.name in _SKIPPED_FOLDERS:
                        continue
                    if real in chain:
                        self.left_out.append(LeftOut(path, "a symbolic link to a folder that contains it"))
                        continue
                    (linked if entry.is_symlink() else pending).append((f"{path}/", real, chain | {real}))
                elif self._readable(path, real):
                    found.append(path)
        self.left_out.sort(key=lambda left: left.path)
        return sorted(found)

    def _readable(self, path: str, real: str) -> bool:
        if not os.path.isfile(real):
            why = "no regular file" if os.path.exists(real) else "a symbolic link to nothing"
            self.left_out.append(LeftOut(path, why))
            return False
        size = os.path.getsize(real)
        if size > MAX_FILE_BYTES:
            self.left_out.append(LeftOut(path, f"{size // (1024 * 1024)} MiB; files over 10 MiB are not read"))
            return False
        return True


class MemoryTree(Struct, dict=True):
    """Files held in memory, by path."""

    contents: Mapping[str, bytes]
    left_out: list[LeftOut] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._files = sorted(self.contents)
        self._folders = parent_folders(self._files)

    def files(self, under: str = "") -> Sequence[str]:
        """Paths of all files in `under` and below, sorted."""
        return files_under(self._files, under)

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `KeyError` when absent."""
        return self.contents[path]

    def is_dir(self, path: str) -> bool:
        """Whether a folder of that path has files."""
        return path.strip("/") in self._folders

    def exists(self, path: str) -> bool:
        """Whether a file of that path is there."""
        return path in self.contents


class OverlayTree(Struct, dict=True):
    """Another tree with some files' bytes replaced or added."""

    base: Tree
    changed: Mapping[str, bytes]

    def __post_init__(self) -> None:
        self._files = sorted({*self.base.files(), *self.changed})
        self._folders = parent_folders(self._files)

    @property
    def left_out(self) -> list[LeftOut]:
        """What the other tree left out."""
        return self.base.left_out

    @left_out.setter
    def left_out(self, found: list[LeftOut]) -> None:
        self.base.left_out = found

    def files(self, under: str = "") -> Sequence[str]:
        """Paths of all files in `under` and below, sorted."""
        return files_under(self._files, under)

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `KeyError` when absent."""
        known = self.changed.get(path)
        return self.base.read(path) if known is None else known

    def is_dir(self, path: str) -> bool:
        """Whether a folder of that path has files."""
        return path.strip("/") in self._folders

    def exists(self, path: str) -> bool:
        """Whether a file of that path is there."""
        return path in self.changed or self.base.exists(path)


def _scan(folder: str) -> list[os.DirEntry[str]] | None:
    """The entries of a folder, None where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return None


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def files_under(files: Sequence[str], under: str) -> Sequence[str]:
    """The slice of a sorted list of paths that lies in the folder `under`."""
    under = under.strip("/")
    if under in ("", "."):
        return files
    # "0" is the character after "/": the slice between them is the folder.
    return files[bisect_left(files, under + "/") : bisect_left(files, under + "0")]


def contains(files: Sequence[str], path: str) -> bool:
    """Whether a sorted list of paths has `path`."""
    at = bisect_left(files, path)
    return at < len(files) and files[at] == path


def parent_folders(files: Sequence[str]) -> set[str]:
    """Every folder that has files below it; the root is `""`."""
    folders = {""}
    for path in files:
        while "/" in path:
            path = path.rsplit("/", 1)[0]  # noqa: PLW2901 - walks up
            if path in folders:
                break
            folders.add(path)
    return folders


def is_text(name: str) -> bool:
    """Whether a file's name is UTF-8; other names cannot be told to Helm, nor printed."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def text_of(content: bytes) -> str:
    """A file's text without a byte order mark; raises `UnicodeDecodeError`."""
    return content.decode("utf-8-sig")
