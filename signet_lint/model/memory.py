"""Whether a model fits its GPU: weights, the cache of one full-length sequence, and what vLLM needs besides.

As vLLM 0.11.0 decides at its start: v1/core/kv_cache_utils.py check_enough_kv_cache_memory and v1/worker/gpu_worker.py.
"""

from __future__ import annotations

from msgspec import Struct

from signet_lint.catalogue import instance_types
from signet_lint.catalogue.models import Model
from signet_lint.config import Config
from signet_lint.model.application import Env
from signet_lint.model.gpu_scheduling import pools_for
from signet_lint.model.served_models import ServedModel
from signet_lint.vllm import human_readable_int

GIB = 1024**3
MIB = 1024**2
OVERHEAD = GIB
"""Activations, CUDA graphs and the CUDA context: one GiB is the low end of what is seen, so that only what surely does
not fit is called too large."""
_UTILIZATION = 0.9
_DTYPE_BYTES = {"float": 4.0, "float32": 4.0}
_QUANTIZED_BYTES = {"fp8": 1.0, "bitsandbytes": 0.55, "int8": 1.0, "experts_int8": 1.0, "rtn": 1.0}
_CACHE_BYTES = {"fp8": 1, "fp8_e4m3": 1, "fp8_e5m2": 1, "fp8_inc": 1}


class MemorySum(Struct, frozen=True):
    """The sum for one GPU, in bytes; `longest` is the longest context in tokens that fits (None: no cache is kept)."""

    gpu: str
    gpu_bytes: int
    budget: float
    weights: float
    cache: float
    overhead: float
    length: int
    longest: int | None

    @property
    def needed(self) -> float:
        """What it takes in all."""
        return self.weights + self.cache + self.overhead

    @property
    def fits(self) -> bool:
        """Whether that is within the budget."""
        return self.needed <= self.budget


def memory_sum(model: ServedModel, env: Env, config: Config) -> MemorySum | str:
    """The sum for a vLLM server, or why it cannot be told."""
    entry = model.entry(config)
    if entry is None:
        return model.unknown or f"`{model.name}` is not in the model catalogue"
    if not model.is_readable:
        return "its arguments cannot be told"
    if entry.parameters is None:
        return f"the size of `{entry.name}` is not in the model catalogue"
    gpu = _gpu(model, env, config)
    if isinstance(gpu, str):
        return gpu
    return _sum(model, entry, *gpu)


def length_of(model: ServedModel, entry: Model) -> int | None:
    """The effective context length, the model's own where none is set; None where it is no length."""
    text = model.setting("max-model-len")
    if text is None:
        return entry.max_length
    try:
        return human_readable_int(text)
    except ValueError:
        return None


def _sum(model: ServedModel, entry: Model, name: str, gpu_bytes: int) -> MemorySum | str:
    length = length_of(model, entry)
    tensor, pipeline = (_whole(model.setting(f"{way}-parallel-size")) for way in ("tensor", "pipeline"))
    weight = _bytes_per_parameter(model, entry)
    if length is None or length <= 0 or tensor is None or pipeline is None or weight is None:
        return "its length, parallel sizes or number format cannot be told"
    offloaded = _number(model.setting("cpu-offload-gb"), 0.0) * GIB
    weights = max((entry.parameters or 0) * weight / (tensor * pipeline) - offloaded, 0.0)
    per_token = _cache_per_token(model, entry, tensor, pipeline)
    utilization = _number(model.setting("gpu-memory-utilization"), _UTILIZATION)
    budget = gpu_bytes * utilization
    fixed = model.setting("kv-cache-memory-bytes")
    if fixed is not None:
        budget = float(gpu_bytes)
    left = budget - weights - OVERHEAD
    longest = int(left // per_token) if per_token else None
    return MemorySum(name, gpu_bytes, budget, weights, per_token * length, OVERHEAD, length, longest)


def _cache_per_token(model: ServedModel, entry: Model, tensor: int, pipeline: int) -> float:
    """Bytes of keys and values of one token on one GPU; each GPU has one KV head at least."""
    if entry.encoder_only or not (entry.layers and entry.kv_heads and entry.head_dim):
        return 0.0
    width = _CACHE_BYTES.get(model.setting("kv-cache-dtype") or "auto", 2)
    if model.setting("dtype") in _DTYPE_BYTES and width == 2:
        width = 4
    return 2 * (entry.layers / pipeline) * max(entry.kv_heads / tensor, 1) * entry.head_dim * width


def _bytes_per_parameter(model: ServedModel, entry: Model) -> float | None:
    quantization = model.setting("quantization")
    if quantization:
        return _QUANTIZED_BYTES.get(quantization)
    return _DTYPE_BYTES.get(model.setting("dtype") or "auto", entry.bytes_per_parameter)


def _gpu(model: ServedModel, env: Env, config: Config) -> tuple[str, int] | str:
    """Name and memory of the largest GPU that the server may land on."""
    found: list[tuple[int, str]] = []
    for pool in pools_for(model.server, env, config):
        known = instance_types.lookup(pool.instance_type)
        if pool.source is None and config.gpu.memory_mib:
            found.append((config.gpu.memory_mib * MIB, "GPU"))
            continue
        if known is None or not known.gpu_memory_mib:
            return f"the GPU of `{pool.instance_type or 'its pool'}` is not in the catalogue of instance types"
        found.append((known.gpu_memory_mib * MIB, known.gpu))
    if not found:
        return "no GPU MachineSet is deployed there"
    memory, name = max(found)
    return name, memory


def _whole(text: str | None) -> int | None:
    if text is None:
        return 1
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text is not None else default
    except ValueError:
        return default


def gib(count: float) -> str:
    """Bytes in GiB, with one digit after the point."""
    return f"{count / GIB:.1f} GiB"
