"""What Argo CD would run in every environment: entries, their Applications, theirs, until none is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet

from msgspec import Struct, field

from signet_lint.argocd.applicationset import generate_applications
from signet_lint.argocd.deploy import Deployer, Deployment, entry_application
from signet_lint.argocd.entries import GROUP, Entries
from signet_lint.argocd.environments import EnvNames, environment
from signet_lint.argocd.generators import GeneratorError
from signet_lint.argocd.installs import Install
from signet_lint.argocd.templating import GeneratedApplication
from signet_lint.model.application import Application, Env
from signet_lint.model.resource import Declaration, Field, ManifestRef, Resource, dig
from signet_lint.model.state import LeftOut, Problem
from signet_lint.render.rendering import Rendering

_MAX_DEPTH = 12  # Applications below Applications; deeper is a cycle that changes its names


class Generated(Struct, frozen=True, eq=False):
    """Makes an Application's manifest: the ApplicationSet and what it generated (the `maker` of a `ManifestRef`)."""

    application_set: Resource
    generated: GeneratedApplication


class Simulation(Struct):
    """Everything simulated: environments, what failed, what was not looked at, and who generated whom."""

    envs: list[Env] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    generated: list[tuple[str, Generated]] = field(default_factory=list)
    installs: dict[str, Install] = field(default_factory=dict)
    duplicates: list[Application] = field(default_factory=list)
    known_envs: list[str] = field(default_factory=list)


class _Work(Struct):
    """One environment in the making."""

    name: str
    applications: list[Application] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def above(self, name: str) -> Iterator[Resource]:
        """The manifests of an Application and those above it, from the innermost."""
        manifests = {one.name: (one.manifest, one.parent) for one in self.applications}
        while name in manifests:
            manifest, name = manifests.pop(name)
            if manifest is not None:
                yield manifest


class Simulator:
    """Walks from the entries to the last resource of each environment."""

    def __init__(self, deployer: Deployer, on_umbrella: Callable[[Rendering], object] | None = None) -> None:
        """Each chart that an ApplicationSet deploys, and that gives Applications, is told once, as it is rendered."""
        self.deployer = deployer
        self.on_umbrella = on_umbrella
        self.umbrellas: set[str] = set()
        self.result = Simulation()
        self.works: dict[str, _Work] = {}
        self.entries = Entries(deployer)

    def run(self, only: Iterable[str] = ()) -> Simulation:
        """Simulate every environment, or only those named."""
        wanted = set(only)
        found = self.entries.installs()
        by_hand = dict(self.entries.installed_by(found))
        for install in found:
            self.result.known_envs.append(install.env)
            if not wanted or not install.env or install.env in wanted:
                self._install(install, wanted, by_hand.get((install.folder, install.env)))
        self.entries.tell_unrendered(self.result.known_envs)
        installed = {one.ref for one in by_hand.values()}
        for entry in self.entries.plain_entries(self._deployed_folders()):
            self._enter(entry, "", wanted, installed)
        self.result.envs.extend(
            environment(work.name, work.applications, self.deployer.config) for work in self.works.values()
        )
        self.result.problems.extend(self.deployer.problems)
        self.result.left_out.extend(self.deployer.left_out)
        return self.result

    def _deployed_folders(self) -> set[str]:
        applications = [a for work in self.works.values() for a in work.applications if a.manifest is not None]
        return {source.path for a in applications for source in a.sources if source.kind in ("helm", "directory")}

    def _install(self, install: Install, wanted: set[str], by_hand: Resource | None) -> None:
        if install.env:
            self.result.installs[install.env] = install
        if by_hand is not None:
            self._begin(self.entries.plain(by_hand.ref.template), install.env, by_hand, None)
            return
        self._enter(entry_application(install, self.deployer.install(install)), install.env, wanted)

    def _enter(
        self, entry: Application, env: str, wanted: set[str], done: AbstractSet[ManifestRef] = frozenset()
    ) -> None:
        """Begin with an entry: in its environment, or in those its Applications are for, but for what is `done`."""
        if env:
            work = self._work(env)
            work.applications.append(_in_env(entry, env))
            self._descend(work, work.applications[-1], 1)
            return
        new = [resource for resource in entry.resources if resource.ref not in done]
        first = [made for resource in new for made in self._applications_of(resource, "")]
        names = EnvNames.of([(manifest, maker) for manifest, maker in first])
        for manifest, maker in first:
            name = names.name(manifest)
            self.result.known_envs.append(name)
            if wanted and name not in wanted:
                continue
            self._begin(entry, name, manifest, maker)

    def _begin(self, entry: Application, env: str, manifest: Resource, maker: Generated | None) -> None:
        """Deploy an outermost Application of an entry in its environment."""
        work = self._work(env)
        if not work.applications:
            work.applications.append(_in_env(entry, env))
        self._deploy(work, _moved(manifest, env), maker, entry.name, 1)

    def _work(self, name: str) -> _Work:
        return self.works.setdefault(name, _Work(name))

    def _descend(self, work: _Work, parent: Application, depth: int) -> None:
        for resource in parent.resources:
            for manifest, maker in self._applications_of(resource, work.name):
                self._deploy(work, manifest, maker, parent.name, depth)

    def _deploy(self, work: _Work, manifest: Resource, maker: Generated | None, parent: str, depth: int) -> None:
        if maker is not None:
            self.result.generated.append((work.name, maker))
        if any(above.name == manifest.name and _source(above) == _source(manifest) for above in work.above(parent)):
            return  # an Application that deploys itself
        key = (manifest.namespace, manifest.name)
        if key in work.seen:
            if not any(a.manifest is not None and a.manifest.ref == manifest.ref for a in work.applications):
                self.result.duplicates.append(
                    Application(manifest.name, manifest.namespace, work.name, manifest, (), "", (), parent)
                )
            return
        if depth > _MAX_DEPTH:
            why = f"it is more than {_MAX_DEPTH} Applications deep: Applications that create each other without end"
            self.deployer.leave_out(f"Application `{manifest.name}`", why, Declaration(manifest))
            return
        work.seen.add(key)
        deployment = self.deployer.deploy(manifest, work.name, outermost=depth == 1)
        application = _application(manifest, work.name, deployment, parent)
        work.applications.append(application)
        self.result.duplicates.extend(_replacing(deployment, work.name))
        if maker is not None:
            self._tell_umbrellas(deployment)
        self._descend(work, application, depth + 1)

    def _tell_umbrellas(self, deployment: Deployment) -> None:
        makers = (one.ref.maker for one in deployment.resources if one.kind == "Application")
        for rendering in makers:
            if self.on_umbrella and isinstance(rendering, Rendering) and rendering.folder not in self.umbrellas:
                self.umbrellas.add(rendering.folder)
                self.on_umbrella(rendering)

    def _applications_of(self, resource: Resource, env: str) -> list[tuple[Resource, Generated | None]]:
        """The Applications that a manifest is, or generates."""
        if resource.gvk.group != GROUP:
            return []
        if resource.kind == "Application":
            return [(resource, None)]
        if resource.kind != "ApplicationSet":
            return []
        return [(_generated_manifest(made, env), made) for made in self._generate(resource, env)]

    def _generate(self, resource: Resource, env: str) -> list[Generated]:
        deployer = self.deployer
        generation = generate_applications(
            resource.body,
            tree=deployer.repository.tree,
            owns_repo=deployer.owns_git_generator,
            gotemplate=deployer.gotemplate,
        )
        for left_out in generation.not_examined:
            deployer.leave_out(
                f"{left_out.what} of ApplicationSet `{resource.name}`", left_out.why, Field(resource, left_out.path)
            )
        for error in generation.errors:
            what = "generator" if isinstance(error, GeneratorError) else "Application template"
            deployer.fail_at(resource, error.path, f"{what} of ApplicationSet `{resource.name}`: {error.message}")
        for twice in generation.duplicates:
            manifest = _generated_manifest(Generated(resource, twice), env)
            self.result.duplicates.append(Application(twice.name, manifest.namespace, env, manifest, (), "", ()))
        return [Generated(resource, application) for application in generation.applications]


def _generated_manifest(made: Generated, env: str) -> Resource:
    owner = made.application_set
    name = made.generated.name
    namespace = str(dig(made.generated.body, ("metadata", "namespace")) or owner.namespace)
    gvk = owner.gvk.__class__(GROUP, "v1alpha1", "Application")
    ref = ManifestRef(made, owner.ref.template, owner.ref.index)
    return Resource(gvk, namespace, name, made.generated.body, owner.application, env or owner.env, ref)


def _source(manifest: Resource) -> tuple[object, ...]:
    """The text of a file or chart that a manifest comes from, the same wherever it ends up."""
    ref = manifest.ref
    maker = ref.maker.folder if isinstance(ref.maker, Rendering) else ref.maker
    return maker, ref.template, ref.index, ref.item


def _application(manifest: Resource, env: str, deployment: Deployment, parent: str) -> Application:
    destination = str(manifest.get("spec", "destination", "namespace", default="") or "")
    return Application(
        name=manifest.name,
        namespace=manifest.namespace,
        env=env,
        manifest=manifest,
        sources=deployment.sources,
        destination=destination,
        resources=deployment.resources,
        parent=parent,
        rendered=deployment.rendered,
    )


def _replacing(deployment: Deployment, env: str) -> Iterator[Application]:
    """Applications that take the place of an earlier one of their name in the same deployment."""
    gone = {(one.namespace, one.name) for one in deployment.dropped if one.kind == "Application"}
    for kept in deployment.resources:
        if kept.kind == "Application" and (kept.namespace, kept.name) in gone:
            yield Application(kept.name, kept.namespace, env, kept, (), "", ())


def _moved(resource: Resource, env: str) -> Resource:
    return Resource(
        resource.gvk, resource.namespace, resource.name, resource.body, resource.application, env, resource.ref
    )


def _in_env(entry: Application, env: str) -> Application:
    """The entry's own resources, in one of the environments it starts."""
    resources = tuple(_moved(resource, env) for resource in entry.resources)
    return Application(
        entry.name, entry.namespace, env, None, entry.sources, entry.destination, resources, "", entry.rendered
    )
