"""One run, top to bottom: discover, simulate, judge, triage, report."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signet_lint.config import Config
from signet_lint.discover.search import search
from signet_lint.model.later import Later
from signet_lint.render.engine import HelmEngine
from signet_lint.schema.catalogue import load as load_schemas
from signet_lint.simulated import refuse_unknown, simulated
from signet_lint.source.tree import DiskTree, Tree

if TYPE_CHECKING:
    from signet_lint.finding import Report
    from signet_lint.rule import Rule
    from signet_lint.triage.baseline import Baseline


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
        secrets = aside.submit(lambda: search(tree) if "secrets" in _needs(rules) else ())
        aside.submit(lambda: load_schemas(config.kubernetes_version) if "schemas" in _needs(rules) else None)
        with simulated(root, config, envs, engine=engine, tree=tree) as found:
            refuse_unknown(envs, found.state.known_envs)
            # All rules are imported before this thread imports more: two threads in one package could lock each other out.
            rules = tuple(rules)
            from signet_lint.verdict import report_on

            return report_on(found, rules, envs, secrets=Later(secrets.result), today=today, baseline=baseline)


def _needs(rules: Sequence[Rule[Any]]) -> set[str]:
    return {need for rule in rules for need in rule.needs}
