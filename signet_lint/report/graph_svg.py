"""The graph as a picture: one SVG file without scripts, fonts or anything else to fetch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from signet_lint.graph import Graph, Node
from signet_lint.report.escape import visible
from signet_lint.report.graph import marks, title, worst

_ROW, _GAP, _BOX = 46, 28, 34  # height of a row, space between columns, height of a box
_MARGIN, _CHAR, _BOLD = 20, 6.6, 7.4  # average characters of the 12 px font
_LONGEST = 52  # characters of a line; the rest is cut
_FILLS = {"error": "#fde2e1", "warning": "#fdf1d8", "note": "#e3f0fa"}
_STROKES = {"error": "#c0392b", "warning": "#b7791f", "note": "#2b6cb0"}
_HEADS = {"environment": "#1f3a5f", "applicationset": "#3d5a80", "application": "#5b7ea4"}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A node at its place; `column` counts from the environment, `y` is the middle of its box."""

    node: Node
    column: int
    y: float
    children: tuple[_Placed, ...]


def svg(graph: Graph) -> str:
    """The graph as SVG."""
    placed, y = [], float(_MARGIN)
    for env in graph.envs:
        tree, y = _place(env, 0, y)
        placed.append(tree)
        y += _ROW / 2
    widths = _widths(placed)
    lefts = [_MARGIN + sum(widths[:at]) + _GAP * at for at in range(len(widths))]
    width = (lefts[-1] + widths[-1] if widths else 0) + _MARGIN
    body = [line for tree in placed for line in _drawn(tree, lefts, widths)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{y:.0f}" '
            f'viewBox="0 0 {width:.0f} {y:.0f}" font-family="Helvetica, Arial, sans-serif" font-size="12">',
            "<title>What Argo CD would run</title>",
            f'<rect width="{width:.0f}" height="{y:.0f}" fill="#ffffff"/>',
            *body,
            "</svg>\n",
        ]
    )


def _place(node: Node, column: int, y: float) -> tuple[_Placed, float]:
    """The node with everything below it, from `y` down, and where it ends; a parent stands beside its first child."""
    if not node.children:
        return _Placed(node, column, y + _ROW / 2, ()), y + _ROW
    children, end = [], y
    for child in node.children:
        placed, end = _place(child, column + 1, end)
        children.append(placed)
    return _Placed(node, column, children[0].y, tuple(children)), end


def _all(placed: _Placed) -> Iterator[_Placed]:
    yield placed
    for child in placed.children:
        yield from _all(child)


def _widths(trees: list[_Placed]) -> list[float]:
    widths: list[float] = []
    for placed in (one for tree in trees for one in _all(tree)):
        widths += [0.0] * (placed.column + 1 - len(widths))
        badge = sum(len(mark) * _CHAR + 14 for mark in marks(placed.node))
        longest = max(len(_cut(title(placed.node))) * _BOLD + badge, len(_cut(placed.node.detail)) * _CHAR * 0.88)
        widths[placed.column] = max(widths[placed.column], longest + 24)
    return widths


def _drawn(placed: _Placed, lefts: list[float], widths: list[float]) -> Iterator[str]:
    x, width = lefts[placed.column], widths[placed.column]
    for child in placed.children:
        start, end = x + width, lefts[child.column]
        middle = (start + end) / 2
        yield (
            f'<path d="M{start:.1f} {placed.y:.1f} H{middle:.1f} V{child.y:.1f} H{end:.1f}" '
            'fill="none" stroke="#9aa5b1"/>'
        )
    yield from _box(placed.node, x, placed.y, width)
    for child in placed.children:
        yield from _drawn(child, lefts, widths)


def _box(node: Node, x: float, y: float, width: float) -> Iterator[str]:
    state = worst(node)
    head = _HEADS.get(node.kind, "")
    fill = _FILLS.get(state, "#e3f4e1" if node.gpus else "#f7f9fb")
    stroke = _STROKES.get(state, "#2f855a" if node.gpus else "#c3ccd6")
    top = y - _BOX / 2
    yield f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{_BOX}" rx="5" fill="{fill}" stroke="{stroke}"/>'
    if head:
        yield f'<rect x="{x:.1f}" y="{top:.1f}" width="5" height="{_BOX}" rx="2" fill="{head}"/>'
    line = y + (-2 if node.detail else 4)
    weight = ' font-weight="bold"' if head else ""
    yield f'<text x="{x + 12:.1f}" y="{line:.1f}"{weight} fill="#1a202c">{_text(title(node))}</text>'
    if node.detail:
        yield f'<text x="{x + 12:.1f}" y="{y + 12:.1f}" font-size="10.5" fill="#5a6674">{_text(node.detail)}</text>'
    yield from _badges(marks(node), x + width - 8, top + 5)


def _badges(words: list[str], right: float, top: float) -> Iterator[str]:
    for word in reversed(words):
        kind = word.split()[1].rstrip("s")
        width = len(word) * _CHAR + 8
        right -= width
        fill = _STROKES.get(kind, "#2f855a")
        yield f'<rect x="{right:.1f}" y="{top:.1f}" width="{width:.1f}" height="15" rx="7" fill="{fill}"/>'
        middle = right + width / 2
        yield (
            f'<text x="{middle:.1f}" y="{top + 11:.1f}" font-size="10.5" text-anchor="middle" fill="#ffffff">'
            f"{_text(word)}</text>"
        )
        right -= 4


def _cut(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _text(text: str) -> str:
    return escape(_cut(text))
