"""Fixes: what rules want changed becomes edits of source text, which are tried before they are written."""
