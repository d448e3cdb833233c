"""Decides what a model is: its task, its size, the context it supports, and what its cache takes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

from msgspec import Struct

from signet_lint.catalogue._files import read

Task = Literal["generate", "embed"]


class Model(Struct, frozen=True):
    """A model by its Hugging Face id; None is what is not established.

    `max_length` is the context in tokens that its own configuration allows, `bytes_per_parameter` that of its published
    weights. A model that is `encoder_only` keeps no KV cache. What is not `verified` must not cause an error.
    """

    name: str
    task: Task
    parameters: int | None
    layers: int | None
    heads: int | None
    kv_heads: int | None
    head_dim: int | None
    max_length: int | None
    chat_template: bool | None
    bytes_per_parameter: float
    source: str
    verified: bool = True
    encoder_only: bool = False


@cache
def entries() -> tuple[Model, ...]:
    """Every model of the catalogue."""
    return tuple(Model(**row) for row in read("models.json")["models"])


def lookup(name: str, more: Iterable[Model] = ()) -> Model | None:
    """The model of that id, in any case, among `more` first; None where it is not in the catalogue."""
    wanted = name.strip().strip("/").casefold()
    return next((model for model in (*more, *entries()) if model.name.casefold() == wanted), None)
