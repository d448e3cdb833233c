"""Counts the GPUs that a vLLM server spreads over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signet_lint.vllm.invocation import Invocation


def gpus_needed(invocation: Invocation) -> int | None:
    """Return tensor x pipeline x local data parallel size, None when one of them cannot be told.

    Local data parallelism is the whole of it unless a rank or a local size says otherwise
    (vLLM 0.11.0, vllm/engine/arg_utils.py, create_engine_config).
    """
    if invocation.unresolved:
        return None
    sizes = (
        _size(invocation, "tensor-parallel-size"),
        _size(invocation, "pipeline-parallel-size"),
        _local_data_parallel_size(invocation),
    )
    needed = 1
    for size in sizes:
        if size is None:
            return None
        needed *= size
    return needed


def _local_data_parallel_size(invocation: Invocation) -> int | None:
    if invocation.get("data-parallel-rank"):
        return 1
    local = "data-parallel-size-local"
    return _size(invocation, local if invocation.get(local) else "data-parallel-size")


def _size(invocation: Invocation, option: str) -> int | None:
    setting = invocation.get(option)
    if setting is None:
        return 1
    if setting.value is None or setting.unknown:
        return None
    try:
        size = int(setting.value)
    except ValueError:
        return None
    return size if size > 0 else None
