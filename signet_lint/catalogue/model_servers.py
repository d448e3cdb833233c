"""Decides whether a container is an inference server, which one, and whether something sends it to the CPU."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from signet_lint.catalogue._files import read
from signet_lint.catalogue.command_words import Statement, statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)


class ModelServer(Struct, frozen=True):
    """A model server.

    ``max_model_len`` says whether it takes ``--max-model-len``; ``hardware`` is ``gpu`` where it is meant for
    accelerators, ``cpu`` where the CPU is its normal place, ``either`` where the image or the settings decide.
    """

    name: str
    title: str
    max_model_len: bool
    hardware: Literal["gpu", "either", "cpu"]
    source: str
    verified: bool = True


class CpuSignal(Struct, frozen=True):
    """A setting that puts inference on the CPU: the text that says so, and why; ``item`` indexes command plus args."""

    text: str
    why: str
    source: str
    item: int | None = None
    verified: bool = True


class _Pattern(Struct, frozen=True):
    """How to recognise one server, or with ``server`` None something that must not count as one."""

    server: ModelServer | None
    images: tuple[re.Pattern[str], ...]
    commands: tuple[tuple[str, ...], ...]


_Command = tuple[tuple[str, ...], _Pattern]


def recognise(image: str, command: Sequence[str], args: Sequence[str]) -> ModelServer | None:
    """Return the inference server that a container runs, or None.

    An image that is known not to serve decides first, then what the command and arguments run (any statement of a
    shell text), then the image, unless the command runs nothing but programs that serve no model.
    """
    return _recognised(image, tuple(command), tuple(args))


@lru_cache(maxsize=1024)  # environments run the same containers, and their scripts may be long
def _recognised(image: str, command: tuple[str, ...], args: tuple[str, ...]) -> ModelServer | None:
    repository, _ = _reference(image)
    if _by_image(_others(), repository):
        return None
    run = statements((*command, *args))
    started = _by_command(_servers(), run)
    if started is not None:
        return started.server
    if _by_command(_others(), run) is not None or (command and _only_idle(run)):
        return None
    known = _by_image(_servers(), repository)
    return known.server if known else None


def cpu_signal_in_image(image: str) -> CpuSignal | None:
    """Return the signal that ``image`` is built for the CPU, judged by repository and tag, or None."""
    repository, tag = _reference(image)
    text = f"{repository}:{tag}" if tag else repository
    for row in _content()["cpu_images"]:
        if re.search(row["pattern"], text):
            return _signal(row, image)
    return None


def cpu_signal_in_env(name: str, value: str | None) -> CpuSignal | None:
    """Return the signal that a container variable keeps inference off the GPU; ``value`` None (valueFrom) is none."""
    if value is None:
        return None
    for row in _content()["cpu_env"]:
        if re.fullmatch(row["name"], name) and re.fullmatch(row["value"], value, re.IGNORECASE):
            return _signal(row, f"{name}={value}")
    return None


def cpu_signals_in_args(command: Sequence[str], args: Sequence[str]) -> tuple[CpuSignal, ...]:
    """Return the signals in a container's command and arguments, shell texts included, in the order they stand."""
    run = statements((*command, *args))
    return tuple(signal for statement in run for signal in _in_statement(statement))


def cpu_signal_in_runtime(name: str) -> CpuSignal | None:
    """Return the signal that the ServingRuntime called ``name`` serves on the CPU, or None."""
    rows = _content()["cpu_runtimes"]
    return next((_signal(row, name) for row in rows if row["name"] == name), None)


def entries() -> tuple[ModelServer, ...]:
    """Return every model server of the catalogue."""
    return tuple(pattern.server for pattern in _servers() if pattern.server)


@cache
def _content() -> Any:
    return read("model_servers.json")


@cache
def _servers() -> tuple[_Pattern, ...]:
    rows = _content()["servers"]
    return tuple(_pattern(row, _server(row)) for row in rows)


@cache
def _others() -> tuple[_Pattern, ...]:
    return tuple(_pattern(row, None) for row in _content()["not_servers"])


@cache
def _idle_programs() -> frozenset[str]:
    return frozenset(name for row in _content()["idle_programs"] for name in row["names"])


def _server(row: Any) -> ModelServer:
    return ModelServer(**{field: value for field, value in row.items() if field not in {"images", "commands"}})


def _pattern(row: Any, server: ModelServer | None) -> _Pattern:
    images = tuple(re.compile(pattern) for pattern in row["images"])
    return _Pattern(server, images, tuple(tuple(words.split()) for words in row["commands"]))


def _reference(image: str) -> tuple[str, str]:
    """Split an image reference into its repository without registry, and its tag (empty where there is none)."""
    name = image.strip().partition("@")[0]
    path, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        path, tag = name, ""
    first, slash, rest = path.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return (rest if has_registry else path).lower(), tag.lower()


def _by_image(patterns: tuple[_Pattern, ...], repository: str) -> _Pattern | None:
    return next((p for p in patterns if any(image.search(repository) for image in p.images)), None)


def _by_command(patterns: tuple[_Pattern, ...], run: tuple[Statement, ...]) -> _Pattern | None:
    by_first, globs = _commands(patterns)
    for statement in run:
        text = " ".join(statement.words)
        near = [known for known in globs if known[0][0].strip("*") in text]
        for at, word in enumerate(statement.words):
            for wanted, pattern in (*by_first.get(word, ()), *by_first.get(_base_name(word), ()), *near):
                if _stands_at(wanted, statement.words, at):
                    return pattern
    return None


@cache
def _commands(patterns: tuple[_Pattern, ...]) -> tuple[dict[str, tuple[_Command, ...]], tuple[_Command, ...]]:
    """Index commands by their first word, apart from those whose first word is a glob."""
    commands = [(words, pattern) for pattern in patterns for words in pattern.commands]
    by_first: dict[str, tuple[_Command, ...]] = {}
    for words, pattern in commands:
        if "*" not in words[0]:
            by_first[words[0]] = (*by_first.get(words[0], ()), (words, pattern))
    return by_first, tuple(c for c in commands if "*" in c[0][0])


def _stands_at(wanted: tuple[str, ...], words: tuple[str, ...], at: int) -> bool:
    if not _is_word(wanted[0], words[at]):
        return False
    found = words[at : at + len(wanted)]
    return len(found) == len(wanted) and all(_is_word(w, word) for w, word in zip(wanted, found, strict=True))


def _is_word(wanted: str, word: str) -> bool:
    if "*" in wanted:
        return wanted.strip("*") in word and fnmatchcase(word, wanted)
    return wanted in (word, _base_name(word))


def _base_name(word: str) -> str:
    return word.rpartition("/")[2]


def _only_idle(run: tuple[Statement, ...]) -> bool:
    return all(_is_idle(tuple(w for w in statement.words if not _ASSIGNMENT.fullmatch(w))) for statement in run)


def _is_idle(words: tuple[str, ...]) -> bool:
    if not words:
        return True
    program = _base_name(words[0])
    return program in _idle_programs() or (program.startswith("python") and words[1:2] == ("-c",))


def _in_statement(statement: Statement) -> Iterator[CpuSignal]:
    for at, word in enumerate(statement.words):
        flag, equals, value = word.partition("=")
        following = statement.words[at + 1] if at + 1 < len(statement.words) else None
        for row in _content()["cpu_args"]:
            if flag.replace("_", "-") not in row["flags"]:
                continue
            given = value if equals else following
            text = _matched_argument(row["value"], word, given, joined=bool(equals))
            if text is not None:
                yield _signal(row, text, statement.items[at])


def _matched_argument(wanted: str | None, word: str, given: str | None, *, joined: bool) -> str | None:
    if wanted is None:
        return word if not joined or (given or "").lower() in {"1", "true"} else None
    if given is None or not re.fullmatch(wanted, given.strip(), re.IGNORECASE):
        return None
    return word if joined else f"{word} {given}"


def _signal(row: Any, text: str, item: int | None = None) -> CpuSignal:
    return CpuSignal(text, row["why"], row["source"], item, row.get("verified", True))
