"""Finds where the quotes and brackets of a shell script end."""

from __future__ import annotations

from signet_lint.vllm.word import ShellSyntaxError

_CLOSING = {"(": ")", "{": "}"}


def end_of_quote(text: str, start: int, quote: str) -> int:
    """Return the offset after the next such quote; raises ShellSyntaxError when there is none."""
    end = text.find(quote, start)
    if end < 0:
        raise ShellSyntaxError("a quote is not closed")
    return end + 1


def end_of_double_quotes(text: str, start: int) -> int:
    """Return the offset of the double quote that closes the one before `start`; raises ShellSyntaxError."""
    position = start
    while position < len(text):
        if text[position] == '"':
            return position
        if text[position] == "\\":
            position += 2
        elif text.startswith(("$(", "${"), position):
            position = end_of_brackets(text, position + 1)
        else:
            position += 1
    raise ShellSyntaxError("a double quote is not closed")


def end_of_brackets(text: str, start: int) -> int:
    """Return the offset after the bracket that closes the one at `start`; raises ShellSyntaxError."""
    opening = text[start]
    position, open_brackets = start, 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "'" and opening == "(":
            position = end_of_quote(text, position + 1, "'") - 1
        elif character == '"':
            position = end_of_double_quotes(text, position + 1)
        elif character == opening:
            open_brackets += 1
        elif character == _CLOSING[opening]:
            open_brackets -= 1
            if not open_brackets:
                return position + 1
        position += 1
    raise ShellSyntaxError(f"`{opening}` is not closed")
