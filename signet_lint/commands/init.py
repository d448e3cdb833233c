"""`signet-lint init`: takes the linter into a repository: a configuration, a pre-commit hook, a GitHub workflow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signet_lint import __version__, exits
from signet_lint.commands import output
from signet_lint.commands.repository import prefix_of, root_folder
from signet_lint.errors import EngineError, UsageError

if TYPE_CHECKING:
    from signet_lint.model.state import DesiredState

REPOSITORY = "signet-lint/signet-lint"
CONFIG, TOML = ".signet-lint.yaml", "pyproject.toml"
HOOKS = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/signet-lint.yaml"

_SCHEMA = f"https://raw.githubusercontent.com/{REPOSITORY}/v{__version__}/schemas/config.json"

HOOK = f"""\
  - repo: https://github.com/{REPOSITORY}
    rev: v{__version__}
    hooks:
      - id: signet-lint
"""

WORKFLOW_TEXT = f"""\
name: signet-lint
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  signet-lint:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false
      - uses: {REPOSITORY}@v{__version__}
"""


@click.command(epilog="\b\nExample:\n  signet-lint init && git diff")
@click.argument("root", default=".")
def init(*, root: str) -> int:
    """Write a configuration, a pre-commit hook and a GitHub workflow for the repository at ROOT.

    Asks nothing and overwrites nothing: what is there already is kept, and what to add to it by hand is shown.
    """
    folder = root_folder(root)
    said = list(_configuration(folder))
    prefix = prefix_of(folder)
    if prefix:
        # Hooks and workflows live at the top, where nothing was said to be written.
        said += _by_hand(HOOKS, "at the top of the repository", f"{HOOK}        args: [{prefix.rstrip('/')}]\n")
        step = f"{WORKFLOW_TEXT}        with:\n          root: {prefix.rstrip('/')}\n"
        said += _by_hand(WORKFLOW, "at the top of the repository", step)
    else:
        said += _hooks(folder)
        said += _workflow(folder)
    output.write("".join(f"{line}\n" for line in said))
    return exits.CLEAN


def _configuration(root: Path) -> Iterator[str]:
    from signet_lint.settings import load

    config = load(root)  # a configuration that is there must be sound, whoever wrote it
    if (root / CONFIG).exists():
        yield f"kept {CONFIG}"
    elif (root / TOML).is_file() and "[tool.signet-lint" in (root / TOML).read_text("utf-8", "replace"):
        yield f"kept {TOML}: it holds the configuration"
    else:
        from signet_lint.simulated import simulate

        try:
            state: DesiredState | None = simulate(root, config)
        except EngineError:
            state = None
        yield from _write(root, CONFIG, configuration(state))


def configuration(state: DesiredState | None) -> str:
    """A configuration file that sets nothing and shows what most repositories would set."""
    known = state.envs if state else ()
    envs = ", ".join(_quoted(env.name) for env in known)
    entries = ", ".join(f"`{path or '.'}`" for path in sorted(state.entries)) if state else ""
    found = f"# Found by itself: entry chart {entries}; environments {envs}.\n" if envs and entries else ""
    local = ", ".join(_quoted(env.name) for env in known if env.is_local)
    inference = ", ".join(_quoted(env.name) for env in known if env.runs_inference)
    return f"""\
# yaml-language-server: $schema={_SCHEMA}
#
# Every key is optional: see https://github.com/{REPOSITORY}/blob/v{__version__}/docs/configuration.md
{found}
# envs: [{envs or "local, prod"}]
# local-envs: [{local or "local"}]
# inference-envs: [{inference or "prod"}]

# What the cluster has that this repository does not deploy.
# exists:
#   secrets: [namespace/name]

# severity:
#   floating-image: error

# What is not reported, and why; suppress a single line by a comment on it:
# `signet-lint: allow RULE until=YYYY-MM-DD -- reason`
# ignore:
#   - rules: [floating-image]
#     paths: [charts/example/]
#     reason: why this is right
#     until: "2030-12-31"

# Findings that were here before; `signet-lint baseline` writes the file.
# baseline: .signet-lint-baseline.json
"""


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z][\w-]*", name) else json.dumps(name)


def _hooks(root: Path) -> Iterator[str]:
    path = root / HOOKS
    if not path.exists():
        yield from _write(root, HOOKS, f"repos:\n{HOOK}")
    elif path.is_file() and REPOSITORY in path.read_text("utf-8", "replace"):
        yield f"kept {HOOKS}: it has the hook"
    else:
        yield from _by_hand(HOOKS, "to its `repos`", HOOK)


def _workflow(root: Path) -> Iterator[str]:
    if (root / WORKFLOW).exists():
        yield f"kept {WORKFLOW}"
    else:
        yield from _write(root, WORKFLOW, WORKFLOW_TEXT)


def _by_hand(name: str, where: str, text: str) -> Sequence[str]:
    return (f"add to {name}, {where}:", "", *(f"    {line}" for line in text.splitlines()), "")


def _write(root: Path, name: str, text: str) -> Iterator[str]:
    """Makes a file that is not there yet, inside the root; raises `UsageError` where it cannot be made."""
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()) or path.is_symlink():
        raise UsageError(f"`{name}` leads out of the repository by a link; it is not written")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"`{name}` cannot be written: {error.strerror}") from None
    yield f"wrote {name}"
