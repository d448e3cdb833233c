"""Expands `$(VAR)` as the kubelet does, and remembers for each character where it was written."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.vllm.invocation import Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from signet_lint.vllm.invocation import Variable

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")
# The longest argument or variable that Linux hands to a program (MAX_ARG_STRLEN).
MAX_LENGTH = 128 * 1024
_VARIABLE_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


class Fragment(Struct, frozen=True):
    """A run of characters of one origin; `index` is the offset of the first one in the text at `source`.

    A `substituted` run stands for something written in fewer or more characters, all at `index`.
    """

    text: str
    source: object = None
    index: int = 0
    variables: tuple[object, ...] = ()
    unknown: str = ""
    substituted: bool = False

    def part(self, start: int, end: int) -> Fragment:
        """Return the characters from `start` to `end`."""
        index = self.index if self.substituted else self.index + start
        return replace(self, text=self.text[start:end], index=index)


class Passage(Struct, frozen=True):
    """Text made of fragments, sliced by offsets into the whole."""

    text: str
    fragments: tuple[Fragment, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, fragments: Iterable[Fragment]) -> Passage:
        """Join fragments, leaving out the empty ones."""
        kept = tuple(fragment for fragment in fragments if fragment.text)
        starts, length = [], 0
        for fragment in kept:
            starts.append(length)
            length += len(fragment.text)
        return cls("".join(fragment.text for fragment in kept), kept, tuple(starts))

    def slice(self, start: int, end: int) -> list[Fragment]:
        """Return the fragments between two offsets."""
        found = []
        position = bisect_right(self.starts, start) - 1
        while start < end and position < len(self.fragments):
            begin, fragment = self.starts[position], self.fragments[position]
            stop = min(end, begin + len(fragment.text))
            found.append(fragment.part(start - begin, stop - begin))
            start, position = stop, position + 1
        return found

    def unknown_end(self, offset: int) -> int:
        """Return where the unknown fragment at an offset ends, 0 when what stands there is known."""
        position = bisect_right(self.starts, offset) - 1
        fragment = self.fragments[position]
        return self.starts[position] + len(fragment.text) if fragment.unknown else 0


def token_of(fragments: Sequence[Fragment], source: object = None) -> Token:
    """Join fragments into one word, which is written where the first of them is (`source` if there are none)."""
    if sum(len(fragment.text) for fragment in fragments) > MAX_LENGTH:
        fragments = [replace(fragments[0], text="", unknown="it is longer than an argument can be")]
    variables = dict.fromkeys(variable for fragment in fragments for variable in fragment.variables)
    return Token(
        text="".join(fragment.text for fragment in fragments),
        source=fragments[0].source if fragments else source,
        index=fragments[0].index if fragments else 0,
        variables=tuple(variables),
        unknown=next((fragment.unknown for fragment in fragments if fragment.unknown), ""),
    )


def expand_environment(env: Iterable[Variable], *, open_ended: bool = False) -> dict[str, Fragment]:
    """Return the value of each variable of a container, later entries seeing the earlier ones.

    As the kubelet does it (Kubernetes 1.33, pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables).
    """
    expanded: dict[str, Fragment] = {}
    for variable in env:
        if variable.value is None:
            unknown = f"the value of `{variable.name}` is not in the pod spec"
            value = Fragment(f"$({variable.name})", variable.source, variables=(variable.source,), unknown=unknown)
        else:
            written = Fragment(variable.value, variable.source)
            inner = token_of(expand_references(written, expanded, open_ended=open_ended))
            variables = (variable.source, *inner.variables)
            value = Fragment(inner.text, variable.source, variables=variables, unknown=inner.unknown)
        expanded[variable.name] = value
    return expanded


def expand_references(text: Fragment, env: Mapping[str, Fragment], *, open_ended: bool = False) -> list[Fragment]:
    """Replace `$(VAR)` by its value and `$$` by `$`; a reference to no variable stays as it is.

    With `open_ended`, variables may exist that `env` does not list (`envFrom`). As the kubelet does it
    (Kubernetes 1.33, third_party/forked/golang/expansion/expand.go).
    """
    fragments: list[Fragment] = []
    end = 0
    for match in _REFERENCE.finditer(text.text):
        fragments.append(text.part(end, match.start()))
        end = match.end()
        fragments.append(_value_of(match, text.part(match.start(), end), env, open_ended=open_ended))
    fragments.append(text.part(end, len(text.text)))
    return [fragment for fragment in fragments if fragment.text or fragment.variables]


def _value_of(match: re.Match[str], written: Fragment, env: Mapping[str, Fragment], *, open_ended: bool) -> Fragment:
    name = match.group(1)
    if name is None:
        return replace(written, text="$")
    if name in env:
        value = env[name]
        variables = (*written.variables, *value.variables)
        return Fragment(value.text, written.source, written.index, variables, value.unknown, substituted=True)
    if open_ended and _VARIABLE_NAME.fullmatch(name):
        return replace(written, unknown=f"`{name}` may come from `envFrom`")
    return written
