"""Which environment must run inference where nobody says so: the one that is called production."""

from __future__ import annotations

import pytest

from signet_lint.argocd.environments import environment
from signet_lint.config import Config

PRODUCTION = ("prod", "PROD", "production", "prd", "live", "prod-eu", "prod2", "eu-prod", "ocp_production", "team.prd")
OTHERS = (
    "dev",
    "sno",
    "staging",
    "pre-prod",
    "preprod",
    "non-prod",
    "nonprod",
    "eu-pre-prod",
    "product",
    "deliver",
    "local",
)


@pytest.mark.parametrize("name", PRODUCTION)
def test_production_runs_inference(name: str) -> None:
    """However the word stands in the name."""
    assert environment(name, (), Config()).runs_inference


@pytest.mark.parametrize("name", OTHERS)
def test_others_need_not(name: str) -> None:
    """What comes before production is none, and a word that begins alike neither."""
    assert not environment(name, (), Config()).runs_inference


def test_the_configuration_decides() -> None:
    """Where it names some, no other runs inference."""
    config = Config(inference_envs=("sno",))
    assert environment("sno", (), config).runs_inference
    assert not environment("prod", (), config).runs_inference
