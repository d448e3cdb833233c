"""Secrets: held by manifests, referred to by pods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from msgspec import Struct

from signet_lint.catalogue.command_words import statements
from signet_lint.catalogue.tokens import is_literal_secret
from signet_lint.model.application import Env
from signet_lint.model.container import Container, EnvVar, container_of, line_with, listed
from signet_lint.model.resource import Field, Path, Resource, dig
from signet_lint.model.servers import resource_containers, resource_pods, texts

_TOKEN_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY|SECRET_ACCESS_KEY|AUTH_?KEY|CLIENT_SECRET)$", re.IGNORECASE
)
_TOKEN_OPTION = re.compile(
    r"--(?:(?:hf|hub|hugging-face|access|auth|bearer|api|github|gitlab|vault|openshift-ai)-)?token"
    r"|--(?:[a-z]+-)*(?:api-?key|access-key|secret-key|client-secret)",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"(?:token|password|passwd|passphrase|(?:api|access|secret|private)[-_]?key|client[-_]?secret)$", re.IGNORECASE
)
_NOT_ITS_CONTENT = frozenset(("apiVersion", "kind", "metadata", "type", "immutable"))
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_SERVING_CERTS = tuple(f"service.{stage}.openshift.io/serving-cert-secret-name" for stage in ("beta", "alpha"))
_STORAGE_ANNOTATION = "serving.kserve.io/storageSecretName"
MAKERS = ("Certificate", "SecretProviderClass", "ObjectBucketClaim", "KafkaUser", "OnePasswordItem")
"""Kinds of which a Secret is made, beside those that are called one."""
_VSO = ("VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret", "HCPVaultSecretsApp")


class SecretReference(Struct, frozen=True):
    """A pod's need of a Secret: whose, which, and the field that names it."""

    resource: Resource
    name: str
    at: Field


@lru_cache(maxsize=1 << 16)
def literal_tokens(resource: Resource, env: Env) -> tuple[EnvVar, ...]:
    """What holds a token by its name and has its text: variables of a manifest's containers, options, assignments.

    The text of a variable may be its own or a ConfigMap's.
    """
    containers = (container_of([at], env) for at in resource_containers(resource) if isinstance(at.value, Mapping))
    given = (variable for one in containers for variable in (*one.env, *_given_to_program(one)))
    return tuple(variable for variable in given if _is_token(variable.name) and is_literal_secret(variable.value))


def _is_token(name: str) -> bool:
    return bool(_TOKEN_NAME.search(name) or _TOKEN_OPTION.fullmatch(name))


def _given_to_program(container: Container) -> Iterator[EnvVar]:
    """The options that command and arguments give with a value, and the variables that a script sets; none computed."""
    yield from (given for given in _words_given(container) if not set("$`") & set(given.value or ""))


def _words_given(container: Container) -> Iterator[EnvVar]:
    for statement in statements(texts(container.words)):
        words = [*zip(statement.words, statement.items, strict=True), ("", -1)]
        for (word, item), (following, next_item) in pairwise(words):
            name, equals, value = word.partition("=")
            at = container.words[item].at
            if name.startswith("--") and equals:
                yield EnvVar(name, value, line_with(at, value))
            elif name.startswith("--") and following and not following.startswith("-"):
                yield EnvVar(name, following, line_with(container.words[next_item].at, following))
            elif assignment := _ASSIGNMENT.fullmatch(word):
                yield EnvVar(assignment[1], assignment[2], line_with(at, assignment[2]))


def secret_texts(resources: Iterable[Resource], env: Env) -> Iterator[str]:
    """Texts in manifests that must not be printed: the content of Secrets, and tokens written out."""
    for resource in resources:
        if (resource.gvk.group, resource.kind) == ("", "Secret"):
            yield from _texts_in({key: part for key, part in resource.body.items() if key not in _NOT_ITS_CONTENT})
        else:
            yield from (str(variable.value) for variable in literal_tokens(resource, env))


def _texts_in(value: Any) -> Iterator[str]:
    """Every text in a value that says something: also under a field that is misspelt (`stringDatas`)."""
    if isinstance(value, Mapping):
        yield from (text for item in value.values() for text in _texts_in(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in _texts_in(item))
    elif isinstance(value, str) and value:
        yield value


def secret_values(values: Iterable[tuple[Path, Any]]) -> Iterator[str]:
    """The texts of values (paths and what is there) that are secret by their own name: a chart's message may quote them."""
    for path, value in values:
        if path and _SECRET_VALUE.search(str(path[-1])) and is_literal_secret(value):
            yield value


def held(secret: Resource) -> tuple[str, ...]:
    """Keys of a Secret under which something is."""
    return tuple(str(key) for key, value in _entries(secret) if value not in (None, ""))


def _entries(secret: Resource) -> Iterator[tuple[Any, Any]]:
    for part in ("data", "stringData"):
        entries = secret.get(part)
        if isinstance(entries, Mapping):
            yield from entries.items()


@lru_cache(maxsize=64)
def delivered(env: Env) -> frozenset[tuple[str, str]]:
    """Namespace and name of every Secret that something in an environment makes."""
    return frozenset((one.namespace, name) for one in env.resources for name in _made_by(one) if name)


def _made_by(resource: Resource) -> Iterator[str]:
    group, kind = resource.gvk.group, resource.kind
    spec = resource.get("spec")
    if (group, kind) == ("", "Secret"):
        yield resource.name
    elif group == "secrets.hashicorp.com" and kind in _VSO:
        if dig(spec, ("destination", "create")) is True:
            yield str(dig(spec, ("destination", "name"), ""))
    elif kind == "ExternalSecret":
        if dig(spec, ("target", "creationPolicy")) != "None":
            yield str(dig(spec, ("target", "name")) or resource.name)
    elif kind == "SealedSecret":
        yield str(dig(spec, ("template", "metadata", "name")) or resource.name)
    elif kind == "Certificate":
        yield str(dig(spec, ("secretName",), ""))
    elif kind == "VaultSecret":
        yield str(dig(spec, ("output", "name")) or resource.name)
    elif kind in ("ObjectBucketClaim", "KafkaUser", "BitwardenSecret", "OnePasswordItem", "InfisicalSecret"):
        yield resource.name
    elif (group, kind) == ("", "Service"):
        yield from (resource.annotation(name) or "" for name in _SERVING_CERTS)
    elif kind == "SecretProviderClass":
        yield from (
            str(dig(piece.value, ("secretName",), "")) for piece in listed(resource.at("spec", "secretObjects"))
        )


def references(resource: Resource) -> Iterator[SecretReference]:
    """Every Secret that a manifest's pods need to start."""
    for container in resource_containers(resource):
        for variable in listed(container.child("env")):
            yield from _needed(resource, variable.at.child("valueFrom", "secretKeyRef"))
        for source in listed(container.child("envFrom")):
            yield from _needed(resource, source.at.child("secretRef"))
    for pod in resource_pods(resource):
        for volume in listed(pod.child("volumes")):
            yield from _needed(resource, volume.at.child("secret"), "secretName")
            yield from _needed(resource, volume.at.child("csi", "nodePublishSecretRef"))
            for source in listed(volume.at.child("projected", "sources")):
                yield from _needed(resource, source.at.child("secret"))
    if resource.kind == "InferenceService":
        # KServe mounts it into the container that fetches the model [pkg/credentials, CreateSecretVolumeAndEnv].
        yield from _needed(resource, resource.at("metadata", "annotations"), _STORAGE_ANNOTATION)


def _needed(resource: Resource, source: Field, key: str = "name") -> Iterator[SecretReference]:
    if not isinstance(source.value, Mapping) or source.value.get("optional") is True:
        return
    name = source.value.get(key)
    # Without a name the API server takes no pod [kubernetes, pkg/apis/core/validation, validateSecretKeySelector].
    if isinstance(name, str) or (name is None and key != _STORAGE_ANNOTATION):
        yield SecretReference(resource, name or "", source.child(key))
