"""SGL806: the load test calls one of the two endpoints only."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.k6 import HOLE
from signet_lint.model.application import Env
from signet_lint.model.k6_scripts import test_scripts
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_SCRIPT = "charts/signet-loadtest/templates/configmap.yaml"
_ENDPOINTS = ("/v1/chat/completions", "/v1/embeddings")


@rule(
    id="SGL806",
    name="loadtest-one-sided",
    severity="error",
    section="8",
    plan_only=True,
    summary="The load test does not call both endpoints.",
    rationale="The test shows that both GPUs are used: one that calls chat or embeddings alone leaves a GPU idle.",
    remedy="let the script call both `/v1/chat/completions` and `/v1/embeddings`",
    each=Env,
    bad=(
        Example(
            title="chat alone",
            edits={_SCRIPT: (("Math.random() < 0.55 ? chat() : embeddings()", "chat()"),)},
            at=f"{_SCRIPT}:8",
        ),
        Example(
            title="one path twice",
            edits={_SCRIPT: (("EMBEDDINGS_BASE_URL}/v1/embeddings", "EMBEDDINGS_BASE_URL}/v1/chat/completions"),)},
            at=f"{_SCRIPT}:8",
        ),
    ),
    good=(
        Example(
            title="one after the other",
            edits={_SCRIPT: (("Math.random() < 0.55 ? chat() : embeddings()", "[chat(), embeddings()][0]"),)},
        ),
    ),
)
def loadtest_one_sided(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the load tests of an environment together: one script may call chat, another embeddings."""
    scripts = [one for one in test_scripts(env) if one.script is not None]
    urls = [call.url.text for one in scripts if one.script for call in one.script.calls]
    missing = [path for path in _ENDPOINTS if not any(_calls(url, path) for url in urls)]
    if not missing:
        return
    for one in scripts:
        script = one.script
        if script is None:
            continue
        if script.problem or script.unread or any(call.url.text.split("?")[0].endswith(HOLE) for call in script.calls):
            why = script.problem or "where it sends its requests cannot be told"
            yield LeftOut(f"the script of `{one.name}`", why, one.start)
            continue
        yield Hit(one.start, f"the script of `{one.name}` never calls {' nor '.join(f'`{path}`' for path in missing)}")


def _calls(url: str, path: str) -> bool:
    return url.partition("?")[0].rstrip("/").endswith(path.removeprefix("/v1"))
