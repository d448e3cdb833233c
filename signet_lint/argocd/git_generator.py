"""The git generator: parameter sets from the folders or files of the repository.

[applicationset/generators/{git,value_interpolation}.go; reposerver/repository/repository.go GetGitDirectories;
util/git/client.go LsFiles; Argo CD v3.1.9]
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from signet_lint.argocd.fieldpath import Path, leaves, mapping, sequence, text
from signet_lint.argocd.glob import PatternError, git_pathspec, path_match
from signet_lint.argocd.goformat import StringList, StringMap, flatten, format_value, sanitize_name
from signet_lint.argocd.gotemplate import TemplateFailure
from signet_lint.argocd.problems import GeneratorError, NotExamined, UnexpandedError
from signet_lint.argocd.templating import FileOrigin, ParameterSet, Renderer

if TYPE_CHECKING:
    from signet_lint.source.tree import Tree


def git_parameters(
    body: Mapping[str, Any], at: Path, *, tree: Tree, owns_repo: Callable[[str], bool], renderer: Renderer
) -> list[ParameterSet]:
    """The sets of a git generator on this repository; raises `UnexpandedError`. `revision` is taken as the tree's own."""
    if not owns_repo(text(body.get("repoURL"))):
        why = f"its repository `{text(body.get('repoURL'))}` is not this one"
        raise UnexpandedError(NotExamined("git generator", why, (*at, "repoURL")))
    folders, files = sequence(body.get("directories")), sequence(body.get("files"))
    if folders:
        found = [(folder, {}, FileOrigin(folder)) for folder in matching_folders(folders, tree)]
    elif files:
        found = _file_objects(matching_files(files, (*at, "files"), tree), tree, at)
    else:
        raise UnexpandedError(GeneratorError("ApplicationSet is empty", at))
    prefix = text(body.get("pathParamPrefix"))
    sets = [
        _parameters(place, content, origin, prefix=prefix, is_file=not folders, renderer=renderer, at=at)
        for place, content, origin in found
    ]
    return [_with_values(one, mapping(body.get("values")), renderer, at) for one in sets]


def matching_folders(items: Iterable[Any], tree: Tree) -> list[str]:
    """Folders that an item includes and none excludes, in the order of a walk; hidden ones are never seen."""
    tests = [(mapping(item).get("exclude") is True, _pattern(text(mapping(item).get("path")))) for item in items]
    chosen = []
    for folder in _folders(tree):
        matched = {exclude for exclude, test in tests if test(folder)}
        if matched == {False}:
            chosen.append(folder)
    return chosen


def _pattern(pattern: str) -> Callable[[str], bool]:
    try:
        compiled = path_match(pattern)
    except PatternError:
        return lambda _: False  # upstream logs the bad pattern and goes on
    return lambda folder: bool(compiled.fullmatch(folder))


def _folders(tree: Tree) -> list[str]:
    seen: set[tuple[str, ...]] = set()
    for file in tree.files():
        steps = tuple(file.split("/")[:-1])
        hidden = next((index for index, step in enumerate(steps) if step.startswith(".")), len(steps))
        seen.update(steps[:length] for length in range(1, hidden + 1))
    return ["/".join(steps) for steps in sorted(seen)]


def matching_files(items: Iterable[Any], at: Path, tree: Tree) -> list[str]:
    """Files that an item includes and none excludes, sorted; raises `UnexpandedError` for a pathspec git refuses."""
    chosen: dict[bool, set[str]] = {False: set(), True: set()}
    for index, item in enumerate(items):
        pattern = text(mapping(item).get("path"))
        path = (*at, index, "path")
        if pattern.startswith(":"):
            raise UnexpandedError(NotExamined("git generator", f"`{pattern}` is a pathspec with magic", path))
        if pattern.startswith("/") or posixpath.normpath(pattern).startswith(".."):
            raise UnexpandedError(GeneratorError(f"`{pattern}` is outside the repository", path))
        normal = posixpath.normpath(pattern) + ("/" if pattern.endswith("/") else "")
        try:
            compiled = git_pathspec(normal)
        except PatternError:
            continue  # git matches nothing with it
        chosen[mapping(item).get("exclude") is True].update(file for file in tree.files() if compiled.fullmatch(file))
    return sorted(chosen[False] - chosen[True])


def _file_objects(files: Iterable[str], tree: Tree, at: Path) -> list[tuple[str, Mapping[str, Any], FileOrigin]]:
    """Each file with each object in it: one, or a list of them; an empty file counts as one empty object."""
    from signet_lint.source.yamldoc import YamlError, parse

    found: list[tuple[str, Mapping[str, Any], FileOrigin]] = []
    for file in files:
        try:
            content = parse(tree.read(file).decode("utf-8-sig"))
        except (YamlError, UnicodeDecodeError, KeyError) as error:
            message = f"unable to process file '{file}': unable to parse file: {error}"
            raise UnexpandedError(GeneratorError(message, (*at, "files"))) from None
        if isinstance(content, Mapping):
            found.append((file, content, FileOrigin(file)))
        elif content is None or content == []:
            found.append((file, {}, FileOrigin(file)))
        elif isinstance(content, list) and all(one is None or isinstance(one, Mapping) for one in content):
            found.extend((file, mapping(one), FileOrigin(file, (index,))) for index, one in enumerate(content))
        else:
            message = f"unable to process file '{file}': unable to parse file: it holds no object"
            raise UnexpandedError(GeneratorError(message, (*at, "files")))
    return found


def _parameters(
    place: str,
    content: Mapping[str, Any],
    origin: FileOrigin,
    *,
    prefix: str,
    is_file: bool,
    renderer: Renderer,
    at: Path,
) -> ParameterSet:
    """The content's keys and the path parameters of one folder or file."""
    folder = (posixpath.dirname(place) or ".") if is_file else place
    place_values: dict[str, Any] = {
        "path": folder,
        "basename": posixpath.basename(folder),
        "basenameNormalized": sanitize_name(posixpath.basename(folder)),
    }
    if is_file:
        name = posixpath.basename(place)
        place_values.update(filename=name, filenameNormalized=sanitize_name(name))
    if renderer.gotemplate is None:
        values, origins = _flat(content, origin)
        added = _flat_place(place_values, f"{prefix}.path" if prefix else "path")
    else:
        values = dict(content)
        origins = {leaf: FileOrigin(origin.path, (*origin.keypath, *leaf)) for leaf in leaves(content) if leaf}
        place_values["segments"] = StringList(folder.split("/"))
        added = {prefix: {"path": place_values}} if prefix else {"path": place_values}
    replaced = {leaf: where for leaf, where in origins.items() if leaf[0] not in added}
    replaced.update(dict.fromkeys(leaves(added), FileOrigin(place)))
    return ParameterSet({**values, **added}, replaced, at[:-1])


def _flat(content: Mapping[str, Any], origin: FileOrigin) -> tuple[dict[str, Any], dict[Path, FileOrigin]]:
    values = {key: format_value(value) for key, value in flatten(content).items()}
    by_key = {".".join(map(str, leaf)): leaf for leaf in leaves(content)}
    origins: dict[Path, FileOrigin] = {
        (key,): FileOrigin(origin.path, (*origin.keypath, *by_key.get(key, ()))) for key in values
    }
    return values, origins


def _flat_place(place: Mapping[str, str], name: str) -> dict[str, str]:
    flat = {name if key == "path" else f"{name}.{key}": value for key, value in place.items()}
    flat.update({f"{name}[{index}]": step for index, step in enumerate(place["path"].split("/")) if step})
    return flat


def _with_values(one: ParameterSet, extra: Mapping[str, Any], renderer: Renderer, at: Path) -> ParameterSet:
    """The set with the generator's `values`, each expanded with the set itself but not with one another."""
    if not extra:
        return one
    keys = [key for key, value in extra.items() if isinstance(value, str)]
    expanded = renderer.expand([extra[key] for key in keys], one.values)
    texts: dict[str, str] = {}
    for key, result in zip(keys, expanded, strict=True):
        if isinstance(result, TemplateFailure):
            message = f"failed to append templated values: failed to replace templated string: {result.message}"
            raise UnexpandedError(GeneratorError(message, (*at, "values", key)))
        texts[key] = result
    flat = renderer.gotemplate is None
    added: dict[str, Any] = {f"values.{key}": value for key, value in texts.items()} if flat else {"values": StringMap(texts)}
    origins = {leaf: where for leaf, where in one.origins.items() if leaf[0] not in added}
    for key in keys:
        origins[(f"values.{key}",) if flat else ("values", key)] = (*at, "values", key)
    return ParameterSet({**one.values, **added}, origins, one.generator)
