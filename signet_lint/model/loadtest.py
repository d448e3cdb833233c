"""Decides which manifests are load tests: workloads that run k6, by image, by command, or with a script for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from signet_lint.model.application import Env
from signet_lint.model.pods import POD_SPECS, SCALED, containers, pod_spec
from signet_lint.model.resource import Path, Resource, dig

_IMAGE = re.compile(r"(?:^|[-_.])x?k6(?:$|[-_.])")
_OTHER_IMAGES = re.compile(r"(?:operator|reporter|exporter|dashboard)$")
_WORD = re.compile(r"[^\s;&|()\"'`]+")
_SUBCOMMANDS = frozenset(("run", "cloud", "x"))
_SCRIPT = re.compile(r"""(?:from|import|require\()\s*['"]k6(?:/[\w/-]+)?['"]""")


class LoadTest(Struct, frozen=True):
    """A manifest that runs k6; `pod` is where its pod's spec is, `container` the path of the one with k6.

    Of a resource of the k6 operator (`TestRun`, `K6`) both are empty: the operator makes the pods.
    """

    resource: Resource
    pod: Path = ()
    container: Path = ()

    @property
    def is_scaled(self) -> bool:
        """Whether it runs as many pods as `spec.replicas` says."""
        return self.resource.kind in SCALED


@lru_cache(maxsize=64)
def load_tests(env: Env) -> tuple[LoadTest, ...]:
    """Every load test of an environment, whatever its replicas."""
    scripts = frozenset((r.namespace, r.name) for r in env.of_kind("ConfigMap") if is_script(r))
    return tuple(test for resource in env.resources if (test := _load_test(resource, scripts)))


def is_script(config_map: Resource) -> bool:
    """Whether a ConfigMap holds a script that imports k6's modules."""
    texts = config_map.get("data")
    return isinstance(texts, Mapping) and any(isinstance(t, str) and _SCRIPT.search(t) for t in texts.values())


def _load_test(resource: Resource, scripts: frozenset[tuple[str, str]]) -> LoadTest | None:
    if resource.gvk.group == "k6.io" and resource.kind in ("TestRun", "K6"):
        return LoadTest(resource)
    pod = POD_SPECS.get(resource.kind)
    spec = pod_spec(resource)
    if pod is None or spec is None:
        return None
    for field, index, container in containers(spec):
        if runs_k6(container):
            return LoadTest(resource, pod, (*pod, field, index))
    if any((resource.namespace, name) in scripts for name in _mounted_config_maps(spec)):
        return LoadTest(resource, pod, (*pod, "containers", 0))
    return None


def runs_k6(container: Mapping[str, Any]) -> bool:
    """Whether a container's image is one of k6's (or built by xk6), or its command or arguments start k6."""
    return _is_k6_image(container.get("image")) or any(map(_starts_k6, _texts(container)))


def _is_k6_image(image: Any) -> bool:
    if not isinstance(image, str):
        return False
    repository = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    return bool(_IMAGE.search(repository)) and not _OTHER_IMAGES.search(repository)


def _texts(container: Mapping[str, Any]) -> Iterator[str]:
    """The command with its arguments as one text, as a shell would write it."""
    lists = (container.get("command"), container.get("args"))
    items = [item for listed in lists if isinstance(listed, list) for item in listed if isinstance(item, str)]
    if items:
        yield "\n".join(items)


def _starts_k6(text: str) -> bool:
    """Whether one of the words is k6 with a subcommand that runs a test after it (options may stand between)."""
    without_comments = re.sub(r"(^|\s)#.*$", r"\1", text, flags=re.MULTILINE)
    words = _WORD.findall(without_comments)
    return any(
        word.rpartition("/")[2] == "k6" and _SUBCOMMANDS & set(words[at + 1 : at + 6]) for at, word in enumerate(words)
    )


def _mounted_config_maps(spec: Mapping[str, Any]) -> Iterator[str]:
    volumes = spec.get("volumes")
    for volume in volumes if isinstance(volumes, list) else []:
        projected = dig(volume, ("projected", "sources"))
        for source in (volume, *(projected if isinstance(projected, list) else [])):
            name = dig(source, ("configMap", "name"))
            if isinstance(name, str):
                yield name
