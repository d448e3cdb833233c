"""From a symbolic place to the line a person must edit, with the road the value travelled to it.

A field of a manifest is followed to the template line and the value behind it, the value to its file or to the
Application that passes it, the Application to the ApplicationSet, its element, and the environment's own line.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.argocd.deploy import PlainFile, source_bodies
from signet_lint.argocd.installs import Install
from signet_lint.argocd.references import references
from signet_lint.argocd.simulate import Generated
from signet_lint.argocd.templating import FileOrigin
from signet_lint.discover.repository import Repository
from signet_lint.finding import Hop, Origin, SourceKey
from signet_lint.model.application import Application, Env
from signet_lint.model.resource import (
    INTO_TEXT,
    INTO_YAML,
    Declaration,
    Field,
    Gate,
    InstalledValue,
    Key,
    OutputLine,
    Path,
    Resource,
    Written,
    WrittenOut,
    dig,
    plain,
)
from signet_lint.model.state import At
from signet_lint.model.wiring import Umbrella
from signet_lint.render.references import references_by_line
from signet_lint.render.release import ReleaseTracer
from signet_lint.render.remembered import RememberedVariants
from signet_lint.render.rendering import Rendering
from signet_lint.render.trace import Spot, Tracer
from signet_lint.render.values import Layer, layer_of, leaves
from signet_lint.source.location import Location
from signet_lint.source.positions import key_location
from signet_lint.source.yamldoc import YamlError

_PROBES: tuple[Any, ...] = ("x", True, 1, ["x"], {"x": "x"})


class Origins(Struct, dict=True):
    """Concretises places.

    `envs` are the simulated environments, `installs` how each was entered, `umbrellas` what is known of the charts that
    render Applications.
    """

    tracer: Tracer
    repository: Repository
    envs: Mapping[str, Env]
    installs: Mapping[str, Install]
    umbrellas: Sequence[Umbrella] = ()

    def __post_init__(self) -> None:
        self._roads: dict[tuple[str, str], tuple[Hop, ...]] = {}
        self._known: dict[Any, Origin] = {}
        self.releases = ReleaseTracer(self.tracer)

    def origin(self, at: At) -> Origin:
        """The place to edit and the road to it."""
        place = self._place(at)
        if not isinstance(at, (Field, Written, WrittenOut, Gate, Declaration)):
            return place
        road = self.road(at.resource.env, at.resource.application)
        return replace(place, trail=_joined(road, place.trail))

    def _place(self, at: At) -> Origin:
        """The place to edit and the road to it inside its Application."""
        if isinstance(at, Location):
            return Origin(at, "exact")
        if isinstance(at, Key):
            return self._key(at.file, at.path)
        if isinstance(at, InstalledValue):
            return self._key(f"{at.chart}/values.yaml".lstrip("/"), at.path)
        if isinstance(at, OutputLine):
            return self._output_line(at)
        if isinstance(at, (Written, WrittenOut)):
            return self._written(at.resource, at.path)
        if isinstance(at, Gate):
            return self.gate_of(at.resource) or self._declaration(at.resource)
        if isinstance(at, Declaration):
            return self._declaration(at.resource)
        return self._field(at.resource, at.path, at.probe)

    def for_every_field(self) -> Origins:
        """The same for tracing whole manifests: no value is changed twice for the fields of one template."""
        return replace(self, tracer=Tracer(RememberedVariants(self.tracer.engine)))

    def field(self, resource: Resource, path: Path) -> tuple[Origin, Origin]:
        """Where a field's value comes from, and what writes the field; neither with the road to its Application.

        A null is no value: it comes from what writes it.
        """
        emitted = self._written(resource, path)
        if dig(resource.body, path) is None:
            return emitted, emitted
        behind = self._field(resource, path)
        if behind.location == emitted.location:  # no value: then perhaps what the Application calls its release
            behind = self._released(resource, path, emitted) or behind
        return behind, emitted

    def is_written_out(self, at: WrittenOut) -> bool:
        """Whether a template writes the field out, reading no value for it; files that are no templates have no values."""
        maker, ref = at.resource.ref.maker, at.resource.ref
        if not isinstance(maker, Rendering):
            return False
        return self.tracer.is_written_out(maker, Spot(ref.template, ref.index, at.path, ref.item))

    def road(self, env: str, application: str) -> tuple[Hop, ...]:
        """The hops from an environment to an Application: flag, element, parameter, umbrella, its template."""
        key = (env, application)
        if key not in self._roads:
            self._roads[key] = ()  # an Application that creates itself ends here
            self._roads[key] = self._find_road(env, application)
        return self._roads[key]

    def gate_of(self, resource: Resource) -> Origin | None:
        """Where the value stands that switches a manifest on; None where nothing does."""
        maker = resource.ref.maker
        if not isinstance(maker, Rendering):
            return None
        gates = self._known_gates(maker, resource)
        if gates is None:
            gates = self.tracer.gates(maker, resource.ref.template, resource.ref.index)
        return self._value(maker, resource, gates[0]) if gates else None

    def _known_gates(self, rendering: Rendering, resource: Resource) -> Sequence[Path] | None:
        """What switches an Application of an umbrella, as measured with the wiring."""
        for umbrella in self.umbrellas:
            if umbrella.chart == rendering.folder and resource.kind == "Application":
                template = rendering.source_file(resource.ref.template)
                gates = [gate for gate in umbrella.gates if gate.template == template]
                if len({gate.values for gate in gates}) == 1:
                    return gates[0].values
        return None

    def _find_road(self, env: str, name: str) -> tuple[Hop, ...]:
        application = self.envs[env].application(name) if env in self.envs else None
        if application is None or application.manifest is None:
            return ()
        manifest = application.manifest
        declared = Hop(self._declaration(manifest).location, f"Application `{name}`")
        gate = self.gate_of(manifest)
        if gate is not None:
            return _joined(gate.trail, (declared,))
        if isinstance(manifest.ref.maker, Generated):
            return _joined(self._env_hop(env), (declared,))
        return _joined(self.road(env, application.parent), (declared,))

    def _env_hop(self, env: str) -> tuple[Hop, ...]:
        install = self.installs.get(env)
        if install is None or not install.item:
            return ()
        at, _ = key_location(
            self.repository.documents, f"{install.folder}/values.yaml".lstrip("/"), (*install.item, "name")
        )
        return (Hop(at, f"environment `{env}`"),)

    def _key(self, file: str, path: Path) -> Origin:
        location, exact = key_location(self.repository.documents, file, path)
        note = f"value `{dotted(path)}`" if exact else f"`{dotted(path)}` belongs here"
        return Origin(location, "exact", (Hop(location, note),) if path else (), SourceKey(file, path))

    def _output_line(self, at: OutputLine) -> Origin:
        maker = at.maker
        if not isinstance(maker, Rendering):
            return Origin(Location(at.template, at.line), "exact")
        template, line, measured = self.tracer.line_of_output(maker, at.template, at.line)
        return Origin(self._template_location(maker, template, line), "line" if measured else "template")

    def _template_location(self, rendering: Rendering, template: str, line: int) -> Location:
        """A template's line, or the chart's own file where the template is in an archive; the span is the line's text."""
        path = rendering.source_file(template)
        if not self.repository.tree.exists(path):
            return Location(rendering.source_file("Chart.yaml"))
        return self.line_span(path, line)

    def line_span(self, path: str, line: int) -> Location:
        """A whole line of a file, without its indentation."""
        try:
            text = self.repository.text(path).splitlines()[line - 1]
        except (KeyError, IndexError, YamlError):
            return Location(path, line)
        start = len(text) - len(text.lstrip()) + 1
        return Location(path, line, start, line, len(text.rstrip()) + 1)

    def _written(self, resource: Resource, path: Path) -> Origin:
        maker, ref = resource.ref.maker, resource.ref
        if isinstance(maker, Generated):
            return self._written(maker.application_set, self._template_path(maker, path))
        if isinstance(maker, Rendering):
            return self._template_line(maker, Spot(ref.template, ref.index, path, ref.item), f"writes `{dotted(path)}`")
        return self._plain(resource, path)

    def _declaration(self, resource: Resource) -> Origin:
        maker = resource.ref.maker
        if isinstance(maker, Generated):
            return self._declaration(maker.application_set)
        found = self._written(resource, ("kind",))
        return self._noted(found, f"{resource.kind} `{resource.name}`")

    def _field(self, resource: Resource, path: Path, probe: Any = None) -> Origin:
        key = (id(resource.ref.maker), resource.ref.template, resource.ref.index, resource.ref.item, path, repr(probe))
        if key not in self._known:
            self._known[key] = self._find_field(resource, path, probe)
        return self._known[key]

    def _find_field(self, resource: Resource, path: Path, probe: Any) -> Origin:
        maker = resource.ref.maker
        if isinstance(maker, Generated):
            return self._generated(maker, path)
        if isinstance(maker, Rendering):
            return self._rendered(resource, maker, path, probe)
        return self._plain(resource, path)

    def _plain(self, resource: Resource, path: Path) -> Origin:
        ref = resource.ref
        full = ("items", ref.item, *path) if ref.item >= 0 else path
        path_of_file = ref.maker.path if isinstance(ref.maker, PlainFile) else ref.template
        if INTO_TEXT in full:
            cut = full.index(INTO_TEXT)
            at, _ = key_location(self.repository.documents, path_of_file, full[:cut], ref.index)
            line = full[cut + 1]
            return Origin(self.line_span(path_of_file, at.line + (line if isinstance(line, int) else 0)), "exact")
        at, exact = key_location(self.repository.documents, path_of_file, full, ref.index)
        note = f"`{dotted(path)}`" if exact else f"`{dotted(path)}` belongs here"
        return Origin(at, "exact", (Hop(at, note),), SourceKey(path_of_file, full, ref.index))

    def _rendered(self, resource: Resource, rendering: Rendering, path: Path, probe: Any) -> Origin:
        ref = resource.ref
        spot = Spot(ref.template, ref.index, path, ref.item)
        copied = self._copied(resource, rendering, path)
        if copied is not None:
            return Origin(copied, "exact", (Hop(copied, f"read into `{dotted(path)}`"),))
        if _exists(resource.body, path):
            value = self.tracer.value_of(rendering, spot)
        else:
            value = self.tracer.home_of(rendering, spot, _PROBES if probe is None else (probe,))
            is_unset = value is not None and not any(one.has(value) for one in rendering.layers)
            near = self._near(rendering, value) if value is not None and is_unset else None
            if near is not None and near[-1] in path:
                return self._reading_line(rendering, ref.template, value or (), path)  # the template misspells it
            if near is not None:
                value = near
            elif is_unset and _is_written(resource.body, path):
                return self._template_line(rendering, spot, f"renders `{dotted(path)}`")  # it reads what nobody sets
            if value is None:
                spot = replace(spot, path=_existing(resource.body, path))
                value = self.tracer.value_of(rendering, spot) if spot.path else None
        emitted = self._template_line(rendering, spot, f"renders `{dotted(path)}`")
        if value is None:
            return self._line_of_value(resource, rendering, path, emitted) or emitted
        behind = self._value(rendering, resource, value)
        return replace(behind, trail=_joined(behind.trail, emitted.trail))

    def _line_of_value(self, resource: Resource, rendering: Rendering, path: Path, emitted: Origin) -> Origin | None:
        """The line of a value's text that a line of a manifest's text repeats (a script in a values file)."""
        if INTO_TEXT not in path:
            return None
        cut = path.index(INTO_TEXT)
        ref, number = resource.ref, path[cut + 1]
        shown = dig(resource.body, path[:cut])
        if not isinstance(shown, str) or not isinstance(number, int):
            return None
        repeated = [one for one, text in leaves(rendering.effective) if _is_text(text) and text.strip() in shown]
        whole = Spot(ref.template, ref.index, path[:cut], ref.item)
        value = next(iter(repeated), None) or self.tracer.value_of(rendering, whole)
        own = dig(rendering.effective, value) if value else None
        if value is None or not isinstance(own, str):
            return None
        wanted = shown.splitlines()[number - 1].strip() if number <= shown.count("\n") + 1 else ""
        same = [at for at, line in enumerate(own.splitlines()) if line.strip() == wanted] if wanted else [0]
        behind = self._value(rendering, resource, value)
        if not same:
            return replace(behind, trail=_joined(behind.trail, emitted.trail))
        file, line = behind.location.path, behind.location.line + 1 + min(same, key=lambda at: abs(at + 1 - number))
        at = self.line_span(file, line)
        if wanted and self._source_line(file, line).strip() != wanted:
            at = behind.location  # the value is no block of text
        return replace(behind, location=at, trail=_joined(behind.trail, emitted.trail))

    def _source_line(self, file: str, line: int) -> str:
        try:
            lines = self.repository.text(file).splitlines()
        except (KeyError, YamlError):
            return ""
        return lines[line - 1] if 0 < line <= len(lines) else ""

    def _near(self, rendering: Rendering, path: Path) -> Path | None:
        """The value beside a missing one that is spelt almost alike and that no template reads."""
        beside = dig(rendering.effective, path[:-1]) if path else None
        if not isinstance(beside, Mapping) or path[-1] in beside:
            return None
        templates = [name for name in rendering.request.chart.files if name.startswith("templates/")]
        read = {one for name in templates for one in self.tracer.references(rendering, name)}
        unread = [str(key) for key in beside if not any(one[: len(path)] == (*path[:-1], key) for one in read)]
        near = difflib.get_close_matches(str(path[-1]), unread, n=1, cutoff=0.8)
        return (*path[:-1], near[0]) if near else None

    def _reading_line(self, rendering: Rendering, template: str, value: Path, path: Path) -> Origin:
        """The line of a template that reads a value, in place of the field that it would write."""
        text = rendering.request.chart.files[template].decode("utf-8", "replace")
        lines = (line for line, read in references_by_line(text).items() if value in read)
        at = self.line_span(rendering.source_file(template), next(lines, 1))
        return Origin(at, "line", (Hop(at, f"reads `{dotted(value)}` for `{dotted(path)}`"),))

    def _copied(self, resource: Resource, rendering: Rendering, path: Path) -> Location | None:
        """The line of a chart's own file (`.Files.Get`) that a line of a text repeats."""
        if INTO_TEXT not in path:
            return None
        cut = path.index(INTO_TEXT)
        text, line = dig(resource.body, path[:cut]), path[cut + 1]
        if not isinstance(text, str) or not isinstance(line, int):
            return None
        lines = text.rstrip().splitlines()
        for name, content in rendering.request.chart.files.items():
            if name.startswith("templates/") or "/templates/" in name or line > len(lines):
                continue
            own = content.decode("utf-8", "replace").rstrip().splitlines()
            same = sum(one.rstrip() == other.rstrip() for one, other in zip(own, lines, strict=False))
            # `tpl` fills in some lines, the others stay as they are.
            if len(own) == len(lines) and 2 * same > len(lines):
                return self.line_span(rendering.source_file(name), line)
        return None

    def _template_line(self, rendering: Rendering, spot: Spot, note: str) -> Origin:
        template, line, measured = self.tracer.template_line(rendering, spot)
        at = self._template_location(rendering, template, line)
        precision = ("line" if measured else "template") if at.path.endswith(template) else "chart"
        return Origin(at, precision, (Hop(at, note),))  # type: ignore[arg-type]

    def _value(self, rendering: Rendering, resource: Resource, path: Path) -> Origin:
        """Where the value of a rendering that made `resource` comes from."""
        layer = layer_of(rendering.layers, path)
        if layer is None:
            return Origin(Location(rendering.source_file("Chart.yaml")), "chart")
        if layer.file:
            return self._key(layer.file, path)
        if layer.field is None:
            return self._key(rendering.source_file("values.yaml"), path)
        owner = self._owner(resource)
        if owner is None:
            return Origin(Location(rendering.source_file("Chart.yaml")), "chart")
        return self._passed(owner, layer, path)

    def _passed(self, owner: Resource, layer: Layer, path: Path) -> Origin:
        """A value that an Application passes: followed into what made the Application."""
        field: Path = layer.field or ()
        if layer.kind == "parameter":
            name = dig(owner.body, (*field[:-1], "name"))
            return self._noted(self._field(owner, field), f"parameter `{name}`")
        inside = (*field, *path) if field[-1] == "valuesObject" else (*field, INTO_YAML, *path)
        return self._noted(self._field(owner, inside), f"passes `{dotted(path)}`")

    def _released(self, resource: Resource, path: Path, emitted: Origin) -> Origin | None:
        """The place in an Application that a field repeats by way of `.Release`."""
        maker, ref = resource.ref.maker, resource.ref
        owner = self._owner(resource)
        if owner is None or not isinstance(maker, Rendering):
            return None
        part = self.releases.behind(maker, Spot(ref.template, ref.index, path, ref.item))
        named = [(*at, "helm", "releaseName") for at, _ in source_bodies(owner)]
        fields = [("spec", "destination", "namespace")] if part == "namespace" else [*named, ("metadata", "name")]
        given = getattr(maker.request, part) if part else None
        for field in fields:
            if given and dig(owner.body, field) == given:
                behind = self._field(owner, field)
                return replace(behind, trail=_joined(behind.trail, emitted.trail))
        return None

    @staticmethod
    def _noted(origin: Origin, note: str) -> Origin:
        if not origin.trail:
            return origin
        last = replace(origin.trail[-1], note=note)
        return replace(origin, trail=(*origin.trail[:-1], last))

    def _owner(self, resource: Resource) -> Resource | None:
        env = self.envs.get(resource.env)
        application: Application | None = env.application(resource.application) if env else None
        return application.manifest if application else None

    def _generated(self, maker: Generated, path: Path) -> Origin:
        """A field of an Application that an ApplicationSet generated: the parameter behind it, else its template."""
        owner = maker.application_set
        template = self._template_path(maker, path)
        text = dig(owner.body, template)
        emitted = self._field(owner, template)
        if not isinstance(text, str) or "{{" not in text:
            return emitted
        parameter = self._parameter(maker, text, dig(maker.generated.body, path))
        source = maker.generated.parameter_set.origins.get(parameter) if parameter else None
        if isinstance(source, FileOrigin):
            behind = self._key(source.path, source.keypath)
        elif source is not None and parameter is not None:
            behind = self._field(owner, source)
            behind = self._noted(behind, f"element `{dotted(parameter)}`")
        else:
            return emitted
        return replace(behind, trail=_joined(behind.trail, emitted.trail[-1:]))

    @staticmethod
    def _template_path(maker: Generated, path: Path) -> Path:
        paths = maker.generated.template_paths
        for length in range(len(path), -1, -1):
            for leaf, template in paths.items():
                if leaf[:length] == path[:length]:
                    below = len(leaf) - length
                    return template[: len(template) - below] if below else template
        return ("spec", "template")

    @staticmethod
    def _parameter(maker: Generated, text: str, value: Any) -> Path | None:
        """The parameter a template text takes its value from: of several, the one whose text stands in the value."""
        go = dig(maker.application_set.body, ("spec", "goTemplate")) is True
        values = maker.generated.parameter_set.values
        read = references(text, go_template=go)
        found = [(p, v) for p, v in leaves(values) if any(p[: len(r)] == r for r in read)]
        written = [p for p, v in found if v not in (None, "") and plain(v) in str(value)]
        return next(iter([*written, *(p for p, _ in found)]), None)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value.strip()


def _exists(body: Any, path: Path) -> bool:
    # A null is what an absent field is: no value.
    return INTO_YAML in path or INTO_TEXT in path or dig(body, path) is not None


def _is_written(body: Any, path: Path) -> bool:
    """Whether a manifest has a field without a value."""
    parent = dig(body, path[:-1])
    return isinstance(parent, Mapping) and path[-1] in parent


def _existing(body: Any, path: Path) -> Path:
    """The longest part of a path that exists."""
    for length in range(len(path), 0, -1):
        if _exists(body, path[:length]):
            return path[:length]
    return ()


def _joined(*roads: Sequence[Hop]) -> tuple[Hop, ...]:
    """Hops one after the other, each place once (the first time)."""
    found: dict[Location, Hop] = {}
    for road in roads:
        for hop in road:
            found.setdefault(hop.location, hop)
    return tuple(found.values())


def dotted(path: Path) -> str:
    """A path as people write it: `model.args[1]`."""
    text = ""
    for step in path:
        if step == INTO_YAML:
            continue
        if step == INTO_TEXT:
            return text
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else str(step))
    return text
