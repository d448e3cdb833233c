"""Expands one generator of an ApplicationSet into parameter sets.

[applicationset/generators/{generator_spec_processor,list,matrix,merge}.go, Argo CD v3.1.9]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from signet_lint.argocd.fieldpath import Path, leaves, mapping, sequence, text
from signet_lint.argocd.git_generator import git_parameters
from signet_lint.argocd.goformat import flatten_strings, format_value
from signet_lint.argocd.overlay import override
from signet_lint.argocd.problems import GeneratorError, NotExamined, UnexpandedError
from signet_lint.argocd.selector import SelectorError, parse_selector
from signet_lint.argocd.templating import ApplicationTemplate, FileOrigin, ParameterSet, Renderer, merge_template
from signet_lint.source.yamldoc import YamlError, parse

if TYPE_CHECKING:
    from signet_lint.source.tree import Tree

__all__ = [
    "GeneratorContext",
    "GeneratorError",
    "GeneratorResult",
    "NotExamined",
    "expand_generator",
    "list_parameters",
]

# In the order of the fields of ApplicationSetGenerator [applicationset_types.go].
_KINDS = (
    "list",
    "clusters",
    "git",
    "scmProvider",
    "clusterDecisionResource",
    "pullRequest",
    "matrix",
    "merge",
    "plugin",
)
_NEED_A_CLUSTER = {
    "clusters": "the clusters registered in Argo CD are not in the repository",
    "scmProvider": "it lists the repositories of a hosting service",
    "clusterDecisionResource": "it reads a resource of the cluster",
    "pullRequest": "it lists the pull requests of a hosting service",
    "plugin": "it asks a service",
}
_MAX_NESTING = 2  # a matrix or merge inside a matrix or merge; the third level must be something else
MAX_PARAMETER_SETS = 10_000  # of one generator: a matrix of long lists is no reason to eat all memory


class GeneratorContext(Struct, frozen=True):
    """What generators need to know besides their own spec.

    `owns_repo` tells whether a repoURL is the repository that `tree` holds; `spec` is the ApplicationSet's spec.
    """

    spec: Mapping[str, Any]
    tree: Tree
    owns_repo: Callable[[str], bool]
    renderer: Renderer

    @property
    def go_template(self) -> bool:
        """Whether parameters keep their structure; otherwise they are a flat map of strings."""
        return self.renderer.gotemplate is not None


class GeneratorResult(Struct, frozen=True):
    """What one entry of `spec.generators` yields: parameter sets with the template for them, or a problem."""

    parameter_sets: tuple[ParameterSet, ...]
    template: ApplicationTemplate
    problem: GeneratorError | NotExamined | None = None


def expand_generator(generator: Any, path: Path, context: GeneratorContext) -> list[GeneratorResult]:
    """The results of one top-level generator, one for each kind it sets; `path` is its path in the ApplicationSet.

    As upstream, an error in one kind drops the whole entry; siblings in `spec.generators` are not affected.
    """
    base = ApplicationTemplate(mapping(context.spec.get("template")), {(): ("spec", "template")})
    results: list[GeneratorResult] = []
    try:
        kinds = _kinds(generator, path)
        if not kinds:
            return [GeneratorResult((), base, GeneratorError("contains unrecognized generators", path, blocks=False))]
        for kind in kinds:
            own = mapping(generator[kind]).get("template")
            sets = _filtered(generator, _parameters(kind, generator[kind], path, context, 1), path)
            results.append(GeneratorResult(tuple(sets), merge_template(context.spec, (*path, kind), own)))
    except UnexpandedError as error:
        return [GeneratorResult((), base, error.problem)]
    return results


def _kinds(generator: Any, path: Path) -> list[str]:
    if not isinstance(generator, Mapping):
        raise UnexpandedError(GeneratorError("a generator must be an object", path))
    return [kind for kind in _KINDS if generator.get(kind) is not None]


def _parameters(kind: str, body: Any, path: Path, context: GeneratorContext, depth: int) -> list[ParameterSet]:
    at = (*path, kind)
    if kind in _NEED_A_CLUSTER:
        raise UnexpandedError(NotExamined(f"{kind} generator", _NEED_A_CLUSTER[kind], at))
    if not isinstance(body, Mapping):
        raise UnexpandedError(GeneratorError(f"`{kind}` must be an object", at))
    if kind == "list":
        return list_parameters(body, at, go_template=context.go_template)
    if kind == "git":
        return git_parameters(body, at, tree=context.tree, owns_repo=context.owns_repo, renderer=context.renderer)
    if depth > _MAX_NESTING:
        raise UnexpandedError(GeneratorError(f"a {kind} generator cannot be nested this deep", at))
    combine = _matrix_parameters if kind == "matrix" else _merge_parameters
    return combine(body, at, context, depth)


def _filtered(generator: Mapping[str, Any], sets: list[ParameterSet], path: Path) -> list[ParameterSet]:
    """The sets that the generator's `selector` lets through; it sees them flattened."""
    try:
        matches = parse_selector(generator.get("selector"))
    except SelectorError as error:
        raise UnexpandedError(GeneratorError(f"error parsing label selector: {error}", (*path, "selector"))) from None
    if len(sets) > MAX_PARAMETER_SETS:
        raise UnexpandedError(NotExamined("generator", f"it yields over {MAX_PARAMETER_SETS} parameter sets", path))
    return [one for one in sets if matches(flatten_strings(one.values))]


def list_parameters(body: Mapping[str, Any], at: Path, *, go_template: bool) -> list[ParameterSet]:
    """The sets of a list generator: `elements`, then `elementsYaml`; raises `UnexpandedError`."""
    sets: list[ParameterSet] = []
    for index, element in enumerate(sequence(body.get("elements"))):
        path = (*at, "elements", index)
        if element is not None and not isinstance(element, Mapping):
            raise UnexpandedError(GeneratorError("error unmarshling list element: it must be an object", path))
        values = mapping(element)
        if go_template:
            sets.append(ParameterSet(values, {leaf: (*path, *leaf) for leaf in leaves(values) if leaf}, at[:-1]))
        else:
            sets.append(_flat_element(values, path, at[:-1]))
    return sets + _yaml_elements(body.get("elementsYaml"), (*at, "elementsYaml"), at[:-1])


def _flat_element(element: Mapping[str, Any], path: Path, generator: Path) -> ParameterSet:
    """An element for fasttemplate: strings only, and a map `values` as `values.<key>`."""
    flat: dict[str, tuple[Any, Path]] = {}
    for key, value in element.items():
        if key != "values":
            flat[key] = (value, (*path, key))
        elif not isinstance(value, Mapping):
            raise UnexpandedError(GeneratorError("error parsing values map", (*path, key)))
        else:
            flat.update({f"values.{inner}": (read, (*path, key, inner)) for inner, read in value.items()})
    for value, field in flat.values():
        if not isinstance(value, str):
            raise UnexpandedError(GeneratorError("error parsing value as string", field))
    values = {key: value for key, (value, _) in flat.items()}
    return ParameterSet(values, {(key,): field for key, (_, field) in flat.items()}, generator)


def _yaml_elements(source: Any, at: Path, generator: Path) -> list[ParameterSet]:
    if not text(source):
        return []
    try:
        elements = parse(source)
    except YamlError as error:
        raise UnexpandedError(GeneratorError(f"error unmarshling decoded ElementsYaml {error.message}", at)) from None
    listed = [] if elements is None else elements
    if not isinstance(listed, list) or any(one is not None and not isinstance(one, Mapping) for one in listed):
        raise UnexpandedError(
            GeneratorError("error unmarshling decoded ElementsYaml: it must be a list of objects", at)
        )
    sets = [mapping(element) for element in listed]
    return [
        ParameterSet(values, dict.fromkeys((leaf for leaf in leaves(values) if leaf), at), generator) for values in sets
    ]


def _nested(
    generator: Any, path: Path, context: GeneratorContext, depth: int, params: ParameterSet | None = None
) -> list[ParameterSet]:
    """The sets of a generator inside a matrix or merge, expanded with the parameters of the one before it."""
    kinds = _kinds(generator, path)
    if not kinds:
        raise UnexpandedError(GeneratorError("child generator generated no parameters", path))
    if len(kinds) > 1:
        raise UnexpandedError(GeneratorError("found more than one generator in matrix.Generators", path))
    body = generator[kinds[0]]
    if params and params.values:
        expansion = context.renderer.expand_deep(body, params.values)
        for field, failure in expansion.failures:
            message = f"failed to replace parameters in generator: {failure.message}"
            raise UnexpandedError(GeneratorError(message, (*path, kinds[0], *field)))
        body = expansion.value
    return _filtered(generator, _parameters(kinds[0], body, path, context, depth + 1), path)


def _matrix_parameters(body: Mapping[str, Any], at: Path, context: GeneratorContext, depth: int) -> list[ParameterSet]:
    inner = sequence(body.get("generators"))
    if len(inner) != 2:
        count = "less" if len(inner) < 2 else "more"
        message = f"found {count} than two generators, Matrix support only two"
        raise UnexpandedError(GeneratorError(message, (*at, "generators")))
    sets: list[ParameterSet] = []
    for first in _nested(inner[0], (*at, "generators", 0), context, depth):
        seconds = _nested(inner[1], (*at, "generators", 1), context, depth, first)
        sets.extend(_combined(first, second, at, go_template=context.go_template) for second in seconds)
        if len(sets) > MAX_PARAMETER_SETS:
            raise UnexpandedError(NotExamined("matrix generator", f"it yields over {MAX_PARAMETER_SETS} sets", at))
    return sets


def _combined(first: ParameterSet, second: ParameterSet, at: Path, *, go_template: bool) -> ParameterSet:
    """One cell of a matrix: with goTemplate the first generator's keys win, without it equal keys must agree."""
    if go_template:
        return _overridden(second, first, at[:-1])
    values = {key: format_value(value) for key, value in first.values.items()}
    for key, value in second.values.items():
        formatted = format_value(value)
        if values.setdefault(key, formatted) != formatted:
            message = f"found duplicate key {key} with different value, a: {values[key]} ,b: {formatted}"
            raise UnexpandedError(GeneratorError(message, at))
    return ParameterSet(values, {**first.origins, **second.origins}, at[:-1])


def _overridden(base: ParameterSet, top: ParameterSet, generator: Path) -> ParameterSet:
    values = override(base.values, top.values)
    origins: dict[Path, Path | FileOrigin] = {}
    for leaf in leaves(values):
        origin = top.origins.get(leaf) or base.origins.get(leaf)
        if origin is not None:
            origins[leaf] = origin
    return ParameterSet(values, origins, generator)


def _merge_parameters(body: Mapping[str, Any], at: Path, context: GeneratorContext, depth: int) -> list[ParameterSet]:
    """The first generator's sets, each overridden by the later ones' set with equal merge keys.

    Upstream returns them in the random order of a Go map; here they keep the first generator's order.
    """
    inner = sequence(body.get("generators"))
    if len(inner) < 2:
        message = "found less than two generators, Merge requires two or more"
        raise UnexpandedError(GeneratorError(message, (*at, "generators")))
    keys = [key for key in sequence(body.get("mergeKeys")) if isinstance(key, str)]
    if not keys:
        message = "no merge keys were specified, Merge requires at least one"
        raise UnexpandedError(GeneratorError(message, (*at, "mergeKeys")))
    paths = [(*at, "generators", index) for index in range(len(inner))]
    each = [_nested(generator, path, context, depth) for generator, path in zip(inner, paths, strict=True)]
    merged, *others = [_by_merge_key(sets, keys, path) for sets, path in zip(each, paths, strict=True)]
    for overrides in others:
        for key, base in merged.items():
            top = overrides.get(key)
            if top and context.go_template:
                merged[key] = _overridden(base, top, at[:-1])
            elif top:
                merged[key] = ParameterSet({**base.values, **top.values}, {**base.origins, **top.origins}, at[:-1])
    return [ParameterSet(one.values, one.origins, at[:-1]) for one in merged.values()]


def _by_merge_key(sets: Sequence[ParameterSet], keys: Sequence[str], path: Path) -> dict[str, ParameterSet]:
    found: dict[str, ParameterSet] = {}
    for one in sets:
        key = json.dumps({name: one.values.get(name) for name in sorted(set(keys))}, sort_keys=True)
        if key in found:
            message = (
                "the parameters from a generator were not unique by the given mergeKeys, Merge requires all param sets "
                f"to be unique. Duplicate key was {key}"
            )
            raise UnexpandedError(GeneratorError(message, path))
        found[key] = one
    return found
