"""Which model each server serves, under which names, and what the catalogue knows of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from signet_lint.catalogue import models
from signet_lint.catalogue.models import Model
from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.vllm_servers import place_of, vllm_servers
from signet_lint.vllm import Invocation

Role = Literal["chat", "embeddings", ""]

_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+\Z")
_MODEL_VARIABLES = ("MODEL_ID", "MODEL_NAME", "MODEL")
_EMBEDDING = re.compile(r"(?:^|[^a-z])embed(?:ding|dings|der)?(?:$|[^a-z])", re.IGNORECASE)
_CHAT = re.compile(r"(?:^|[^a-z])(?:llm|chat)(?:$|[^a-z])", re.IGNORECASE)
NOT_NAMED = "nothing in the repository names it"
MOUNT = "/mnt/models"
"""Where KServe puts what `storageUri` names [KServe, pkg/constants, DefaultModelLocalMountPath]."""


class ServedModel(Struct, frozen=True):
    """The model of a server: its id on the hub ("" where that cannot be told), and the field that sets it."""

    server: InferenceServer
    invocation: Invocation | None
    name: str
    at: Field
    unknown: str = ""

    def entry(self, config: Config) -> Model | None:
        """What the catalogue or the configuration knows of it."""
        return models.lookup(self.name, more=known_models(config)) if self.name else None

    def setting(self, option: str) -> str | None:
        """The text of a vLLM option, None where it is not set or not known."""
        if self.invocation is None or self.invocation.unresolved:
            return None
        setting = self.invocation.get(option)
        return None if setting is None or setting.unknown else setting.value

    @property
    def is_readable(self) -> bool:
        """Whether its arguments can be told."""
        return self.invocation is not None and not self.invocation.unresolved


def known_models(config: Config) -> tuple[Model, ...]:
    """The models that the configuration adds to the catalogue."""
    return tuple(
        Model(
            name=one.name,
            task="embed" if one.task == "embed" else "generate",
            parameters=one.parameters,
            layers=one.layers,
            heads=one.heads,
            kv_heads=one.kv_heads,
            head_dim=one.head_dim,
            max_length=one.max_length,
            chat_template=None,
            bytes_per_parameter=2,
            source="configuration",
            encoder_only=one.task == "embed" and one.kv_heads is None,
        )
        for one in config.models
    )


@lru_cache(maxsize=64)
def served_models(env: Env) -> tuple[ServedModel, ...]:
    """The main servers of an environment with their models; workers and prefill pods serve the same one."""
    invocations = dict(vllm_servers(env))
    return tuple(_served(server, invocations.get(server)) for server in inference_servers(env) if not server.role)


def _served(server: InferenceServer, invocation: Invocation | None) -> ServedModel:
    for name, at in _candidates(server, invocation):
        if _is_mounted(name):
            break
        if _HUB.match(name) and not name.startswith("/"):
            return ServedModel(server, invocation, name, at)
        return ServedModel(server, invocation, "", at, f"`{name}` is no model of the hub")
    uri = storage(server)
    if uri is not None and isinstance(uri.value, str):
        text = uri.value
        if text.startswith("hf://"):
            return ServedModel(server, invocation, text[len("hf://") :].partition(":")[0].strip("/"), uri)
        return ServedModel(server, invocation, "", uri, f"what is at `{text.partition('://')[0]}://…` is not known")
    return ServedModel(server, invocation, "", server.own("args"), NOT_NAMED)


def _candidates(server: InferenceServer, invocation: Invocation | None) -> list[tuple[str, Field]]:
    found = []
    if invocation is not None and not invocation.unresolved and invocation.model and invocation.model.value:
        at = place_of(invocation.model.value_token, server)
        found.append((invocation.model.value, at))
    elif invocation is None:
        words = server.container.all_args
        for number, piece in enumerate(words):
            flag, _, value = str(piece.value).partition("=")
            if flag in ("--model-id", "--model", "--model_id"):
                following = words[number + 1] if not value and number + 1 < len(words) else piece
                found.append((value or str(following.value), following.at))
        for name in _MODEL_VARIABLES:
            variable = server.container.variable(name)
            if variable is not None and variable.value:
                found.append((variable.value, variable.at))
    return found


def _is_mounted(name: str) -> bool:
    return name.rstrip("/") == MOUNT


def storage(server: InferenceServer) -> Field | None:
    """The field of its service that names where the model lies, None where it has none or a scheme alone."""
    paths = (("spec", "predictor", "model", "storageUri"), ("spec", "model", "uri"))
    for path in paths:
        at = server.workload.at(*path)
        if isinstance(at.value, str) and at.value.partition("://")[2 if "://" in at.value else 0]:
            return at
    return None


def names_served(model: ServedModel) -> tuple[str, ...]:
    """The names that clients may ask for: those given to it, else the model as it was named to the server."""
    if not model.is_readable or model.invocation is None:
        return ()
    given = model.invocation.get("served-model-name")
    if given is not None:
        values = given.values or ((given.value,) if given.value else ())
        return tuple(value for value in values if value)
    setting = model.invocation.model
    return (setting.value,) if setting is not None and setting.value else ()


def asked_role(model: ServedModel) -> Role:
    """What its operator means it for, by its arguments, else by the words of its name and labels."""
    task = model.setting("task") or ""
    if model.setting("runner") == "pooling" or task in ("embed", "embedding"):
        return "embeddings"
    if model.setting("runner") == "generate" or task == "generate":
        return "chat"
    return named_role(model)


def named_role(model: ServedModel) -> Role:
    """What the words of its name and labels say it is for."""
    workload = model.server.workload
    labels = workload.get("metadata", "labels", default={})
    own = [workload.name, *(str(value) for value in labels.values())] if isinstance(labels, dict) else [workload.name]
    if any(_EMBEDDING.search(text) for text in own):
        return "embeddings"
    return "chat" if _CHAT.search(workload.name) else ""
