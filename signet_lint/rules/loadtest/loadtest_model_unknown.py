"""SGL809: a request names a model that no service of the environment serves."""

from __future__ import annotations

from collections.abc import Iterator

from signet_lint.k6 import HOLE
from signet_lint.model.application import Env
from signet_lint.model.k6_scripts import test_scripts
from signet_lint.model.pods import SCALED
from signet_lint.model.resource import Field
from signet_lint.model.servers import inference_servers
from signet_lint.model.state import DesiredState, LeftOut
from signet_lint.model.unreadable import not_deployed, unseen
from signet_lint.model.vllm_servers import vllm_servers
from signet_lint.rule import Example, Hit, Outcome, rule

_COMMON = "charts/signet-loadtest/values-common.yaml"
_SCRIPT = "charts/signet-loadtest/templates/configmap.yaml"


@rule(
    id="SGL809",
    name="loadtest-model-unknown",
    severity="error",
    section="8",
    summary="A load test asks for a model that no deployed service serves.",
    rationale="vLLM answers a model name that it does not serve with 404: no GPU works on such a request.",
    remedy="name the model as its service serves it (`--served-model-name`, else the model's own name)",
    each=Env,
    needs=("wiring",),
    bad=(
        Example(
            title="another name in the values",
            edits={_COMMON: (("chat: qwen2.5-14b-instruct", "chat: qwen2.5-7b-instruct"),)},
            at=f"{_COMMON}:chat:",
        ),
        Example(
            title="written in the script",
            edits={_SCRIPT: (("model: {{ .Values.models.chat | quote }}", "model: 'gpt-4'"),)},
            at=f"{_SCRIPT}:gpt-4",
        ),
    ),
    good=(
        Example(
            title="written in the script as it is served",
            edits={_SCRIPT: (("model: {{ .Values.models.chat | quote }}", "model: 'qwen2.5-14b-instruct'"),)},
        ),
    ),
)
def loadtest_model_unknown(env: Env, state: DesiredState) -> Iterator[Outcome]:
    """Compares the names in requests with those that the servers answer to."""
    scripts = [one for one in test_scripts(env) if one.script is not None and one.script.models]
    if not scripts:
        return
    served, unknown = _served(env)
    if unknown or not served:
        why = f"which names `{unknown}` serves cannot be told" if unknown else "no model service is deployed here"
        yield from (LeftOut(f"the models of `{one.name}`", why, one.start) for one in scripts)
        return
    for one in scripts:
        seen: set[str] = set()
        for model in one.script.models if one.script else ():
            name = model.text
            if HOLE in name:
                if not model.names and HOLE not in seen:
                    yield LeftOut(
                        f"a model of `{one.name}`", "the script computes its name", one.at(model) or one.start
                    )
                seen.add(HOLE)
                continue
            if name in served or name in seen or not isinstance(model.value, str):
                continue
            seen.add(name)
            variable = next((found for n in sorted(model.names) if (found := one.variable(n))), None)
            at: Field = variable.at if variable else one.at(model) or one.start
            known = ", ".join(f"`{other}`" for other in sorted(served))
            hit = Hit(at, f"`{one.name}` asks for the model `{name}`; served are {known}", key=name)
            what = f"the model `{name}` of `{one.name}`"
            kinds = (r"\w*InferenceService", *SCALED)
            hidden = unseen(state, env, what, at, *kinds) or not_deployed(state, env, name, what, at, *kinds)
            yield hidden or hit


def _served(env: Env) -> tuple[set[str], str]:
    """The names that servers answer to, and a server of which that cannot be told."""
    names: set[str] = set()
    read = {id(server): call for server, call in vllm_servers(env)}
    for server in inference_servers(env):
        call = read.get(id(server))
        if call is None or call.unresolved:
            return names, server.name
        given = call.get("--served-model-name")
        if given is not None:
            found = given.values or ((given.value,) if given.value else ())
        else:
            model = call.get("--model") or call.model
            found = (model.value,) if model and model.value else ()
        modules = call.get("--lora-modules")
        if not found or (given and given.unknown) or modules is not None or any("$" in name for name in found):
            return names, server.name
        names.update(found)
    return names, ""
