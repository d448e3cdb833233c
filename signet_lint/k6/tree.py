"""The syntax tree of a script, and the texts in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node


def parsed(file: str, text: str) -> Node:
    """The root of a JavaScript file, or of a TypeScript one by its name."""
    from tree_sitter import Language, Parser

    if file.endswith(".ts"):
        import tree_sitter_typescript

        language = Language(tree_sitter_typescript.language_typescript())
    else:
        import tree_sitter_javascript

        language = Language(tree_sitter_javascript.language())
    return Parser(language).parse(text.encode()).root_node


def resolved(file: str, source: str) -> str:
    """The path of a file that another one imports."""
    parts = file.split("/")[:-1] if not source.startswith("/") else []
    for part in source.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in (".", "") or (part == "" and not parts):
            parts.append(part)
    return "/".join(parts)


def child_of(node: Node, name: str) -> Node:
    """The child in a field of the grammar; any node where a broken script has none."""
    found = node.child_by_field_name(name)
    if found is None:
        return node.children[0] if node.children else node.parent or node
    return found


def text_of(node: Node | None) -> str:
    """A node as it is written."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def key_of(node: Node) -> str:
    """The key that a node of an object is."""
    return string_of(node) if node.type == "string" else text_of(node)


def unescaped(node: Node) -> str:
    """A part of a string as it is meant."""
    text = text_of(node)
    return {"\\n": "\n", "\\t": "\t"}.get(text, text[1:]) if node.type == "escape_sequence" else text


def string_of(node: Node | None) -> str:
    """A string without its quotes."""
    return "".join(map(unescaped, node.named_children)) if node is not None else ""
