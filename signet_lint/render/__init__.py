"""Helm, behind one protocol."""
