"""One run, top to bottom: discover, simulate, judge, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from signet_lint.argocd.deploy import Deployer
from signet_lint.argocd.ownership import Ownership
from signet_lint.argocd.simulate import Simulator
from signet_lint.config import Config
from signet_lint.discover.repository import Repository
from signet_lint.render.engine import Cluster
from signet_lint.render.sdk import SdkEngine
from signet_lint.source.tree import DiskTree
