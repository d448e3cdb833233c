"""The floor that `check` is measured against: the same engine, loader and simulation, and no rules."""

from __future__ import annotations

import sys
from pathlib import Path

from signet_lint.argocd.deploy import Deployer
from signet_lint.argocd.ownership import Ownership
from signet_lint.argocd.simulate import Simulator
from signet_lint.catalogue.api_versions import served
from signet_lint.config import Config
from signet_lint.discover.repository import Repository
from signet_lint.render.engine import Cluster
from signet_lint.render.sdk import SdkEngine
from signet_lint.source.tree import DiskTree


def main(root: Path) -> int:
    """Simulate a repository; prints how many manifests came out."""
    config = Config()
    cluster = Cluster(config.kubernetes_version, served())
    engine = SdkEngine(cluster)
    deployer = Deployer(Repository(DiskTree(root)), engine, config, Ownership.of(root, ()), cluster)
    result = Simulator(deployer).run()
    engine.close()
    print(sum(len(env.resources) for env in result.envs))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
