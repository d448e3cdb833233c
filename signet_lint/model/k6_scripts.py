"""The scripts that load tests run: which file k6 is told to run, where the repository has it, and what it does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from signet_lint.k6 import Script, Val, read_script
from signet_lint.model.application import Env
from signet_lint.model.container import Container, EnvVar, Piece, config_maps, container_of, line_with, listed
from signet_lint.model.loadtest import LoadTest, load_tests
from signet_lint.model.resource import INTO_TEXT, Field, dig

_RUN = re.compile(r"(?:^|[\s/;&|])k6\s(?:[^;&|\n]*\s)?(?:run|cloud)\s+([^;&|\n]+)")
_FILE = re.compile(r"""["']?([\w./${}-]+\.(?:js|ts|mjs))["']?(?=\s|$)""")
_GIVEN = re.compile(r"(?:^|\s)(?:-e|--env)[\s=]+[\"']?(\w+)=([^\s\"']*)")


class TestScript(Struct, frozen=True, eq=False):
    """A load test with its script; `script` is None where the repository does not have it.

    `named` is the word that names the script, `path` what it names; `is_inline` says that k6 reads it elsewhere (from
    its input, an archive or an address), so that no ConfigMap need hold it.
    """

    test: LoadTest
    container: Container
    named: Field
    path: str
    script: Script | None
    files: Mapping[str, Field]
    is_inline: bool = False

    __test__ = False  # no class of tests

    @property
    def name(self) -> str:
        """Name of the workload."""
        return self.test.resource.name

    def at(self, value: Val) -> Field | None:
        """The line of the script where a value is written."""
        return self.line(value.file, value.line)

    def line(self, file: str, line: int) -> Field | None:
        """A line of one of its files."""
        found = self.files.get(file)
        return found.child(INTO_TEXT, line) if found is not None and line else found

    @property
    def start(self) -> Field:
        """The first line of the script, else the word that names it."""
        return self.line(_clean(self.path), 1) or self.named

    def variable(self, name: str) -> EnvVar | None:
        """A variable of the container."""
        return self.container.variable(name)


@lru_cache(maxsize=64)
def test_scripts(env: Env) -> tuple[TestScript, ...]:
    """The script of every load test of an environment."""
    return tuple(found for test in load_tests(env) if (found := _script_of(test, env)) is not None)


test_scripts.__test__ = False  # type: ignore[attr-defined]


def _script_of(test: LoadTest, env: Env) -> TestScript | None:
    if not test.pod:
        return _of_operator(test, env)
    container = container_of([test.resource.at(*test.container)], env)
    files = _mounted(test, container, env)
    words = [str(piece.value) for piece in container.words]
    text = " ".join(words)
    named, path = _named(container)
    known = {name: found.value for name, found in files.items()}
    if not path:
        is_inline = bool(re.search(r"<<|\brun\s+(?:.*\s)?-(?:\s|$)|https?://|\.tar\b", text))
        scripts = [name for name in files if name.endswith((".js", ".ts", ".mjs"))]
        if len(scripts) == 1 and not is_inline:
            path = scripts[0]
        elif is_inline or not words:
            return TestScript(test, container, named, "", None, files, is_inline=True)
    environment = {one.name: one.value for one in container.env}
    environment.update(_GIVEN.findall(text))
    script = None
    if _clean(path) in known:
        script = read_script(_clean(path), known.get, environment, open_ended=container.open_ended)
    is_inline = "://" in path or "$" in path
    return TestScript(test, container, named, path, script, files, is_inline=is_inline)


def _of_operator(test: LoadTest, env: Env) -> TestScript | None:
    """A resource of the k6 operator: it mounts the ConfigMap at /test and runs the file."""
    resource = test.resource
    source = resource.get("spec", "script", "configMap")
    named = resource.at("spec", "script", "configMap", "name")
    container = container_of([resource.at("spec", "runner")], env)
    name, file = dig(source, ("name",)), dig(source, ("file",), "test.js")
    if not isinstance(name, str) or not isinstance(file, str):
        return TestScript(test, container, named, "", None, {}, is_inline=True)
    found = config_maps(env).get((resource.namespace, name))
    files = {f"test/{key}": found.at("data", key) for key in _texts(found.get("data"))} if found else {}
    path, environment = f"test/{file}", {one.name: one.value for one in container.env}
    known = {key: at.value for key, at in files.items()}
    script = read_script(path, known.get, environment, open_ended=container.open_ended) if path in known else None
    return TestScript(test, container, named, path, script, files)


def _named(container: Container) -> tuple[Field, str]:
    """The word that names the script, and the path; the working directory joined."""
    folder = container.at.child("workingDir").value
    pieces = container.words
    for piece in pieces:
        word = str(piece.value)
        match = _RUN.search(word)
        found = _FILE.search(match.group(1)) if match else _FILE.fullmatch(word.strip())
        if found:
            moved = re.findall(r"(?:^|[\s;&])cd\s+([^\s;&]+)", word[: match.start()] if match else "")
            base = moved[-1] if moved else str(folder or "")
            path = found.group(1)
            return line_with(piece.at, path), path if path.startswith("/") or not base else f"{base}/{path}"
    at: Field = pieces[0].at if pieces else container.image.at
    return at, ""


def _mounted(test: LoadTest, container: Container, env: Env) -> dict[str, Field]:
    """Every text of a ConfigMap in the container, by its path without the first slash."""
    found: dict[str, Field] = {}
    volumes = listed(test.resource.at(*test.pod, "volumes"))
    for mount_path, mount in container.mounts.items():
        volume = next((v for v in volumes if v.value.get("name") == mount.value.get("name")), None)
        if volume is None:
            continue
        sub = mount.value.get("subPath")
        for name, at in _held(volume, test, env):
            if isinstance(sub, str) and sub:
                if name == sub:
                    found[_clean(mount_path)] = at
            else:
                found[_clean(f"{mount_path}/{name}")] = at
    return found


def _held(volume: Piece, test: LoadTest, env: Env) -> Iterator[tuple[str, Field]]:
    projected = dig(volume.value, ("projected", "sources"))
    for source in (volume.value, *(projected if isinstance(projected, list) else [])):
        reference = dig(source, ("configMap",))
        name = dig(reference, ("name",))
        resource = config_maps(env).get((test.resource.namespace, name)) if isinstance(name, str) else None
        if resource is None:
            continue
        items = dig(reference, ("items",))
        pairs = [(dig(i, ("path",)), dig(i, ("key",))) for i in items] if isinstance(items, list) else None
        texts = _texts(resource.get("data"))
        for path, key in pairs if pairs is not None else [(key, key) for key in texts]:
            if isinstance(path, str) and isinstance(key, str) and key in texts:
                yield path, resource.at("data", key)


def _texts(data: object) -> dict[str, str]:
    return {str(k): v for k, v in data.items() if isinstance(v, str)} if isinstance(data, Mapping) else {}


def _clean(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))
