"""The configuration file: where it is, what it says, and everything that is wrong with it at once."""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from signet_lint.config import Config
from signet_lint.errors import UsageError
from signet_lint.pages import pages
from signet_lint.registry import PROFILES, did_you_mean, find_rule

YAML_NAME = ".signet-lint.yaml"
TOML_NAME = "pyproject.toml"
TABLE = "[tool.signet-lint]"
MAX_BYTES = 1024 * 1024
SEVERITIES = ("error", "warning", "note", "off")

_KUBERNETES_VERSION = re.compile(r"v?\d+\.\d+(\.\d+)?([-+].*)?\Z")
_INSTALL_MODES = ("OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def load(root: Path, explicit: Path | None = None) -> Config:
    """The configuration of the repository at `root`, or of the file `explicit`; the defaults where there is none.

    Raises `UsageError`, a line for each thing that is wrong.
    """
    path, content = _read_explicit(explicit) if explicit else _discover(root)
    if content is None:
        return Config()
    reader = _Reader()
    settings = reader.build(Config, content, ())
    reader.check(settings)
    severity = reader.severity(settings.get("severity", {}))
    if reader.wrong:
        raise UsageError("\n".join(f"{path}: {text}" for text in reader.wrong), hint=reader.hint)
    return Config(**{**settings, "severity": severity})


def _discover(root: Path) -> tuple[str, Any]:
    """The name and content of the root's configuration; the content is None where there is none."""
    yaml_file, toml_file = root / YAML_NAME, root / TOML_NAME
    if (root / ".signet-lint.yml").exists():
        raise UsageError("`.signet-lint.yml` is not read", hint=f"rename it to `{YAML_NAME}`")
    table = _toml_table(_text(toml_file, root)) if toml_file.is_file() else None
    if not yaml_file.is_file():
        return TOML_NAME, table
    if table is not None:
        raise UsageError(
            f"both `{YAML_NAME}` and {TABLE} in {TOML_NAME} configure signet-lint",
            hint=f"keep one: move the settings into `{YAML_NAME}` and remove {TABLE}, or remove `{YAML_NAME}`",
        )
    return YAML_NAME, _yaml(_text(yaml_file, root), YAML_NAME)


def _read_explicit(path: Path) -> tuple[str, Any]:
    if not path.is_file():
        raise UsageError(f"no configuration file `{path}`")
    text = _text(path, None)
    if path.suffix != ".toml":
        return str(path), _yaml(text, str(path))
    table = _toml_table(text, str(path))
    if table is None:
        raise UsageError(f"`{path}` has no {TABLE}")
    return str(path), table


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


def _yaml(text: str, name: str) -> Any:
    from signet_lint.source.yamldoc import YamlError, parse_documents

    try:
        documents = parse_documents(text)
    except YamlError as error:
        raise UsageError(f"{name}:{error.line}:{error.column}: not YAML: {error.message}") from None
    if len(documents) > 1:
        raise UsageError(f"{name}: more than one YAML document")
    content = documents[0].data if documents else None
    return {} if content is None else content


def _toml_table(text: str, name: str = TOML_NAME) -> Any:
    """The table of `[tool.signet-lint]`, None where there is none; a file that does not name it is not parsed."""
    if "signet-lint" not in text:
        return None
    # Python 3.10 has no tomllib; the package tomli is the same code.
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        tool = toml.loads(text).get("tool", {})
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not TOML: {error}") from None
    return tool.get("signet-lint") if isinstance(tool, dict) else None


class _Reader:
    """Turns plain data into the types of `Config`, collecting what does not fit."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.hint = ""

    def build(self, kind: type, content: Any, at: tuple[str, ...]) -> dict[str, Any]:
        """The fields of a dataclass from a mapping with dashed keys; only those that are given and fit."""
        if not isinstance(content, Mapping):
            self._complain(at, f"must be a mapping of settings, not {_shown(content)}")
            return {}
        hints = typing.get_type_hints(kind)
        fields = {_key(field.name): field.name for field in dataclasses.fields(kind)}
        built: dict[str, Any] = {}
        for key, value in content.items():
            if key not in fields:
                where = f" in `{'.'.join(at)}`" if at else ""
                self.wrong.append(f"unknown key `{key}`{where}{did_you_mean(str(key), fields)}")
                continue
            before = len(self.wrong)
            read = self._value(hints[fields[key]], value, (*at, key))
            if len(self.wrong) == before:
                built[fields[key]] = read
        return built

    def _value(self, hint: Any, value: Any, at: tuple[str, ...]) -> Any:
        if isinstance(hint, types.UnionType):
            # The None of `X | None` means "not given", which is what leaving the key out says.
            hint = next(option for option in typing.get_args(hint) if option is not type(None))
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return hint(**self.build(hint, value, at))
        if origin is tuple:
            return self._list(inner[0], value, at)
        if origin is Mapping:
            return self._mapping(inner[1], value, at)
        return self._number(value, at) if hint is int else self._string(value, at)

    def _list(self, inner: Any, value: Any, at: tuple[str, ...]) -> tuple[Any, ...]:
        if not isinstance(value, list):
            self._complain(at, f"must be a list, not {_shown(value)}")
            return ()
        return tuple(self._value(inner, item, (*at[:-1], f"{at[-1]}[{index}]")) for index, item in enumerate(value))

    def _mapping(self, inner: Any, value: Any, at: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self._complain(at, f"must be a mapping, not {_shown(value)}")
            return {}
        return {str(key): self._value(inner, item, (*at, str(key))) for key, item in value.items()}

    def _number(self, value: Any, at: tuple[str, ...]) -> int:
        least = 0 if at[-1] in ("count", "gpu-count") else 1
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self._complain(at, f"must be a whole number of at least {least}, not {_shown(value)}")
            return least
        return value

    def _string(self, value: Any, at: tuple[str, ...]) -> str:
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
            at = ("models", f"[{index}]")
            self._one_of(model.task, ("generate", "embed"), (*at, "task"))
            if not model.name:
                self._complain(at, "must have a `name`, the model's id on the hub")
        for kind, name in (("instance_types", "name"), ("operators", "package")):
            for index, entry in enumerate(settings.get(kind, ())):
                if not getattr(entry, name):
                    self._complain((_key(kind), f"[{index}]"), f"must have a `{name}`")
        for index, operator in enumerate(settings.get("operators", ())):
            for mode in operator.install_modes:
                self._one_of(mode, _INSTALL_MODES, ("operators", f"[{index}]", "install-modes"))
        for index, taint in enumerate(settings["gpu"].taints if "gpu" in settings else ()):
            self._taint(taint, ("gpu", f"taints[{index}]"))
        version = settings.get("kubernetes_version")
        if version is not None and not _KUBERNETES_VERSION.match(version):
            self._complain(("kubernetes-version",), f'must be a version such as "1.32", not {_shown(version)}')

    def _taint(self, taint: Mapping[str, str], at: tuple[str, ...]) -> None:
        for key in taint:
            if key not in ("key", "value", "effect"):
                self.wrong.append(
                    f"unknown key `{key}` in `{'.'.join(at)}`{did_you_mean(key, ('key', 'value', 'effect'))}"
                )
        self._one_of(taint.get("effect"), _EFFECTS, (*at, "effect"))

    def _one_of(self, value: str | None, allowed: tuple[str, ...], at: tuple[str, ...]) -> None:
        if value is not None and value not in allowed:
            near = did_you_mean(value, allowed)
            self._complain(at, f"must be one of {', '.join(allowed)}, not {_shown(value)}{near}")

    def severity(self, severities: Mapping[str, str]) -> dict[str, str]:
        """The severities by rule id; complains about rules that there are none of."""
        by_id = {}
        for name, severity in severities.items():
            try:
                by_id[find_rule(name, pages()).id] = severity
            except UsageError as error:
                self.wrong.append(f"`severity` names {error}")
        return by_id

    def _complain(self, at: tuple[str, ...], text: str) -> None:
        self.wrong.append(f"`{'.'.join(at)}` {text}" if at else text)


def _key(name: str) -> str:
    return name.replace("_", "-")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (Mapping, list)):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"
