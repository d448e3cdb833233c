"""Which values of an umbrella chart switch which of its Applications, measured template by template."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.argocd.conditions import switch_line, values_asked, writes_application
from signet_lint.discover.repository import Repository
from signet_lint.model.resource import Path, dig
from signet_lint.model.wiring import Gate, Umbrella, is_flag
from signet_lint.render.engine import RenderFailure, RenderRequest
from signet_lint.render.named import NamedValues
from signet_lint.render.references import computes_keys, value_references
from signet_lint.render.rendering import Rendering, solid_documents
from signet_lint.render.trace import Tracer
from signet_lint.render.values import leaves, set_at
from signet_lint.source.yamldoc import YamlError

_WORDS = frozenset(("on", "off", "yes", "no", "enabled", "disabled", "none", "0", "1", ""))

_DEFINED = re.compile(rb"\bdefine\s+[\"`]([^\"`]+)")
_INCLUDED = re.compile(rb"\b(?:include|template)\s+[\"`]([^\"`]+)")
_ASKS_PRESENCE = re.compile(rb"\b(?:hasKey|kindIs|dig|nil)\b")


def measure_umbrella(
    repository: Repository,
    tracer: Tracer,
    survey: Survey | None,
    renderings: Sequence[Rendering],
    envs: Iterable[str],
    passed: Passed,
) -> Umbrella:
    """The gates of an umbrella chart.

    `renderings` is the chart as each environment renders it, `survey` that of the first one.
    """
    first = renderings[0]
    files = first.request.chart.files
    templates = _application_templates(first)
    gates: list[Gate] = []
    for template in templates:
        own = survey.gates(template) if survey else []
        gates.extend(
            _with_texts(tracer, first, template, own, passed.as_text) if own else _gates(tracer, renderings, template)
        )
    lines = {first.source_file(template): switch_line(files[template]) for template in templates}
    gates = [replace(gate, line=lines[gate.template]) for gate in gates]
    texts = [text.decode("utf-8", "replace") for path, text in files.items() if "templates/" in path]
    return Umbrella(
        chart=first.folder,
        values_files=base_values_files(repository, first.folder, envs),
        gates=tuple(gates),
        reads=frozenset(path for text in texts for path in value_references(text)),
        unfollowed=survey.unfollowed(passed.repository) if survey else {},
    )


class Passed(Struct, frozen=True):
    """What an ApplicationSet passes to an umbrella.

    `as_text` are values that arrive as text though they speak of true and false; `repository` has, for `repoURL` and
    `targetRevision`, the values that hold the ApplicationSet's own.
    """

    as_text: frozenset[Path]
    repository: Mapping[str, Sequence[Path]]


class Survey(Struct, dict=True):
    """The whole umbrella with every flag on, and with some off.

    Flags that a template asks before its Application are never off together with others of that template; the rest,
    which it passes on, are all off at once, and apart only where an Application goes with them.
    """

    tracer: Tracer
    rendering: Rendering
    flags: Mapping[str, Sequence[Path]]
    values: Any
    on: Mapping[str, str]

    def __post_init__(self) -> None:
        files = self.rendering.request.chart.files
        asked = {path for one, paths in self.flags.items() for path in filter(values_asked(files[one]).cover, paths)}
        self.off = self._apart(asked)
        rest = {path for paths in self.flags.values() for path in paths} - asked
        outputs = self._render_without(rest) if rest else self.on
        doubtful = {path for one, paths in self.flags.items() if self._lacks(outputs, one) for path in paths}
        self.off.update(self._apart(doubtful & rest))
        self.off.update(self._asked_for_presence())

    def _asked_for_presence(self) -> Iterator[tuple[Path, Mapping[str, str]]]:
        """What the chart gives without a value that nobody sets, where an Application goes because it is not there."""
        files, effective = self.rendering.request.chart.files, self.rendering.effective
        for template in [one for one in self.flags if _ASKS_PRESENCE.search(files[one])]:
            for path in [path for path in self.flags[template] if dig(effective, path) is None]:
                others = {other for paths in self.flags.values() for other in paths} - {path}
                values = _all_on(self.rendering, others)
                outputs = self.tracer.engine.render(replace(self.rendering.request, values=values))
                if not isinstance(outputs, RenderFailure) and self._lacks(outputs, template):
                    yield path, outputs

    def _apart(self, paths: Set[Path]) -> dict[Path, Mapping[str, str]]:
        """What the chart gives with each flag off, and no other of the templates that name it."""
        return {path: out for group in self._rounds(paths) for path, out in self._switched_off(group).items()}

    def _lacks(self, outputs: Mapping[str, str] | RenderFailure, template: str) -> bool:
        """Whether an Application of a template is gone."""
        if isinstance(outputs, RenderFailure):
            return True
        on, now = self.on.get(template), outputs.get(template)
        return on != now and not _applications(on).keys() <= _applications(now).keys()

    @classmethod
    def of(cls, tracer: Tracer, rendering: Rendering) -> Survey | None:
        """None where the chart cannot be rendered with everything on: its templates are then asked one by one."""
        candidates = _Candidates.among(rendering.effective)
        templates = _application_templates(rendering)
        flags = {one: candidates.flags(_references(tracer, rendering, one)) for one in templates}
        values = _all_on(rendering, {path for paths in flags.values() for path in paths})
        on = tracer.engine.render(replace(rendering.request, values=values))
        return None if isinstance(on, RenderFailure) else cls(tracer, rendering, flags, values, on)

    def _rounds(self, apart: Set[Path]) -> list[list[Path]]:
        """Flags in as few groups as possible, no two of one template in a group."""
        groups: list[list[Path]] = []
        together = [set(paths) for paths in self.flags.values()]
        for path in sorted(apart, key=str):
            beside = {other for paths in together if path in paths for other in paths}
            home = next((group for group in groups if not beside & set(group)), None)
            if home is None:
                groups.append([path])
            else:
                home.append(path)
        return groups

    def _switched_off(self, paths: Sequence[Path]) -> dict[Path, Mapping[str, str]]:
        outputs = self._render_without(paths)
        if not isinstance(outputs, RenderFailure):
            return dict.fromkeys(paths, outputs)
        return {} if len(paths) == 1 else {p: out for path in paths for p, out in self._switched_off([path]).items()}

    def _render_without(self, paths: Iterable[Path]) -> Mapping[str, str] | RenderFailure:
        values = self.values
        for path in sorted(paths, key=str):
            values = _set_over(values, self.rendering.effective, path, value=False)
        return self.tracer.engine.render(replace(self.rendering.request, values=values))

    def gates(self, template: str) -> list[Gate]:
        """The Applications of a template, and the flags without which each is gone."""
        gates = []
        for name, body in _applications(self.on.get(template)).items():
            gating = tuple(path for path in self.flags[template] if self._is_off(template, path, name))
            gates.append(Gate(self.rendering.source_file(template), name, _charts(body), gating))
        return gates

    def _is_off(self, template: str, path: Path, name: str) -> bool:
        output = self.off.get(path, self.on).get(template)
        return output != self.on[template] and name not in _applications(output)

    def unfollowed(self, given: Mapping[str, Sequence[Path]]) -> dict[tuple[str, str], tuple[str, ...]]:
        """For each Application (template, chart) the keys of its source that do not follow the values given for them."""
        values = self.values
        for path in [path for paths in given.values() for path in paths]:
            values = _set_over(values, self.rendering.effective, path, value="signetmark")
        outputs = self.tracer.engine.render(replace(self.rendering.request, values=values))
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        if isinstance(outputs, RenderFailure):
            return found
        for template in self.flags:
            for body in _applications(outputs.get(template)).values():
                source = dig(body, ("spec", "source"), {})
                kept = tuple(
                    key for key in given if given[key] and "signetmark" not in str(dig(source, (key,), "signetmark"))
                )
                if kept:
                    found[self.rendering.source_file(template), next(iter(_charts(body)), "")] = kept
        return found


def _all_on(rendering: Rendering, flags: Iterable[Path]) -> Any:
    """The values of a rendering with flags on."""
    values: Any = rendering.request.values
    for path in sorted(flags, key=str):
        values = _set_over(values, rendering.effective, path, value=True)
    return values


def _set_over(values: Any, effective: Any, path: Path, *, value: Any) -> Any:
    """Set a value inside what is given; a list is taken over whole first, as Helm replaces lists whole."""
    for length, step in enumerate(path):
        if isinstance(step, int):
            if dig(values, path[:length]) is None:
                values = set_at(values, path[:length], dig(effective, path[:length]))
            break
    return set_at(values, path, value)


def _with_texts(
    tracer: Tracer, rendering: Rendering, template: str, gates: list[Gate], as_text: frozenset[Path]
) -> list[Gate]:
    """The gates, with those of their values for which the text "false" leaves the Application on."""
    texts = sorted({path for gate in gates for path in gate.values if path in as_text}, key=str)
    base = tracer.base(rendering, template) if texts else None
    if base is None:
        return gates
    values: Any = base.values
    for path in {path for gate in gates for path in gate.values}:
        values = set_at(values, path, True)
    outputs = tracer.engine.render_variants(replace(base, values=values), template, [(path, "false") for path in texts])
    spelt = dict(zip(texts, map(_applications, outputs), strict=True))
    return [
        replace(gate, text_false_is_on=frozenset(p for p in gate.values if gate.application in spelt.get(p, ())))
        for gate in gates
    ]


def base_values_files(repository: Repository, folder: str, envs: Iterable[str]) -> tuple[str, ...]:
    """A chart's values files that are not one environment's, relative to the root."""
    of_envs = {f"values-{env}" for env in envs}
    names = repository.chart(folder).values
    return tuple(f"{folder}/{name}".lstrip("/") for name in names if posixpath.splitext(name)[0] not in of_envs)


def _application_templates(rendering: Rendering) -> list[str]:
    """Templates that write an Application, or include what writes one."""
    files = rendering.request.chart.files
    partials = {path: text for path, text in files.items() if "templates/" in path and not _renders(path)}
    writing = {name for text in partials.values() if writes_application(text) for name in _DEFINED.findall(text)}
    return sorted(
        path
        for path, text in files.items()
        if _renders(path) and (writes_application(text) or not writing.isdisjoint(_INCLUDED.findall(text)))
    )


def _renders(path: str) -> bool:
    """Whether Helm renders a file of the chart: those of `templates/`, but partials (Helm, pkg/engine/engine.go)."""
    return path.startswith("templates/") and not posixpath.basename(path).startswith("_")


def _gates(tracer: Tracer, renderings: Sequence[Rendering], template: str) -> list[Gate]:
    """The Applications of a template that gives none with every flag on, asked alone where it gives something."""
    for rendering in _by_output(renderings, template):
        base = tracer.base(rendering, template)
        found = _gates_from(tracer, rendering, base, template) if base else []
        if found:
            return found
    return []


def _by_output(renderings: Sequence[Rendering], template: str) -> list[Rendering]:
    """Renderings where the template gives something first: there it is known to be on."""
    return sorted(renderings, key=lambda rendering: not rendering.outputs.get(template, "").strip())[:2]


def _gates_from(tracer: Tracer, rendering: Rendering, base: RenderRequest, template: str) -> list[Gate]:
    references = _references(tracer, rendering, template)
    candidates = _Candidates.among(rendering.effective)
    for flags in (candidates.flags(references), candidates.texts(references)):
        values: Any = base.values
        for path in flags:
            values = set_at(values, path, True)
        on = replace(base, values=values)
        outputs = tracer.engine.render_variants(on, template, [((), values), *((path, False) for path in flags)])
        applications = _applications(outputs[0])
        if applications:
            break
    gates = []
    for name, body in applications.items():
        off = zip(flags, outputs[1:], strict=True)
        gating = tuple(p for p, out in off if out not in (None, outputs[0]) and name not in _applications(out))
        gates.append(Gate(rendering.source_file(template), name, _charts(body), gating))
    return gates or _inverted_gates(tracer, rendering, on, template, flags)


def _references(tracer: Tracer, rendering: Rendering, template: str) -> NamedValues:
    """The values that a template names; every flag of the chart where it picks them by a name that it computes."""
    named = tracer.references(rendering, template)
    files = rendering.request.chart.files
    texts = [text for path, text in files.items() if path == template or ("templates/" in path and not _renders(path))]
    if not any(computes_keys(text.decode("utf-8", "replace")) for text in texts):
        return named
    return NamedValues((*named, *(path for path, value in leaves(rendering.effective) if is_flag(value))))


def _inverted_gates(
    tracer: Tracer, rendering: Rendering, on: RenderRequest, template: str, flags: Sequence[Path]
) -> list[Gate]:
    """Applications that are there only while a flag is false; asked where all true gives none."""
    outputs = tracer.engine.render_variants(on, template, [(path, False) for path in flags])
    gates = []
    for path, output in zip(flags, outputs, strict=True):
        for name, body in _applications(output).items():
            gates.append(Gate(rendering.source_file(template), name, _charts(body), (), inverted=(path,)))
    return gates


class _Candidates(Struct, frozen=True):
    """The values of a chart that may switch something: those that say true or false, and those with a word for it."""

    effective: Any
    says: Sequence[Path]
    words: Sequence[Path]

    @classmethod
    def among(cls, effective: Any) -> _Candidates:
        """Those among the values that templates see."""
        found = list(leaves(effective))
        words = [path for path, value in found if str(value).lower() in _WORDS]
        return cls(effective, [path for path, value in found if is_flag(value)], words)

    def flags(self, references: NamedValues) -> list[Path]:
        """Values a template names that are booleans, say so in text, or are not there at all."""
        known = filter(references.cover, self.says)
        # Of what is ranged over, no entry can be told apart.
        missing = [r for r in references.deepest if dig(self.effective, r) is None]
        return sorted({*known, *(path for path in missing if not any(isinstance(step, int) for step in path))}, key=str)

    def texts(self, references: NamedValues) -> list[Path]:
        """Flags, and words for on and off a template names: a flag may be set to what is neither true nor false."""
        return sorted({*self.flags(references), *filter(references.cover, self.words)}, key=str)


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
