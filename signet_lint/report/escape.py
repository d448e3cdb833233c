"""What may reach a terminal: text from the repository, with everything that could steer the terminal made visible."""

from __future__ import annotations

import re

# C0 and C1 controls, line separators, marks that reorder or hide text, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""The text on one line with unsafe characters spelt out (`\x1b`, `\u202e`); line breaks become spaces."""
    return _UNSAFE.sub(lambda match: spelled(match[0]), " ".join(text.splitlines()) if "\n" in text else text)


def lines_of(text: str) -> list[str]:
    """The lines of a message, each made visible; trailing blank ones are dropped."""
    return [visible(line.expandtabs(4).rstrip()) for line in text.rstrip().split("\n")]


def spelled(character: str) -> str:
    """A character as it is shown: itself, or its escape where it is unsafe."""
    if not _UNSAFE.match(character):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
