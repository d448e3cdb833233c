"""The graph as a picture: one SVG file without scripts, fonts or anything else to fetch.

Environments, ApplicationSets and Applications are an indented list on the left; what an Application deploys stands
beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap
from xml.sax.saxutils import escape

from msgspec import Struct, field

from signet_lint.graph import Graph, Node
from signet_lint.report.escape import visible
from signet_lint.report.graph import marks, roots, title, worst

_BOX, _LINE, _PAD = 34.0, 13.0, 8.0  # height of a box, of a line of a longer one, and what is around those lines
_APART, _BETWEEN = 8.0, 14.0  # space between boxes, and before an Application with others below it
_MARGIN, _INDENT, _GAP = 16.0, 22.0, 26.0  # the gap is the one between the list and what it deploys
_CHAR, _BOLD, _SMALL = 6.6, 7.3, 5.8  # average characters of 12 px, in bold, of 10.5 px
_LONGEST, _WRAPPED, _LINES = 52, 58, 6  # characters of a line, of a line of a list of kinds, and how many of those
_FILLS = {"error": "#fde2e1", "warning": "#fdf1d8", "note": "#e3f0fa"}
_STROKES = {"error": "#c0392b", "warning": "#b7791f", "note": "#2b6cb0"}
_HEADS = {"environment": "#1f3a5f", "applicationset": "#3d5a80", "application": "#7d9cc0"}
_GPU_FILL, _GPU, _PLAIN_FILL, _PLAIN = "#e3f4e1", "#2f855a", "#f7f9fb", "#c3ccd6"


class _Row(Struct):
    """A node of the list: its place, how far the picture is drawn down for what it deploys, and its parent's row."""

    node: Node
    depth: int
    top: float
    parent: _Row | None
    beside: list[tuple[Node, float, float]] = field(default_factory=list)  # with top and height

    @property
    def left(self) -> float:
        return _MARGIN + self.depth * _INDENT

    @property
    def middle(self) -> float:
        return self.top + _BOX / 2


def svg(graph: Graph) -> str:
    """The graph as SVG."""
    rows: list[_Row] = []
    y = _MARGIN
    for root in roots(graph):
        y = _place(root, None, y, rows) + _BETWEEN
    right = max((row.left + _list_width(row.node) for row in rows), default=_MARGIN)
    beside = max((_side_width(node) for row in rows for node, _, _ in row.beside), default=0.0)
    width = right + (_GAP + beside if beside else 0) + _MARGIN
    height = max(y - _BETWEEN - _APART, 0) + _MARGIN
    body = [line for row in rows for line in _drawn(row, right, beside)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="Helvetica, Arial, sans-serif" font-size="12">',
            "<title>What Argo CD would run</title>",
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
            *body,
            "</svg>\n",
        ]
    )


def _place(node: Node, parent: _Row | None, y: float, rows: list[_Row]) -> float:
    """Adds rows for a node of the list and everything below it, from `y` down; returns where they end."""
    row = _Row(node, parent.depth + 1 if parent else 0, y, parent)
    rows.append(row)
    down = y
    for child in (one for one in node.children if one.kind in ("resource", "resources")):
        tall = _height(child)
        row.beside.append((child, down, tall))
        down += tall + _APART
    y = max(y + _BOX + _APART, down)
    for child in (one for one in node.children if one.kind in _HEADS):
        y = _place(child, row, y, rows)
    return y


def _listed(node: Node) -> list[str]:
    """A list of kinds in lines, as many as a box takes; a number stays with its kind."""
    lines = [line.replace("\xa0", " ") for line in wrap(re.sub(r"(?<=\d) ", "\xa0", visible(node.name)), _WRAPPED)]
    return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], f"{lines[_LINES - 1][: _WRAPPED - 1]}…"]


def _height(node: Node) -> float:
    return max(_BOX, len(_listed(node)) * _LINE + _PAD) if node.kind == "resources" else _BOX


def _list_width(node: Node) -> float:
    return max(len(_cut(title(node))) * _BOLD + _badges_width(node), len(_cut(node.detail)) * _SMALL) + 24


def _side_width(node: Node) -> float:
    if node.kind == "resources":
        return max(map(len, _listed(node)), default=0) * _SMALL + 24
    return max(len(_cut(title(node))) * _CHAR + _badges_width(node), len(_cut(node.detail)) * _SMALL) + 24


def _badges_width(node: Node) -> float:
    return sum(len(mark) * _CHAR + 14 for mark in marks(node))


def _drawn(row: _Row, right: float, beside: float) -> Iterator[str]:
    if row.parent is not None:
        stem = row.parent.left + _INDENT / 2
        yield _line(f"M{stem:.1f} {row.parent.top + _BOX:.1f} V{row.middle:.1f} H{row.left:.1f}")
    turn, start = right + _GAP / 2, right + _GAP
    for _, top, tall in row.beside:
        yield _line(f"M{right:.1f} {row.middle:.1f} H{turn:.1f} V{top + min(tall, _BOX) / 2:.1f} H{start:.1f}")
    yield from _box(row.node, row.left, row.top, right - row.left)
    for node, top, tall in row.beside:
        yield from _box(node, start, top, beside, tall)


def _line(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="#9aa5b1"/>'


def _box(node: Node, x: float, top: float, width: float, tall: float = _BOX) -> Iterator[str]:
    state, head = worst(node), _HEADS.get(node.kind, "")
    fill = _FILLS.get(state, _GPU_FILL if node.gpus else _PLAIN_FILL)
    stroke = _STROKES.get(state, _GPU if node.gpus else _PLAIN)
    dark = node.kind == "environment"
    fill, stroke = (head, head) if dark else (fill, stroke)
    yield (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{tall:.1f}" rx="5" '
        f'fill="{fill}" stroke="{stroke}"/>'
    )
    if head and not dark:
        yield f'<rect x="{x:.1f}" y="{top:.1f}" width="5" height="{tall:.1f}" rx="2" fill="{head}"/>'
    if node.kind == "resources":
        first = top + tall / 2 - len(_listed(node)) * _LINE / 2 + 10
        for number, line in enumerate(_listed(node)):
            yield _written(line, x, first + number * _LINE, "#5a6674", small=True)
        return
    yield _written(
        _cut(title(node)), x, top + (15 if node.detail else 21), "#ffffff" if dark else "#1a202c", bold=bool(head)
    )
    if node.detail:
        detail = _cut(node.detail).replace(" -> ", " → ")
        yield _written(detail, x, top + 28, "#cbd5e1" if dark else "#5a6674", small=True)
    yield from _badges(marks(node), x + width - 8, top + (4 if node.detail else 9.5))


def _written(text: str, x: float, y: float, fill: str, *, bold: bool = False, small: bool = False) -> str:
    style = (' font-weight="bold"' if bold else "") + (' font-size="10.5"' if small else "")
    return f'<text x="{x + 12:.1f}" y="{y:.1f}"{style} fill="{fill}">{escape(text)}</text>'


def _badges(words: list[str], right: float, top: float) -> Iterator[str]:
    for word in reversed(words):
        kind = word.split()[1].rstrip("s")
        width = len(word) * _CHAR + 8
        right -= width
        fill = _STROKES.get(kind, _GPU)
        yield f'<rect x="{right:.1f}" y="{top:.1f}" width="{width:.1f}" height="15" rx="7" fill="{fill}"/>'
        middle = right + width / 2
        yield (
            f'<text x="{middle:.1f}" y="{top + 11:.1f}" font-size="10.5" text-anchor="middle" fill="#ffffff">'
            f"{escape(word)}</text>"
        )
        right -= 4


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
