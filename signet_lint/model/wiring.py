"""How an environment reaches Applications: measured facts about an ApplicationSet and the umbrella chart it deploys.

The chain is: a key under the entry chart's `envs[]` → a key of a generator's element → a Helm parameter (or another
value the ApplicationSet passes) → a value of the umbrella chart → the child Application that it switches on. Where no
chart makes the elements, it begins with the element of the environment, or with the file that a generator reads for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from signet_lint.model.resource import Field, InstalledValue, Key, Path, Resource

EnvPlace = InstalledValue | Field | Key
"""Where something is said of one environment: in the entry chart's values, in its element, in a generator's file."""


class EnvKey(Struct, frozen=True):
    """A value set for one environment: where, what, and what it reaches.

    `label` is its name inside the environment's entry or element (`imageUpdater.enabled`), `elements` are the element keys
    it ends up in; `reaches` tells whether it changes anything that is rendered. `switches_elements` are those of `elements`
    whose value changes between true and false with it. `inside` is the path in the element of a key that is a part of it.
    """

    place: EnvPlace
    label: str
    value: Any
    elements: frozenset[str]
    reaches: bool
    switches_elements: frozenset[str] = frozenset()
    inside: Path = ()

    @property
    def path(self) -> Path:
        """Its path in the file or manifest that it is set in."""
        return self.place.path

    @property
    def name(self) -> str:
        """Its own name."""
        return str(self.path[-1])

    @property
    def is_flag(self) -> bool:
        """Whether it is a boolean."""
        return is_flag(self.value)


class Thread(Struct, frozen=True):
    """A value the ApplicationSet's template passes to the umbrella.

    `path` is the umbrella's value, `text` the template's text, `reads` the parameters it reads (paths in the element).
    `name_at` and `value_at` are its places. `follows` are element keys whose truth it passes on; `as_text` tells that the
    umbrella gets a string where it reads a boolean.
    """

    path: Path
    text: str
    reads: frozenset[Path]
    name_at: Field
    value_at: Field
    is_parameter: bool
    as_text: bool
    follows: frozenset[str]

    @property
    def keys(self) -> frozenset[str]:
        """The first step of every path it reads: element keys."""
        return frozenset(str(path[0]) for path in self.reads if path)

    @property
    def name(self) -> str:
        """The umbrella's value as people write it."""
        return ".".join(str(step) for step in self.path)


class Gate(Struct, frozen=True):
    """A child Application that a template of the umbrella can render, and the values that switch it on.

    `template` is relative to the root; `charts` are the folders it deploys; `values` is empty where nothing switches it.
    `text_false_is_on` are those values for which the text "false" leaves the Application on, `inverted` those that
    switch it off when they are true. `line` is where the template asks for its switch, 0 where that cannot be told.
    """

    template: str
    application: str
    charts: tuple[str, ...]
    values: tuple[Path, ...]
    text_false_is_on: frozenset[Path] = frozenset()
    inverted: tuple[Path, ...] = ()
    line: int = 0


class Umbrella(Struct, frozen=True):
    """A chart whose templates render Applications: what they read, and what switches each on.

    `values_files` are its values files that are not one environment's; `reads` are the value paths its templates name.
    `unfollowed` has, for a child Application (template, chart), which of `repoURL` and `targetRevision` do not follow
    what the umbrella is given.
    """

    chart: str
    values_files: tuple[str, ...]
    gates: tuple[Gate, ...]
    reads: frozenset[Path]
    unfollowed: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def gates_of(self, path: Path) -> tuple[Gate, ...]:
        """The Applications that a value switches."""
        return tuple(gate for gate in self.gates if path in gate.values)

    @property
    def gating_values(self) -> frozenset[Path]:
        """Every value that switches an Application."""
        return frozenset(path for gate in self.gates for path in gate.values)


class Wiring(Struct, frozen=True):
    """The chain of one environment through one ApplicationSet.

    `elements` maps each key of the generators' elements to its place, in this environment's own where it has it (a key
    that is no part of a file, such as `path`, to the file); `env_at` is where the environment is named. `template_reads`
    are the parameters that the whole template reads, each with its place; `given` are the umbrella's values that anything
    but its base files sets.
    `unread` are values passed to the umbrella that change nothing it renders, with every Application on.
    """

    env: str
    application_set: Resource
    umbrella: Umbrella
    env_keys: tuple[EnvKey, ...]
    elements: Mapping[str, Field | Key]
    threads: tuple[Thread, ...]
    template_reads: tuple[tuple[Path, Field], ...]
    given: frozenset[Path]
    parameters_at: Field
    env_at: EnvPlace | None = None
    unread: frozenset[Path] = frozenset()

    def threads_to(self, path: Path) -> tuple[Thread, ...]:
        """What passes a value of the umbrella: of parameters with one name the last one counts."""
        found = [thread for thread in self.threads if thread.path == path]
        parameters = [thread for thread in found if thread.is_parameter]
        return tuple(parameters[-1:] or found)

    def named_like(self, path: Path) -> str:
        """The element key that is named like a value of the umbrella: `signetLLMEnabled` for `signetLLM.enabled`."""
        own = flag_name(".".join(map(str, path)))
        return next((element for element in sorted(self.elements) if flag_name(element) == own), "")

    @property
    def bypassed_elements(self) -> frozenset[str]:
        """Element keys named like a switching value that the template sets from something else, or from nothing."""
        found = set()
        for path in self.umbrella.gating_values:
            named = self.named_like(path)
            if named and any(named not in thread.keys for thread in self.threads_to(path)):
                found.add(named)
        return frozenset(found)

    def keys_of(self, element: str) -> tuple[EnvKey, ...]:
        """The environment's keys that end up in an element key."""
        return tuple(key for key in self.env_keys if element in key.elements)

    def keys_behind(self, thread: Thread) -> tuple[EnvKey, ...]:
        """The environment's keys that end up in what is passed to the umbrella."""
        return tuple(
            key
            for element in sorted(thread.keys)
            for key in self.keys_of(element)
            if not key.inside or key.inside in thread.reads
        )

    @property
    def undefined_reads(self) -> frozenset[str]:
        """Keys that the template reads and no element has."""
        if not self.elements:
            return frozenset()
        return frozenset(str(path[0]) for path, _ in self.template_reads if path) - frozenset(self.elements)

    @property
    def misspelt_elements(self) -> frozenset[str]:
        """Unused element keys that the template reads under nearly the same name."""
        unused = sorted(set(self.elements) - self.used_elements)
        return frozenset(near for read in self.undefined_reads for near in get_close_matches(read, unused, 1, 0.8))

    @property
    def used_elements(self) -> frozenset[str]:
        """Element keys that some part of the template reads; all of them where it reads the element whole."""
        if any(not path for path, _ in self.template_reads):
            return frozenset(self.elements)
        return frozenset(str(path[0]) for path, _ in self.template_reads)


def is_flag(value: Any) -> bool:
    """Whether a value says true or false, as text, too."""
    return isinstance(value, bool) or str(value).lower() in ("true", "false")


@lru_cache(maxsize=4096)
def flag_name(name: str) -> str:
    """A flag's name without the word that makes it one: `signetLLMEnabled` and `signetLLM.enabled` are the same."""
    return "".join(character for character in name.lower() if character.isalnum()).removesuffix("enabled")
