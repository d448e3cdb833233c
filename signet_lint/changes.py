"""What differs between two states of a repository: Applications, manifests field by field, GPUs and findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from msgspec import Struct

from signet_lint.catalogue import instance_types
from signet_lint.finding import Finding, Report
from signet_lint.model.application import Env
from signet_lint.model.gpu_pool import gpu_machines, known_sum, pool_gpus
from signet_lint.model.pods import gpu_demands, total
from signet_lint.model.resource import Resource, pointer_step
from signet_lint.model.state import DesiredState

What = Literal["added", "removed", "changed"]
HIDDEN = "(hidden)"


class FieldChange(Struct, frozen=True):
    """A field that differs, by its JSON Pointer in the newer manifest (a removed one: in the older)."""

    field: str
    what: What
    before: Any = None
    after: Any = None


class ResourceChange(Struct, frozen=True):
    """A manifest that is there on one side only, or on both and different."""

    what: What
    application: str
    group: str
    kind: str
    namespace: str
    name: str
    fields: tuple[FieldChange, ...] = ()


class Sums(Struct, frozen=True):
    """What an environment asks for and has: GPUs of its workloads, GPUs and vCPUs of its GPU machines.

    None is a figure that cannot be told from the repository.
    """

    gpus_asked: int
    gpus_there: int | None
    vcpus: int | None


class EnvChange(Struct, frozen=True):
    """What differs in one environment; an environment that is on one side only is `added` or `removed` whole."""

    env: str
    what: What
    applications: tuple[tuple[What, str], ...]
    resources: tuple[ResourceChange, ...]
    before: Sums
    after: Sums

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return self.what == "changed" and not self.applications and not self.resources and self.before == self.after


class Changes(Struct, frozen=True):
    """Everything that differs, environments in the order of the newer side, and findings that are new or gone."""

    envs: tuple[EnvChange, ...]
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]


class Side(Struct, frozen=True):
    """One of the two sides: the repository as it would be deployed, and what the rules say of it."""

    state: DesiredState
    report: Report


def compare(before: Side, after: Side) -> Changes:
    """What `after` changes, compared with `before`."""
    older = {env.name: env for env in before.state.envs}
    newer = {env.name: env for env in after.state.envs}
    names = [*newer, *(name for name in older if name not in newer)]
    envs = (_env(name, older.get(name), newer.get(name)) for name in names)
    return Changes(
        envs=tuple(env for env in envs if not env.is_empty),
        new=tuple(_only_in(after.report, before.report)),
        gone=tuple(_only_in(before.report, after.report)),
    )


def _only_in(one: Report, other: Report) -> Iterator[Finding]:
    """Findings that the other report does not have, or not in all of their environments."""
    there = {(finding.fingerprint, env) for finding in other.findings for env in finding.envs or ("",)}
    for finding in one.findings:
        if any((finding.fingerprint, env) not in there for env in finding.envs or ("",)):
            yield finding


def _env(name: str, before: Env | None, after: Env | None) -> EnvChange:
    older, newer = _applications(before), _applications(after)
    applications: list[tuple[What, str]] = [("added", app) for app in newer if app not in older]
    applications += [("removed", app) for app in older if app not in newer]
    what: What = "added" if before is None else "removed" if after is None else "changed"
    resources = tuple(_resources(_manifests(before), _manifests(after)))
    return EnvChange(name, what, tuple(applications), resources, _sums(before), _sums(after))


def _applications(env: Env | None) -> list[str]:
    return [application.name for application in env.applications if application.manifest] if env else []


_Key = tuple[str, str, str, str, str, int]


def _manifests(env: Env | None) -> dict[_Key, Resource]:
    """Manifests by what they are; the same one twice in an Application is told apart by its place."""
    found: dict[_Key, Resource] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    for one in env.resources if env else ():
        what = (one.application, one.gvk.group, one.kind, one.namespace, one.name)
        key: _Key = (*what, seen[what])
        found[key] = one
        seen[what] += 1
    return found


def _resources(before: Mapping[_Key, Resource], after: Mapping[_Key, Resource]) -> Iterator[ResourceChange]:
    for key in [*after, *(key for key in before if key not in after)]:
        older, newer = before.get(key), after.get(key)
        what: What = "added" if older is None else "removed" if newer is None else "changed"
        fields: tuple[FieldChange, ...] = ()
        if older is not None and newer is not None:
            if older.body == newer.body:
                continue
            fields = tuple(_fields(older, newer))
        application, group, kind, namespace, name, _ = key
        yield ResourceChange(what, application, group, kind, namespace, name, fields)


def _fields(before: Resource, after: Resource) -> Iterator[FieldChange]:
    hides = (after.gvk.group, after.kind) == ("", "Secret")
    for change in _differences(before.body, after.body, ""):
        if hides and change.field.startswith(("/data", "/stringData")):
            older = None if change.what == "added" else HIDDEN
            yield FieldChange(change.field, change.what, older, None if change.what == "removed" else HIDDEN)
        else:
            yield change


def _differences(before: Any, after: Any, at: str) -> Iterator[FieldChange]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*after, *(key for key in before if key not in after)]:
            yield from _one_field(before, after, key, f"{at}/{pointer_step(key)}")
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(before, after, at)
    else:
        yield FieldChange(at, "changed", before, after)


def _one_field(before: Mapping[Any, Any], after: Mapping[Any, Any], key: Any, at: str) -> Iterator[FieldChange]:
    if key not in before:
        yield FieldChange(at, "added", after=after[key])
    elif key not in after:
        yield FieldChange(at, "removed", before=before[key])
    else:
        yield from _differences(before[key], after[key], at)


def _items(before: Sequence[Any], after: Sequence[Any], at: str) -> Iterator[FieldChange]:
    """Items of a list: paired by name where all have one, as Kubernetes merges them, else by what is alike."""
    names_before, names_after = _names(before), _names(after)
    if names_before is not None and names_after is not None:
        older = dict(zip(names_before, before, strict=True))
        newer = dict(zip(names_after, after, strict=True))
        for key in [*newer, *(key for key in older if key not in newer)]:
            index = names_after.index(key) if key in newer else names_before.index(key)
            yield from _one_field(older, newer, key, f"{at}/{index}")
        return
    blocks = SequenceMatcher(None, [repr(item) for item in before], [repr(item) for item in after], autojunk=False)
    for tag, a1, a2, b1, b2 in blocks.get_opcodes():
        if tag == "equal":
            continue
        paired = min(a2 - a1, b2 - b1)
        for step in range(paired):
            yield from _differences(before[a1 + step], after[b1 + step], f"{at}/{b1 + step}")
        for index in range(b1 + paired, b2):
            yield FieldChange(f"{at}/{index}", "added", after=after[index])
        for index in range(a1 + paired, a2):
            yield FieldChange(f"{at}/{index}", "removed", before=before[index])


def _names(items: Sequence[Any]) -> list[str] | None:
    """The `name` of each item, None where one has none or two have the same."""
    names = [item.get("name") if isinstance(item, Mapping) else None for item in items]
    known = [name for name in names if isinstance(name, str)]
    return known if len(known) == len(items) == len(set(known)) else None


def _sums(env: Env | None) -> Sums:
    if env is None:
        return Sums(0, None, None)
    types = ((one, instance_types.lookup(one.instance_type)) for one in gpu_machines(env))
    return Sums(
        gpus_asked=total(gpu_demands(env)),
        gpus_there=pool_gpus(env),
        vcpus=known_sum(one.count * known.vcpus if known else None for one, known in types),
    )
