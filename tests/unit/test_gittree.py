"""A repository at a git revision: the same files as a checkout has, read without one."""

from __future__ import annotations

import os
import subprocess

import pytest

from signet_lint.errors import UsageError
from signet_lint.source.gittree import GitTree
from signet_lint.source.tree import DiskTree

pytestmark = pytest.mark.filterwarnings("error")


def git(folder, *arguments):
    """Run git in a folder, away from the user's own configuration."""
    identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        identity |= {f"GIT_{who}_NAME": "t", f"GIT_{who}_EMAIL": "t@example.org"}
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env={**os.environ, **identity})


@pytest.fixture
def checkout(tmp_path):
    """A repository with folders, odd names, links of every kind and a file that later changes."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "charts/a b/templates").mkdir(parents=True)
    (tmp_path / "charts/a b/Chart.yaml").write_bytes(b"name: a\r\n")
    (tmp_path / "charts/a b/templates/ü.yaml").write_bytes("k: ü\n".encode())
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "file-link").symlink_to("charts/a b/Chart.yaml")
    (tmp_path / "folder-link").symlink_to("charts")
    (tmp_path / "link-to-link").symlink_to("folder-link/a b")
    (tmp_path / "outside").symlink_to("../elsewhere")
    (tmp_path / "absolute").symlink_to("/etc/hostname")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_the_same_files_as_on_disk(checkout):
    """Paths and bytes are those that a checkout of the revision gives, links that leave the root left out."""
    disk = DiskTree(checkout)
    with GitTree.open(checkout, "HEAD") as tree:
        assert list(tree.files()) == list(disk.files())
        assert {path: tree.read(path) for path in tree.files()} == {path: disk.read(path) for path in disk.files()}
        assert {left.path for left in tree.left_out} == {"absolute", "outside", "one", "two"}
        assert tree.is_dir("folder-link/a b/templates")
        assert not tree.exists("outside")
        with pytest.raises(KeyError):
            tree.read("outside")


def test_a_revision_not_the_working_tree(checkout):
    """What was changed, added and removed since is not seen."""
    (checkout / "binary").write_bytes(b"changed")
    (checkout / "new").write_bytes(b"new")
    (checkout / "empty").unlink()
    with GitTree.open(checkout, "main") as tree:
        assert tree.read("binary") == bytes(range(256))
        assert not tree.exists("new")
        assert tree.read("empty") == b""


def test_a_folder_of_a_repository(checkout):
    """Paths are relative to the folder, and nothing outside of it is seen."""
    with GitTree.open(checkout / "charts", "HEAD") as tree:
        assert list(tree.files()) == ["a b/Chart.yaml", "a b/templates/ü.yaml"]


@pytest.mark.parametrize("revision", ["nope", "--all", "", "HEAD:charts", "HEAD~9", "-x", "a\0b"])
def test_no_such_revision(checkout, revision):
    """Anything that is no commit is an error of usage, and never an option of git."""
    with pytest.raises(UsageError, match="no git revision"):
        GitTree.open(checkout, revision)


def test_no_repository(tmp_path):
    """Outside of a repository it says so."""
    with pytest.raises(UsageError, match="no git repository"):
        GitTree.open(tmp_path, "HEAD")


def test_no_git(checkout, monkeypatch):
    """Without git it says so."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="git is not on the PATH"):
        GitTree.open(checkout, "HEAD")
