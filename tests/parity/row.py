"""What a row of the parity table is: a behaviour of Argo CD, and the small repository that shows what becomes of it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

Status = Literal["supported", "not examined", "not relevant"]

ARGO_CD = "3.1.9"
URL = "https://git.example.com/team/ours.git"
OTHER = "https://git.example.com/other/theirs.git"
HERE = "https://kubernetes.default.svc"

# A chart that prints everything it is given.
CHART = {
    "charts/x/Chart.yaml": "apiVersion: v2\nname: x\nversion: 0.1.0\n",
    "charts/x/values.yaml": "v: chart\nmap: {a: 1, b: 2}\nlist: [1, 2]\n",
    "charts/x/templates/seen.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: seen}
data:
  values: {{ toJson .Values | quote }}
  release: {{ .Release.Name | quote }}
  namespace: {{ .Release.Namespace | quote }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  install: {{ .Release.IsInstall | quote }}
  upgrade: {{ .Release.IsUpgrade | quote }}
""",
}


@dataclass(frozen=True, kw_only=True)
class Expect:
    """What the simulation must give.

    `told` are words of something not examined, `problem` words of what Argo CD would refuse; neither may be there where
    they are not given. `applications` are all generated ones, `resources` all manifests as "Kind namespace/name",
    `values`, `seen` and `spec` parts of what the chart was given, what it printed, and the first Application's spec.
    """

    told: str = ""
    problem: str = ""
    applications: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    finding: str = ""
    rendered: bool = True


@dataclass(frozen=True, kw_only=True)
class Row:
    """A behaviour, where upstream has it, the fields of the kinds it covers, and the case that is run."""

    area: str
    name: str
    status: Status
    upstream: str
    expect: Expect
    files: Mapping[str, str]
    fields: tuple[str, ...] = ()
    version: str = ARGO_CD

    @property
    def id(self) -> str:
        """The name of its case."""
        return f"{self.area}: {self.name}".replace("`", "").replace("*", "")


def text(*documents: Any) -> str:
    """YAML of several documents."""
    return yaml.safe_dump_all(documents, sort_keys=False)


def application(source: Any = None, *, name: str = "demo", namespace: str = "there", **spec: Any) -> dict[str, Any]:
    """An Application; `source` is what it says beside the repository, None for none at all."""
    one = {} if source is None else {"source": {"repoURL": URL, **source}}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"project": "default", **one, "destination": {"server": HERE, "namespace": namespace}, **spec},
    }


def helm(files: Mapping[str, str] | None = None, **block: Any) -> dict[str, str]:
    """A repository whose Application deploys the chart with this `helm` block."""
    return {**CHART, **(files or {}), "apps.yaml": text(application({"path": "charts/x", "helm": block}))}


def template(name: str, source: Any = None, **spec: Any) -> dict[str, Any]:
    """The template of an ApplicationSet."""
    made = application({"path": "charts/x"} if source is None else source, name=name, **spec)
    return {"metadata": {"name": name}, "spec": made["spec"]}


def application_set(*generators: Any, name: str = "{{ .env }}", go: bool = True, **spec: Any) -> dict[str, Any]:
    """An ApplicationSet that deploys the chart."""
    body = {"generators": list(generators), "template": template(name), **({"goTemplate": True} if go else {}), **spec}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "set", "namespace": "argocd"},
        "spec": body,
    }


def generated(*generators: Any, files: Mapping[str, str] | None = None, **spec: Any) -> dict[str, str]:
    """A repository with one ApplicationSet."""
    return {**CHART, **(files or {}), "apps.yaml": text(application_set(*generators, **spec))}


def elements(*names: str, **more: Any) -> dict[str, Any]:
    """A list generator with an element `env` for each name."""
    return {"list": {"elements": [{"env": name, **more} for name in names]}}
