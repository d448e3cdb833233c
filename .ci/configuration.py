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

The same in `pyproject.toml`:

```toml
[tool.signet-lint]
local-envs = ["local"]
max-model-len-of = { signet-llm = 16384 }
```

`ignore` and `baseline` are explained in [suppressions](suppressions.md). Options on the command line win over the file:
`--env` over `envs`, `--profile` over `profile`, `--baseline` over `baseline`.

## What is found without it

- **Entry**: the chart that renders an ApplicationSet, or Applications, and that no Application deploys.
- **Environments**: the names of a list in the entry's values, where one value, set to each name in turn, selects what is
  rendered; else what tells the Applications of an ApplicationSet apart.
- **Local** environments: by name (`local`, `crc`, `minikube` and the like), or by a domain such as `apps-crc.testing` or
  `.local`.
- Environments that **must run inference**: those whose name begins with `prod`, `production`, `prd` or `live`, and are not
  local.
- **Umbrella**: a chart that is deployed, and renders Applications itself.
- **Application namespace**: where most Applications of the environment deploy to, among the namespaces that the umbrella is
  given.
- **GPU pool**: the MachineSets with GPUs, their taints and labels.
- **This repository**: the URLs of its git remotes and of `repo-urls`, and what the entry deploys by a path that is here.

`signet-lint init` writes down, as comments, the entry and the environments that were found.

## Settings

"""


def configuration() -> str:
    """The page."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    lines = ["| setting | default | what it is for | rules |", "| --- | --- | --- | --- |"]
    lines += [line for name, entry in schema["properties"].items() for line in _rows(name, entry)]
    return HEAD + "\n".join(lines) + "\n"


def _rows(name: str, entry: dict[str, Any]) -> list[str]:
    default = f"`{json.dumps(entry['default'])}`" if "default" in entry else ""
    heeding = ", ".join(f"[{rule}](rules/{rule}.md)" for rule in entry.get("rules", ()))
    rows = [f"| `{name}` | {default} | {entry.get('description', '')} | {heeding} |"]
    inner, suffix = entry, "."
    if entry.get("type") == "array" and isinstance(entry.get("items"), dict):
        inner, suffix = entry["items"], "[]."
    for key, below in inner.get("properties", {}).items():
        rows += _rows(f"{name}{suffix}{key}", below)
    return rows
