"""The copy of a chart that an engine is given: nothing in it leads outside, and it tells which subcharts are enabled.

Archives of subcharts are unpacked, so that every template can be prepared; schemas lose what they would fetch; and each
subchart with CRDs gets a template that names it, because only Helm knows which subcharts are enabled, under which name.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from signet_lint.render.engine import RenderFailure

OWN = "signet-lint-"  # begins the file name of each template that is ours
_CRDS = f"templates/{OWN}crds.yaml"
_FILE_BYTES = 5 * 1024**2  # [helm/helm v3.18.4, pkg/chart/loader/archive.go MaxDecompressedFileSize]
_ARCHIVE_BYTES = 64 * 1024**2  # unpacked, all together; Helm's own limit is 100 MiB a chart
_ARCHIVE_FILES = 5000
_SUBCHART = re.compile(r"(?:charts/[^/]+/)+")
_MANIFEST = (".yaml", ".yml", ".json")
_STANDARD_SCHEMA = re.compile(r"https?://json-schema\.org/draft[-/][\w-]+/schema#?")


class ChartCopy(Struct, frozen=True):
    """A chart's files for an engine, and the texts below `crds/` by chart folder ("" or "charts/x/") and path."""

    files: dict[str, bytes]
    crds: dict[str, dict[str, str]]


def chart_copy(files: Mapping[str, bytes]) -> ChartCopy:
    """The files made self-contained, with a template in each subchart that has CRDs."""
    copied = {path: _offline(text) if _is_schema(path) else text for path, text in unpacked(files).items()}
    crds: dict[str, dict[str, str]] = {}
    for path, text in sorted(copied.items()):
        folder = chart_folder(path)
        if path.startswith(f"{folder}crds/") and path.endswith(_MANIFEST):
            crds.setdefault(folder, {})[path[len(folder) :]] = text.decode("utf-8", "replace")
    for folder in filter(None, crds):
        copied[folder + _CRDS] = f"{{{{ {json.dumps(folder, ensure_ascii=False)} }}}}".encode()
    return ChartCopy(copied, crds)


def own_outputs(rendered: Mapping[str, str], crds: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What Helm would deploy: outputs without our templates and notes, with the given CRDs of enabled charts."""
    outputs = dict(crds.get("", {}))
    for path, text in rendered.items():
        if path.endswith(_CRDS):
            folder = path[: -len(_CRDS)]
            outputs.update({folder + name: crd for name, crd in crds.get(text, {}).items()})
        elif not path.rsplit("/", 1)[-1].startswith(OWN) and not path.endswith("NOTES.txt"):
            outputs[path] = text
    return outputs


def too_large(files: Mapping[str, bytes]) -> RenderFailure | None:
    """Helm's refusal of a file, where one is larger than it reads."""
    for path in sorted(files):
        if len(files[path]) > _FILE_BYTES:
            return RenderFailure(f"chart file `{path}` is larger than the maximum file size {_FILE_BYTES}", path)
    return None


def chart_folder(path: str) -> str:
    """The folder of the innermost chart that a file belongs to: "" or `charts/x/`."""
    found = _SUBCHART.match(path)
    return found.group() if found else ""


def is_template(path: str) -> bool:
    """Whether Helm reads a file as a template, partials included."""
    return path[len(chart_folder(path)) :].startswith("templates/")


def is_partial(path: str) -> bool:
    """Whether a template gives no output of its own."""
    return path.rsplit("/", 1)[-1].startswith("_")


def unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with archives of subcharts replaced by their files; what cannot be unpacked stays for Helm to judge."""
    found = dict(files)
    budget = _ARCHIVE_BYTES
    pending = [path for path in found if _is_archive(path)]
    while pending:
        path = pending.pop()
        folder = path.removesuffix(".tgz") + "/"
        content = _archive_files(found[path], budget)
        if content is None or any(other.startswith(folder) for other in found):
            continue
        del found[path]
        budget -= sum(map(len, content.values()))
        found.update({folder + name: text for name, text in content.items()})
        pending += [folder + name for name in content if _is_archive(folder + name)]
    return found


def _is_archive(path: str) -> bool:
    folder = chart_folder(path)
    name = path[len(folder) :].removeprefix("charts/")
    return path.startswith(f"{folder}charts/") and name.endswith(".tgz") and "/" not in name and name[0] not in "._"


def _archive_files(archive: bytes, budget: int) -> dict[str, bytes] | None:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            return dict(_members(tar, budget))
    except (tarfile.TarError, OSError, EOFError, ValueError):
        return None


def _members(tar: tarfile.TarFile, budget: int) -> Iterator[tuple[str, bytes]]:
    """Files of the archive below its one folder; a path that leads out of it is a `ValueError`."""
    for number, member in enumerate(tar):
        budget -= max(member.size, 0)
        if budget < 0 or number >= _ARCHIVE_FILES:
            raise ValueError("the archive is too large")
        _, _, path = member.name.removeprefix("./").partition("/")
        if not member.isfile() or not path:
            continue
        if "\\" in path or any(step in ("", ".", "..") for step in path.split("/")):
            raise ValueError("the archive holds a path outside of its folder")
        stream = tar.extractfile(member)
        yield path, stream.read() if stream else b""


def _is_schema(path: str) -> bool:
    return path == chart_folder(path) + "values.schema.json"


def refers_outside(text: bytes) -> bool:
    """Whether a values schema refers to other files or hosts, so that a part of it is not checked."""
    return _offline(text) != text


def _offline(text: bytes) -> bytes:
    """A schema without references to other files or hosts: Helm would fetch them; what they demand stays unchecked."""
    if b"$ref" not in text and b"$schema" not in text and b"$dynamicRef" not in text:
        return text
    try:
        schema = json.loads(text)
        pruned = _without_outside(schema)
        return text if pruned == schema else json.dumps(pruned).encode()
    except (ValueError, RecursionError):
        return text


def _without_outside(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_outside(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _without_outside(value) for key, value in schema.items() if not _leads_outside(key, value)}


def _leads_outside(key: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if key == "$schema":
        return not _STANDARD_SCHEMA.fullmatch(value)
    return key in ("$ref", "$dynamicRef", "$recursiveRef") and not value.startswith("#")
