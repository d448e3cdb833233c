"""docs/images/check.svg and graph.svg, made by the program from the fixture: the first with two faults put into it."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from signet_lint.cli import cli  # noqa: E402
from tests.pages import apply, story  # noqa: E402

WIDTH = 104
FAULTS = """\
--- charts/argocd-apps/templates/applicationset-umbrella.yaml
+++ charts/argocd-apps/templates/applicationset-umbrella.yaml
@@
-            - name: signetLoadtest.enabled
-              value: '{{ "{{ .signetLoadtestEnabled }}" }}'
--- charts/signet-llm/values-common.yaml
+++ charts/signet-llm/values-common.yaml
@@
-  maxModelLen: 8192
+  maxModelLen: 16384
"""
# rich's own page fetches its font from elsewhere; this one takes what the reader's system has.
PAGE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>signet-lint check</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def pictures() -> dict[Path, str]:
    """The pictures by their paths."""
    images = ROOT / "docs" / "images"
    with tempfile.TemporaryDirectory() as folder, story(Path(folder)) as repository:
        graph = CliRunner().invoke(cli, ["graph", "--env", "prod", "--format", "svg"]).stdout
        apply(FAULTS, repository)
        os.environ.update(FORCE_COLOR="1", COLUMNS=str(WIDTH))
        check = CliRunner().invoke(cli, ["check"], color=True).stdout
    return {images / "check.svg": terminal("$ signet-lint\n" + check), images / "graph.svg": graph}


def terminal(text: str) -> str:
    """What a terminal shows, as SVG."""
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=False)  # what a last line break makes differs by version
    drawn = console.export_svg(title="", code_format=PAGE, unique_id="check")
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines() if line.strip())
