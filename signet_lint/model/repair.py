"""What a rule wants changed, said of places in the desired state; the package `fixes` makes edits of source text of it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from signet_lint.finding import Safety
from signet_lint.model.resource import Field, Gate, InstalledValue, Key, Written
from signet_lint.model.state import At


class SetTo(Struct, frozen=True):
    """A field or key gets this value, whether it is there yet or not.

    A `Field` is set where its value comes from, a `Written` in the template (or file) that writes it, a `Gate` where
    the value stands that switches its manifest.
    """

    at: Field | Written | Gate | Key | InstalledValue
    value: Any


class Append(Struct, frozen=True):
    """A list, there or not, gets one more item at its end."""

    at: Field | Key
    item: Any


class Reword(Struct, frozen=True):
    """At a place of source, a word that stands there once becomes another."""

    at: At
    old: str
    new: str


class OffByDefault(Struct, frozen=True):
    """A manifest's switch is off; where it has none, its template waits for the flag `enabled` beside a field's value."""

    field: Field


class DropKey(Struct, frozen=True):
    """A key that a file has twice goes, with all below it; the line is that of the second, which counts."""

    file: str
    line: int


class DropComment(Struct, frozen=True):
    """A comment goes; its line with it where nothing else stands there."""

    file: str
    line: int


class Wire(Struct, frozen=True):
    """A chart gets every step of the wiring that it lacks, on where inference runs, written like its neighbours."""

    chart: str


class Allow(Struct, frozen=True):
    """Argo CD's controller gets a right in a file of its own: a role with this rule, or a role that is there already.

    `namespace` is empty for cluster-scoped resources; `role` names a ClusterRole to bind instead of writing `group`,
    `resources` and `verbs` down. `application` is the Application that needs it.
    """

    application: str
    env: str
    namespace: str
    group: str = ""
    resources: tuple[str, ...] = ()
    role: str = ""


Step = SetTo | Append | Reword | OffByDefault | DropKey | DropComment | Wire | Allow


class Repair(Struct, frozen=True):
    """Steps that together remove a finding; `unsafe` where a person should look before they are taken."""

    title: str
    steps: tuple[Step, ...]
    safety: Safety = "safe"


def repair(title: str, *steps: Step, safety: Safety = "safe") -> Repair:
    """A repair of these steps."""
    return Repair(title, steps, safety)
