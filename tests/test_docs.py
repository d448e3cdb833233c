"""The documentation: every command in it is run, every example is checked, every link leads somewhere."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from xml.etree import ElementTree

import click
import jsonschema
import pytest
import yaml

from signet_lint.cli import cli
from signet_lint.registry import find_rule, rules
from signet_lint.schema.sources import schema_folder
from signet_lint.settings import load
from signet_lint.source.comments import comments
from signet_lint.triage.directive import directive
from tests.pages import ROOT, blocks, executed, pages, story

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in pages()}
CONFIG_KEYS = set(json.loads((schema_folder() / "config.json").read_text(encoding="utf-8"))["properties"])
OURS = "https://github.com/signet-lint/signet-lint/blob/main/"


def each(*languages):
    """Every block of these languages on any page."""
    return [
        pytest.param(block.text, id=f"{name}-{number}")
        for name, page in PAGES.items()
        for number, block in enumerate(blocks(page, *languages), 1)
    ]


@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if blocks(page, "console", "diff")])
def test_what_commands_print(name, tmp_path):
    """Each page is a story about the fixture; `.ci/generate.py` brings what commands print up to date."""
    with story(tmp_path) as folder:
        assert executed(PAGES[name], folder) == PAGES[name]


def test_the_stories_are_told():
    """So that the test above tests something."""
    commands = [
        line for page in PAGES.values() for block in blocks(page, "console") for line in block.text.splitlines()
    ]
    used = {line.split()[2] for line in commands if line.startswith("$ signet-lint ")}
    assert {"check", "explain", "render", "graph", "capacity", "diff", "baseline", "init", "rules"} <= used


def is_kind(content, text):
    """What a YAML example is."""
    if isinstance(content, list) and all(isinstance(one, dict) and {"run", "uses"} & set(one) for one in content):
        return "steps"
    if not isinstance(content, dict):
        return None
    if "# signet-lint: allow" in text:
        return "suppressed"
    if "jobs" in content:
        return "workflow"
    if "repos" in content:
        return "pre-commit"
    if all(isinstance(job, dict) and "script" in job for job in content.values()):
        return "gitlab"
    return "config" if set(content) <= CONFIG_KEYS else None


def schema_says(builtin, text, tmp_path, *more):
    """Asserts that a file is right by a schema that check-jsonschema carries."""
    path = tmp_path / "example.yaml"
    path.write_text(text)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", builtin, *more, str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("text", each("yaml"))
def test_yaml(text, tmp_path):
    """A configuration loads, a suppression is read, and what other programs read is right by their own schemas."""
    content = yaml.safe_load(text)
    kind = is_kind(content, text)
    assert kind, f"what is this example? {text}"
    if kind == "config":
        check_config(content, text, tmp_path / ".signet-lint.yaml")
    elif kind == "suppressed":
        found = [
            directive(one, "a.yaml", lambda name: find_rule(name, rules()).id) for one in comments(text, template=False)
        ]
        assert [one.wrong for one in found if one] == [()]
    elif kind == "pre-commit":
        (tmp_path / "hooks.yaml").write_text(text)
        subprocess.run(
            [sys.executable, "-m", "pre_commit", "validate-config", str(tmp_path / "hooks.yaml")], check=True
        )
    elif kind == "gitlab":
        schema_says("vendor.gitlab-ci", text, tmp_path, "--data-transform", "gitlab-ci")
    elif kind == "steps":
        job = {"runs-on": "ubuntu-latest", "steps": content}
        schema_says("vendor.github-workflows", yaml.safe_dump({"on": "push", "jobs": {"a": job}}), tmp_path)
    else:
        schema_says("vendor.github-workflows", text, tmp_path)


@pytest.mark.parametrize("text", each("toml"))
def test_toml(text, tmp_path):
    """Our table of pyproject.toml."""
    check_config(tomllib.loads(text)["tool"]["signet-lint"], text, tmp_path / "pyproject.toml")


def test_pages_of_rules_configure_and_suppress(tmp_path):
    """What each page says of its rule's severity and suppression is accepted; its other examples are tests of the rule."""
    for rule in rules():
        suppressed, configured = (block.text for block in blocks(rule_page(rule), "yaml"))
        check_config(yaml.safe_load(configured), configured, tmp_path / ".signet-lint.yaml")
        found = [
            directive(one, "a.yaml", lambda name: find_rule(name, rules()).id)
            for one in comments(suppressed, template=False)
        ]
        assert [(one.rules, one.wrong) for one in found if one] == [((rule.id,), ())]


def rule_page(rule):
    """The rule's page from the headings on under which no examples stand."""
    text = (ROOT / "docs" / "rules" / f"{rule.name}.md").read_text(encoding="utf-8")
    return text[text.index("## Suppress") :]


def check_config(content, text, path):
    """Asserts that the schema and the program accept a configuration."""
    jsonschema.validate(content, json.loads((schema_folder() / "config.json").read_text(encoding="utf-8")))
    path.write_text(text)
    load(path.parent)


def command_lines():
    """Every call of signet-lint in a block for the shell, and in the scripts of other examples."""
    for name, page in PAGES.items():
        for block in blocks(page, "sh", "yaml"):
            for line in block.text.splitlines():
                call = re.search(r"^\s*(?:- (?:run: )?)?(signet-lint(?: .*)?)$", line)
                if call and not call[1].endswith(":"):
                    yield pytest.param(call[1], id=f"{name}: {call[1]}")


@pytest.mark.parametrize("line", list(command_lines()))
def test_commands_and_options_exist(line):
    """What is not run is parsed as the program would."""
    arguments = shlex.split(line, comments=True)[1:]
    redirected = [number for number, word in enumerate(arguments) if word.startswith(">")]
    arguments = arguments[: redirected[0]] if redirected else arguments
    context = click.Context(cli, info_name="signet-lint")
    if not arguments:
        return
    command = cli.get_command(context, arguments[0])
    assert command, line
    command.make_context(arguments[0], arguments[1:], parent=context)


@pytest.mark.parametrize("name", [*PAGES, *(f"docs/rules/{rule.name}.md" for rule in rules())])
def test_links(name):
    """A link to a file of the project leads to one, to a heading that is there."""
    text = (ROOT / name).read_text(encoding="utf-8")
    folder = (ROOT / name).parent
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for target in targets:
        if target.startswith(OURS):
            file, _, heading = target.removeprefix(OURS).partition("#")
            path = ROOT / file
        elif "://" in target:
            continue
        else:
            file, _, heading = target.partition("#")
            path = folder / file if file else ROOT / name
        assert path.exists(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings], target


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "images").iterdir()), ids=lambda path: path.name)
def test_pictures_are_whole(path):
    """Well-formed, used by a page, and nothing in them is fetched or run."""
    text = path.read_text(encoding="utf-8")
    ElementTree.fromstring(text)  # noqa: S314 - our own
    addresses = set(re.findall(r"https?://[^\"'<>\s)]+", re.sub(r"<text.*?</text>", "", text, flags=re.DOTALL)))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@font-face|@import|<script|<image|href|url\((?!#)| on\w+=", text)
    assert any(f"images/{path.name})" in page for page in PAGES.values())


def test_every_page_is_in_the_index():
    """docs/README.md leads to all of them."""
    index = PAGES["docs/README.md"]
    assert {name.removeprefix("docs/") for name in PAGES if name.startswith("docs/")} - {"README.md"} <= set(
        re.findall(r"\]\(([\w-]+\.md)\)", index)
    )
