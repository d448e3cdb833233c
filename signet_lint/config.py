"""The configuration of a run: what the repository cannot tell by itself.

Read from `.signet-lint.yaml` or `[tool.signet-lint]` in pyproject.toml; every setting has a default that fits a
repository shaped like the plan's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from signet_lint.source.location import Location

KUBERNETES_VERSION = "1.32"  # OpenShift 4.19


class ArgoCD(Struct, frozen=True):
    """The Argo CD installation: its namespace, the controller's ServiceAccount, and its baseline in the catalogue."""

    namespace: str = "openshift-gitops"
    service_account: str = "openshift-gitops-argocd-application-controller"
    installation: str = "openshift-gitops"


class Existing(Struct, frozen=True):
    """What is in the cluster already, by name ("name" or "namespace/name")."""

    runtimes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()


class Gpu(Struct, frozen=True):
    """The GPU pool where the repository does not declare one."""

    taints: tuple[Mapping[str, str], ...] = ()
    labels: tuple[str, ...] = ()
    count: int | None = None
    instance_type: str = ""
    memory_mib: int | None = None


class ModelEntry(Struct, frozen=True):
    """A model that the catalogue does not have, or has otherwise; `task` is generate or embed, lengths are tokens."""

    name: str = ""
    task: str = "generate"
    parameters: int | None = None
    layers: int | None = None
    heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    max_length: int | None = None


class InstanceTypeEntry(Struct, frozen=True):
    """A machine type that the catalogue does not have; memory in MiB, that of the GPU for each one."""

    name: str = ""
    vcpus: int = 1
    memory_mib: int = 1
    gpu: str = ""
    gpu_count: int = 1
    gpu_memory_mib: int | None = None
    quota_group: str = ""


class OperatorEntry(Struct, frozen=True):
    """An OLM package that the catalogue does not have; `brings` are kinds as "group/Kind"."""

    package: str = ""
    role: str = ""
    install_modes: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()


class Ignore(Struct, frozen=True):
    """Findings that are not reported: of these rules, in files or environments, for a reason, until the end of a day.

    `at` is the entry's place in the configuration file, which no key sets.
    """

    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    envs: tuple[str, ...] = ()
    reason: str = ""
    until: date | None = None
    at: Location = Location("")


class Config(Struct, frozen=True):
    """Every setting of a run; names follow the configuration file's keys."""

    profile: str = "signet"
    entry: str | None = None
    set_values: Mapping[str, str] = field(default_factory=dict)
    envs: tuple[str, ...] = ()
    local_envs: tuple[str, ...] | None = None
    inference_envs: tuple[str, ...] | None = None
    repo_urls: tuple[str, ...] = ()
    argocd: ArgoCD = ArgoCD()
    kubernetes_version: str = KUBERNETES_VERSION
    api_versions: tuple[str, ...] = ()
    required: tuple[str, ...] = ("openshift-ai", "signet-llm", "signet-embeddings", "signet-loadtest")
    max_model_len: int = 8192
    max_model_len_of: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gpu: Gpu = Gpu()
    models: tuple[ModelEntry, ...] = ()
    instance_types: tuple[InstanceTypeEntry, ...] = ()
    operators: tuple[OperatorEntry, ...] = ()
    vcpu_quota: int = 8
    vcpu_quota_of: Mapping[str, int] = field(default_factory=dict)
    exists: Existing = Existing()
    severity: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[Ignore, ...] = ()
    baseline: str | None = None
