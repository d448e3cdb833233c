"""The graph as a tree for the terminal, as Mermaid, DOT and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from signet_lint.graph import Graph, Node
from signet_lint.report.escape import visible
from signet_lint.report.style import Style
from signet_lint.report.summary import counted

_NAMES = {"environment": "environment", "applicationset": "ApplicationSet", "application": "Application"}


def marks(node: Node) -> list[str]:
    """What is marked on a node: GPUs and findings of its own; of everything below it on an environment."""
    whole = node.kind == "environment"
    gpus, findings = (node.all_gpus, node.all_findings) if whole else (node.gpus, node.findings)
    words = ("error", "warning", "note")
    found = [counted(count, word) for count, word in zip(findings, words, strict=True) if count]
    return [*([counted(gpus, "GPU")] if gpus else []), *found]


def worst(node: Node) -> str:
    """The severest finding of a node itself ("error", "warning", "note"), or "good"."""
    words = ("error", "warning", "note")
    return next((word for count, word in zip(node.findings, words, strict=True) if count), "good")


def title(node: Node) -> str:
    """A node's name with what it is, where the name does not say it."""
    kind = _NAMES.get(node.kind, "")
    return f"{kind} {node.name}" if kind else node.name


def roots(graph: Graph) -> tuple[Node, ...]:
    """The environments, and a node for the findings that belong to none of them where there are any."""
    elsewhere = Node("resource", "elsewhere in the repository", findings=graph.elsewhere)
    return (*graph.envs, elsewhere) if any(graph.elsewhere) else graph.envs


def tree(graph: Graph, *, color: bool = False) -> str:
    """The graph for a terminal."""
    style = Style(color=color)
    lines = [line for env in graph.envs for line in _tree(env, "", "", style)]
    if any(graph.elsewhere):
        lines.append(f"elsewhere in the repository: {', '.join(marks(Node('resource', '', findings=graph.elsewhere)))}")
    return "".join(f"{line}\n" for line in lines)


def _tree(node: Node, first: str, rest: str, style: Style) -> Iterator[str]:
    name = visible(title(node))
    marked = "".join(f" [{mark}]" for mark in marks(node))
    detail = f"  {style.paint('dim', visible(node.detail))}" if node.detail else ""
    shown = style.paint("bold", name) if node.kind in _NAMES else name
    yield f"{style.paint('gutter', first)}{shown}{style.paint(worst(node), marked)}{detail}"
    for at, child in enumerate(node.children):
        last = at == len(node.children) - 1
        yield from _tree(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "), style)


def _edges(graph: Graph) -> Iterator[tuple[str, Node, str]]:
    """Each node with an id of its own and its parent's id (empty: none), parents first."""
    pending = [(root, "") for root in reversed(roots(graph))]
    number = 0
    while pending:
        node, parent = pending.pop()
        name = f"n{number}"
        number += 1
        yield name, node, parent
        pending += [(child, name) for child in reversed(node.children)]


def mermaid(graph: Graph) -> str:
    """The graph as a Mermaid flowchart."""
    lines = ["flowchart LR"]
    for name, node, parent in _edges(graph):
        text = "<br/>".join(_mermaid_text(part) for part in (title(node), node.detail, ", ".join(marks(node))) if part)
        lines.append(f'  {name}["{text}"]')
        if parent:
            lines.append(f"  {parent} --> {name}")
        if worst(node) != "good":
            lines.append(f"  class {name} {worst(node)}")
        elif node.gpus:
            lines.append(f"  class {name} gpu")
    lines += [
        "  classDef error fill:#fde2e1,stroke:#c0392b",
        "  classDef warning fill:#fdf1d8,stroke:#b7791f",
        "  classDef note fill:#e3f0fa,stroke:#2b6cb0",
        "  classDef gpu fill:#e3f4e1,stroke:#2f855a",
    ]
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    """Text that Mermaid shows as it is: everything it could read as markup becomes an entity."""
    return "".join(char if char.isalnum() or char in " -./:,()" else f"#{ord(char)};" for char in visible(text))


def dot(graph: Graph) -> str:
    """The graph for Graphviz."""
    colors = {"error": "#fde2e1", "warning": "#fdf1d8", "note": "#e3f0fa"}
    lines = [
        "digraph signet_lint {",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="sans-serif"];',
    ]
    for name, node, parent in _edges(graph):
        parts = [part for part in (title(node), node.detail, ", ".join(marks(node))) if part]
        text = "\\n".join(_dot_text(part) for part in parts)
        fill = colors.get(worst(node), "#e3f4e1" if node.gpus else "#ffffff")
        lines.append(f'  {name} [label="{text}", fillcolor="{fill}"];')
        if parent:
            lines.append(f"  {parent} -> {name};")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_text(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')


def document(graph: Graph) -> str:
    """The graph as JSON, described by `schemas/graph-v1.json`."""
    content = {
        "version": 1,
        "environments": [_node(env) for env in graph.envs],
        "findings_elsewhere": _findings(graph.elsewhere),
    }
    return json.dumps(content, indent=2) + "\n"


def _node(node: Node) -> dict[str, Any]:
    return {
        "kind": node.kind,
        "name": node.name,
        "detail": node.detail,
        "gpus": node.gpus,
        "findings": _findings(node.findings),
        "children": [_node(child) for child in node.children],
    }


def _findings(counts: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("errors", "warnings", "notes"), counts, strict=True))
