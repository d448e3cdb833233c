"""Measures the wiring of every environment: which key reaches which element, parameter, value and Application."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from signet_lint.argocd.applicationset import mistaken_for_go, renderer_of
from signet_lint.argocd.deploy import Deployer
from signet_lint.argocd.env_keys import EnvKeyMeasurer, element_keys, place_of, truth
from signet_lint.argocd.generators import GeneratorContext, expand_generator
from signet_lint.argocd.gotemplate import TemplateFailure
from signet_lint.argocd.helm_request import parameter_path
from signet_lint.argocd.references import references
from signet_lint.argocd.simulate import Simulation
from signet_lint.argocd.templating import ParameterSet, Renderer
from signet_lint.argocd.umbrella import Passed, Survey, measure_umbrella
from signet_lint.model.application import Application, Env
from signet_lint.model.resource import Field, InstalledValue, Path, Resource, dig
from signet_lint.model.wiring import EnvKey, EnvPlace, Thread, Umbrella, Wiring, is_flag
from signet_lint.render.engine import RenderRequest
from signet_lint.render.named import NamedValues
from signet_lint.render.references import computes_keys
from signet_lint.render.rendering import Rendering
from signet_lint.render.trace import Tracer
from signet_lint.render.values import leaves, set_at
from signet_lint.source.yamldoc import YamlError, parse

_TEMPLATE: Path = ("spec", "template")


class WiringMeasurer(Struct):
    """Collects the facts; charts shared by environments are measured once."""

    deployer: Deployer
    tracer: Tracer
    simulation: Simulation
    _surveys: dict[Rendering, Survey | None] = field(default_factory=dict)
    _umbrellas: dict[str, Umbrella] = field(default_factory=dict)
    _computing: dict[str, bool] = field(default_factory=dict)
    _without_effect: dict[Any, tuple[Path, ...]] = field(default_factory=dict)
    _follows: dict[Any, dict[str, frozenset[str]]] = field(default_factory=dict)

    def survey(self, umbrella: Rendering) -> Survey | None:
        """The survey of an umbrella's first rendering: it can be asked for before all environments are simulated."""
        if umbrella not in self._surveys:
            self._surveys[umbrella] = Survey.of(self.tracer, umbrella)
        return self._surveys[umbrella]

    def umbrellas(self) -> tuple[Umbrella, ...]:
        """The umbrellas of all environments, each once."""
        sets = [one for env in self.simulation.envs for one in env.of_kind("ApplicationSet", group="argoproj.io")]
        found = [umbrella for one in sets if (umbrella := self._umbrella(one)) is not None]
        return tuple({umbrella.chart: umbrella for umbrella in found}.values())

    def measure(self) -> tuple[Wiring, ...]:
        """The wiring of each environment through each ApplicationSet of its entry that deploys an umbrella."""
        return tuple(wiring for env in self.simulation.envs for wiring in self._of_env(env))

    def _of_env(self, env: Env) -> Iterator[Wiring]:
        for resource in env.of_kind("ApplicationSet", group="argoproj.io"):
            umbrella = self._umbrella(resource)
            if umbrella is not None:
                yield self._wiring(env, resource, umbrella)

    def _umbrella(self, application_set: Resource) -> Umbrella | None:
        """The chart the ApplicationSet deploys, if that renders Applications."""
        if mistaken_for_go(application_set.body):
            return None  # it passes nothing on; that is reported
        renderings = [
            rendering
            for known, made in self.simulation.generated
            if made.application_set.name == application_set.name
            for rendering in self._renderings(known, made.generated.name)
        ]
        renderings = renderings or self._unconfigured(application_set)
        if not renderings:
            return None
        folder = renderings[0].folder
        if folder not in self._umbrellas:
            same = [rendering for rendering in renderings if rendering.folder == folder]
            names = [known.name for known in self.simulation.envs]
            self._umbrellas[folder] = measure_umbrella(
                self.deployer.repository,
                self.tracer,
                self.survey(same[0]),
                same,
                names,
                _what_is_passed(application_set),
            )
        umbrella = self._umbrellas[folder]
        return umbrella if umbrella.gates else None

    def _unconfigured(self, application_set: Resource) -> list[Rendering]:
        """The chart of an ApplicationSet that generates nothing, with its own values only."""
        source = application_set.get(*_source_path(application_set), default={})
        folder = str(dig(source, ("path",), "")).strip("/")
        names = dig(source, ("helm", "valueFiles"), [])
        if "{{" in folder or folder not in self.deployer.repository.chart_folders:
            return []
        files = [f"{folder}/{name}" for name in names if "{{" not in str(name)] if isinstance(names, list) else []
        rendering = self.deployer.with_own_values(folder, files)
        return [rendering] if rendering else []

    def _renderings(self, env: str, application: str) -> list[Rendering]:
        found = next((known for known in self.simulation.envs if known.name == env), None)
        deployed: Application | None = found.application(application) if found else None
        makers = [resource.ref.maker for resource in deployed.resources] if deployed else []
        return list(dict.fromkeys(maker for maker in makers if isinstance(maker, Rendering)))

    def _wiring(self, env: Env, resource: Resource, umbrella: Umbrella) -> Wiring:
        renderer = renderer_of(resource.body, self.deployer.gotemplate)
        sets = self._parameter_sets(resource, renderer)
        own = [
            made.generated.parameter_set
            for known, made in self.simulation.generated
            if known == env.name and made.application_set.name == resource.name
        ]
        elements = {
            str(leaf[0]): place_of(resource, origin, len(leaf) - 1)
            for one in (*sets, *own)
            for leaf, origin in one.origins.items()
        }
        keys, env_at = self._env_keys(env, resource, own)
        threads = tuple(self._threads(resource, renderer, sets[0] if sets else None, elements))
        return Wiring(
            env=env.name,
            application_set=resource,
            umbrella=umbrella,
            env_keys=keys,
            elements=elements,
            threads=threads,
            template_reads=tuple(_template_reads(resource, renderer)),
            given=frozenset(self._given(env, resource, umbrella)),
            parameters_at=Field(resource, (*_source_path(resource), "helm", "parameters")),
            unread=frozenset(self._unread(env, umbrella, threads)),
            env_at=env_at,
        )

    def _env_keys(
        self, env: Env, resource: Resource, own: Sequence[ParameterSet]
    ) -> tuple[tuple[EnvKey, ...], EnvPlace | None]:
        """What is said of an environment, and where it is named: by the entry chart's values, else by its own elements."""
        install = self.simulation.installs.get(env.name)
        if install and install.item:
            keys = EnvKeyMeasurer(self.tracer, resource, env.name, install).measure()
            return keys, InstalledValue(install.folder, env.name, (*install.item, "name"))
        keys = tuple(element_keys(resource, own))
        named = [key for key in keys if key.value == env.name]
        return keys, next((key.place for key in (*named, *keys)), None)

    def _parameter_sets(self, resource: Resource, renderer: Renderer) -> list[ParameterSet]:
        spec = resource.get("spec", default={})
        if not isinstance(spec, Mapping):
            return []
        context = GeneratorContext(spec, self.deployer.repository.tree, self.deployer.owns_git_generator, renderer)
        generators = spec.get("generators")
        return [
            one
            for index, generator in enumerate(generators if isinstance(generators, list) else [])
            for result in expand_generator(generator, ("spec", "generators", index), context)
            for one in result.parameter_sets
        ]

    def _given(self, env: Env, resource: Resource, umbrella: Umbrella) -> Iterator[Path]:
        """Values of the umbrella that something other than its base files sets."""
        for known, made in self.simulation.generated:
            if known == env.name and made.application_set.name == resource.name:
                for rendering in self._renderings(known, made.generated.name):
                    for layer in rendering.layers:
                        if layer.file not in umbrella.values_files:
                            yield from (path for path, _ in leaves(layer.values))

    def _threads(
        self, resource: Resource, renderer: Renderer, element: ParameterSet | None, elements: Collection[str]
    ) -> Iterator[Thread]:
        """The values that the template passes to the umbrella, parameters first."""
        passed = list(_passed(resource))
        texts = [text for _, text, *_ in passed]
        key = (tuple(texts), tuple(sorted(elements)))
        if key not in self._follows:  # environments share the template: what follows what is the same in each
            self._follows[key] = _followed(texts, renderer, element, elements)
        follows = self._follows[key]
        for path, text, name_at, value_at, is_parameter, as_text in passed:
            yield Thread(path, text, _reads(text, renderer), name_at, value_at, is_parameter, as_text, follows[text])

    def _unread(self, env: Env, umbrella: Umbrella, threads: Sequence[Thread]) -> tuple[Path, ...]:
        """Values passed that no template names: confirmed by changing each, with every Application on."""
        reads = NamedValues(NamedValues(umbrella.reads).deepest)
        suspects = tuple(thread.path for thread in threads if thread.path and not reads.touch(thread.path))
        names = [made.generated.name for known, made in self.simulation.generated if known == env.name]
        renderings = [one for name in names for one in self._renderings(env.name, name) if one.folder == umbrella.chart]
        if not suspects or not renderings:
            return ()
        if umbrella.chart not in self._computing:
            texts = (text.decode("utf-8", "replace") for text in renderings[0].request.chart.files.values())
            self._computing[umbrella.chart] = any(map(computes_keys, texts))
        key = (umbrella.chart, suspects, env.name if self._computing[umbrella.chart] else "")
        if key not in self._without_effect:
            self._without_effect[key] = self._change_nothing(suspects, renderings[0].request, umbrella)
        return self._without_effect[key]

    def _change_nothing(self, paths: tuple[Path, ...], request: RenderRequest, umbrella: Umbrella) -> tuple[Path, ...]:
        """Those of the values that change nothing the umbrella renders, with every Application on."""
        values: Any = request.values
        for path in umbrella.gating_values:
            values = set_at(values, path, True)
        on = replace(request, values=values)
        before = self.tracer.engine.render(on)

        def without_effect(some: Sequence[Path]) -> bool:
            changed = values
            for path in some:
                changed = set_at(changed, path, "signetmark")
            after = self.tracer.engine.render(replace(on, values=changed))
            return isinstance(after, dict) and after == before

        if without_effect(paths):
            return paths
        return tuple(path for path in paths if without_effect([path])) if len(paths) > 1 else ()


def _source_path(resource: Resource) -> Path:
    """The source that deploys the umbrella: of several the first with a `helm` block, else the first with a path."""
    sources = resource.get(*_TEMPLATE, "spec", "sources")
    if not isinstance(sources, list):
        return (*_TEMPLATE, "spec", "source")
    charts = [index for key in ("helm", "path") for index, one in enumerate(sources) if dig(one, (key,)) is not None]
    return (*_TEMPLATE, "spec", "sources", charts[0] if charts else 0)


def _reads(text: str, renderer: Renderer) -> frozenset[Path]:
    return references(text, go_template=renderer.gotemplate is not None)


def _template_reads(resource: Resource, renderer: Renderer) -> Iterator[tuple[Path, Field]]:
    """Every parameter the template, its patch, or a generator's own template reads, with the place."""
    for start in (_TEMPLATE, ("spec", "templatePatch"), ("spec", "generators")):
        for path, value in leaves(dig(resource.body, start)):
            if isinstance(value, str) and "{{" in value:
                for read in sorted(_reads(value, renderer), key=str):
                    yield read, Field(resource, (*start, *path))


def _passed(resource: Resource) -> Iterator[tuple[Path, str, Field, Field, bool, bool]]:
    source = _source_path(resource)
    parameters = resource.get(*source, "helm", "parameters", default=[])
    for index, parameter in enumerate(parameters if isinstance(parameters, list) else []):
        name, text = dig(parameter, ("name",)), dig(parameter, ("value",), "")
        if isinstance(name, str):
            at = Field(resource, (*source, "helm", "parameters", index))
            as_text = dig(parameter, ("forceString",)) is True
            yield parameter_path(name), str(text), at.child("name"), at.child("value"), True, as_text
    inline = Field(resource, (*source, "helm", "valuesObject"))
    for path, value in leaves(inline.value) if isinstance(inline.value, Mapping) and inline.value else ():
        at = inline.child(*path)
        yield path, str(value), at, at, False, isinstance(value, str)
    block = Field(resource, (*source, "helm", "values"))
    for path, text in _block_values(block.value):
        yield path, text, block, block, False, False


def _what_is_passed(resource: Resource) -> Passed:
    passed = list(_passed(resource))
    source = _source_path(resource)
    own = {key: resource.get(*source, key) for key in ("repoURL", "targetRevision")}
    return Passed(
        as_text=frozenset(path for path, _, _, _, _, as_text in passed if as_text),
        repository={key: [path for path, text, *_ in passed if text and text == own[key]] for key in own},
    )


_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def _block_values(text: Any) -> Iterator[tuple[Path, str]]:
    """The values a `values: |` block sets, its template expressions kept as text."""
    if not isinstance(text, str):
        return
    found: list[str] = []

    def kept(match: re.Match[str]) -> str:
        found.append(match.group())
        return f"signetexpression{len(found) - 1}x"

    try:
        data = parse(_EXPRESSION.sub(kept, text))
    except YamlError:
        return
    for path, value in leaves(data):
        yield path, re.sub(r"signetexpression(\d+)x", lambda match: found[int(match.group(1))], str(value))


def _followed(
    texts: Sequence[str], renderer: Renderer, element: ParameterSet | None, elements: Collection[str]
) -> dict[str, frozenset[str]]:
    """For each text the element keys whose truth it passes on: expanded with every flag true, and with every flag false."""
    templated = list(dict.fromkeys(text for text in texts if "{{" in text))
    known = dict.fromkeys(texts, frozenset[str]())
    if element is None or not templated:
        return known
    flags = {path for path, value in leaves(element.values) if is_flag(value) and path[0] in elements}
    on, off = (_expanded(templated, renderer, _with_all(element.values, flags, value)) for value in (True, False))
    for text, when_on, when_off in zip(templated, on, off, strict=True):
        if truth(when_on) is True and truth(when_off) is False:
            known[text] = frozenset(str(path[0]) for path in _reads(text, renderer) if path in flags)
    return known


def _with_all(values: Mapping[str, Any], paths: Iterable[Path], value: Any) -> Mapping[str, Any]:
    for path in paths:
        values = set_at(values, path, value)
    return values


def _expanded(texts: Sequence[str], renderer: Renderer, values: Mapping[str, Any]) -> list[str | TemplateFailure]:
    if renderer.gotemplate is None:
        values = {key: ("true" if v else "false") if isinstance(v, bool) else v for key, v in values.items()}
    return renderer.expand(texts, values)
