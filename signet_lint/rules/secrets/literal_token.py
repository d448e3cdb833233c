"""SGL702: a token written into a container's variable."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.secret import literal_tokens
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_SERVICE = "charts/signet-llm/templates/inferenceservice.yaml"
_RUNTIME = "charts/signet-llm/templates/servingruntime.yaml"
_REFERENCE = "          valueFrom:\n            secretKeyRef:\n              name: {{ .Values.huggingFaceTokenSecret }}\n              key: HF_TOKEN\n"
_LITERAL = "s3cr3t" + "-9kq2"
_MAP = "charts/web-frontend/templates/configmap.yaml"


@rule(
    id="SGL702",
    name="literal-token",
    severity="error",
    section="6",
    summary="A container variable, or an option of its program, that holds a token by its name has a literal value.",
    rationale="The token is then in Git, in every rendered manifest, and in the pod's description for whoever may look at it.",
    remedy="take it from a Secret with `valueFrom.secretKeyRef`",
    each=Env,
    bad=(
        Example(
            title="in the service",
            edits={_SERVICE: ((_REFERENCE, f"          value: {_LITERAL}\n"),)},
            at=f"{_SERVICE}:value: {_LITERAL}",
        ),
        Example(
            title="in the runtime, from a value",
            edits={
                _RUNTIME: (
                    (
                        "        - name: HF_HOME\n",
                        "        - name: VLLM_API_KEY\n          value: {{ .Values.key }}\n        - name: HF_HOME\n",
                    ),
                )
            },
            files={"charts/signet-llm/values-prod.yaml": f"key: {_LITERAL}\n"},
            at="charts/signet-llm/values-prod.yaml:1",
        ),
        Example(
            title="an option of vLLM",
            edits={_SERVICE: (("      env:\n", f"        - --api-key={_LITERAL}\n      env:\n"),)},
            at=f"{_SERVICE}:--api-key",
        ),
        Example(
            title="through a ConfigMap",
            edits={
                _MAP: (("  LOG_LEVEL:", f"  OPENAI_API_KEY: {_LITERAL}\n  LOG_LEVEL:"),),
            },
            at=f"{_MAP}:OPENAI_API_KEY",
        ),
    ),
    good=(
        Example(title="nothing in it", edits={_SERVICE: ((_REFERENCE, '          value: ""\n'),)}),
        Example(
            title="no token by its name",
            edits={
                _RUNTIME: (
                    (
                        "        - name: HF_HOME\n",
                        '        - name: MAX_TOKENS\n          value: "4096"\n        - name: HF_TOKEN_PATH\n          value: /tmp/token\n        - name: HF_HOME\n',
                    ),
                )
            },
        ),
        Example(title="another variable", edits={_SERVICE: ((_REFERENCE, "          value: $(OTHER)\n"),)}),
    ),
)
def literal_token(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the variables of every container of an environment."""
    for resource in env.resources:
        for variable in literal_tokens(resource, env):
            message = f"`{variable.name}` of {resource.kind} `{resource.name}` has its token written out"
            yield Hit(variable.at, message, subject=resource, secret=str(variable.value))
