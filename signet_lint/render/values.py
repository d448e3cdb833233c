"""The values a chart gets, layer by layer, in Helm's order of precedence.

Order [helm/helm v3.18, pkg/cli/values/options.go MergeValues]: the chart's values.yaml, value files, `--set`,
`--set-string`, `--set-file`; Argo CD puts `values`/`valuesObject` last among the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from signet_lint.model.resource import dig
from signet_lint.render.engine import Path

_MISSING = object()


class Layer(Struct, frozen=True):
    """One source of values, low precedence first.

    `file` is a values file of the repository; `field` is the place in the Application's manifest that gives them
    (`values`, `valuesObject`, or one parameter's `value`). Neither: given at installation.
    """

    kind: Literal["defaults", "file", "inline", "parameter", "install"]
    values: Mapping[str, Any]
    file: str = ""
    field: Path | None = None

    def has(self, path: Path) -> bool:
        """Whether this layer sets a path."""
        return dig(self.values, path, _MISSING) is not _MISSING


def merge(low: Any, high: Any) -> Any:
    """Maps deep-merged, everything else replaced; nulls are kept, as between value files."""
    if not (isinstance(low, Mapping) and isinstance(high, Mapping)):
        return high
    out = dict(low)
    for key, value in high.items():
        out[key] = merge(out[key], value) if key in out else value
    return out


def given_values(layers: Sequence[Layer]) -> dict[str, Any]:
    """What Helm is given over the chart's own defaults."""
    values: dict[str, Any] = {}
    for layer in layers:
        if layer.kind == "parameter" and _indexed(layer.values):
            values = merge_indexed(values, layer.values)
        elif layer.kind != "defaults":
            values = merge(values, layer.values)
    return values


def effective_values(layers: Sequence[Layer]) -> dict[str, Any]:
    """What templates see: the defaults with the given values over them."""
    defaults: dict[str, Any] = {}
    for layer in layers:
        if layer.kind == "defaults":
            defaults = merge(defaults, layer.values)
    return coalesced(defaults, given_values(layers))


def coalesced(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Given values over a chart's defaults; a null takes a default away, and stays where there is none.

    [helm/helm v4, pkg/chart/common/util/coalesce.go coalesceValues]
    """
    out: dict[str, Any] = {}
    for key in [*defaults, *(key for key in given if key not in defaults)]:
        low, high = defaults.get(key), given.get(key)
        if key not in given:
            if low is not None:
                out[key] = without_nulls(low)
        elif key not in defaults:
            out[key] = high
        elif high is not None:
            both = isinstance(low, Mapping) and isinstance(high, Mapping)
            out[key] = coalesced(low, high) if both else high  # type: ignore[arg-type]
    return out


def without_nulls(value: Any) -> Any:
    """A chart's default with every null key of a mapping removed."""
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


def _indexed(values: Any) -> bool:
    return any(isinstance(value, list) and None in value for _, value in nodes(values))


def merge_indexed(low: Any, high: Any) -> Any:
    """As `--set a[1]=x`: the gaps (null) of a list keep what is below."""
    if isinstance(low, list) and isinstance(high, list):
        kept = [
            merge_indexed(low[i] if i < len(low) else None, item)
            if item is not None
            else (low[i] if i < len(low) else None)
            for i, item in enumerate(high)
        ]
        return kept + low[len(high) :]
    if isinstance(low, Mapping) and isinstance(high, Mapping):
        return {**low, **{key: merge_indexed(low.get(key), value) for key, value in high.items()}}
    return high


def nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, parents first; the whole itself has the path `()`."""
    yield path, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from nodes(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from nodes(item, (*path, index))


def leaves(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every scalar and every empty mapping or list with its path."""
    found: list[tuple[Path, Any]] = []
    _add_leaves(found, value, ())
    return iter(found)


def _add_leaves(found: list[tuple[Path, Any]], value: Any, path: Path) -> None:
    if value and isinstance(value, (dict, list)):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            _add_leaves(found, item, (*path, step))
    else:
        found.append((path, value))


def layer_of(layers: Sequence[Layer], path: Path) -> Layer | None:
    """The layer whose value at a path counts; where none sets it, the one that declares the most beside it."""
    for layer in reversed(layers):
        if layer.has(path):
            return layer
    for length in range(len(path) - 1, -1, -1):
        parents = [
            (len(found), layer) for layer in layers if isinstance(found := dig(layer.values, path[:length]), Mapping)
        ]
        parents = [(size, layer) for size, layer in parents if size]
        if parents:
            most = max(size for size, _ in parents)
            return next(layer for size, layer in reversed(parents) if size == most)
    return layers[-1] if layers else None


def set_at(values: Any, path: Path, value: Any) -> Any:
    """A copy with one value set, missing mappings made on the way."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(values, list) and isinstance(step, int):
        items = list(values)
        if step < len(items):
            items[step] = set_at(items[step], rest, value)
        else:
            items.append(set_at({}, rest, value))
        return items
    base = dict(values) if isinstance(values, Mapping) else {}
    base[str(step)] = set_at(base.get(str(step), {}), rest, value)
    return base
