"""One run, top to bottom: discover, simulate, judge, report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from shutil import which
from typing import Any

from signet_lint.argocd.deploy import Deployer
from signet_lint.argocd.installs import entry_folders
from signet_lint.argocd.origins import Origins
from signet_lint.argocd.ownership import Ownership
from signet_lint.argocd.simulate import Simulation, Simulator
from signet_lint.argocd.umbrella import base_values_files
from signet_lint.argocd.wiring import WiringMeasurer
from signet_lint.catalogue.api_versions import served
from signet_lint.config import Config
from signet_lint.discover.repository import Repository, included_charts, is_chart_source
from signet_lint.discover.syntax import syntax_problems
from signet_lint.errors import EngineError, UsageError
from signet_lint.finding import Coverage, NotExamined, Report
from signet_lint.fixes.fixer import Fixer
from signet_lint.judge import Judgement, judge, left_out
from signet_lint.model.additions import catalogue_additions
from signet_lint.model.later import Later
from signet_lint.model.resource import Resource
from signet_lint.model.secret import FoundSecret
from signet_lint.model.state import DesiredState
from signet_lint.model.suppression import SuppressionFault
from signet_lint.render.engine import Cluster, HelmEngine
from signet_lint.render.shared import SharedEngine
from signet_lint.render.trace import Tracer
from signet_lint.rule import Rule
from signet_lint.schema.catalogue import load as load_schemas
from signet_lint.source.tree import DiskTree, Tree
from signet_lint.triage.baseline import Baseline
from signet_lint.triage.suppress import Scope, Suppressions, directives_in


@dataclass(frozen=True, slots=True)
class Simulated:
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


def run(
    root: Path,
    config: Config,
    *,
    rules: Sequence[Rule[Any]],
    envs: Sequence[str] = (),
    engine: HelmEngine | None = None,
    tree: Tree | None = None,
    today: date | None = None,
    baseline: Baseline | None = None,
) -> Report:
    """Look at a repository and judge it.

    `tree` stands in for the files of `root`; an `engine` given is closed after. Without `today` no suppression expires.
    """
    tree = DiskTree(root) if tree is None else tree
    tree.files()
    with ThreadPoolExecutor(max_workers=2) as aside:
        # Files are searched and schemas loaded while the simulation waits for the Helm engine.
        secrets = aside.submit(_secrets, tree, rules)
        if any("schemas" in rule.needs for rule in rules):
            aside.submit(load_schemas, config.kubernetes_version)
        with simulated(root, config, envs, engine=engine, tree=tree) as found:
            refuse_unknown(envs, found.state.known_envs)
            return report_on(found, rules, envs, secrets=Later(secrets.result), today=today, baseline=baseline)


def _secrets(tree: Tree, rules: Sequence[Rule[Any]]) -> tuple[FoundSecret, ...]:
    """The secrets in a repository's files, where a rule asks for them."""
    if not any("secrets" in rule.needs for rule in rules):
        return ()
    from signet_lint.discover.search import search

    return search(tree)


def report_on(
    found: Simulated,
    rules: Sequence[Rule[Any]],
    envs: Sequence[str] = (),
    *,
    secrets: Sequence[FoundSecret] | None = None,
    today: date | None = None,
    baseline: Baseline | None = None,
) -> Report:
    """Judge a simulated repository, and sort out what a comment, the configuration or the baseline keeps back.

    `secrets` are those in its files, where they have been looked for already.
    """
    state = replace(found.state, secrets=_secrets(found.tree, rules) if secrets is None else secrets)
    on_suppressions = [rule for rule in rules if "suppressions" in rule.needs]
    on_state = [rule for rule in rules if "suppressions" not in rule.needs]
    fixer = Fixer(state, found.origins, found.repository)
    judgement = judge(state, on_state, found.origins, found.aside, fixer)
    placed = [found.aside.submit(left_out, left, found.origins) for left in state.left_out]
    not_examined = [one.result() for one in placed] + judgement.not_examined
    incomplete = (*_nothing_looked_at(state, envs), *judgement.crashed)
    scope = Scope(frozenset(rule.id for rule in on_state), complete=not incomplete and _saw_everything(state))

    suppressions = Suppressions(directives_in(found.repository, found.files), state.config.ignore, today)
    findings, suppressed = suppressions.apply(judgement.findings)
    faults = _judge_faults(found, on_suppressions, suppressions.faults(scope))
    more, also_suppressed = suppressions.apply(faults.findings)
    findings, baselined = baseline.split([*findings, *more]) if baseline else ([*findings, *more], [])
    stale = _judge_faults(found, on_suppressions, baseline.faults(scope) if baseline else ())

    return Report(
        profile=found.state.config.profile,
        findings=tuple(sorted([*findings, *stale.findings], key=lambda finding: finding.sort_key)),
        coverage=_coverage(found, not_examined),
        incomplete=(*incomplete, *faults.crashed, *stale.crashed),
        suppressed=(*suppressed, *also_suppressed),
        baselined=tuple(baselined),
        secrets=tuple(sorted(judgement.secrets | _held(state))),
        secret_lines=frozenset(judgement.secret_lines),
    )


def _held(state: DesiredState) -> set[str]:
    """Texts that nothing may print, whichever rules are on."""
    from signet_lint.model.secret import secret_texts

    held = {text for env in state.envs for text in secret_texts(env.resources, env)}
    return held | {text for found in state.secrets for text in found.texts}


def _judge_faults(found: Simulated, rules: Sequence[Rule[Any]], faults: Iterable[SuppressionFault]) -> Judgement:
    """The findings on suppressions, by the rules for them: these run last, since others tell what was suppressed."""
    known = tuple(faults) if rules else ()
    if not known:
        return Judgement()
    fixer = Fixer(found.state, found.origins, found.repository)
    return judge(replace(found.state, suppressions=known), rules, found.origins, found.aside, fixer)


def _saw_everything(state: DesiredState) -> bool:
    """Whether no environment was left out, and nothing failed that might have had findings."""
    seen = {env.name for env in state.envs}
    return all(name in seen for name in state.known_envs) and not any(
        problem.kind != "duplicate-key" for problem in state.problems
    )


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
        simulation = Simulator(deployer).run(envs)
        tracer = Tracer(engine)
        simulated_state = _state(deployer, simulation)
        one = partial(ThreadPoolExecutor, max_workers=1)
        with catalogue_additions(config), one() as measuring, one() as aside:
            measured = measuring.submit(WiringMeasurer(deployer, tracer, simulation).measure)
            state = replace(simulated_state, wiring=Later(measured.result))
            envs_by_name = {env.name: env for env in simulation.envs}
            origins = Origins(tracer, repository, envs_by_name, simulation.installs, Later(lambda: state.umbrellas))
            files = frozenset(_files_read(deployer, simulation))
            yield Simulated(state, origins, repository, files, aside)
    finally:
        engine.close()


def cluster_of(config: Config) -> Cluster:
    """What templates are told of the cluster."""
    return Cluster(config.kubernetes_version, (*served(), *config.api_versions))


def open_engine(config: Config, helm: str | None = None) -> HelmEngine:
    """The helm command where one is named, else the in-process engine, else a helm command on the PATH.

    The in-process engine loads its library while the caller goes on.
    """
    cluster = cluster_of(config)
    from signet_lint.render.sdk import SdkEngine, available

    command = helm or (None if available() else which("helm"))
    if command:
        from signet_lint.render.command import CommandEngine

        return CommandEngine(command, cluster)
    if not available():
        raise EngineError(
            "no Helm engine: helm-python-sdk has no wheel for this platform",
            hint="install the helm command and name it with --helm PATH",
        )
    return SdkEngine(cluster)


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


def _coverage(found: Simulated, not_examined: Sequence[NotExamined]) -> Coverage:
    applications = [a for env in found.state.envs for a in env.applications]
    skipped = [NotExamined(f"file `{left.path}`", left.why, left.path) for left in found.tree.left_out]
    return Coverage(
        charts=len(found.state.charts),
        environments=tuple(env.name for env in found.state.envs),
        applications=sum(a.manifest is not None for a in applications),
        resources=sum(len(a.resources) for a in applications),
        not_examined=tuple(sorted({*not_examined, *skipped})),
    )


def refuse_unknown(envs: Sequence[str], known: Sequence[str]) -> None:
    """Raise `UsageError` for an environment that the repository, whose environments are known, does not have."""
    unknown = [name for name in envs if known and name not in known]
    if unknown:
        near = get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise UsageError(f"no environment `{unknown[0]}`", hint=f"{hint}environments found: {', '.join(known)}")


def _nothing_looked_at(state: DesiredState, envs: Sequence[str]) -> Iterator[str]:
    if not state.envs and not state.known_envs:
        yield "nothing to lint: no chart or file here gives an Argo CD Application or ApplicationSet"
    for name in envs:
        if name not in [env.name for env in state.envs]:
            known = ", ".join(state.known_envs) or "none"
            yield f"environment `{name}` could not be simulated; environments found: {known}"
    for env in state.envs:
        if not any(application.manifest is not None for application in env.applications):
            yield f"environment `{env.name}` could not be simulated: no Application comes out of its entry"
