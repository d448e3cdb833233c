"""Which values of an umbrella chart switch which of its Applications, measured template by template."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from signet_lint.discover.repository import Repository
from signet_lint.model.resource import Path, dig
from signet_lint.model.wiring import Gate, Umbrella
from signet_lint.render.engine import RenderRequest
from signet_lint.render.references import value_references
from signet_lint.render.rendering import Rendering, solid_documents
from signet_lint.render.trace import Tracer
from signet_lint.render.values import leaves, nodes, set_at
from signet_lint.source.yamldoc import YamlError

_WORDS = frozenset(("on", "off", "yes", "no", "enabled", "disabled", "none", "0", "1", ""))
_APPLICATION = re.compile(r"^\s*kind:\s*[\"']?Application\b", re.MULTILINE)


def measure_umbrella(
    repository: Repository,
    tracer: Tracer,
    renderings: Sequence[Rendering],
    envs: Iterable[str],
    as_text: frozenset[Path],
) -> Umbrella:
    """The gates of an umbrella chart.

    `renderings` is the chart as each environment renders it, `as_text` the values that the ApplicationSet passes as text.
    """
    first = renderings[0]
    files = first.request.chart.files
    templates = sorted(path for path in files if path.startswith("templates/") and _application_text(files, path))
    gates = [gate for template in templates for gate in _gates(tracer, renderings, template, as_text)]
    texts = [text.decode("utf-8", "replace") for path, text in files.items() if "templates/" in path]
    return Umbrella(
        chart=first.folder,
        values_files=base_values_files(repository, first.folder, envs),
        gates=tuple(gates),
        reads=frozenset(path for text in texts for path in value_references(text)),
    )


def base_values_files(repository: Repository, folder: str, envs: Iterable[str]) -> tuple[str, ...]:
    """A chart's values files that are not one environment's, relative to the root."""
    of_envs = {f"values-{env}" for env in envs}
    names = repository.chart(folder).values
    return tuple(f"{folder}/{name}".lstrip("/") for name in names if posixpath.splitext(name)[0] not in of_envs)


def _application_text(files: Mapping[str, bytes], path: str) -> bool:
    return bool(_APPLICATION.search(files[path].decode("utf-8", "replace")))


def _gates(
    tracer: Tracer, renderings: Sequence[Rendering], template: str, as_text: frozenset[Path]
) -> list[Gate]:
    """The Applications of one template with everything it reads switched on, and what switches each off."""
    found: dict[str, Gate] = {}
    for rendering in _by_output(renderings, template):
        base = tracer.base(rendering, template)
        if base is None:
            continue
        for gate in _gates_from(tracer, rendering, base, template, as_text):
            found.setdefault(gate.application, gate)
        if found:
            break
    return list(found.values())


def _by_output(renderings: Sequence[Rendering], template: str) -> list[Rendering]:
    """Renderings where the template gives something first: there it is known to be on."""
    return sorted(renderings, key=lambda rendering: not rendering.outputs.get(template, "").strip())[:2]


def _gates_from(
    tracer: Tracer, rendering: Rendering, base: RenderRequest, template: str, as_text: frozenset[Path]
) -> list[Gate]:
    references = tracer.references(rendering, template)
    for flags in (flag_candidates(rendering.effective, references), text_candidates(rendering.effective, references)):
        values: Any = base.values
        for path in flags:
            values = set_at(values, path, True)
        on = replace(base, values=values)
        changes = [((), values), *((path, False) for path in flags)]
        outputs = tracer.engine.render_variants(on, template, changes)
        applications = _applications(outputs[0])
        if applications:
            break
    gates = []
    for name, body in applications.items():
        gating = tuple(
            path
            for path, output in zip(flags, outputs[1:], strict=True)
            if output is not None and output != outputs[0] and name not in _applications(output)
        )
        gates.append(Gate(rendering.source_file(template), name, _charts(body), gating))
    gates.extend(_inverted_gates(tracer, rendering, on, template, flags, set(applications)))
    texts = [path for path in flags if path in as_text]
    if not texts:
        return gates
    spelt = dict(zip(texts, tracer.engine.render_variants(on, template, [(path, "false") for path in texts]), strict=True))
    return [
        replace(gate, text_false_is_on=frozenset(p for p in gate.values if p in spelt and gate.application in _applications(spelt[p])))
        for gate in gates
    ]


def _inverted_gates(
    tracer: Tracer, rendering: Rendering, on: RenderRequest, template: str, flags: Sequence[Path], known: set[str]
) -> list[Gate]:
    """Applications that are there only while a flag is false; asked where all true gives none."""
    if known or not flags:
        return []
    outputs = tracer.engine.render_variants(on, template, [(path, False) for path in flags])
    gates = []
    for path, output in zip(flags, outputs, strict=True):
        for name, body in _applications(output).items():
            gates.append(Gate(rendering.source_file(template), name, _charts(body), (), inverted=(path,)))
    return gates


def flag_candidates(effective: Any, references: set[Path]) -> list[Path]:
    """Values a template names that are booleans, say so in text, or are not there at all."""
    known = [
        path
        for path, value in leaves(effective)
        if (isinstance(value, bool) or str(value).lower() in ("true", "false")) and _named(path, references)
    ]
    deepest = [r for r in references if not any(o != r and o[: len(r)] == r for o in references)]
    missing = [r for r in deepest if dig(effective, r) is None and not _inside_list(effective, r)]
    containers = {path for path, value in nodes(effective) if isinstance(value, Mapping)}
    return sorted({*known, *(path for path in missing if path not in containers)}, key=str)


def text_candidates(effective: Any, references: set[Path]) -> list[Path]:
    """Flags, and words for on and off a template names: a flag may have been set to what is neither true nor false."""
    texts = [path for path, value in leaves(effective) if str(value).lower() in _WORDS and _named(path, references)]
    return sorted({*flag_candidates(effective, references), *texts}, key=str)


def _named(path: Path, references: set[Path]) -> bool:
    for reference in references:
        same = all(a == b or isinstance(a, int) for a, b in zip(path, reference, strict=False))
        if same and len(reference) <= len(path):
            return True
    return False


def _inside_list(effective: Any, path: Path) -> bool:
    return any(isinstance(dig(effective, path[:length]), list) for length in range(1, len(path)))


def _applications(output: str | None) -> dict[str, Any]:
    if output is None or not output.strip():
        return {}
    try:
        documents = solid_documents(output)
    except YamlError:
        return {}
    bodies = [document.data for document in documents if dig(document.data, ("kind",)) == "Application"]
    return {str(dig(body, ("metadata", "name"))): body for body in bodies}


def _charts(body: Any) -> tuple[str, ...]:
    many = dig(body, ("spec", "sources"))
    sources = many if isinstance(many, list) and many else [dig(body, ("spec", "source"))]
    paths = [dig(source, ("path",)) for source in sources]
    return tuple(posixpath.normpath(path.strip("/")) for path in paths if isinstance(path, str) and path)
