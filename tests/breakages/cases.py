"""What the tables of breakages share: changes to the fixture, and what the rules say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.overlay import check, line_of, overlay, places
from tests.test_rules import RULES

Change = Mapping[str, Any]
Case = tuple[Change, list[str]]

LLM, EMBEDDINGS, LOADTEST = "charts/signet-llm", "charts/signet-embeddings", "charts/signet-loadtest"
UMBRELLA, CAPACITY = "charts/signet-umbrella", "charts/cluster-capacity"
VALUES, PROD = f"{LLM}/values-common.yaml", f"{LLM}/values-prod.yaml"
SERVICE, RUNTIME = f"{LLM}/templates/inferenceservice.yaml", f"{LLM}/templates/servingruntime.yaml"
MORE = f"{LLM}/templates/more.yaml"
EMB_VALUES, EMB_PROD = f"{EMBEDDINGS}/values-common.yaml", f"{EMBEDDINGS}/values-prod.yaml"
EMB_SERVICE = f"{EMBEDDINGS}/templates/inferenceservice.yaml"
EMB_RUNTIME = f"{EMBEDDINGS}/templates/servingruntime.yaml"
LLM_APP = f"{UMBRELLA}/templates/app-signet-llm.yaml"
EMB_APP = f"{UMBRELLA}/templates/app-signet-embeddings.yaml"
LOADTEST_APP = f"{UMBRELLA}/templates/app-signet-loadtest.yaml"
APPSET, ENVS = "charts/argocd-apps/templates/applicationset-umbrella.yaml", "charts/argocd-apps/values.yaml"
_IGNORE = "      ignoreMissingValueFiles: true\n"
_LAST_ARGUMENT = "        - --gpu-memory-utilization={{ .Values.model.gpuMemoryUtilization }}\n"


def edit(path: str, *changes: tuple[str, str]) -> Change:
    """Changes of one file."""
    return {"edits": {path: changes}}


def file(path: str, text: str | None) -> Change:
    """One file written or removed."""
    return {"files": {path: text}}


def both(*changes: Change) -> Change:
    """Several changes together."""
    edits: dict[str, list[tuple[str, str]]] = {}
    files: dict[str, str | None] = {}
    for change in changes:
        files |= change.get("files", {})
        for path, edited in change.get("edits", {}).items():
            edits.setdefault(path, []).extend(edited)
    return {"edits": edits, "files": files}


def prod(text: str) -> Change:
    """More values of the chat model in prod."""
    return edit(PROD, ("exposed: true", f"exposed: true\n{text}"))


def parameter(name: str, value: str, app: str = LLM_APP) -> Change:
    """A parameter that an Application passes to its chart."""
    return passed(f"      parameters:\n        - name: {name}\n          value: {value}\n", app)


def passed(text: str, app: str = LLM_APP) -> Change:
    """More of an Application's `helm`."""
    return edit(app, (_IGNORE, _IGNORE + text))


def argument(text: str) -> Change:
    """More arguments of the chat model, last."""
    return edit(SERVICE, (_LAST_ARGUMENT, _LAST_ARGUMENT + text))


def found(case: Change, prefixes: Sequence[str] = ("SGL",)) -> list[str]:
    """The findings of the rules whose ids begin so, on the fixture with a change, as "RULE path:line"."""
    report = check([rule for rule in RULES if rule.id.startswith(tuple(prefixes))], **case)
    assert not [one for one in report.incomplete if "crashed" in one]
    return sorted(places(report))


def expected(case: Change, entries: Sequence[str]) -> list[str]:
    """Each "RULE path:text" as "RULE path:line"; `^text` is the first line that is just that text."""
    contents = overlay(case.get("files"), case.get("edits"))
    lines = []
    for rule, _, at in (entry.partition(" ") for entry in entries):
        path, _, text = at.partition(":")
        if text.startswith("^"):
            lines.append(f"{rule} {path}:{contents[path].decode().splitlines().index(text[1:]) + 1}")
        else:
            lines.append(f"{rule} {line_of(contents, at)}")
    return sorted(lines)
