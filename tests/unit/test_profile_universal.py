"""Profile universal: what holds for the plan alone is off or softer, and no message speaks of the plan."""

from __future__ import annotations

from signet_lint.config import Config
from signet_lint.registry import select
from tests.overlay import check
from tests.test_rules import RULES

UNIVERSAL = Config(profile="universal")
SOFTER = {"SGL501": "warning", "SGL507": "warning", "SGL601": "note"}
CPU_SERVICES = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris, annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/iris
      resources: {limits: {cpu: 1, memory: 1Gi}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ovms}
spec:
  selector: {matchLabels: {app: ovms}}
  template:
    metadata: {labels: {app: ovms}}
    spec:
      containers:
        - name: ovms
          image: docker.io/openvino/model_server:2025.3
          args: [--model_name, resnet, --model_path, /models]
"""


def test_rules_of_the_plan_are_off():
    """Every rule marked so is left out, and only those."""
    chosen = {rule.id for rule in select(tuple(RULES), (), (), "universal")}
    assert {rule.id for rule in RULES} - chosen == {rule.id for rule in RULES if rule.plan_only}


def test_severities_and_messages():
    """The same faults are found, some softer, and none is explained by the plan."""
    for rule in RULES:
        for example in () if rule.plan_only or "suppressions" in rule.needs else rule.bad[:1]:
            report = check([rule], files=example.files, edits=example.edits, config=UNIVERSAL)
            (finding,) = report.findings
            usual = check([rule], files=example.files, edits=example.edits).findings[0].severity
            assert finding.severity == SOFTER.get(rule.id, usual)
            assert "plan" not in finding.message.lower()


def test_classic_models_on_the_cpu_are_fine():
    """Servers that are not meant for GPUs may do without one."""
    path = "charts/web-frontend/templates/classic.yaml"
    rules = select(tuple(RULES), ("SGL5", "SGL6", "SGL9"), (), "universal")
    report = check(rules, files={path: CPU_SERVICES}, config=UNIVERSAL)
    assert [] == [f.message for f in report.findings]
    assert check(rules, files={path: CPU_SERVICES}).findings
