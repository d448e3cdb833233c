"""Colours of the text report, as ANSI sequences or nothing at all."""

from __future__ import annotations

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "bold": "1",
    "gutter": "1;34",
    "label": "34",
    "dim": "2",
    "good": "1;32",
    "added": "32",
    "removed": "31",
}


class Style:
    """Paints text in a named style where colour is on."""

    def __init__(self, *, color: bool) -> None:
        self.color = color

    def paint(self, style: str, text: str) -> str:
        """The text in a style of the table above."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.color and text else text
