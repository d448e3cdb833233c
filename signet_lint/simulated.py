"""A repository simulated: what Argo CD would deploy from it, and what finds the lines behind that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from signet_lint.argocd.deploy import Deployer
from signet_lint.argocd.installs import entry_folders
from signet_lint.argocd.origins import Origins
from signet_lint.argocd.ownership import Ownership
from signet_lint.argocd.simulate import Simulation, Simulator
from signet_lint.argocd.umbrella import base_values_files
from signet_lint.argocd.wiring import WiringMeasurer
from signet_lint.config import Config
from signet_lint.discover.repository import Repository, included_charts, is_chart_source
from signet_lint.discover.syntax import syntax_problems
from signet_lint.errors import UsageError
from signet_lint.model.additions import catalogue_additions
from signet_lint.model.later import Later
from signet_lint.model.resource import Resource
from signet_lint.model.state import DesiredState
from signet_lint.render.engine import HelmEngine
from signet_lint.render.opening import cluster_of, open_engine
from signet_lint.render.shared import SharedEngine
from signet_lint.render.trace import Tracer
from signet_lint.source.tree import DiskTree, Tree


class Simulated(Struct, frozen=True):
    """A repository simulated: what rules read, what turns their places into lines, and the thread that may do so.

    `files` are those read as YAML or as templates: the places of suppressions.
    """

    state: DesiredState
    origins: Origins
    repository: Repository
    files: frozenset[str]
    aside: Executor

    @property
    def tree(self) -> Tree:
        """The files of the repository."""
        return self.repository.tree


def simulate(root: Path, config: Config, envs: Sequence[str] = (), engine: HelmEngine | None = None) -> DesiredState:
    """The repository as Argo CD would deploy it; an `engine` given is closed after."""
    with simulated(root, config, envs, engine=engine) as found:
        return found.state


@contextmanager
def simulated(
    root: Path,
    config: Config,
    envs: Sequence[str] = (),
    *,
    engine: HelmEngine | None = None,
    tree: Tree | None = None,
) -> Iterator[Simulated]:
    """A simulated repository, with its engine running so that places can be traced."""
    tree = DiskTree(root) if tree is None else tree
    repository = Repository(tree)
    cluster = cluster_of(config)
    engine = SharedEngine(engine or open_engine(config))
    try:
        deployer = Deployer(repository, engine, config, Ownership.of(root, config.repo_urls), cluster)
        tracer = Tracer(engine)
        one = partial(ThreadPoolExecutor, max_workers=1)
        with catalogue_additions(config), one() as measuring, one() as aside:
            simulator = Simulator(deployer, lambda umbrella: measuring.submit(measurer.survey, umbrella))
            measurer = WiringMeasurer(deployer, tracer, simulator.result)
            simulation = simulator.run(envs)
            simulated_state = _state(deployer, simulation)
            umbrellas, measured = measuring.submit(measurer.umbrellas), measuring.submit(measurer.measure)
            state = replace(simulated_state, wiring=Later(measured.result, measured.done))
            envs_by_name = {env.name: env for env in simulation.envs}
            origins = Origins(tracer, repository, envs_by_name, simulation.installs, Later(umbrellas.result))
            files = frozenset(_files_read(deployer, simulation))
            yield Simulated(state, origins, repository, files, aside)
    finally:
        engine.close()


def _state(deployer: Deployer, simulation: Simulation) -> DesiredState:
    repository, config = deployer.repository, deployer.config
    used = _value_files(simulation)
    names = [env.name for env in simulation.envs]
    return DesiredState(
        config=config,
        charts=repository.charts,
        envs=tuple(simulation.envs),
        problems=(*syntax_problems(repository, {*used, *deployer.plain_files}), *simulation.problems),
        left_out=tuple(simulation.left_out),
        duplicates=tuple(simulation.duplicates),
        entries=frozenset(entry_folders(repository, config)),
        included_charts=tuple(included_charts(repository)),
        known_envs=tuple(dict.fromkeys(name for name in simulation.known_envs if name)),
        defaults=tuple(_own_defaults(deployer, names)),
    )


def _value_files(simulation: Simulation) -> Iterator[str]:
    for env in simulation.envs:
        for application in env.applications:
            yield from (entry.path for source in application.sources for entry in source.value_files)


def _files_read(deployer: Deployer, simulation: Simulation) -> Iterator[str]:
    """What is read as YAML or as a template: of charts, by Applications as values, and as plain manifests."""
    for folder in deployer.repository.chart_folders:
        start = len(folder) + 1 if folder else 0
        yield from (path for path in deployer.repository.tree.files(folder) if is_chart_source(path[start:]))
    yield from _value_files(simulation)
    yield from deployer.plain_files


def _own_defaults(deployer: Deployer, envs: Sequence[str]) -> Iterator[Resource]:
    """What charts with a load test or Subscriptions give with no environment's values: some must be off there, too."""
    for folder in deployer.repository.chart_folders:
        texts = deployer.repository.chart_files(folder).files.values()
        if any(b"k6" in text or b"Subscription" in text for text in texts):
            files = [f for f in base_values_files(deployer.repository, folder, envs) if not f.endswith("/values.yaml")]
            yield from deployer.own_manifests(folder, files)


def refuse_unknown(envs: Sequence[str], known: Sequence[str]) -> None:
    """Raise `UsageError` for an environment that the repository, whose environments are known, does not have."""
    unknown = [name for name in envs if known and name not in known]
    if unknown:
        near = get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise UsageError(f"no environment `{unknown[0]}`", hint=f"{hint}environments found: {', '.join(known)}")
