"""Which Helm engine a run uses."""

from __future__ import annotations

from shutil import which
from subprocess import Popen

from signet_lint.catalogue.api_versions import served
from signet_lint.config import Config
from signet_lint.errors import EngineError
from signet_lint.render.engine import Cluster, HelmEngine
from signet_lint.render.start import available


def cluster_of(config: Config) -> Cluster:
    """What templates are told of the cluster."""
    return Cluster(config.kubernetes_version, (*served(), *config.api_versions))


def open_engine(config: Config, helm: str | None = None, worker: Popen[bytes] | None = None) -> HelmEngine:
    """The helm command where one is named, else the in-process engine, else a helm command on the PATH.

    The in-process engine uses the `worker` started already, or starts one, which loads its library while the caller
    goes on.
    """
    cluster = cluster_of(config)
    command = helm or (None if available() else which("helm"))
    if command:
        from signet_lint.render.command import CommandEngine

        return CommandEngine(command, cluster)
    if not available():
        raise EngineError(
            "no Helm engine: helm-python-sdk has no wheel for this platform",
            hint="install the helm command and name it with --helm PATH",
        )
    from signet_lint.render.sdk import SdkEngine

    return SdkEngine(cluster, worker=worker)
