"""SGL612: a model server whose image may change over night."""

from __future__ import annotations

import re
from collections.abc import Iterator

from signet_lint.model.application import Env
from signet_lint.model.container import named_container
from signet_lint.model.resource import Field
from signet_lint.model.servers import InferenceServer, inference_servers
from signet_lint.model.serving import SERVER_CONTAINER
from signet_lint.model.state import DesiredState
from signet_lint.rule import Example, Hit, Outcome, rule

_LLM = "charts/signet-llm/values-common.yaml"
_TWO = "charts/signet-embeddings/values-common.yaml"
_IMAGE = "rhaiis/vllm-cuda-rhel9:3.2.5"
_MOVING = re.compile(
    r"(?:.*[-_.])?(?:latest|stable|main|master|nightly|dev|devel|edge|head|fast|rolling)(?:[-_.][a-z][\w.-]*)?",
    re.IGNORECASE,
)


@rule(
    id="SGL612",
    name="floating-image",
    severity="warning",
    section="1",
    summary="A model server's image has no tag, or one that moves (`latest`, `main`, `nightly` …).",
    rationale="The next pod runs another vLLM than the last one: arguments, model support and memory change with no commit.",
    remedy="pin a released version or a digest",
    each=Env,
    bad=(
        Example(
            title="latest",
            edits={_LLM: ((_IMAGE, "rhaiis/vllm-cuda-rhel9:latest"),)},
            at=f"{_LLM}:vllm-cuda-rhel9:latest",
        ),
        Example(title="no tag", edits={_TWO: ((_IMAGE, "rhaiis/vllm-cuda-rhel9"),)}, at=f"{_TWO}:vllm-cuda-rhel9"),
        Example(
            title="a port is no tag",
            edits={_TWO: (("registry.redhat.io/" + _IMAGE, "registry.example.org:5000/rhaiis/vllm-cuda-rhel9"),)},
            at=f"{_TWO}:registry.example.org:5000",
        ),
        Example(
            title="none at all",
            edits={_LLM: (("image: registry.redhat.io/" + _IMAGE, "images: registry.redhat.io/" + _IMAGE),)},
            at=f"{_LLM}:images: registry",
        ),
        Example(title="nightly", edits={_LLM: ((_IMAGE, "rhaiis/vllm-cuda-rhel9:nightly"),)}, at=f"{_LLM}:nightly"),
    ),
    good=(
        Example(title="a digest", edits={_LLM: ((_IMAGE, "rhaiis/vllm-cuda-rhel9@sha256:" + "a" * 64),)}),
        Example(
            title="a digest beats its tag",
            edits={_LLM: ((_IMAGE, "rhaiis/vllm-cuda-rhel9:latest@sha256:" + "a" * 64),)},
        ),
        Example(title="a version with a variant", edits={_LLM: ((_IMAGE, "rhaiis/vllm-cuda-rhel9:v0.11.0-stable1"),)}),
    ),
)
def floating_image(env: Env, _: DesiredState) -> Iterator[Outcome]:
    """Judges the image of every model server that the repository names."""
    for server in inference_servers(env):
        image = server.container.image
        name, _sign, digest = str(image.value).partition("@")
        if not name and _is_whole(server):
            yield Hit(_place(server), f"{server.title} names no image: its pods are refused", subject=server.workload)
        if not name or digest:
            continue
        tag = name.rpartition("/")[2].partition(":")[2]
        if tag and not _MOVING.fullmatch(tag):
            continue
        fact = f"the tag `{tag}`, which moves" if tag else "no tag, which means `latest`"
        yield Hit(image.at, f"the image `{image.value}` of {server.title} has {fact}", subject=server.workload)


def _is_whole(server: InferenceServer) -> bool:
    """Whether all that may name the image of an InferenceService is known: its runtime, and what overrides it.

    For pods of other kinds the image is a matter of their schema (SGL005).
    """
    runtime = server.choice
    return server.workload.kind == "InferenceService" and (runtime is None or runtime.resource is not None)


def _place(server: InferenceServer) -> Field:
    """Where an image belongs: into the runtime's container of the server."""
    runtime = server.choice.resource if server.choice else None
    if runtime is None:
        return server.container.image.at
    container = named_container(runtime.at("spec"), SERVER_CONTAINER)
    return Field(runtime, (*container.path, "image"), "image:1")
