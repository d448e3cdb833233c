"""A rule's page, made from its declaration."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from signet_lint import explain
from signet_lint.model.state import DesiredState
from signet_lint.registry import rules
from signet_lint.rule import Example, Rule
from signet_lint.schema.sources import schema_folder

RULE = Rule(
    id="SGL105",
    name="flag-on-by-default",
    severity="error",
    section="5.0",
    summary="A flag is on by default.",
    rationale="Every environment\n        would get it.\n\n        Also unasked.",
    remedy="set it to `false`",
    each=DesiredState,
    check=lambda *_: iter(()),
    bad=(
        Example(
            title="on",
            edits={"charts/u/values.yaml": (("llm:\n  enabled: false\n", "llm:\n  enabled: true\n"), ("a: 1", "a: 2"))},
            at="charts/u/values.yaml:2",
        ),
        Example(title="new file", files={"charts/x/Chart.yaml": "name: x\n", "charts/u/README.md": None}, at="a:1"),
    ),
    good=(Example(title="off"),),
    since="0.1.0",
)

PAGE = """\
# flag-on-by-default (SGL105)

error · profiles signet and universal · since 0.1.0

## What it finds

A flag is on by default.

## Why

Every environment would get it.

Also unasked.

Section 5.0 of the plan.

## Bad

On:

```diff
--- charts/u/values.yaml
 llm:
-  enabled: false
+  enabled: true
@@
-a: 1
+a: 2
```

Reported at `charts/u/values.yaml:2`.

New file:

```diff
--- charts/u/README.md (removed)
```

```diff
+++ charts/x/Chart.yaml
+name: x
```

Reported at `a:1`.

## Good

Off:

## How to fix

Set it to `false`.

## Suppress

Put a comment on the line reported, or on the line above it. The reason is obligatory, `until` is not:

```yaml
# signet-lint: allow SGL105 until=2030-12-31 -- why this is right here
```

## Configure

In `.signet-lint.yaml`, for the whole repository: `error`, `warning`, `note` or `off`.

```yaml
severity:
  SGL105: warning
```
"""


def test_page():
    """The whole page, from the declaration alone."""
    assert explain.page(RULE) == PAGE


def test_page_has_the_fixed_headings():
    """The headings stand in their fixed order."""
    found = [line[3:] for line in explain.page(RULE).splitlines() if line.startswith("## ")]
    assert tuple(found) == explain.HEADINGS


def test_a_fence_is_longer_than_what_it_holds():
    """An example that holds a fence does not end its own."""
    example = Example(title="t", files={"README.md": "```sh\nls\n```\n"})
    rule = Rule(**{**{name: getattr(RULE, name) for name in RULE.__slots__}, "good": (example,)})
    assert "````diff\n+++ README.md\n+```sh\n+ls\n+```\n````" in explain.page(rule)


def test_plain_shows_code_indented_and_no_marks():
    """For the terminal the Markdown marks are gone, the text is not."""
    shown = explain.plain(PAGE)
    assert "#" not in shown.replace("# signet-lint:", "")
    assert "```" not in shown
    assert "\nWhy\n" in shown
    assert "    -  enabled: false\n    +  enabled: true\n" in shown


@pytest.mark.parametrize(("plan_only", "profiles"), [(False, ["signet", "universal"]), (True, ["signet"])])
def test_entry(plan_only, profiles):
    """The catalogue entry says under which profiles a rule runs."""
    rule = Rule(**{**{name: getattr(RULE, name) for name in RULE.__slots__}, "plan_only": plan_only})
    assert explain.entry(rule)["profiles"] == profiles
    assert "bad" not in explain.entry(rule)


def test_detailed_has_the_examples():
    """Programs get the examples as they are declared."""
    first, second = explain.detailed(RULE)["bad"]
    assert first["edits"]["charts/u/values.yaml"][1] == {"old": "a: 1", "new": "a: 2"}
    assert second["files"] == {"charts/x/Chart.yaml": "name: x\n", "charts/u/README.md": None}


SCHEMA = {
    "properties": {
        "cap": {"default": 8192, "description": "The cap.", "rules": ["flag-on-by-default"]},
        "exists": {"properties": {"secrets": {"description": "Secrets.", "rules": ["flag-on-by-default"]}}},
        "other": {"description": "Another.", "rules": ["yaml-syntax"]},
    }
}


def test_settings_that_a_rule_heeds():
    """They are named with their default, from the configuration's schema."""
    settings = list(explain.settings_of(RULE.name, SCHEMA))
    assert explain.detailed(RULE, settings)["settings"] == [
        {"name": "cap", "default": 8192, "description": "The cap."},
        {"name": "exists.secrets", "default": None, "description": "Secrets."},
    ]
    end = "\nSettings that it heeds:\n\n- `cap` (default `8192`): The cap.\n- `exists.secrets`: Secrets.\n"
    assert explain.page(RULE, settings) == PAGE + end


def test_the_schema_names_rules_that_are_there():
    """And each setting that a rule's own file reads names that rule."""
    schema = json.loads((schema_folder() / "config.json").read_text(encoding="utf-8"))
    known = {rule.name: rule for rule in rules()}
    heeded = {name: {setting["name"] for setting in explain.settings_of(name, schema)} for name in known}
    assert {name for about in every(schema) for name in about} <= set(known)
    reads = 0
    for name, rule in known.items():
        source = Path(sys.modules[rule.check.__module__].__file__).read_text(encoding="utf-8")
        for setting in re.findall(r"config\.((?:exists\.)?[a-z_]+)", re.sub(r'".*"', "", source)):
            if setting != "profile":
                assert setting.replace("_", "-") in heeded[name], name
                reads += 1
    assert reads > 8


def every(schema):
    """Each list of rules in the configuration's schema."""
    for about in schema.get("properties", {}).values():
        yield [rule for rule in about.get("rules", []) if isinstance(rule, str)]
        yield from every(about)


def test_table_escapes_bars():
    """A bar in a summary does not split the table."""
    rule = Rule(**{**{name: getattr(RULE, name) for name in RULE.__slots__}, "summary": "a | b"})
    row = explain.table([rule]).splitlines()[2]
    assert row.startswith("| SGL105 | [flag-on-by-default](https://")
    assert row.endswith("| error | all | a \\| b |")
