"""The git generator: parameter sets from the folders or files of the repository.

[applicationset/generators/{git,value_interpolation}.go; reposerver/repository/repository.go GetGitDirectories;
util/git/client.go LsFiles; Argo CD v3.1.9]
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from signet_lint.argocd.fieldpath import Path, leaves, mapping, sequence, text
from signet_lint.argocd.glob import PatternError, git_pathspec, path_match
from signet_lint.argocd.goformat import StringList, StringMap, flatten, format_value, sanitize_name
from signet_lint.argocd.gotemplate import TemplateFailure
from signet_lint.argocd.problems import GeneratorError, NotExamined, UnexpandedError
from signet_lint.argocd.templating import FileOrigin, ParameterSet, Renderer
from signet_lint.source.yamldoc import YamlError, parse

if TYPE_CHECKING:
    from signet_lint.source.tree import Tree


def git_parameters(
    body: Mapping[str, Any], at: Path, *, tree: Tree, owns_repo: Callable[[str], bool], renderer: Renderer
) -> list[ParameterSet]:
    """The sets of a git generator on this repository; its `revision` is taken to be the tree's.

    Raises `UnexpandedError`.
    """
    if not owns_repo(text(body.get("repoURL"))):
        why = f"its repository `{text(body.get('repoURL'))}` is not this one"
        raise UnexpandedError(NotExamined("git generator", why, (*at, "repoURL")))
    folders, files = sequence(body.get("directories")), sequence(body.get("files"))
    if folders:
        found = [_Found(folder, {}, FileOrigin(folder), is_file=False) for folder in matching_folders(folders, tree)]
    elif files:
        found = _file_objects(matching_files(files, (*at, "files"), tree), tree, at)
    else:
        raise UnexpandedError(GeneratorError("ApplicationSet is empty", at))
    prefix = text(body.get("pathParamPrefix"))
    flat = renderer.gotemplate is None
    sets = [_flat_parameters(one, prefix, at) if flat else _nested_parameters(one, prefix, at) for one in found]
    return [_with_values(one, mapping(body.get("values")), renderer, at) for one in sets]


class _Found(Struct, frozen=True):
    """One folder, or one object of one file."""

    place: str
    content: Mapping[str, Any]
    origin: FileOrigin
    is_file: bool

    @property
    def folder(self) -> str:
        return (posixpath.dirname(self.place) or ".") if self.is_file else self.place

    def path_parameters(self) -> dict[str, str]:
        """The parameters below `path`, without its segments."""
        name = posixpath.basename(self.folder)
        parameters = {"path": self.folder, "basename": name, "basenameNormalized": sanitize_name(name)}
        if self.is_file:
            file = posixpath.basename(self.place)
            parameters.update(filename=file, filenameNormalized=sanitize_name(file))
        return parameters

    def parameter_set(
        self, values: Mapping[str, Any], origins: Mapping[Path, FileOrigin], added: Mapping[str, Any], at: Path
    ) -> ParameterSet:
        """The content's parameters with those of its place over them."""
        kept: dict[Path, Path | FileOrigin] = {leaf: where for leaf, where in origins.items() if leaf[0] not in added}
        kept.update(dict.fromkeys(leaves(added), FileOrigin(self.place)))
        return ParameterSet({**values, **added}, kept, at[:-1])


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


def _file_objects(files: Iterable[str], tree: Tree, at: Path) -> list[_Found]:
    """Each file with each object in it: one, or a list of them; an empty file counts as one empty object."""
    found: list[_Found] = []
    for file in files:
        try:
            content = parse(tree.read(file).decode("utf-8-sig"))
        except (YamlError, UnicodeDecodeError, KeyError) as error:
            message = f"unable to process file '{file}': unable to parse file: {error}"
            raise UnexpandedError(GeneratorError(message, (*at, "files"))) from None
        if isinstance(content, Mapping):
            found.append(_Found(file, content, FileOrigin(file), is_file=True))
        elif content is None or content == []:
            found.append(_Found(file, {}, FileOrigin(file), is_file=True))
        elif isinstance(content, list) and all(one is None or isinstance(one, Mapping) for one in content):
            objects = (mapping(one) for one in content)
            found.extend(_Found(file, one, FileOrigin(file, (i,)), is_file=True) for i, one in enumerate(objects))
        else:
            message = f"unable to process file '{file}': unable to parse file: it holds no object"
            raise UnexpandedError(GeneratorError(message, (*at, "files")))
    return found


def _nested_parameters(found: _Found, prefix: str, at: Path) -> ParameterSet:
    """With goTemplate: the content as it is, and a map `path` (inside `prefix`, where that is set)."""
    origin = found.origin
    origins = {leaf: FileOrigin(origin.path, (*origin.keypath, *leaf)) for leaf in leaves(found.content) if leaf}
    path = {**found.path_parameters(), "segments": StringList(found.folder.split("/"))}
    return found.parameter_set(found.content, origins, {prefix: {"path": path}} if prefix else {"path": path}, at)


def _flat_parameters(found: _Found, prefix: str, at: Path) -> ParameterSet:
    """With fasttemplate: the content flattened to strings, `path`, `path.basename` and `path[0]`."""
    origin = found.origin
    values = {key: format_value(value) for key, value in flatten(found.content).items()}
    by_key = {".".join(map(str, leaf)): leaf for leaf in leaves(found.content)}
    origins: dict[Path, FileOrigin] = {
        (key,): FileOrigin(origin.path, (*origin.keypath, *by_key.get(key, ()))) for key in values
    }
    name = f"{prefix}.path" if prefix else "path"
    path = {name if key == "path" else f"{name}.{key}": value for key, value in found.path_parameters().items()}
    path.update({f"{name}[{index}]": step for index, step in enumerate(found.folder.split("/")) if step})
    return found.parameter_set(values, origins, path, at)


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
    added: dict[str, Any] = (
        {f"values.{key}": value for key, value in texts.items()} if flat else {"values": StringMap(texts)}
    )
    origins = {leaf: where for leaf, where in one.origins.items() if leaf[0] not in added}
    for key in keys:
        origins[(f"values.{key}",) if flat else ("values", key)] = (*at, "values", key)
    return ParameterSet({**one.values, **added}, origins, one.generator)
