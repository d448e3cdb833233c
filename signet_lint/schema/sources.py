"""Finds and loads the schema files: Kubernetes' own from kubernetes-validate, custom kinds' from ``schemas/``."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import json

Schema = dict[str, Any]

_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_CONTAINERS = ("containers", "initContainers")
_STRICT_FOLDER = re.compile(r"v(\d+)\.(\d+)\.\d+-local-strict")
_VERSION = re.compile(r"v?(\d+)\.(\d+)")


@cache
def schema_folder() -> Path:
    """The folder of our own schemas: inside the installed package, else beside it in a checkout.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "_schemas", package.parent / "schemas"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError("the schemas folder is missing from the signet-lint installation")


def custom_schemas() -> dict[str, Schema]:
    """Our JSON Schemas of custom kinds by the name of their file, "group_kind_version", without their dialect.

    jsonschema validates a schema that names its dialect by the plain rules of that dialect, not by ours.
    """
    schemas = {path.stem: _read(path) for path in schema_folder().glob("*_*_*.json")}
    for schema in schemas.values():
        schema.pop("$schema", None)
    return schemas


def kubernetes_definitions(kubernetes_version: str) -> dict[str, Schema]:
    """Kubernetes' type definitions by name, strict about unknown fields, with the closed enums added.

    They are those of the newest version kubernetes-validate ships that is not newer than ``kubernetes_version``
    ("1.33", "v1.33.4+e2d1"), or of its oldest. They refer to each other as "kubernetes:name".

    Raises:
        ValueError: ``kubernetes_version`` does not start with a major and a minor number.
        ModuleNotFoundError: kubernetes-validate is not installed.
    """
    wanted = _VERSION.match(kubernetes_version)
    if wanted is None:
        raise ValueError(f"{kubernetes_version!r} is not a Kubernetes version such as 1.33")
    shipped = _strict_folders()
    asked = (int(wanted[1]), int(wanted[2]))
    version = max((known for known in shipped if known <= asked), default=min(shipped))
    text = (shipped[version] / "_definitions.json").read_text(encoding="utf-8")
    definitions: dict[str, Schema] = json.decode(text.replace('"#/$defs/', '"kubernetes:'))["$defs"]
    _join_alternatives(definitions)
    definitions[_QUANTITY]["format"] = "quantity"
    _add_enums(definitions)
    _require_images(definitions)
    return definitions


def _strict_folders() -> dict[tuple[int, int], Path]:
    """The strict schema folders of kubernetes-validate by Kubernetes version."""
    # The package offers validation up to the first error only; its files are what is wanted, at no import.
    spec = find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("kubernetes-validate is not installed", name="kubernetes_validate")
    root = Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema"
    matches = ((_STRICT_FOLDER.fullmatch(folder.name), folder) for folder in root.iterdir())
    return {(int(match[1]), int(match[2])): folder for match, folder in matches if match}


def _join_alternatives(definitions: dict[str, Schema]) -> None:
    """Writes "one of these types" as a list of types: a wrong value is one fault then, and a null is none."""
    for schema in definitions.values():
        if "oneOf" in schema:
            schema["type"] = sorted({name for choice in schema.pop("oneOf") for name in choice["type"]})


def _add_enums(definitions: dict[str, Schema]) -> None:
    """Adds what the published definitions leave out: the values a string field is restricted to."""
    for name, fields in _read(schema_folder() / "kubernetes_enums.json")["enums"].items():
        properties = definitions.get(name, {}).get("properties", {})
        for field in fields.keys() & properties.keys():
            schema = properties[field]
            # An empty string is an unset field to the API server, which then takes its default.
            schema.get("items", schema)["enum"] = ["", *fields[field]]


def _require_images(definitions: dict[str, Schema]) -> None:
    """The containers of pods and their templates need an image, which the published definitions leave open.

    Follows kubernetes/kubernetes, pkg/apis/core/validation/validation.go, validateContainerCommon. Kinds of others that
    hold a pod's spec may fill it in.
    """
    core = "io.k8s.api.core.v1"
    container, pod = definitions[f"{core}.Container"], definitions[f"{core}.PodSpec"]
    definitions[f"{core}.Container-of-pod"] = {
        **container,
        "required": [*container["required"], "image"],
        "properties": {**container["properties"], "image": {"type": "string", "minLength": 1}},
    }
    lists = {
        name: {**pod["properties"][name], "items": {"$ref": f"kubernetes:{core}.Container-of-pod"}}
        for name in _CONTAINERS
    }
    definitions[f"{core}.PodSpec-of-pod"] = {**pod, "properties": {**pod["properties"], **lists}}
    for name in ("Pod", "PodTemplateSpec"):
        definitions[f"{core}.{name}"]["properties"]["spec"] = {"$ref": f"kubernetes:{core}.PodSpec-of-pod"}


def _read(path: Path) -> Schema:
    loaded: Schema = json.decode(path.read_text(encoding="utf-8"))
    return loaded
