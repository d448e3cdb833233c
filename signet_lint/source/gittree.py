"""The files of a repository at a git revision, read from git's objects: nothing is checked out, nothing is written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from msgspec import Struct, field

from signet_lint.errors import UsageError
from signet_lint.source.tree import (
    MAX_FILE_BYTES,
    NAME_IS_NO_TEXT,
    LeftOut,
    contains,
    files_under,
    is_text,
    parent_folders,
)

_LINK, _SUBMODULE = "120000", "160000"
_MAX_LINKS = 40  # as Linux follows at most


class GitTree(Struct, dict=True):
    """The files below a folder at a revision; a context manager that ends the git process which reads them.

    Links inside the folder are followed, links that leave it and submodules are listed in `left_out`.
    """

    revision: str
    left_out: list[LeftOut]
    _objects: dict[str, str]
    _reader: subprocess.Popen[bytes]
    _contents: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._files = sorted(self._objects)
        self._folders = parent_folders(self._files)

    @classmethod
    def open(cls, root: Path, revision: str) -> GitTree:
        """The folder `root` at a revision (`main`, `v1.2`, `HEAD~1`); raises `UsageError` where there is none."""
        commit = _commit(root, revision)
        listing = _git(root, "ls-tree", "-r", "-z", "-l", commit, ".")
        reader = subprocess.Popen(  # noqa: S603 - git, with arguments of ours and a commit's hash
            _command(root, "cat-file", "--batch"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
        )
        tree = cls(revision, [], {}, reader)
        tree._fill(listing)
        return tree

    def __enter__(self) -> GitTree:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._reader.kill()
        self._reader.wait()
        for stream in (self._reader.stdin, self._reader.stdout):
            if stream:
                stream.close()

    def files(self, under: str = "") -> Sequence[str]:
        """Paths of all files in `under` and below, sorted."""
        return files_under(self._files, under)

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `KeyError` when absent or missing from git's objects."""
        if path not in self._contents:
            self._contents[path] = self._blob(self._objects[path], path)
        return self._contents[path]

    def is_dir(self, path: str) -> bool:
        """Whether a folder of that path has files."""
        return path.strip("/") in self._folders

    def exists(self, path: str) -> bool:
        """Whether a file of that path is there."""
        return contains(self._files, path)

    def _fill(self, listing: bytes) -> None:
        links: dict[str, str] = {}
        for entry in filter(None, listing.split(b"\0")):
            facts, _, name = entry.partition(b"\t")
            mode, _, oid, size = facts.decode("ascii").split()
            path = name.decode("utf-8", "surrogateescape")
            if not is_text(path):
                self.left_out.append(LeftOut(path, NAME_IS_NO_TEXT))
            elif mode == _SUBMODULE:
                self.left_out.append(LeftOut(path, "a submodule, another repository"))
            elif mode == _LINK:
                with suppress(KeyError):
                    links[path] = self._blob(oid, path).decode("utf-8", "surrogateescape")
            elif int(size) > MAX_FILE_BYTES:
                why = f"{int(size) // (1024 * 1024)} MiB; files over 10 MiB are not read"
                self.left_out.append(LeftOut(path, why))
            else:
                self._objects[path] = oid
        self._follow(links)
        self._files = sorted(self._objects)
        self._folders = parent_folders(self._files)
        self.left_out.sort(key=lambda left: left.path)

    def _follow(self, links: dict[str, str]) -> None:
        """Gives each link the files that it leads to."""
        real = dict(self._objects)
        for path in links:
            target = _resolved(path, links)
            if target is None:
                self.left_out.append(LeftOut(path, "a symbolic link that leaves the root"))
            elif target in real:
                self._objects[path] = real[target]
            elif not path.startswith(f"{target}/"):
                prefix = f"{target}/" if target else ""
                below = {f"{path}/{name[len(prefix) :]}": oid for name, oid in real.items() if name.startswith(prefix)}
                self._objects.update(below)

    def _blob(self, oid: str, path: str) -> bytes:
        source, sink = self._reader.stdin, self._reader.stdout
        if source is None or sink is None:
            raise KeyError(path)
        source.write(f"{oid}\n".encode())
        source.flush()
        header = sink.readline().split()
        if len(header) != 3:
            self.left_out.append(LeftOut(path, "its object is missing from this clone"))
            raise KeyError(path)
        content = _exactly(sink, int(header[2]))
        sink.read(1)  # the line break behind each object
        return content


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise UsageError("git ended while it was read")
    return content


def _resolved(path: str, links: Mapping[str, str]) -> str | None:
    """Where a link leads inside the tree, through other links too; None where it leaves it or goes in a circle."""
    done: list[str] = []
    pending, followed = path.split("/"), 0
    while pending:
        part = pending.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            if not done:
                return None
            done.pop()
            continue
        target = links.get("/".join([*done, part]))
        if target is None:
            done.append(part)
            continue
        followed += 1
        if followed > _MAX_LINKS or target.startswith("/"):
            return None
        pending = [*target.split("/"), *pending]
    return "/".join(done)


def _commit(root: Path, revision: str) -> str:
    if not revision or revision.startswith("-") or "\0" in revision:
        raise UsageError(f"no git revision `{revision}`")
    try:
        found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except subprocess.CalledProcessError:
        inside = subprocess.run(  # noqa: S603 - as above
            _command(root, "rev-parse", "--is-inside-work-tree"), capture_output=True, check=False, env=_environment()
        )
        if inside.returncode != 0:
            why = inside.stderr.decode("utf-8", "replace").strip().splitlines()
            raise UsageError(
                f"`{root}` is in no git repository that can be read" + (f": {why[0]}" if why else ""),
                hint="`signet-lint diff` compares revisions of a git repository; run it inside of one",
            ) from None
        raise UsageError(
            f"no git revision `{revision}`", hint="name a branch, a tag or a commit of this clone"
        ) from None
    return found.decode("ascii").strip()


def _git(root: Path, *arguments: str) -> bytes:
    try:
        command = _command(root, *arguments)
        done = subprocess.run(command, capture_output=True, check=True, env=_environment())  # noqa: S603 - git alone
    except FileNotFoundError:
        raise UsageError("git is not on the PATH", hint="install git; `signet-lint diff` reads its objects") from None
    return done.stdout


def _command(root: Path, *arguments: str) -> list[str]:
    # A repository's own configuration must not make git run a program.
    return ["git", "-C", str(root), "-c", "core.fsmonitor=false", *arguments]


def _environment() -> dict[str, str]:
    """Git without prompts, locks, and without fetching what a partial clone lacks."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
