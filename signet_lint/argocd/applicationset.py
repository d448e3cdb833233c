"""All Applications that the ApplicationSet controller would create from one ApplicationSet.

[applicationset/controllers/template/template.go GenerateApplications; applicationset_controller.go
validateGeneratedApplications; Argo CD v3.1.9]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from signet_lint.argocd.fieldpath import mapping, sequence
from signet_lint.argocd.generators import GeneratorContext, GeneratorResult, expand_generator
from signet_lint.argocd.problems import GeneratorError, NotExamined
from signet_lint.argocd.templating import (
    GeneratedApplication,
    GoTemplate,
    Renderer,
    TemplatingError,
    expand_application,
)
from signet_lint.render.values import leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from signet_lint.source.tree import Tree

_GO_ACTION = re.compile(r"\{\{-?\s*(?:\.|\$|(?:if|range|with|else|end|include|default|index)\b)[^{}]*\}\}")


class Generation(Struct):
    """What an ApplicationSet yields. `duplicates` share a name with an earlier Application: Argo CD skips them."""

    applications: list[GeneratedApplication] = field(default_factory=list)
    duplicates: list[GeneratedApplication] = field(default_factory=list)
    errors: list[GeneratorError | TemplatingError] = field(default_factory=list)
    not_examined: list[NotExamined] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        """Whether Argo CD creates and updates none of the Applications until the errors are gone."""
        return any(not isinstance(error, GeneratorError) or error.blocks for error in self.errors)


def renderer_of(manifest: Mapping[str, Any], gotemplate: GoTemplate) -> Renderer:
    """How the ApplicationSet expands strings: by `gotemplate` with its options, or as fasttemplate."""
    spec = mapping(manifest.get("spec"))
    options = tuple(str(option) for option in sequence(spec.get("goTemplateOptions")))
    return Renderer(gotemplate if spec.get("goTemplate") is True else None, options)


def mistaken_for_go(manifest: Mapping[str, Any]) -> str:
    """The first action of Go's templates in the template of an ApplicationSet that does not use them; "" where none is.

    Names of fasttemplate's parameters begin with a letter; a tag that is no parameter stays as it is [applicationset/utils,
    Replace].
    """
    spec = mapping(manifest.get("spec"))
    if spec.get("goTemplate") is True:
        return ""
    texts = (value for _, value in leaves([spec.get("template"), spec.get("templatePatch")]) if isinstance(value, str))
    found = (match for text in texts if (match := _GO_ACTION.search(text)))
    return next((match.group() for match in found), "")


def generate_applications(
    manifest: Mapping[str, Any], *, tree: Tree, owns_repo: Callable[[str], bool], gotemplate: GoTemplate
) -> Generation:
    """The Applications of an ApplicationSet manifest, in the order of its generators.

    A failing generator or Application does not stop the others here, so that all can be judged. Upstream generates them
    too, but then applies none: the controller returns at the first error [applicationset_controller.go Reconcile].
    """
    if text := mistaken_for_go(manifest):
        why = f"`{text}` is a Go template, and `goTemplate` is not true: Argo CD leaves it as it stands"
        return Generation(errors=[GeneratorError(why, ("spec", "goTemplate"))])
    spec = mapping(manifest.get("spec"))
    renderer = renderer_of(manifest, gotemplate)
    context = GeneratorContext(spec, tree, owns_repo, renderer)
    generation = Generation()
    names: set[str] = set()
    for index, generator in enumerate(sequence(spec.get("generators"))):
        for result in expand_generator(generator, ("spec", "generators", index), context):
            _add(generation, result, names, manifest=manifest, renderer=renderer)
    return generation


def _add(
    generation: Generation, result: GeneratorResult, names: set[str], *, manifest: Mapping[str, Any], renderer: Renderer
) -> None:
    if isinstance(result.problem, NotExamined):
        generation.not_examined.append(result.problem)
    elif result.problem:
        generation.errors.append(result.problem)
    for parameter_set in result.parameter_sets:
        application = expand_application(result.template, parameter_set, manifest=manifest, renderer=renderer)
        if isinstance(application, list):
            generation.errors.extend(application)
        elif application.name in names:
            generation.duplicates.append(application)
        else:
            names.add(application.name)
            generation.applications.append(application)
