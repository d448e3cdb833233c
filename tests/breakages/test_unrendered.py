"""A chart that cannot be rendered is one finding: what others miss of it cannot be told, and is said to be so."""

from __future__ import annotations

import pytest

from tests.breakages.cases import ENVS, LLM_APP, Change, edit, expected, file, found
from tests.overlay import check, fixture_files
from tests.test_rules import RULES

CHARTS = sorted({path.split("/")[1] for path in fixture_files() if path.startswith("charts/")})
DEPLOYED = [name for name in CHARTS if name not in ("argocd-apps", "signet-umbrella")]


@pytest.mark.parametrize("chart", CHARTS)
def test_failing_template_is_the_only_finding(chart: str) -> None:
    """Nothing that follows from it is a finding as well."""
    path = f"charts/{chart}/templates/zz.yaml"
    change = file(path, '{{ fail "no" }}\n')
    assert expected(change, [f"SGL003 {path}:1"]) == found(change)


@pytest.mark.parametrize("chart", DEPLOYED)
def test_broken_values_are_the_only_finding(chart: str) -> None:
    """The same where Helm could not even begin."""
    path = f"charts/{chart}/values-prod.yaml"
    change = file(path, "a: [\n")
    assert [f"SGL001 {path}"] == [place.rpartition(":")[0] for place in found(change)]


@pytest.mark.parametrize(
    ("chart", "left"),
    [
        ("bootstrap-operators", {"cert-manager in `prod`", "OpenShift AI's Subscription in `prod`"}),
        ("openshift-ai", {"the DataScienceCluster of `prod`"}),
        (
            "signet-embeddings",
            {"the model `signet-embeddings` of `signet-loadtest`", "the host of `EMBEDDINGS_BASE_URL` of `signet-loadtest`"},
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(chart: str, left: set[str]) -> None:
    """It counts as not examined."""
    report = check(RULES, files={f"charts/{chart}/templates/zz.yaml": '{{ fail "no" }}\n'})
    assert left <= {one.what for one in report.coverage.not_examined}


def test_what_nothing_hides_is_found() -> None:
    """A broken chart that could not bring it hides nothing."""
    broken = file("charts/ollama-gateway/templates/zz.yaml", '{{ fail "no" }}\n')
    on = "    capacityEnabled: true\n    vaultRuntimeEnabled: true\n"
    off = edit(ENVS, (on, on.replace("RuntimeEnabled: true", "RuntimeEnabled: false")))
    assert any(place.startswith("SGL706") for place in found({**broken, **off}))


def test_a_path_that_is_not_there_hides_what_it_would_deploy() -> None:
    """Nobody can tell what it deploys."""
    change = edit(LLM_APP, ("path: charts/signet-llm", "path: charts/signet-lm"))
    assert {place.split()[0] for place in found(change)} == {"SGL103"}


REMOTE = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: NAME-{{ .Values.env }}
  namespace: {{ .Values.argocd.namespace }}
spec:
  project: default
  source:
    repoURL: https://charts.example.com
    chart: NAME
    targetRevision: 1.0.0
  destination:
    server: https://kubernetes.default.svc
    namespace: NAMESPACE
"""
NO_SECRET = edit(
    ENVS,
    (
        "    capacityEnabled: true\n    vaultRuntimeEnabled: true\n",
        "    capacityEnabled: true\n    vaultRuntimeEnabled: false\n",
    ),
)
NO_CERT_MANAGER = {"charts/bootstrap-operators/templates/subscription-cert-manager.yaml": None}


def _remote(name: str, namespace: str) -> dict[str, str | None]:
    text = REMOTE.replace("NAMESPACE", namespace).replace("NAME", name)
    return {f"charts/signet-umbrella/templates/app-{name}.yaml": text}


def _outcome(rule: str, what: str, files: dict[str, str | None], change: Change | None = None) -> str:
    """Whether a rule finds something, or the thing counts as not examined."""
    report = check(RULES, **{"files": files, **(change or {})})
    hit = any(finding.rule == rule for finding in report.findings)
    told = any(one.what.startswith(what) for one in report.coverage.not_examined)
    assert hit != told
    return "found" if hit else "not examined"


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        ({}, "found"),
        (_remote("secrets", "{{ .Values.appNamespace }}"), "not examined"),
        (_remote("secrets", "elsewhere"), "found"),
        (
            {
                "charts/signet-llm/Chart.yaml": "apiVersion: v2\nname: signet-llm\nversion: 0.1.0\ndependencies:\n"
                "- {name: tokens, version: 1.0.0, repository: https://charts.example.com}\n"
            },
            "not examined",
        ),
    ],
    ids=["nothing", "a remote chart there", "a remote chart elsewhere", "a dependency that is fetched"],
)
def test_a_secret_may_come_from_what_is_not_here(files: dict[str, str | None], outcome: str) -> None:
    """But only from what is deployed where it is missing."""
    assert _outcome("SGL706", "the Secret `", files, NO_SECRET) == outcome


@pytest.mark.parametrize(
    ("files", "outcome"),
    [
        ({}, "found"),
        (_remote("cert-manager", "cert-manager"), "not examined"),
        (_remote("grafana", "monitoring"), "found"),
    ],
    ids=["nothing", "its chart", "another chart"],
)
def test_an_operator_may_come_from_a_chart_that_is_not_here(files: dict[str, str | None], outcome: str) -> None:
    """But only from one that speaks of it."""
    assert _outcome("SGL301", "cert-manager in `", {**NO_CERT_MANAGER, **files}) == outcome
