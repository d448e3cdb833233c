"""goTemplate strings of ApplicationSets, expanded by the Helm engine: one chart in memory whose template calls `tpl`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from signet_lint.argocd.gotemplate import TemplateFailure, failure_reason, helm_compatible, restore_no_value
from signet_lint.render.engine import ChartFiles, HelmEngine, RenderFailure, RenderRequest

_END = "\x1e"  # ends each text in the output; no manifest holds this control character
_CHART = ChartFiles(
    "",
    "gotemplate",
    {
        "Chart.yaml": b"apiVersion: v2\nname: gotemplate\nversion: 0.1.0\n",
        "templates/out.yaml": b"{{ $element := mustFromJson $.Values.element }}"
        b'{{ range $.Values.texts }}{{ tpl . $element }}{{ "\\x1e" }}{{ end }}',
    },
)


class EngineGoTemplate:
    """Expands many texts at once; where one fails, each is expanded alone so that the others still count."""

    def __init__(self, engine: HelmEngine) -> None:
        self.engine = engine

    def __call__(
        self, texts: list[str], values: Mapping[str, Any], options: Sequence[str]
    ) -> list[str | TemplateFailure]:
        """Each text expanded against one parameter set, or why it cannot be."""
        prepared = [helm_compatible(text, options) for text in texts]
        good = [text for text in prepared if isinstance(text, str)]
        expanded = iter(self._expand(good, values))
        return [next(expanded) if isinstance(text, str) else text for text in prepared]

    def _expand(self, texts: list[str], values: Mapping[str, Any]) -> list[str | TemplateFailure]:
        if not texts:
            return []
        output = self._render(texts, values)
        if isinstance(output, RenderFailure):
            if len(texts) == 1:
                return [TemplateFailure(failure_reason(output.reason))]
            return [one for text in texts for one in self._expand([text], values)]
        parts = output.split(_END)[:-1]
        if len(parts) != len(texts):
            return [TemplateFailure("the text expands to a control character")] * len(texts)
        return [restore_no_value(part) for part in parts]

    def _render(self, texts: list[str], values: Mapping[str, Any]) -> str | RenderFailure:
        # As JSON text: among Helm's values a null would be dropped, and missingkey=error would see a missing key.
        given = {"texts": texts, "element": json.dumps(values)}
        request = RenderRequest(_CHART, given, "gotemplate", "default", include_crds=False)
        output = self.engine.render(request)
        return output if isinstance(output, RenderFailure) else output.get("templates/out.yaml", "")
