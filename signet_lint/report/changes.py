"""What differs between two states, as text, as Markdown for a pull request, and as JSON (`schemas/diff-v1.json`)."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from signet_lint.changes import Changes, EnvChange, FieldChange, ResourceChange, Sums, What
from signet_lint.finding import Finding
from signet_lint.report.escape import visible
from signet_lint.report.markdown import fence
from signet_lint.report.style import Style
from signet_lint.report.summary import counted

_SIGNS: Mapping[What, str] = {"added": "+", "removed": "-", "changed": "~"}
_STYLES: Mapping[What, str] = {"added": "good", "removed": "error", "changed": "warning"}
_LONG = 60  # a value longer than this is cut, and one that changed at the second figure
_LONG_CHANGED = 240
_COLUMN = {"+": "+", "-": "-", "~": "!"}
_TEXT_LINES = 12  # lines shown of a text of several lines that differs


def text(changes: Changes, *, color: bool = False) -> str:
    """The changes for a terminal."""
    style = Style(color=color)
    lines = [line for env in changes.envs for line in _env(env, style)]
    lines += [f"{style.paint('error', '+')} new   {_finding(one)}" for one in changes.new]
    lines += [f"{style.paint('good', '-')} gone  {_finding(one)}" for one in changes.gone]
    return "\n".join([*lines, *([""] if lines and lines[-1] else []), verdict(changes)]) + "\n"


def verdict(changes: Changes) -> str:
    """One sentence that counts what differs."""
    if not changes.envs and not changes.new and not changes.gone:
        return "Argo CD would deploy the same, and the findings are the same."
    manifests = [resource for env in changes.envs for resource in env.resources]
    numbers = [f"{_count(manifests, what)} {what}" for what in ("added", "removed", "changed")]
    findings = f"{counted(len(changes.new), 'finding')} new, {len(changes.gone)} gone"
    return f"Manifests: {', '.join(numbers)} in {counted(len(changes.envs), 'environment')}. {findings}."


def _count(resources: list[ResourceChange], what: str) -> int:
    return sum(resource.what == what for resource in resources)


def _env(env: EnvChange, style: Style) -> Iterator[str]:
    word = "" if env.what == "changed" else f" ({env.what})"
    yield style.paint("bold", f"{visible(env.env)}{word}")
    for what, name in env.applications:
        yield f"  {style.paint(_STYLES[what], _SIGNS[what])} Application {visible(name)}"
    application = ""
    for resource in env.resources:
        if resource.application != application:
            application = resource.application
            yield f"  {visible(application)}"
        yield f"    {style.paint(_STYLES[resource.what], _SIGNS[resource.what])} {visible(_title(resource))}"
        for change in resource.fields:
            yield from (f"        {line}" for line in _field(change, style))
    yield f"  {capacity(env.before, env.after)}"
    yield ""


def capacity(before: Sums, after: Sums) -> str:
    """GPUs and vCPUs before and after, one figure where they are equal."""
    parts = [
        ("GPUs asked", before.gpus_asked, after.gpus_asked),
        ("GPUs there", before.gpus_there, after.gpus_there),
        ("vCPUs of GPU machines", before.vcpus, after.vcpus),
    ]
    return ", ".join(f"{name}: {_figures(old, new)}" for name, old, new in parts)


def _figures(before: int | None, after: int | None) -> str:
    old, new = ("not known" if figure is None else str(figure) for figure in (before, after))
    return new if old == new else f"{old} -> {new}"


def _title(resource: ResourceChange) -> str:
    place = f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name
    return f"{resource.kind} {place}"


def _field(change: FieldChange, style: Style) -> Iterator[str]:
    if change.what == "changed" and _is_text(change.before) and _is_text(change.after):
        yield f"{visible(change.field)}:"
        yield from _text_difference(str(change.before), str(change.after), style)
        return
    if change.what == "changed":
        before, after = (_shown(value, _LONG_CHANGED) for value in (change.before, change.after))
        yield f"{visible(change.field)}: {before} -> {after}"
    else:
        shown = _shown(change.after if change.what == "added" else change.before, _LONG)
        yield f"{style.paint(_STYLES[change.what], _SIGNS[change.what])} {visible(change.field)}: {shown}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value


def _text_difference(before: str, after: str, style: Style) -> Iterator[str]:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[2:]
    changed = [line for line in lines if not line.startswith("@@")]
    for line in changed[:_TEXT_LINES]:
        yield "  " + style.paint("good" if line.startswith("+") else "error", visible(line))
    if len(changed) > _TEXT_LINES:
        yield f"  and {len(changed) - _TEXT_LINES} more lines"


def _shown(value: Any, most: int) -> str:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return visible(shown if len(shown) <= most else shown[: most - 3] + "...")


def _finding(finding: Finding) -> str:
    at = finding.location
    envs = f" [{', '.join(finding.envs)}]" if finding.envs else ""
    place = f"{at.path}:{at.line}:{at.column}"
    return visible(f"{place}: {finding.severity} {finding.rule} {finding.message}{envs}")


def markdown(changes: Changes) -> str:
    """The changes for a comment on a pull request: a table of sums, then each environment folded."""
    parts = ["## What Argo CD would deploy", "", verdict(changes), ""]
    if changes.envs:
        parts += ["| environment | Applications | manifests | GPUs asked | GPUs there | vCPUs |"]
        parts += ["| --- | --- | --- | --- | --- | --- |", *(_row(env) for env in changes.envs), ""]
    for env in changes.envs:
        if env.applications or env.resources:
            body = "\n".join(_env(env, Style(color=False))).rstrip()
            marks = fence(body)
            parts += [f"<details><summary>{_cell(env.env)}</summary>", "", f"{marks}diff", _diff_lines(body), marks]
            parts += ["", "</details>", ""]
    for title, findings in (("New findings", changes.new), ("Findings that are gone", changes.gone)):
        if findings:
            parts += [f"### {title}", "", *(f"- {_cell(_finding(one))}" for one in findings), ""]
    return "\n".join(parts).rstrip() + "\n"


def _row(env: EnvChange) -> str:
    before, after = env.before, env.after
    cells = [
        env.env,
        _signed([what for what, _ in env.applications]),
        _signed([resource.what for resource in env.resources]),
        _figures(before.gpus_asked, after.gpus_asked),
        _figures(before.gpus_there, after.gpus_there),
        _figures(before.vcpus, after.vcpus),
    ]
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _signed(whats: list[What]) -> str:
    return " ".join(f"{sign}{whats.count(what)}" for what, sign in _SIGNS.items() if what in whats) or "same"


def _cell(value: str) -> str:
    """Text that Markdown shows as it is."""
    escaped = "".join(f"\\{char}" if char in "\\`*_[]|#" else char for char in visible(value))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _diff_lines(body: str) -> str:
    """Lines with the sign in the first column, where Markdown's `diff` colours it."""
    lines = []
    for line in body.splitlines():
        bare = line.lstrip()
        sign = bare[:1] if bare[:1] in _COLUMN else " "
        rest = line.replace(sign, " ", 1) if sign != " " else line
        lines.append(_COLUMN.get(sign, " ") + rest)
    return "\n".join(lines)


def document(changes: Changes) -> str:
    """The changes as JSON, in ASCII, the same bytes for the same changes."""
    from signet_lint.report import json_v1

    content = {
        "version": 1,
        "environments": [_env_document(env) for env in changes.envs],
        "findings": {
            "new": [json_v1.finding_document(one) for one in changes.new],
            "gone": [json_v1.finding_document(one) for one in changes.gone],
        },
    }
    return json.dumps(content, indent=2, default=str) + "\n"


def _env_document(env: EnvChange) -> dict[str, Any]:
    return {
        "name": env.env,
        "change": env.what,
        "applications": [{"change": what, "name": name} for what, name in env.applications],
        "resources": [_resource_document(resource) for resource in env.resources],
        "sums": {"before": _sums_document(env.before), "after": _sums_document(env.after)},
    }


def _sums_document(sums: Sums) -> dict[str, int | None]:
    return {"gpus_asked": sums.gpus_asked, "gpus_there": sums.gpus_there, "vcpus": sums.vcpus}


def _resource_document(resource: ResourceChange) -> dict[str, Any]:
    return {
        "change": resource.what,
        "application": resource.application,
        "group": resource.group,
        "kind": resource.kind,
        "namespace": resource.namespace,
        "name": resource.name,
        "fields": [
            {"field": one.field, "change": one.what, "before": one.before, "after": one.after}
            for one in resource.fields
        ],
    }
