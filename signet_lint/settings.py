"""The configuration file: where it is, what it says, and everything that is wrong with it at once."""

from __future__ import annotations

import importlib
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.config import Config, Ignore
from signet_lint.errors import UsageError
from signet_lint.pages import pages
from signet_lint.registry import PROFILES, did_you_mean, find_rule
from signet_lint.source.location import Location

YAML_NAME = ".signet-lint.yaml"
TOML_NAME = "pyproject.toml"
TABLE = "[tool.signet-lint]"
MAX_BYTES = 1024 * 1024
SEVERITIES = ("error", "warning", "note", "off")

_KUBERNETES_VERSION = re.compile(r"v?\d+\.\d+(\.\d+)?([-+].*)?\Z")
_INSTALL_MODES = ("OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


Steps = tuple[str | int, ...]


class _Source(NamedTuple):
    """A configuration file: its name, its content (None where there is none), and the line of what stands in it.

    A line is 0 where the format tells no positions.
    """

    name: str
    content: Any
    line: Callable[[Steps], int]


def load(root: Path, explicit: Path | None = None) -> Config:
    """The configuration of the repository at `root`, or of the file `explicit`; the defaults where there is none.

    Raises `UsageError`, a line for each thing that is wrong.
    """
    source = _read_explicit(explicit, root) if explicit else _discover(root)
    if source.content is None:
        return Config()
    reader = _Reader(source)
    settings = reader.build(Config, source.content, ())
    reader.check(settings)
    settings["severity"] = reader.severity(settings.get("severity", {}))
    settings["ignore"] = tuple(reader.ignore(one, index) for index, one in enumerate(settings.get("ignore", ())))
    if reader.wrong:
        raise UsageError("\n".join(reader.complaints()), hint=reader.hint)
    return Config(**settings)


def _discover(root: Path) -> _Source:
    """The root's configuration."""
    yaml_file, toml_file = root / YAML_NAME, root / TOML_NAME
    if (root / ".signet-lint.yml").exists():
        raise UsageError("`.signet-lint.yml` is not read", hint=f"rename it to `{YAML_NAME}`")
    table = _toml(_text(toml_file, root)) if toml_file.is_file() else _Source(TOML_NAME, None, _nowhere)
    if not yaml_file.is_file():
        return table
    if table.content is not None:
        raise UsageError(
            f"both `{YAML_NAME}` and {TABLE} in {TOML_NAME} configure signet-lint",
            hint=f"keep one: move the settings into `{YAML_NAME}` and remove {TABLE}, or remove `{YAML_NAME}`",
        )
    return _yaml(_text(yaml_file, root), YAML_NAME)


def _read_explicit(path: Path, root: Path) -> _Source:
    if not path.is_file():
        raise UsageError(f"no configuration file `{path}`")
    text, name = _text(path, None), relative(path, root)
    if path.suffix != ".toml":
        return _yaml(text, name)
    table = _toml(text, name)
    if table.content is None:
        raise UsageError(f"`{path}` has no {TABLE}")
    return table


def relative(path: Path, root: Path) -> str:
    """A file's path as reports give it: relative to the root where it is inside, else as the user wrote it."""
    real, real_root = path.resolve(), root.resolve()
    return (real.relative_to(real_root) if real.is_relative_to(real_root) else path).as_posix()


def _nowhere(_: Steps) -> int:
    return 0


def _text(path: Path, root: Path | None) -> str:
    """A configuration file's text; one found in the repository must not be a link that leads out of it."""
    try:
        if root is not None and not path.resolve().is_relative_to(root.resolve()):
            raise UsageError(f"`{path.name}` is a link to a file outside the repository; it is not read")
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"`{path}` is over {MAX_BYTES // 1024} KiB; that is no configuration file")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"`{path}` is not UTF-8 text") from None


def _yaml(text: str, name: str) -> _Source:
    from signet_lint.source.yamldoc import YamlError, locate, parse_documents

    try:
        documents = parse_documents(text)
    except YamlError as error:
        raise UsageError(f"{name}:{error.line}:{error.column}: not YAML: {error.message}") from None
    if len(documents) > 1:
        raise UsageError(f"{name}: more than one YAML document")
    node = documents[0].node if documents else None
    if node is None:
        return _Source(name, {}, _nowhere)
    content = documents[0].data
    return _Source(name, {} if content is None else content, lambda steps: locate(node, steps, name)[0].line)


def _toml(text: str, name: str = TOML_NAME) -> _Source:
    """The table of `[tool.signet-lint]`; a file that does not name it is not parsed."""
    if "signet-lint" not in text:
        return _Source(name, None, _nowhere)
    # Python 3.10 has no tomllib; the package tomli is the same code.
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        tool = toml.loads(text).get("tool", {})
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not TOML: {error}") from None
    return _Source(name, tool.get("signet-lint") if isinstance(tool, dict) else None, _toml_lines(text))


_ENTRY = re.compile(r"[ \t]*\[\[[ \t]*tool[ \t]*\.[ \t]*[\"']?signet-lint[\"']?[ \t]*\.[ \t]*ignore[ \t]*\]\]")


def _toml_lines(text: str) -> Callable[[Steps], int]:
    """TOML's parser tells no positions; only the entries of `ignore`, which findings point at, are found by their heads."""
    heads = [number for number, line in enumerate(text.splitlines(), 1) if _ENTRY.match(line)]

    def line(steps: Steps) -> int:
        index = steps[1] if len(steps) > 1 and steps[0] == "ignore" else None
        return heads[index] if isinstance(index, int) and index < len(heads) else 0

    return line


class _Reader:
    """Turns plain data into the types of `Config`, collecting what does not fit."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.wrong: list[tuple[int, str]] = []
        self.hint = ""

    def complaints(self) -> list[str]:
        """Everything that does not fit, by line."""
        name = self.source.name
        return [f"{name}:{line}: {text}" if line else f"{name}: {text}" for line, text in sorted(self.wrong, key=_line)]

    def build(self, kind: type, content: Any, at: Steps) -> dict[str, Any]:
        """The fields of a type of `config` from a mapping with dashed keys; only those that are given and fit."""
        if not isinstance(content, Mapping):
            self._complain(at, f"must be a mapping of settings, not {_shown(content)}")
            return {}
        hints = typing.get_type_hints(kind)
        fields = {_key(name): name for name, hint in hints.items() if hint is not Location}
        built: dict[str, Any] = {}
        for key, value in content.items():
            if key not in fields:
                self._unknown(key, fields, at)
                continue
            before = len(self.wrong)
            read = self._value(hints[fields[key]], value, (*at, key))
            if len(self.wrong) == before:
                built[fields[key]] = read
        return built

    def _unknown(self, key: Any, known: Iterable[str], at: Steps) -> None:
        where = f" in `{_dotted(at)}`" if at else ""
        text = f"unknown key `{key}`{where}{did_you_mean(str(key), known)}"
        self.wrong.append((self.source.line((*at, key)), text))

    def _value(self, hint: Any, value: Any, at: Steps) -> Any:
        if isinstance(hint, types.UnionType):
            # The None of `X | None` means "not given", which is what leaving the key out says.
            hint = next(option for option in typing.get_args(hint) if option is not type(None))
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if isinstance(hint, type) and issubclass(hint, Struct):
            built = self.build(hint, value, at)
            place = {"at": Location(self.source.name, self.source.line(at) or 1)} if hint is Ignore else {}
            return hint(**built, **place)
        if origin is tuple:
            return self._list(inner[0], value, at)
        if origin is Mapping:
            return self._mapping(inner[1], value, at)
        if hint is date:
            return self._date(value, at)
        return self._number(value, at) if hint is int else self._string(value, at)

    def _list(self, inner: Any, value: Any, at: Steps) -> tuple[Any, ...]:
        if not isinstance(value, list):
            self._complain(at, f"must be a list, not {_shown(value)}")
            return ()
        return tuple(self._value(inner, item, (*at, index)) for index, item in enumerate(value))

    def _mapping(self, inner: Any, value: Any, at: Steps) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self._complain(at, f"must be a mapping, not {_shown(value)}")
            return {}
        return {str(key): self._value(inner, item, (*at, str(key))) for key, item in value.items()}

    def _number(self, value: Any, at: Steps) -> int:
        least = 0 if at[-1] in ("count", "gpu-count") else 1
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self._complain(at, f"must be a whole number of at least {least}, not {_shown(value)}")
            return least
        return value

    def _date(self, value: Any, at: Steps) -> date | None:
        if type(value) is date:  # TOML has dates of its own
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
        except ValueError:
            self._complain(at, f"must be a date such as 2030-12-31, not {_shown(value)}")
            return None

    def _string(self, value: Any, at: Steps) -> str:
        if isinstance(value, str):
            return value
        if value is False and at[0] == "severity":
            return "off"  # a bare `off` is false in YAML 1.1
        self._complain(at, f"must be a string, not {_shown(value)}")
        if isinstance(value, (bool, int, float)):
            self.hint = "put such values in quotes"
        return ""

    def check(self, settings: Mapping[str, Any]) -> None:
        """Complains about strings that are none of those a setting allows."""
        self._one_of(settings.get("profile"), PROFILES, ("profile",))
        for name, severity in settings.get("severity", {}).items():
            self._one_of(severity, SEVERITIES, ("severity", name))
        for index, model in enumerate(settings.get("models", ())):
            at = ("models", index)
            self._one_of(model.task, ("generate", "embed"), (*at, "task"))
            if not model.name:
                self._complain(at, "must have a `name`, the model's id on the hub")
        for kind, name in (("instance_types", "name"), ("operators", "package")):
            for index, entry in enumerate(settings.get(kind, ())):
                if not getattr(entry, name):
                    self._complain((_key(kind), index), f"must have a `{name}`")
        for index, operator in enumerate(settings.get("operators", ())):
            for mode in operator.install_modes:
                self._one_of(mode, _INSTALL_MODES, ("operators", index, "install-modes"))
        for index, taint in enumerate(settings["gpu"].taints if "gpu" in settings else ()):
            self._taint(taint, ("gpu", "taints", index))
        version = settings.get("kubernetes_version")
        if version is not None and not _KUBERNETES_VERSION.match(version):
            self._complain(("kubernetes-version",), f'must be a version such as "1.32", not {_shown(version)}')

    def _taint(self, taint: Mapping[str, str], at: Steps) -> None:
        for key in taint:
            if key not in ("key", "value", "effect"):
                self._unknown(key, ("key", "value", "effect"), at)
        self._one_of(taint.get("effect"), _EFFECTS, (*at, "effect"))

    def _one_of(self, value: str | None, allowed: tuple[str, ...], at: Steps) -> None:
        if value is not None and value not in allowed:
            near = did_you_mean(value, allowed)
            self._complain(at, f"must be one of {', '.join(allowed)}, not {_shown(value)}{near}")

    def severity(self, severities: Mapping[str, str]) -> dict[str, str]:
        """The severities by rule id; complains about rules that there are none of."""
        found = {self._rule_id(name, ("severity", name)): severity for name, severity in severities.items()}
        return {rule: severity for rule, severity in found.items() if rule}

    def ignore(self, ignore: Ignore, index: int) -> Ignore:
        """An entry of `ignore` with ids for its rules; complains where it says too little."""
        at: Steps = ("ignore", index)
        if not ignore.rules:
            self._complain(at, "must have `rules`, the ids or names of what is ignored")
        if not ignore.paths and not ignore.envs:
            self._complain(at, "must have `paths` or `envs`; to switch a rule off everywhere, use `severity`")
        if not re.search(r"\w", ignore.reason):
            self._complain(at, "must have a `reason`")
        ids = [self._rule_id(name, (*at, "rules", number)) for number, name in enumerate(ignore.rules)]
        return replace(ignore, rules=tuple(dict.fromkeys(filter(None, ids))))

    def _rule_id(self, name: str, at: Steps) -> str:
        """The id of a rule; "" and a complaint where there is none."""
        try:
            return find_rule(name, pages()).id
        except UsageError as error:
            place = at if at[0] == "ignore" else at[:1]
            self.wrong.append((self.source.line(at), f"`{_dotted(place)}` names {error}"))
            return ""

    def _complain(self, at: Steps, text: str) -> None:
        self.wrong.append((self.source.line(at), f"`{_dotted(at)}` {text}" if at else text))


def _line(complaint: tuple[int, str]) -> int:
    return complaint[0]


def _dotted(at: Steps) -> str:
    """Steps as people write them: `gpu.taints[0].key`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at).lstrip(".")


def _key(name: str) -> str:
    return name.replace("_", "-")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (Mapping, list)):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"
