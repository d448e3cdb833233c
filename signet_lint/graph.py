"""What Argo CD would run as a tree: environments, ApplicationSets, Applications, their manifests; GPUs and findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from signet_lint.argocd.simulate import Generated
from signet_lint.finding import SEVERITIES, Finding
from signet_lint.model.application import Application, Env
from signet_lint.model.pods import gpu_demands
from signet_lint.model.resource import Resource
from signet_lint.model.servers import inference_servers
from signet_lint.model.state import DesiredState

NodeKind = Literal["environment", "applicationset", "application", "resource", "resources"]


class Node(Struct, frozen=True):
    """One thing that is run, and what it brings with it.

    `kind` "resources" stands for several manifests of one kind that need no line of their own. `gpus` are those of the
    workloads of this node itself at their maximum, `findings` the counts (errors, warnings, notes) of findings on it.
    """

    kind: NodeKind
    name: str
    detail: str = ""
    gpus: int = 0
    findings: tuple[int, int, int] = (0, 0, 0)
    children: tuple[Node, ...] = ()

    @property
    def all_gpus(self) -> int:
        """Its GPUs with those of everything below it."""
        return self.gpus + sum(child.all_gpus for child in self.children)

    @property
    def all_findings(self) -> tuple[int, int, int]:
        """Its findings with those of everything below it."""
        parts = [self.findings, *(child.all_findings for child in self.children)]
        errors, warnings, notes = (sum(part[at] for part in parts) for at in range(3))
        return errors, warnings, notes


class Graph(Struct, frozen=True):
    """A tree for each environment, and how many findings belong to none of them."""

    envs: tuple[Node, ...]
    elsewhere: tuple[int, int, int]


def graph_of(state: DesiredState, findings: Sequence[Finding]) -> Graph:
    """The graph of a simulated repository with the findings of the rules on it."""
    placed, elsewhere = _placed(state, findings)
    return Graph(tuple(_env(env, placed) for env in state.envs), _counts(elsewhere))


# Where a finding is shown: environment, Application (empty: the environment itself), manifest (None: the Application).
_Place = tuple[str, str, "Resource | None"]
_Placed = dict[_Place, list[Finding]]


def _placed(state: DesiredState, findings: Sequence[Finding]) -> tuple[_Placed, list[Finding]]:
    placed: _Placed = {}
    elsewhere: list[Finding] = []
    for finding in findings:
        places = list(_places(finding, state))
        for place in places:
            placed.setdefault(place, []).append(finding)
        if not places:
            elsewhere.append(finding)
    return placed, elsewhere


def _places(finding: Finding, state: DesiredState) -> Iterator[_Place]:
    named = [a for env in state.envs for a in env.applications if a.name == finding.application]
    charts = {chart for application in named for chart in application.charts}
    for env in state.envs:
        if env.name not in finding.envs:
            continue
        # A finding of several environments names the Application of the first: elsewhere its charts tell which it is.
        same = [a for a in env.applications if a in named] or [a for a in env.applications if charts & {*a.charts}]
        if not same:
            yield env.name, "", None
            continue
        yield env.name, same[0].name, _subject(finding, same[0])


def _subject(finding: Finding, application: Application) -> Resource | None:
    subject = finding.subject
    if subject is None:
        return None
    return next((r for r in application.resources if (r.kind, r.name) == (subject.kind, subject.name)), None)


def _counts(findings: Iterable[Finding]) -> tuple[int, int, int]:
    found = Counter(finding.severity for finding in findings)
    errors, warnings, notes = (found[severity] for severity in SEVERITIES)
    return errors, warnings, notes


def _env(env: Env, placed: _Placed) -> Node:
    below = [a for a in env.applications if a.is_entry]
    entries = {a.name for a in below}
    children = [child for entry in below for child in _below_entry(entry, env, placed)]
    names = {a.name for a in env.applications}
    orphans = [a for a in env.applications if not a.is_entry and a.parent not in names]
    children += [_application(a, env, placed) for a in orphans if a.parent not in entries]
    facts = [env.namespace, "local" if env.is_local else "", "runs inference" if env.runs_inference else ""]
    found = [f for (where, app, _), fs in placed.items() if where == env.name and app in ("", *entries) for f in fs]
    detail = ", ".join(fact for fact in facts if fact)
    return Node("environment", env.name, detail, findings=_counts(found), children=tuple(children))


def _below_entry(entry: Application, env: Env, placed: _Placed) -> Iterator[Node]:
    """The ApplicationSets of an entry with the Applications that they generate, its own Applications, the rest."""
    made: dict[Resource | None, list[Application]] = {}
    for application in env.applications:
        if application.parent == entry.name and application.manifest is not None:
            made.setdefault(_generator(application.manifest, entry), []).append(application)
    for generator, applications in made.items():
        nodes = tuple(_application(a, env, placed) for a in applications)
        if generator is None:
            yield from nodes
        else:
            yield Node("applicationset", generator.name, ", ".join(entry.charts), children=nodes)
    yield from _resources(entry, env, {})


def _generator(manifest: Resource, entry: Application) -> Resource | None:
    """The ApplicationSet that generated an Application, as it stands among the entry's manifests."""
    maker = manifest.ref.maker
    if not isinstance(maker, Generated):
        return None
    owner = maker.application_set
    same = (r for r in entry.resources if (r.kind, r.namespace, r.name) == (owner.kind, owner.namespace, owner.name))
    return next(same, owner)


def _application(application: Application, env: Env, placed: _Placed) -> Node:
    below = [a for a in env.applications if a.parent == application.name and not a.is_entry]
    children = [_application(a, env, placed) for a in below]
    own = placed.get((env.name, application.name, None), ())
    sources = ", ".join(_source(source.kind, source.path, source.repo_url) for source in application.sources)
    detail = f"{sources} -> {application.destination}" if application.destination else sources
    return Node(
        "application",
        application.name,
        detail,
        findings=_counts(own),
        children=(*children, *_resources(application, env, placed)),
    )


def _source(kind: str, path: str, repo_url: str) -> str:
    return f"{repo_url} (not examined)" if kind == "remote" else path or repo_url


def _resources(application: Application, env: Env, placed: _Placed) -> Iterator[Node]:
    """Manifests with GPUs, models or findings one by one, the others counted by kind."""
    gpus = Counter[Resource]()
    for demand in gpu_demands(env):
        gpus[demand.resource] += demand.total
    servers = {server.workload for server in inference_servers(env)}
    others: Counter[str] = Counter()
    for resource in application.resources:
        found = placed.get((env.name, application.name, resource), ())
        if resource.gvk.group == "argoproj.io" and not found:
            continue
        if gpus[resource] or resource in servers or found:
            detail = "model server" if resource in servers else ""
            yield Node("resource", f"{resource.kind} {resource.name}", detail, gpus[resource], _counts(found))
        else:
            others[resource.kind] += 1
    if others:
        listed = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
        yield Node("resources", listed)
