"""A rule's page, made from its declaration alone: the `explain` command and the documentation show the same text."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signet_lint.pages import RulePage
    from signet_lint.rule import Example, Rule

HEADINGS = ("What it finds", "Why", "Bad", "Good", "How to fix", "Suppress", "Configure")

Entry = dict[str, Any]


def page(rule: Rule[Any], settings: Sequence[Entry] = ()) -> str:
    """A rule as Markdown, under the headings of `HEADINGS`; `settings` are those that it heeds."""
    what, why, bad, good, fix, suppress, configure = HEADINGS
    scope = "profile signet only" if rule.plan_only else "profiles signet and universal"
    parts = [
        f"# {rule.name} ({rule.id})",
        f"{rule.severity} · {scope} · since {rule.since}",
        f"## {what}",
        _paragraph(rule.summary),
        f"## {why}",
        _paragraph(rule.rationale),
        *([f"Section {rule.section} of the plan."] if rule.section else []),
        f"## {bad}",
        *_examples(rule.bad),
        f"## {good}",
        *_examples(rule.good),
        f"## {fix}",
        _sentence(rule.remedy),
        *(["`signet-lint check --fix` can do it in the plain cases."] if rule.fixable else []),
        f"## {suppress}",
        "Put a comment on the line reported, or on the line above it. The reason is obligatory, `until` is not:",
        f"```yaml\n# signet-lint: allow {rule.id} until=2030-12-31 -- why this is right here\n```",
        f"## {configure}",
        "In `.signet-lint.yaml`, for the whole repository: `error`, `warning`, `note` or `off`.",
        f"```yaml\nseverity:\n  {rule.id}: {'warning' if rule.severity == 'error' else 'error'}\n```",
        *(["Settings that it heeds:", "\n".join(map(_setting, settings))] if settings else []),
    ]
    return "\n\n".join(parts) + "\n"


def entry(rule: Rule[Any]) -> Entry:
    """A rule's catalogue entry as plain data."""
    return {
        "id": rule.id,
        "name": rule.name,
        "severity": rule.severity,
        "profiles": ["signet"] if rule.plan_only else ["signet", "universal"],
        "section": rule.section,
        "summary": rule.summary,
        "rationale": rule.rationale,
        "remedy": rule.remedy,
        "fixable": rule.fixable,
        "since": rule.since,
        "url": rule.url,
    }


def detailed(rule: Rule[Any], settings: Sequence[Entry] = ()) -> Entry:
    """A rule's catalogue entry with the settings that it heeds and its examples."""
    examples = {"bad": [_example(one) for one in rule.bad], "good": [_example(one) for one in rule.good]}
    return {**entry(rule), "settings": list(settings), **examples}


def settings_of(name: str, schema: Mapping[str, Any], prefix: str = "") -> Iterator[Entry]:
    """The settings that the rule of that name heeds, as the configuration's schema tells: name, default, description."""
    for key, about in schema.get("properties", {}).items():
        if name in about.get("rules", ()):
            default, text = about.get("default"), about.get("description", "")
            yield {"name": f"{prefix}{key}", "default": default, "description": text}
        yield from settings_of(name, about, f"{prefix}{key}.")


def _setting(setting: Entry) -> str:
    default = "" if setting["default"] is None else f" (default `{json.dumps(setting['default'])}`)"
    return f"- `{setting['name']}`{default}: {setting['description']}"


def table(rules: Sequence[Rule[Any] | RulePage]) -> str:
    """The rules as a Markdown table, with links to their pages."""
    rows = ["| id | name | severity | profile | finds |", "| --- | --- | --- | --- | --- |"]
    for rule in rules:
        profile = "signet" if rule.plan_only else "all"
        finds = " ".join(rule.summary.split()).replace("|", "\\|")
        rows.append(f"| {rule.id} | [{rule.name}]({rule.url}) | {rule.severity} | {profile} | {finds} |")
    return "\n".join(rows) + "\n"


def plain(markdown: str) -> str:
    """A page for the terminal: headings without marks, code indented, links and text as they are."""
    lines: list[str] = []
    fence = ""
    for line in markdown.splitlines():
        if fence:
            fence = "" if line == fence else fence
            if fence:
                lines.append(f"    {line}".rstrip())
        elif opening := re.match(r"`{3,}", line):
            fence = opening[0]
        else:
            lines.append(re.sub(r"^#+ ", "", line))
    return "\n".join(lines) + "\n"


def _paragraph(text: str) -> str:
    """A text without the indentation and line breaks of the source it was written in; blank lines part paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))


def _sentence(text: str) -> str:
    """A remedy, which is written to follow `help:`, as a sentence of its own."""
    said = _paragraph(text)
    return said[:1].upper() + said[1:] + ("" if said.endswith((".", ":", "?")) else ".")


def _examples(examples: Sequence[Example]) -> Iterator[str]:
    for example in examples:
        title = example.title.strip().rstrip(".:")
        yield f"{title[:1].upper()}{title[1:]}:"
        for path, new in sorted(example.files.items()):
            yield _removed(path) if new is None else _diff([f"+++ {path}", *(f"+{line}" for line in new.splitlines())])
        for path, edits in sorted(example.edits.items()):
            yield _diff([f"--- {path}", *_changes(edits)])
        if example.at:
            yield f"Reported at `{example.at}`."


def _removed(path: str) -> str:
    return _diff([f"--- {path} (removed)"])


def _changes(edits: Sequence[tuple[str, str]]) -> Iterator[str]:
    for number, (old, new) in enumerate(edits):
        if number:
            yield "@@"
        before, after = old.strip("\n").splitlines(), new.strip("\n").splitlines()
        matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
        for tag, first, last, start, end in matcher.get_opcodes():
            if tag == "equal":
                yield from (f" {line}".rstrip() for line in before[first:last])
            else:
                yield from (f"-{line}" for line in before[first:last])
                yield from (f"+{line}" for line in after[start:end])


def _diff(lines: Sequence[str]) -> str:
    longest = max((len(run) for run in re.findall(r"`+", "\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}diff", *lines, fence))


def _example(example: Example) -> Entry:
    return {
        "title": example.title,
        "files": dict(example.files),
        "edits": {path: [{"old": old, "new": new} for old, new in edits] for path, edits in example.edits.items()},
        "at": example.at,
    }
