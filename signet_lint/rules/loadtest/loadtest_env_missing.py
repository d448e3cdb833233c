"""SGL807: a variable that the script reads is not set on its container, or is empty."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.finding import Severity
from signet_lint.model.application import Env
from signet_lint.model.k6_scripts import TestScript, test_scripts
from signet_lint.model.resource import Field
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_DEPLOYMENT = "charts/signet-loadtest/templates/deployment.yaml"
_PROD = "charts/signet-loadtest/values-prod.yaml"
_BASES = ("LLM_BASE_URL", "EMBEDDINGS_BASE_URL")
_TOKEN = "OPENSHIFT_AI_TOKEN"  # noqa: S105 - the name of a variable


@rule(
    id="SGL807",
    name="loadtest-env-missing",
    severity="error",
    section="6",
    plan_only=True,
    summary="A variable that the load test reads is not set, or empty.",
    rationale="k6 writes an unset variable into the URL as `undefined`: each request fails and no GPU works.",
    remedy="set the variable on the container",
    each=Env,
    bad=(
        Example(
            title="empty",
            edits={_PROD: (("https://signet-llm-predictor.signet-prod.svc.cluster.local:8443", '""'),)},
            at=f"{_PROD}:llm:",
        ),
        Example(
            title="another name",
            edits={_DEPLOYMENT: (("- name: LLM_BASE_URL", "- name: CHAT_BASE_URL"),)},
            at=f"{_DEPLOYMENT}:env:",
        ),
    ),
    good=(
        Example(
            title="from a Secret",
            edits={
                _DEPLOYMENT: (
                    ("value: {{ .Values.endpoints.llm | quote }}", "valueFrom: {secretKeyRef: {name: a, key: b}}"),
                )
            },
        ),
    ),
)
def loadtest_env_missing(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the variables in each script's URLs, and its token."""
    for one in test_scripts(env):
        if one.script is None:
            continue
        in_urls = {name for call in one.script.calls for name in call.url.names}
        wanted = [name for name in one.script.reads if name in _BASES or name in in_urls or name == _TOKEN]
        for name in wanted:
            yield from _judged(one, name)


def _judged(one: TestScript, name: str) -> Iterator[Outcome]:
    script, variable = one.script, one.variable(name)
    read = script.reads[name] if script else None
    if script is None or read is None or name in script.defaulted or (variable is not None and variable.value is None):
        return
    severity: Severity | None = "warning" if name == _TOKEN else None
    if variable is None:
        if read.value is not None:
            if not isinstance(read.value, str):
                yield LeftOut(
                    f"`{name}` of `{one.name}`", "its container takes variables from what is not here", one.named
                )
            return
        # An entry that a value switches on belongs to that value; else it belongs under `env`.
        own = one.container.at
        listed = own.child("env").value
        entry = (len(listed),) if isinstance(listed, list) else ()
        at = Field(own.resource, (*own.path, "env", *entry), "x")
        yield Hit(
            at,
            f"the script of `{one.name}` reads `{name}`, which its container does not set",
            key=name,
            severity=severity,
        )
    elif not (variable.value or "").strip():
        yield Hit(
            variable.at, f"`{name}`, which the script of `{one.name}` reads, is empty", key=name, severity=severity
        )
