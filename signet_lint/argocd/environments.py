"""Environments: what they are called, and which of them is on somebody's desk.

An environment is what one outermost Application deploys. Where no installation names it, its name is the parameter that
tells the outermost Applications of one ApplicationSet apart and stands in their names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from signet_lint.config import Config
from signet_lint.model.application import Application, Env
from signet_lint.model.resource import Resource, dig
from signet_lint.render.values import leaves

_LOCAL_NAMES = frozenset(("local", "crc", "laptop", "kind", "minikube", "desktop", "workstation", "microshift"))
_LOCAL_DOMAIN = re.compile(r"(?:^|\.)apps-crc\.testing$|(?:^|\.)localhost$|\.nip\.io$|\.local$|\.localdomain$")
_PRODUCTION = re.compile(r"(?<![a-z0-9])(?:prod|production|prd|live)(?![a-z])", re.IGNORECASE)
_BEFORE_IT = re.compile(r"(?<![a-z0-9])(?:non|not|no|pre)[-_.]?(?:prod|production|prd|live)(?![a-z])", re.IGNORECASE)
DEFAULT = "default"


class EnvNames(Struct):
    """The environment of each outermost Application of an entry without environments of its own."""

    by_manifest: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, outermost: Sequence[tuple[Resource, Any]]) -> EnvNames:
        """Group the outermost Applications: those that deploy the same path are each an environment."""
        names = cls()
        groups: dict[str, list[tuple[Resource, Any]]] = {}
        for manifest, maker in outermost:
            groups.setdefault(str(dig(manifest.body, ("spec", "source", "path"))), []).append((manifest, maker))
        for group in groups.values():
            names._name(group)
        return names

    def name(self, manifest: Resource) -> str:
        """The environment that an outermost Application is."""
        return self.by_manifest.get(id(manifest), DEFAULT)

    def _name(self, group: list[tuple[Resource, Any]]) -> None:
        if len(group) == 1 and group[0][1] is None:
            return
        parameters = [_parameters(manifest, maker) for manifest, maker in group]
        for (manifest, _), own in zip(group, parameters, strict=True):
            if len(group) == 1:
                name = next((own[key] for key in ("env", "environment", "stage") if key in own), DEFAULT)
            else:
                name = _distinct(manifest.name, own, parameters) or manifest.name
            self.by_manifest[id(manifest)] = name


def _parameters(manifest: Resource, maker: Any) -> dict[str, str]:
    """Text parameters of a generated Application, or the Helm parameters of a plain one."""
    if maker is not None:
        values = maker.generated.parameter_set.values
        return {str(path[-1]): value for path, value in leaves(values) if isinstance(value, str) and value}
    parameters = dig(manifest.body, ("spec", "source", "helm", "parameters"), [])
    found = [p for p in parameters if isinstance(p, Mapping)] if isinstance(parameters, list) else []
    return {str(p.get("name")): str(p.get("value")) for p in found}


def _distinct(name: str, own: Mapping[str, str], all_of_them: Sequence[Mapping[str, str]]) -> str:
    """The shortest parameter that differs in each Application and is a part of this one's name."""
    found = []
    for key, value in own.items():
        others = [other.get(key) for other in all_of_them]
        if len(set(others)) == len(others) and re.search(rf"(?:^|[-_.]){re.escape(value)}(?:$|[-_.])", name):
            found.append(value)
    return min(found, key=lambda value: (len(value), value), default="")


def environment(name: str, applications: Sequence[Application], config: Config) -> Env:
    """An environment with what it is: whose, and what it must run."""
    is_local = _is_local(name, applications, config)
    return Env(
        name=name,
        applications=tuple(applications),
        is_local=is_local,
        runs_inference=_runs_inference(name, config, is_local=is_local),
        namespace=_namespace(applications, config.argocd.namespace),
    )


def _is_local(name: str, applications: Sequence[Application], config: Config) -> bool:
    """Whether an environment is a developer's own: configured, by the domain it is given, or by its name."""
    if config.local_envs is not None:
        return name in config.local_envs
    return name.lower() in _LOCAL_NAMES or any(_LOCAL_DOMAIN.search(text) for text in _domains(applications))


def _domains(applications: Sequence[Application]) -> list[str]:
    """Values given to the outermost Applications under a name that speaks of a domain."""
    return [text.lower() for text in _given(applications, "domain")]


def _given(applications: Sequence[Application], word: str) -> list[str]:
    """Texts given to the outermost Applications under a name that has the word in it."""
    sources = [source for a in applications[:3] if a.manifest for source in a.sources]
    given = [pair for source in sources for pair in leaves(source.values or {})]
    return [value for path, value in given if isinstance(value, str) and word in str(path[-1]).lower()]


def _runs_inference(name: str, config: Config, *, is_local: bool) -> bool:
    """Whether model services must run there: configured, else any environment that is called production."""
    if config.inference_envs is not None:
        return name in config.inference_envs
    return not is_local and bool(_PRODUCTION.search(name)) and not _BEFORE_IT.search(name)


def _namespace(applications: Sequence[Application], argocd_namespace: str) -> str:
    """The environment's application namespace, Argo CD's own left out.

    Where most of its Applications deploy, among the namespaces that it is given as a value (`appNamespace`) if it is
    given any.
    """
    destinations = [a.destination for a in applications if a.manifest is not None]
    used = Counter(name for name in destinations if name and name != argocd_namespace)
    given = set(_given(applications, "namespace"))
    among = [name for name in used if name in given] or list(used)
    return min(among, key=lambda name: (-used[name], destinations.index(name)), default="")
