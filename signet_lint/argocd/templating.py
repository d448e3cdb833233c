"""Turns an ApplicationSet's template and one parameter set into an Application.

[applicationset/utils/utils.go RenderTemplateParams and deeplyReplace; applicationset/controllers/template/template.go;
Argo CD v3.1.9]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from signet_lint.argocd.fasttemplate import expand_fasttemplate
from signet_lint.argocd.fieldpath import Path, leaves, mapping, text
from signet_lint.argocd.gotemplate import TemplateFailure
from signet_lint.argocd.overlay import fill_empty
from signet_lint.argocd.templatepatch import TemplatePatchError, apply_patch, parse_patch

GoTemplate = Callable[[list[str], Mapping[str, Any], Sequence[str]], "list[str | TemplateFailure]"]
"""Expands many goTemplate texts against one parameter set, with the ApplicationSet's goTemplateOptions."""

RESOURCES_FINALIZER = "resources-finalizer.argocd.argoproj.io"
PATCH_PATH: Path = ("spec", "templatePatch")


class FileOrigin(Struct, frozen=True):
    """A parameter that comes from a file or folder of the repository: its path and the keys inside the file."""

    path: str
    keypath: Path = ()


class ParameterSet(Struct, frozen=True):
    """What one generated Application's template sees.

    `origins` has, for each leaf path inside `values`, the field of the ApplicationSet (or the file) it was copied from;
    `generator` is the path of the generator, e.g. `("spec", "generators", 0)`.
    """

    values: Mapping[str, Any]
    origins: Mapping[Path, Path | FileOrigin]
    generator: Path


class ApplicationTemplate(Struct, frozen=True):
    """The template one generator uses.

    `origins` maps paths in `body`, of whole subtrees too, to the ApplicationSet's fields.
    """

    body: Mapping[str, Any]
    origins: Mapping[Path, Path]

    def origin(self, path: Path) -> Path:
        """The field of the ApplicationSet that a path in `body` was written at."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.origins:
                return (*self.origins[path[:length]], *path[length:])
        return ("spec", "template", *path)


class TemplatingError(Struct, frozen=True):
    """An Application that cannot be generated, and the template's field at fault.

    While there is one, the controller applies no Application of the ApplicationSet.
    """

    message: str
    path: Path
    parameter_set: ParameterSet


class GeneratedApplication(Struct, frozen=True):
    """An Application as the ApplicationSet controller would create it.

    `template_paths` has, for each leaf path in `body`, the path of the template's field in the ApplicationSet (values
    the controller adds itself have none).
    """

    body: Mapping[str, Any]
    parameter_set: ParameterSet
    template_paths: Mapping[Path, Path]

    @property
    def name(self) -> str:
        """Its `metadata.name`."""
        return text(mapping(self.body.get("metadata")).get("name"))


class Renderer(Struct, frozen=True):
    """How an ApplicationSet expands its strings: goTemplate through a callable, or fasttemplate where that is None."""

    gotemplate: GoTemplate | None = None
    options: tuple[str, ...] = ()

    def expand(self, texts: Sequence[str], values: Mapping[str, Any]) -> list[str | TemplateFailure]:
        """Each text expanded; texts without `{{` are never sent to the engine."""
        if self.gotemplate is None:
            return [expand_fasttemplate(one, values) for one in texts]
        templated = list(dict.fromkeys(one for one in texts if "{{" in one))
        expanded = (
            dict(zip(templated, self.gotemplate(templated, values, self.options), strict=True)) if templated else {}
        )
        return [expanded.get(one, one) for one in texts]

    def expand_deep(self, node: Any, values: Mapping[str, Any]) -> Expansion:
        """Every string and map key inside a value expanded; nulls in maps are dropped, other scalars stay."""
        texts = list(dict.fromkeys(_strings(node)))
        expansion = Expansion(dict(zip(texts, self.expand(texts, values), strict=True)))
        expansion.value = expansion.rebuild(node, (), ())
        return expansion


class Expansion(Struct):
    """An expanded value, where each of its leaves stood in the template, and what failed, by its place there."""

    texts: Mapping[str, str | TemplateFailure]
    value: Any = None
    paths: dict[Path, Path] = field(default_factory=dict)
    failures: list[tuple[Path, TemplateFailure]] = field(default_factory=list)

    def rebuild(self, node: Any, at: Path, source: Path) -> Any:
        """The node with its strings replaced, noting leaf paths and failures."""
        if isinstance(node, Mapping) and node:
            rebuilt = {}
            for key, inner in node.items():
                if inner is not None:
                    expanded = self._text(key, (*source, key))
                    rebuilt[expanded] = self.rebuild(inner, (*at, expanded), (*source, key))
            return rebuilt
        if isinstance(node, list) and node:
            return [self.rebuild(inner, (*at, index), (*source, index)) for index, inner in enumerate(node)]
        self.paths[at] = source
        return self._text(node, source) if isinstance(node, str) else node

    def _text(self, one: str, source: Path) -> str:
        expanded = self.texts.get(one, one)
        if isinstance(expanded, TemplateFailure):
            self.failures.append((source, expanded))
            return one
        return expanded


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for key, inner in node.items():
            if isinstance(key, str):
                yield key
            yield from _strings(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _strings(inner)


def merge_template(spec: Mapping[str, Any], generator: Path, own: Any) -> ApplicationTemplate:
    """A generator's own `template` with what it leaves empty filled from `spec.template`.

    `generator` is the path of the generator's body, e.g. `("spec", "generators", 0, "list")`
    [generator_spec_processor.go mergeGeneratorTemplate].
    """
    base = mapping(spec.get("template"))
    if not mapping(own):
        return ApplicationTemplate(base, {(): ("spec", "template")})
    merged, origins = fill_empty(mapping(own), base, (*generator, "template"), ("spec", "template"))
    return ApplicationTemplate(merged, origins)


def expand_application(
    template: ApplicationTemplate, parameter_set: ParameterSet, *, manifest: Mapping[str, Any], renderer: Renderer
) -> GeneratedApplication | list[TemplatingError]:
    """The Application of one parameter set, or why there is none.

    `manifest` is the ApplicationSet, for its namespace, `syncPolicy` and `templatePatch`. An empty parameter set leaves
    the template untouched, finalizers included; the patch is expanded all the same.
    """
    spec = mapping(manifest.get("spec"))
    body, paths, errors = _expand_body(template, parameter_set, mapping(spec.get("syncPolicy")), renderer)
    patch = spec.get("templatePatch")
    if not errors and isinstance(patch, str):
        try:
            body, changed = apply_patch(body, _expand_patch(patch, parameter_set, renderer))
        except TemplatePatchError as error:
            return [TemplatingError(str(error), PATCH_PATH, parameter_set)]
        kept = {path: paths[path] for path in leaves(body) if path in paths}
        paths = {**kept, **dict.fromkeys(changed, PATCH_PATH)}
    if errors:
        return errors
    metadata = {key: value for key, value in mapping(body.get("metadata")).items() if key != "namespace"}
    namespace = text(mapping(manifest.get("metadata")).get("namespace"))
    if namespace:
        metadata["namespace"] = namespace
    paths.pop(("metadata", "namespace"), None)
    return GeneratedApplication({**body, "metadata": metadata}, parameter_set, paths)


def _expand_body(
    template: ApplicationTemplate, parameter_set: ParameterSet, sync_policy: Mapping[str, Any], renderer: Renderer
) -> tuple[dict[str, Any], dict[Path, Path], list[TemplatingError]]:
    written = {part: mapping(template.body.get(part)) for part in ("metadata", "spec")}
    kind = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    if not parameter_set.values:
        paths = {path: template.origin(path) for path in leaves(written)}
        return {**kind, **written}, paths, []
    expansion = renderer.expand_deep(written, parameter_set.values)
    errors = [
        TemplatingError(failure.message, template.origin(path), parameter_set) for path, failure in expansion.failures
    ]
    body = {**kind, **expansion.value}
    if not body["metadata"].get("finalizers") and sync_policy.get("preserveResourcesOnDeletion") is not True:
        body["metadata"] = {**body["metadata"], "finalizers": [RESOURCES_FINALIZER]}
    return body, {path: template.origin(source) for path, source in expansion.paths.items()}, errors


def _expand_patch(patch: str, parameter_set: ParameterSet, renderer: Renderer) -> Mapping[str, Any]:
    expanded = renderer.expand([patch], parameter_set.values)[0]
    if isinstance(expanded, TemplateFailure):
        raise TemplatePatchError(f"error replacing values in templatePatch: {expanded.message}")
    return parse_patch(expanded)
