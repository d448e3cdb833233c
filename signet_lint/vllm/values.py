"""Reads option values as vLLM does."""

from __future__ import annotations

import re

_DECIMAL = {"k": 10**3, "m": 10**6, "g": 10**9}
_BINARY = {"K": 2**10, "M": 2**20, "G": 2**30}


def human_readable_int(text: str) -> int:
    """Return the number that `8192`, `8k` (8000), `8K` (8192) or `25.6k` stands for.

    Raises ValueError for all that vLLM refuses, such as `1.5K`, `1t`, `8,192`, `1e4` and an empty text
    (vLLM 0.11.0, vllm/engine/arg_utils.py, human_readable_int).
    """
    text = text.strip()
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kKmMgGtT])", text)
    if not match:
        return int(text)
    number, suffix = match.groups()
    if suffix in _DECIMAL:
        try:
            return int(float(number) * _DECIMAL[suffix])
        except OverflowError as error:
            raise ValueError(f"`{text}` is too large a number") from error
    if suffix not in _BINARY:
        raise ValueError(f"`{text}` has a suffix that vLLM gives no meaning")
    if "." in number:
        raise ValueError(f"`{text}` joins a decimal number with the binary suffix `{suffix}`")
    return int(number) * _BINARY[suffix]


def parse_bool_flag(text: str) -> bool:
    """Return the truth of a flag's value, `true` or `false` in any case; raises ValueError for anything else.

    As the StoreBoolean action does it (vLLM 0.11.0, vllm/utils/__init__.py).
    """
    lowered = text.lower()
    if lowered not in {"true", "false"}:
        raise ValueError(f"`{text}` is neither `true` nor `false`")
    return lowered == "true"
