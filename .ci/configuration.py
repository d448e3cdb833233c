"""docs/configuration.md, made from `schemas/config.json`: every setting with its default and what it is for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).resolve().parent.parent / "schemas" / "config.json"
HEAD = """# Configuration

signet-lint needs none where the repository has the usual shape: an entry chart with an ApplicationSet, an umbrella, charts.
What it cannot know is set in `.signet-lint.yaml` at the root, or in `[tool.signet-lint]` of `pyproject.toml` (one of them,
not both). `--config FILE` names another file. Unknown keys, wrong types and wrong values are all reported at once, and end
the run with exit code 2, each with its line. `signet-lint init` writes a file to start from.

```yaml
# yaml-language-server: $schema=https://raw.githubusercontent.com/signet-lint/signet-lint/main/schemas/config.json
local-envs: [local]
max-model-len-of:
  signet-llm: 16384
exists:
  secrets: [signet-prod/huggingface-token]
severity:
  floating-image: error
ignore:
  - rules: [loadtest-running]
    paths: [charts/example/]
    reason: shown in talks, never deployed
baseline: .signet-lint-baseline.json
```

`ignore` and `baseline` are explained in [suppressions](suppressions.md).

## Settings

"""


def configuration() -> str:
    """The page."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    lines = ["| setting | default | what it is for |", "| --- | --- | --- |"]
    lines += [line for name, entry in schema["properties"].items() for line in _rows(name, entry)]
    return HEAD + "\n".join(lines) + "\n"


def _rows(name: str, entry: dict[str, Any]) -> list[str]:
    default = f"`{json.dumps(entry['default'])}`" if "default" in entry else ""
    rows = [f"| `{name}` | {default} | {entry.get('description', '')} |"]
    inner, suffix = entry, "."
    if entry.get("type") == "array" and isinstance(entry.get("items"), dict):
        inner, suffix = entry["items"], "[]."
    for key, below in inner.get("properties", {}).items():
        rows += _rows(f"{name}{suffix}{key}", below)
    return rows
