"""Where fixes are written, and where they are not."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from signet_lint.errors import UsageError
from signet_lint.fixes.write import barred, write_all
from signet_lint.source.tree import DiskTree


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    """Nothing is left beside it."""
    (tmp_path / "run.sh").write_text("old")
    (tmp_path / "run.sh").chmod(0o755)
    tree = DiskTree(tmp_path)
    write_all(tmp_path, {"run.sh": b"new", "a/b/c.yaml": b"x: 1\n"}, tree)
    assert (tmp_path / "run.sh").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "run.sh").stat().st_mode) == 0o755
    assert (tmp_path / "a/b/c.yaml").read_text() == "x: 1\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "run.sh"]


@pytest.mark.parametrize("path", ["../out.yaml", "a/../../out.yaml", "/etc/out.yaml", ""])
def test_nothing_is_written_outside_the_root(tmp_path: Path, path: str) -> None:
    """However the path is spelt."""
    assert "outside the root" in barred(tmp_path, path)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """Be it the file or a folder on the way, be it a link inside the root."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "real").mkdir(parents=True)
    outside.mkdir()
    (outside / "f.yaml").write_text("x")
    (root / "link.yaml").symlink_to(outside / "f.yaml")
    (root / "folder").symlink_to(outside)
    (root / "inside").symlink_to(root / "real")
    for path in ("link.yaml", "folder/f.yaml", "folder/new.yaml", "inside/new.yaml"):
        assert barred(root, path) == f"`{path}` is reached through a symbolic link"
        with pytest.raises(UsageError, match="symbolic link"):
            write_all(root, {path: b"y"}, DiskTree(root))
    assert (outside / "f.yaml").read_text() == "x"
    assert sorted(path.name for path in outside.iterdir()) == ["f.yaml"]
    assert barred(root, "real") == "`real` is no regular file"
    assert not barred(root, "real/new.yaml")


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """What somebody wrote since the file was read is not lost."""
    (tmp_path / "f").write_text("read")
    tree = DiskTree(tmp_path)
    assert tree.read("f") == b"read"
    (tmp_path / "f").write_text("edited")
    (tmp_path / "g").write_text("made by somebody else")
    for path in ("f", "g"):
        with pytest.raises(UsageError, match="has changed meanwhile"):
            write_all(tmp_path, {path: b"fixed"}, tree)
    assert (tmp_path / "f").read_text() == "edited"
