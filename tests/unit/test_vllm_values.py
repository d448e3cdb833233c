"""Values are read as vLLM 0.11.0 reads them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_lint.vllm import human_readable_int, parse_bool_flag

LENGTHS = {
    "8192": 8192,
    " 8192 ": 8192,
    "8_192": 8192,
    "+8192": 8192,
    "8k": 8000,
    "8K": 8192,
    "32k": 32000,
    "32K": 32768,
    "25.6k": 25600,
    "1m": 1_000_000,
    "1M": 1_048_576,
    "1g": 10**9,
    "1G": 2**30,
    "-1": -1,
    "0": 0,
    "8192\n": 8192,
}
NO_LENGTHS = [
    *("1.5K", "1t", "1T", "8,192", "8192.0", "1e4", "1.048576e+06", "0x2000", "8kb", "8 k", "auto", "", "None"),
    *('"8192"', "k", "1.k", ".5k", "-8k", "9" * 400 + "k", "9" * 5000),
]


@pytest.mark.parametrize(("text", "number"), LENGTHS.items(), ids=[repr(text) for text in LENGTHS])
def test_length(text: str, number: int) -> None:
    """A length in any spelling vLLM knows is that number."""
    assert human_readable_int(text) == number


@pytest.mark.parametrize("text", NO_LENGTHS, ids=[repr(text[:20]) for text in NO_LENGTHS])
def test_no_length(text: str) -> None:
    """A spelling vLLM does not know is no length."""
    with pytest.raises(ValueError, match=r"."):
        human_readable_int(text)


@given(st.text())
def test_length_or_value_error(text: str) -> None:
    """Any text is a length or a ValueError."""
    with contextlib.suppress(ValueError):
        assert isinstance(human_readable_int(text), int)


@pytest.mark.parametrize(("text", "truth"), [("true", True), ("True", True), ("FALSE", False)])
def test_bool_flag(text: str, truth: bool) -> None:
    """Case does not matter."""
    assert parse_bool_flag(text) is truth


@pytest.mark.parametrize("text", ["", "yes", "1", " true"])
def test_no_bool_flag(text: str) -> None:
    """Only `true` and `false` are flags."""
    with pytest.raises(ValueError, match="neither"):
        parse_bool_flag(text)
