"""Pages of documentation that are executed: what they show is what the program prints.

A page is a story about a copy of the fixture, which is a git repository with everything committed. A ```diff block is
applied to it, a ```console block is run in it: a line `$ COMMAND`, then what the command prints.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from signet_lint.cli import cli

ROOT = Path(__file__).parent.parent
FIXTURE = ROOT / "tests" / "fixtures" / "signet"

_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILES = re.compile(r"^--- (?P<old>\S+)\n\+\+\+ (?P<new>\S+)\n", re.MULTILINE)
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_NAME": "somebody" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "somebody@example.org" for who in ("AUTHOR", "COMMITTER")},
}
_UNSET = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "SIGNET_LINT_DEBUG", "GITHUB_STEP_SUMMARY")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, its text, and where the text stands in the page."""

    language: str
    text: str
    start: int
    end: int


def pages() -> list[Path]:
    """The pages that people write; those of rules are made from the rules, whose examples are tested as such."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: str, *languages: str) -> list[Block]:
    """The fenced blocks of a page, of these languages (none: of all)."""
    found = [Block(m["language"], m["text"], m.start("text"), m.end("text")) for m in _BLOCK.finditer(page)]
    return [block for block in found if not languages or block.language in languages]


def executed(page: str, folder: Path) -> str:
    """The page with what its commands print now; `folder` is a copy of the fixture, and the current folder."""
    parts, last, code = [], 0, 0
    for block in blocks(page, "diff", "console"):
        parts.append(page[last : block.start])
        if block.language == "diff":
            apply(block.text, folder)
            parts.append(block.text)
        else:
            text, code = _run(block.text, code)
            parts.append(text)
        last = block.end
    return "".join([*parts, page[last:]])


def _run(block: str, code: int) -> tuple[str, int]:
    """A console block with what its commands print, and the last exit code."""
    shown = []
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        command = line[2:]
        if command == "echo $?":
            shown.append(f"{line}\n{code}\n")
            continue
        printed, code = run(command)
        shown.append(f"{line}\n{printed}")
    assert shown, f"no command in {block!r}"
    return "".join(shown), code


def run(command: str) -> tuple[str, int]:
    """What a command prints, and its exit code; signet-lint runs in this process, what it is piped into in a shell."""
    words, pipe, rest = command.partition(" | ")
    program, *arguments = shlex.split(words)
    if program != "signet-lint":
        done = _shell(command)
        return done.stdout + done.stderr, done.returncode
    result = CliRunner().invoke(cli, arguments, prog_name="signet-lint")
    if not pipe:
        return result.output, result.exit_code
    done = _shell(rest, result.stdout)
    return done.stdout + done.stderr + result.stderr, done.returncode


def _shell(command: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], input=text, capture_output=True, text=True, check=False)


def apply(diff: str, folder: Path) -> None:
    """Changes files as a diff shows it; the lines before must stand in the file once. What shows no file is passed over."""
    headers = list(_FILES.finditer(diff))
    for number, header in enumerate(headers):
        end = headers[number + 1].start() if number + 1 < len(headers) else len(diff)
        file = folder / (header["new"] if header["new"] != "/dev/null" else header["old"])
        if header["new"] == "/dev/null":
            file.unlink()
            continue
        text = "" if header["old"] == "/dev/null" else file.read_text(encoding="utf-8")
        for hunk in re.split(r"^@@.*\n", diff[header.end() : end], flags=re.MULTILINE):
            text = _changed(text, hunk) if hunk else text
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _changed(text: str, hunk: str) -> str:
    lines = hunk.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    if not before:
        return text + after
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times"
    return text.replace(before, after)


@contextmanager
def story(parent: Path) -> Iterator[Path]:
    """A copy of the fixture below a folder, as the current folder, with no setting of this machine."""
    folder = parent / "gitops"
    shutil.copytree(FIXTURE, folder)
    before, where = dict(os.environ), Path.cwd()
    os.environ.update(_ENVIRONMENT)
    for name in _UNSET:
        os.environ.pop(name, None)
    os.chdir(folder)
    try:
        done = _shell("git init -q -b main && git add -A && git commit -q -m 'the fixture'")
        assert done.returncode == 0, done.stderr
        yield folder
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ.update(before)
