"""The `selector` of a generator: which parameter sets it lets through.

[applicationset/utils/selector.go, Argo CD v3.1.9: label selectors without rules for values]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from signet_lint.argocd.fieldpath import mapping, sequence

_NAME = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PREFIX = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")

Matcher = Callable[[Mapping[str, str]], bool]


class SelectorError(Exception):
    """A selector that Argo CD refuses."""


def parse_selector(selector: Any) -> Matcher:
    """A test for flattened parameters (`flatten_strings`); raises `SelectorError`. No selector lets all through."""
    if selector is None:
        return lambda _: True
    tests = [_requirement(key, "In", [value]) for key, value in mapping(mapping(selector).get("matchLabels")).items()]
    for expression in sequence(mapping(selector).get("matchExpressions")):
        read = mapping(expression)
        tests.append(_requirement(read.get("key"), read.get("operator"), sequence(read.get("values"))))
    return lambda labels: all(test(labels) for test in tests)


def _requirement(key: Any, operator: Any, values: list[Any]) -> Matcher:
    if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
        raise SelectorError(f'"{operator}" is not a valid pod selector operator')
    if not isinstance(key, str) or not _is_qualified_name(key):
        raise SelectorError(f'key: Invalid value: "{key}": it must be a qualified label name')
    if operator in ("In", "NotIn") and not values:
        raise SelectorError("values: Invalid value: for 'in', 'notin' operators, values set can't be empty")
    if operator in ("Exists", "DoesNotExist") and values:
        raise SelectorError("values: Invalid value: values set must be empty for exists and does not exist")
    if any(not isinstance(value, str) for value in values):
        raise SelectorError(f"values of `{key}` must be strings")
    tests: dict[str, Matcher] = {
        "In": lambda labels: key in labels and labels[key] in values,
        "NotIn": lambda labels: labels.get(key) not in values,
        "Exists": lambda labels: key in labels,
        "DoesNotExist": lambda labels: key not in labels,
    }
    return tests[operator]


def _is_qualified_name(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and not (_PREFIX.fullmatch(prefix) and len(prefix) <= 253):
        return False
    return bool(_NAME.fullmatch(name)) and len(name) <= 63
