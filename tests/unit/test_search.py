"""The search for secrets in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from signet_lint.discover import search, secrets
from signet_lint.source.tree import DiskTree, MemoryTree

TOKEN = "hf_" + "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zC"
KUBECONFIG = """\
kind: Config
users:
  - name: admin
    user:
      token: k8s-1f3a5c7e9b2d4f6a8c0e
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes é.md").write_text(f"first\n  the token {TOKEN}\n", encoding="utf-8")
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    (tmp_path / "clean.md").write_text("hf_ is how such a token begins\n")
    return tmp_path


def test_the_process_finds_what_the_run_would_find(folder):
    found = search._searched(folder)
    assert found == secrets.secrets_in(DiskTree(folder))
    assert [(one.kind, one.at.path, one.at.line, one.shown, one.texts) for one in found or ()] == [
        ("kubeconfig", "kubeconfig", 1, "", ("k8s-1f3a5c7e9b2d4f6a8c0e",)),
        ("hugging-face", "notes é.md", 2, "hf_a", ()),
    ]


def test_many_files_are_searched_by_a_process_and_few_are_not(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(search, "_searched", lambda root: asked.append(root) or ())
    assert len(search.search(DiskTree(folder))) == 2
    for number in range(search.WORTH_A_PROCESS):
        (folder / f"{number}.md").touch()
    assert search.search(DiskTree(folder)) == ()
    assert asked == [folder]
    assert search.search(MemoryTree({str(number): b"" for number in range(search.WORTH_A_PROCESS)})) == ()
    assert asked == [folder]


def test_a_process_that_fails_leaves_the_search_to_the_run(folder, monkeypatch):
    for number in range(search.WORTH_A_PROCESS):
        (folder / f"{number}.md").touch()
    for program in (Path(sys.executable).parent / "no-such-python", "/bin/false", "/bin/true"):
        monkeypatch.setattr(search.sys, "executable", str(program))
        assert len(search.search(DiskTree(folder))) == 2


def test_what_is_found_is_not_printed(folder):
    found = secrets.secrets_in(DiskTree(folder))
    assert "1f3a5c" not in repr(found)
