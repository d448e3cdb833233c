"""Compares our reading of argument lists with what the real parser of vLLM 0.11.0 made of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signet_lint.vllm import Token, human_readable_int, parse, parse_bool_flag

RECORDED = json.loads(Path(__file__).with_name("vllm_parser_0_11_0.json").read_text(encoding="utf-8"))["cases"]
JUDGED_BY_VALUE = ("invalid ", "cannot be converted", "Decimals are not allowed")
HUMAN_READABLE = {"max-model-len", "max-num-batched-tokens", "kv-cache-memory-bytes"}


def label(case: dict) -> str:
    return f"{case['server']} {' '.join(map(repr, case['argv']))} {case.get('config', '')}"


def read(case: dict):
    argv = [Token(text, ("args", index)) for index, text in enumerate(case["argv"])]
    return parse(argv, case["server"], config_file=lambda _: case.get("config"))


def same(recorded: object, option: str, value: str | None, values: tuple[str, ...]) -> bool:
    if recorded in (None, [None]) or value is None:
        return recorded in (None, [None]) and value is None
    if isinstance(recorded, list):
        return [str(item) for item in recorded] == list(values)
    typed: object = value
    if option in HUMAN_READABLE:
        typed = human_readable_int(value)
    elif isinstance(recorded, dict):
        typed = json.loads(value)
    elif isinstance(recorded, bool):
        typed = parse_bool_flag(value)
    elif isinstance(recorded, (int, float)):
        typed = float(value)
    return typed == recorded


def judged_by_value(reason: str) -> bool:
    return reason.startswith("argument ") and any(part in reason for part in JUDGED_BY_VALUE)


ACCEPTED = [case for case in RECORDED if "refused" not in case]
REFUSED = [case for case in RECORDED if "refused" in case and not judged_by_value(case["refused"])]


def test_recording_is_worth_something() -> None:
    """Both outcomes are well represented."""
    assert len(ACCEPTED) > 100
    assert len(REFUSED) > 100


@pytest.mark.parametrize("case", ACCEPTED, ids=label)
def test_accepted(case: dict) -> None:
    """What vLLM accepts gives the same settings and the same model, and no refusal."""
    invocation = read(case)
    assert invocation.refusals == ()
    expected = case["settings"]
    # `--config=FILE` is parsed into an attribute that nothing reads.
    expected.pop("config", None)
    assert sorted(expected) == sorted(invocation.settings)
    different = {
        name: (recorded, invocation.settings[name].value)
        for name, recorded in expected.items()
        if not same(recorded, name, invocation.settings[name].value, invocation.settings[name].values)
    }
    assert different == {}
    if case["server"] == "vllm-serve":
        model = case.get("model", expected.get("model"))
        assert model == (invocation.model.value if invocation.model else None)


@pytest.mark.parametrize("case", REFUSED, ids=label)
def test_refused(case: dict) -> None:
    """What stops vLLM is refused here too."""
    assert read(case).refusals != ()


def test_refused_value_is_kept() -> None:
    """A value that vLLM cannot read stays visible, so that a rule can judge it."""
    for case in RECORDED:
        if "human_readable_int value" in case.get("refused", ""):
            setting = read(case).get("max-model-len")
            assert setting is not None
            with pytest.raises(ValueError, match=r".*"):
                human_readable_int(setting.value or "")
