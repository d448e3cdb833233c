"""ApplicationSet templates without goTemplate: `{{name}}` is replaced by the parameter of exactly that name.

[applicationset/utils/utils.go Replace, Argo CD v3.1.9; valyala/fasttemplate v1.2.2, template.go]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from signet_lint.argocd.gotemplate import TemplateFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEMPLATED = re.compile(r"\{\{.*\}\}")  # on one line, as the upstream regexp has no flags


def expand_fasttemplate(text: str, values: Mapping[str, Any]) -> str | TemplateFailure:
    """The text with its tags replaced; a tag whose parameter is absent or no string stays as it is."""
    if not _TEMPLATED.search(text):
        return text
    expanded: list[str] = []
    rest = text
    while "{{" in rest:
        before, _, rest = rest.partition("{{")
        tag, end, rest = rest.partition("}}")
        if not end:
            return TemplateFailure(f'invalid template: cannot find end tag="}}}}" in the template="{text}"')
        value = values.get(tag.strip()) if tag.strip() else None
        expanded.append(before + (value if isinstance(value, str) else f"{{{{{tag}}}}}"))
    return "".join(expanded) + rest
