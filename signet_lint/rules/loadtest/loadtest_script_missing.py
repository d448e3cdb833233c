"""SGL804: the script that k6 runs is in no ConfigMap that its container mounts."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.k6_scripts import test_scripts
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.rule import Example, Hit, Outcome, rule

_DEPLOYMENT = "charts/signet-loadtest/templates/deployment.yaml"


@rule(
    id="SGL804",
    name="loadtest-script-missing",
    severity="error",
    section="8",
    summary="The script that k6 runs is not in a mounted ConfigMap.",
    rationale="k6 ends at once where its script is not in the container, and what Git does not hold nobody reviews.",
    remedy="mount the ConfigMap with the script, and let the command name the path where it lands",
    each=Env,
    bad=(
        Example(
            title="another file name",
            edits={_DEPLOYMENT: (("- /scripts/loadtest.js", "- /scripts/load.js"),)},
            at=f"{_DEPLOYMENT}:/scripts/load.js",
        ),
        Example(
            title="mounted elsewhere",
            edits={_DEPLOYMENT: (("mountPath: /scripts", "mountPath: /tests"),)},
            at=f"{_DEPLOYMENT}:/scripts/loadtest.js",
        ),
    ),
    good=(
        Example(
            title="as a single file",
            edits={
                _DEPLOYMENT: (
                    ("mountPath: /scripts", "mountPath: /scripts/loadtest.js\n              subPath: loadtest.js"),
                )
            },
        ),
    ),
)
def loadtest_script_missing(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Looks for the file that each load test's command names among what is mounted."""
    for one in test_scripts(env):
        if one.script is not None:
            for missing in one.script.unread:
                yield Hit(
                    one.start, f"the script of `{one.name}` imports `{missing}`, which no ConfigMap mounts", key=missing
                )
        elif one.is_inline or not one.path:
            yield LeftOut(f"the script of `{one.name}`", "its command names no file to look for", one.named)
        else:
            yield Hit(one.named, f"`{one.name}` runs `{one.path}`, which is in no ConfigMap that its container mounts")
