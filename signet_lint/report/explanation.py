"""Components, findings and the checklist as `explain` shows them: Markdown, and the same as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from signet_lint.component import TITLES, Component, Deployment, Step
from signet_lint.finding import Finding
from signet_lint.pages import RulePage
from signet_lint.plan_steps import PlanStep
from signet_lint.report.escape import visible
from signet_lint.report.fix_diff import diff
from signet_lint.report.json_v1 import finding_document
from signet_lint.report.markdown import code, prose
from signet_lint.report.snippet import source_line
from signet_lint.report.summary import counted
from signet_lint.source.location import Location

Sources = Callable[[str], str | None]
Document = dict[str, Any]

MAX_RESOURCES = 12


def component_page(component: Component) -> str:
    """A component as Markdown: what it deploys and how it is wired, environment by environment."""
    charts = ", ".join(map(code, component.charts)) or "none of this repository"
    blocks = [f"# {visible(component.name)}", f"Chart: {charts}", _open(component)]
    for deployment in component.deployments:
        blocks += _deployment(deployment)
    blocks.append("## Findings")
    lines = [
        f"- {code(_place(one.location))} {one.severity} {one.rule}: {prose(one.message)}" for one in component.findings
    ]
    blocks.append("\n".join(lines) or "None.")
    if component.findings:
        first = component.findings[0]
        blocks.append(f"`signet-lint explain {first.fingerprint}` shows the first with its road.")
    return "\n\n".join(blocks) + "\n"


def _open(component: Component) -> str:
    """What is left to do: steps that are missing, by number and environment, and findings."""
    missing: dict[int, list[str]] = {}
    for deployment in component.deployments:
        for step in deployment.steps:
            if step.state == "missing":
                missing.setdefault(step.number, []).append(code(deployment.env))
    parts = [f"step {number} in {', '.join(envs)}" for number, envs in sorted(missing.items())]
    parts += [counted(len(component.findings), "finding")] if component.findings else []
    return f"Open: {'; '.join(parts)}." if parts else "Nothing is open."


def _deployment(one: Deployment) -> Iterator[str]:
    yield f"## {visible(one.env)}"
    if one.applications:
        where = f" into {', '.join(map(code, one.namespaces))}" if one.namespaces else ""
        gpus = f", {one.gpus} GPU{'' if one.gpus == 1 else 's'} at most" if one.gpus else ", no GPU"
        yield f"Deployed by {', '.join(map(code, one.applications))}{where}: {_resources(one)}{gpus}."
    else:
        yield "Not deployed."
    yield "\n".join(_step(step) for step in one.steps)


def _resources(one: Deployment) -> str:
    if len(one.resources) <= MAX_RESOURCES:
        return ", ".join(f"{subject.kind} {code(subject.name)}" for subject in one.resources) or "nothing"
    counts = Counter(subject.kind for subject in one.resources)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def _step(step: Step) -> str:
    mark = {"done": "x", "not needed": "-"}.get(step.state, " ")
    place = f" ({code(_place(step.at))})" if step.at else ""
    return f"{step.number}. [{mark}] {step.state}: {TITLES[step.number]}: {prose(step.detail)}{place}"


def _place(at: Location) -> str:
    return f"{at.path}:{at.line}"


def component_document(component: Component) -> Document:
    """A component as data."""
    return {
        "version": 1,
        "kind": "component",
        "name": component.name,
        "charts": list(component.charts),
        "environments": [
            {
                "name": one.env,
                "deployed": bool(one.applications),
                "applications": list(one.applications),
                "namespaces": list(one.namespaces),
                "resources": [{"kind": r.kind, "namespace": r.namespace, "name": r.name} for r in one.resources],
                "gpus": one.gpus,
                "steps": [_step_document(step) for step in one.steps],
            }
            for one in component.deployments
        ],
        "findings": [finding_document(finding) for finding in component.findings],
    }


def _step_document(step: Step) -> Document:
    return {
        "number": step.number,
        "title": TITLES[step.number],
        "state": step.state,
        "detail": step.detail,
        "path": step.at.path if step.at else None,
        "line": step.at.line if step.at else None,
    }


def findings_page(findings: Sequence[Finding], pages: Sequence[RulePage], sources: Sources) -> str:
    """Findings as Markdown, each with its road and what to do."""
    known = {page.id: page for page in pages}
    return "\n\n".join("\n\n".join(_finding(one, known.get(one.rule), sources)) for one in findings) + "\n"


def _finding(finding: Finding, page: RulePage | None, sources: Sources) -> Iterator[str]:
    at = finding.location
    yield f"# {finding.severity}: {finding.name} ({finding.rule})"
    yield prose(finding.message)
    where = [code(f"{at.path}:{at.line}:{at.column}")]
    where += [f"in {', '.join(map(code, finding.envs))}"] if finding.envs else []
    where += [f"Application {code(finding.application)}"] if finding.application else []
    yield " · ".join(where)
    yield "## Road"
    yield "\n".join(_road(finding, sources))
    if page:
        yield "## Why"
        yield prose(" ".join(page.detail["rationale"].split()))
    if finding.help:
        yield "## How to fix"
        yield prose(finding.help[:1].upper() + finding.help[1:].rstrip(".") + ".")
    if finding.fix:
        unsafe = " (unsafe: look at it before you apply it)" if finding.fix.safety == "unsafe" else ""
        yield f"## Fix\n\n{prose(finding.fix.title)}{unsafe}"
        yield "\n".join(["```diff", *(visible(line) for line in diff(finding.fix, sources)), "```"])
    yield "## Check it"
    yield f"```sh\nsignet-lint check --select {finding.rule}\n```"
    yield "## Suppress"
    yield f"```yaml\n# signet-lint: allow {finding.rule} until=2030-12-31 -- why this is right here\n```"


def _road(finding: Finding, sources: Sources) -> Iterator[str]:
    hops = [(hop.location, hop.note) for hop in finding.origin.trail]
    if not hops or (hops[-1][0].path, hops[-1][0].line) != (finding.location.path, finding.location.line):
        hops.append((finding.location, "the line to edit"))
    for number, (at, note) in enumerate(hops, 1):
        line = (source_line(sources(at.path), at.line) or "").strip()
        value = f": {code(line[:160])}" if line else ""
        yield f"{number}. {code(_place(at))} {prose(note)}{value}"


def findings_document(findings: Sequence[Finding], pages: Sequence[RulePage], sources: Sources) -> Document:
    """Findings as data: as in the report, with the source line at each hop and the rule's entry."""
    known = {page.id: page for page in pages}
    return {
        "version": 1,
        "kind": "finding",
        "findings": [_explained(finding, known.get(finding.rule), sources) for finding in findings],
    }


def _explained(finding: Finding, page: RulePage | None, sources: Sources) -> Document:
    shown = finding_document(finding)
    shown["trail"] = [{**hop, "source": source_line(sources(hop["path"]), hop["line"])} for hop in shown["trail"]]
    return {**shown, "rule_entry": page.entry if page else None}


def steps_page(steps: Sequence[PlanStep]) -> str:
    """The checklist as Markdown."""
    blocks = [
        "# Adding a component",
        "Each step is checked by the rules named; a step left out shows in no sync status.",
    ]
    for step in steps:
        blocks.append(f"## {step.number}. {step.title}")
        blocks.append("\n".join(f"- [ ] {todo}" for todo in step.todo))
        blocks.append(f"Files: {', '.join(map(code, step.files))}. Rules: {', '.join(step.rules)}.")
    blocks.append("## Then")
    blocks.append("`signet-lint explain <component>` shows which steps are done, `signet-lint check` what is wrong.")
    return "\n\n".join(blocks) + "\n"


def steps_document(steps: Sequence[PlanStep]) -> Document:
    """The checklist as data."""
    return {
        "version": 1,
        "kind": "wiring",
        "steps": [
            {
                "number": step.number,
                "title": step.title,
                "todo": list(step.todo),
                "files": list(step.files),
                "rules": list(step.rules),
            }
            for step in steps
        ],
    }
