"""docs/bounds.md states the constants of the code: `python -m tests.trust.test_bounds` writes it."""

from __future__ import annotations

from pathlib import Path

from signet_lint import settings
from signet_lint.argocd import deploy, generators, goaction, simulate
from signet_lint.render import chart_copy, command, sdk, worker
from signet_lint.source import tree, yamldoc
from signet_lint.triage import baseline

PAGE = Path(__file__).parents[2] / "docs" / "bounds.md"
MIB = 1024**2

# What is bounded, the bound, and what is told beyond it.
BOUNDS = (
    ("a file of the repository", f"{tree.MAX_FILE_BYTES // MIB} MiB", "not examined"),
    ("paths in the repository, links followed", f"{tree.MAX_FILES:,}", "not examined"),
    ("nesting of YAML", f"{yamldoc.MAX_DEPTH} levels", "SGL001"),
    ("values of a YAML document, aliases expanded", f"{yamldoc.MAX_NODES:,}", "SGL001"),
    ("a file of a chart", f"{chart_copy._FILE_BYTES // MIB} MiB", "SGL003"),
    ("archives of subcharts, unpacked", f"{chart_copy._ARCHIVE_BYTES // MIB} MiB, {chart_copy._ARCHIVE_FILES:,} files", "SGL003"),
    ("one rendering, native engine", f"{sdk.SECONDS:g} s", "SGL003"),
    ("one rendering, `helm` command", f"{command.SECONDS:g} s", "SGL003"),
    ("memory of the Helm engine (not on Windows; with the `helm` command only on Linux)", f"{worker.MEMORY_BYTES // 1024**3} GiB", "SGL003"),
    ("output of one rendering", f"{worker.OUTPUT_CHARACTERS // MIB} Mi characters", "SGL003"),
    ("parameter sets of one generator", f"{generators.MAX_PARAMETER_SETS:,}", "not examined"),
    ("nesting of parentheses in a goTemplate", f"{goaction.MAX_DEPTH}", "SGL003"),
    ("Applications that deploy Applications", f"{simulate._MAX_DEPTH} levels", "not examined"),
    ("templates tried to name the one that exceeds a limit", f"{deploy._MOST_CULPRITS}", "the chart is named instead"),
    ("the configuration file", f"{settings.MAX_BYTES // MIB} MiB", "exit code 2"),
    ("the baseline file", f"{baseline.MAX_BYTES // MIB} MiB", "exit code 2"),
)  # fmt: skip


def page() -> str:
    """The page."""
    rows = "".join(f"| {what} | {bound} | {told} |\n" for what, bound, told in BOUNDS)
    return (
        "# Bounds\n\n"
        "Whatever a repository holds, a run ends. These are the limits, and what is told where one is passed; everything else\n"
        "is still judged. The Helm engine runs in a process of its own, which is replaced when it dies.\n\n"
        f"| what | at most | beyond |\n| --- | --- | --- |\n{rows}\n"
        "Nothing is fetched, no kubeconfig is read, and nothing is written but what `--output`, `--fix`, `init` and `baseline`\n"
        "are asked to write.\n"
    )


def test_page_states_the_constants() -> None:
    """A bound that changes in the code is stale in the page."""
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
