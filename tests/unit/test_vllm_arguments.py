"""An argument list gives the settings vLLM ends up with, and each knows where it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet_lint.vllm import ConfigKey, Invocation, Token, gpus_needed, parse
from signet_lint.vllm.options import load_options, option_by_spelling


def tokens(*texts: str) -> list[Token]:
    return [Token(text, ("args", index)) for index, text in enumerate(texts)]


def api(*texts: str, **config: object) -> Invocation:
    return parse(tokens(*texts), "api-server", config_file=lambda _: config)


def serve(*texts: str, **config: object) -> Invocation:
    return parse(tokens(*texts), "vllm-serve", config_file=lambda _: config)


def value(invocation: Invocation, option: str) -> str | None:
    setting = invocation.get(option)
    assert setting is not None
    return setting.value


def texts(found: tuple[Token, ...]) -> list[str]:
    return [token.text for token in found]


def test_catalogue_is_whole() -> None:
    """The data file has each option once, with the aliases that clusters use."""
    names = [option.name for option in load_options()]
    assert len(names) == len(set(names)) == 184
    assert {"-tp", "-pp", "-dp", "-dpl", "-dcp", "-q", "-O", "--no-enforce-eager"} <= option_by_spelling().keys()
    assert "--device" not in option_by_spelling()


OPTIONS = {
    "scalar": (
        "gpu-memory-utilization swap-space cpu-offload-gb kv-cache-dtype dtype quantization tensor-parallel-size "
        "pipeline-parallel-size data-parallel-size decode-context-parallel-size chat-template runner convert task "
        "max-num-seqs tool-call-parser reasoning-parser max-num-batched-tokens kv-cache-memory-bytes port"
    ),
    "list": "served-model-name api-key",
    "flag": "enforce-eager trust-remote-code enable-auto-tool-choice disable-log-requests enable-log-requests headless",
    "json": "hf-overrides compilation-config",
}


@pytest.mark.parametrize(("kind", "names"), OPTIONS.items(), ids=OPTIONS)
def test_kind_of_option(kind: str, names: str) -> None:
    """The options that rules ask for are of the kind they expect."""
    kinds = {option.name: option.kind for option in load_options()}
    assert {name: kinds.get(name) for name in names.split()} == dict.fromkeys(names.split(), kind)


def test_value_in_the_next_item() -> None:
    """The value and the option each point at their own item."""
    setting = api("--port", "80", "--max_model_len", "8192").get("--max-model-len")
    assert setting is not None
    assert (setting.value, setting.token.source, setting.value_source) == ("8192", ("args", 2), ("args", 3))


def test_value_through_variable() -> None:
    """A value that came through a variable points at the variable."""
    setting = parse([Token("--max-model-len=8192", "arg", 0, ("env",))]).get("max-model-len")
    assert setting is not None
    assert (setting.token.source, setting.value_source) == ("arg", "env")


def test_last_one_wins() -> None:
    """Of a runtime's and a service's argument the service's stands."""
    setting = api("--max-model-len=32768", "--max-model-len", "8192").get("max-model-len")
    assert setting is not None
    assert (setting.value, setting.token.source) == ("8192", ("args", 1))


def test_list_is_replaced() -> None:
    """A repeated list option does not append."""
    setting = api("--served-model-name", "a", "b", "--served-model-name", "c").get("served-model-name")
    assert setting is not None
    assert setting.values == ("c",)


def test_flags() -> None:
    """A flag has a truth value and takes nothing."""
    assert value(api("--enforce-eager"), "enforce-eager") == "true"
    assert value(api("--enforce-eager", "--no-enforce-eager"), "enforce-eager") == "false"
    assert "takes no value" in api("--enforce-eager=true").refusals[0].reason


@pytest.mark.parametrize(
    "argv",
    [
        ["--max-model-len 8192", "--model=m"],
        ["--model=m", "--max-model-len 8192"],
        ["--served-model-name", "a", "--max-model-len 8192"],
        ["--model=m", "--max_model_len  8192 "],
    ],
    ids=str,
)
def test_option_and_value_in_one_item(argv: list[str]) -> None:
    """Option and value in one list item set nothing, and the item is reported."""
    invocation = api(*argv)
    assert invocation.get("max-model-len") is None
    assert [text for text in texts(invocation.ineffective) if "len" in text] == [text for text in argv if "len" in text]
    assert invocation.refusals == ()


def test_one_item_stops_vllm_serve() -> None:
    """After the model, `vllm serve` does not start with such an item; it is still listed as ineffective."""
    invocation = serve("org/m", "--max-model-len 8192")
    assert texts(invocation.ineffective) == ["--max-model-len 8192"]
    assert [refusal.token.text for refusal in invocation.refusals if refusal.token] == ["--max-model-len 8192"]


def test_one_item_with_a_dot_eats_the_next_argument() -> None:
    """A dot in such an item makes it a dotted option whose value is the next argument."""
    invocation = api("--gpu-memory-utilization 0.9", "--max-model-len=8192")
    assert invocation.get("max-model-len") is None
    assert invocation.refusals != ()


@pytest.mark.parametrize("argv", [["--quantization="], ["--quantization", "None"], ["-q", ""]], ids=str)
def test_nothing_as_value(argv: list[str]) -> None:
    """An empty value of an option that may be unset unsets it."""
    invocation = api(*argv)
    assert value(invocation, "quantization") is None
    assert texts(invocation.ineffective) == argv[:1]


def test_empty_length_is_no_default() -> None:
    """`--max-model-len` may not be unset in 0.11.0: the empty text stays the value, and is no length."""
    assert value(api("--max-model-len="), "max-model-len") == ""


def test_model() -> None:
    """`vllm serve` takes the model as first argument, the api_server takes `--model` and ignores a bare word."""
    assert serve("org/m", "--port=1").model is not None
    both = serve("org/m", "--model=other")
    assert (both.model and both.model.value, texts(both.ineffective)) == ("org/m", ["--model=other"])
    bare = api("org/m", "--port=1")
    assert (bare.model, texts(bare.ineffective)) == (None, ["org/m"])
    assert serve("--model", "org/m").refusals != ()


def test_unknown_option() -> None:
    """An option of another version is noted with its value and disturbs nothing else."""
    invocation = serve("org/m", "--device", "cuda", "--max-model-len=1")
    assert texts(invocation.unknown_options) == ["--device"]
    assert value(invocation, "max-model-len") == "1"
    assert invocation.model is not None
    assert invocation.model.value == "org/m"


def test_dotted_json() -> None:
    """Dotted options become one JSON value and leave the others alone."""
    invocation = api("--hf-overrides.rope.type", "yarn", "-O3", "--max-model-len=1", "--hf-overrides.a+=x,y")
    assert value(invocation, "hf-overrides") == '{"rope": {"type": "yarn"}, "a": ["x", "y"]}'
    assert value(invocation, "compilation-config") == '{"level": 3}'
    assert value(invocation, "max-model-len") == "1"


def test_config_file() -> None:
    """The file comes first, so that the command line wins, and its settings point into it."""
    config = {"max_model_len": 8192, "seed": 1, "enforce-eager": True, "enable-lora": False, "api-key": ["a", "b"]}
    invocation = serve("org/m", "--seed=2", "--config", "/etc/c.yaml", **config)
    assert (value(invocation, "seed"), value(invocation, "enforce-eager")) == ("2", "true")
    assert invocation.get("enable-lora") is None
    setting = invocation.get("max-model-len")
    assert setting is not None
    assert setting.value == "8192"
    assert setting.token.source == ConfigKey("/etc/c.yaml", "max_model_len", Token("/etc/c.yaml", ("args", 3)))


def test_config_file_with_equals_sign() -> None:
    """`--config=FILE` is never read."""
    invocation = serve("org/m", "--config=/etc/c.yaml", seed=1)
    assert invocation.get("seed") is None
    assert texts(invocation.ineffective) == ["--config=/etc/c.yaml"]
    assert invocation.unresolved == ""


def test_config_file_out_of_reach() -> None:
    """A config file nobody can read leaves the arguments unresolved."""
    assert "/etc/c.yaml" in parse(tokens("--config", "/etc/c.yaml"), config_file=lambda _: None).unresolved
    assert "/etc/c.yaml" in parse(tokens("--config", "/etc/c.yaml")).unresolved


@pytest.mark.parametrize(
    ("argv", "gpus"),
    [
        ([], 1),
        (["-tp", "2"], 2),
        (["-tp=2", "--pipeline_parallel_size", "2", "-dp", "2"], 8),
        (["-dp=8", "-dpl=2", "-tp=2"], 4),
        (["-dp=8", "-dpn=0", "-tp=2"], 2),
        (["-tp", "many"], None),
        (["-tp", "0"], None),
        (["--tensor-parallel-size 4"], 1),
    ],
    ids=str,
)
def test_gpus_needed(argv: list[str], gpus: int | None) -> None:
    """The sizes multiply; one that is no size makes the product unknown."""
    assert gpus_needed(api(*argv)) == gpus


def test_gpus_of_unknown_size() -> None:
    """A size from a Secret is not guessed."""
    assert gpus_needed(parse([Token("-tp=$(N)", unknown="not in the pod spec")])) is None


SPELLINGS = sorted(option_by_spelling())
WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from([*SPELLINGS, "--", "-", "-O3", "--config", "c.yaml", "--max-model-len 8192", "--x.y", "8k"]),
    st.builds(lambda name, text: f"{name}={text}", st.sampled_from(SPELLINGS), st.text(max_size=8)),
    st.builds(lambda name, text: f"{name}.{text}", st.sampled_from(SPELLINGS), st.text(max_size=8)),
)


@given(st.lists(WORDS, max_size=12), st.sampled_from(["api-server", "vllm-serve"]), st.booleans())
def test_parse_never_raises(argv: list[str], server: str, has_config: bool) -> None:
    """Any words give an invocation whose tokens all come from the words."""
    config = {"max-model-len": 1, "a": [None], "b": {}, "c": True} if has_config else None
    invocation = parse(tokens(*argv), server, config_file=lambda _: config)
    for setting in invocation.settings.values():
        assert isinstance(setting.token.source, (tuple, ConfigKey))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.lists(WORDS.filter(lambda w: w != "--"), max_size=5))
def test_last_length_wins(lengths: list[int], before: list[str]) -> None:
    """Whatever stands before, the last of several lengths is in force."""
    argv = [*before, *(f"--max-model-len={length}" for length in lengths)]
    # A dotted option with no value of its own takes the next argument, whatever that is.
    if not any(word.startswith("-") and "." in word.partition("=")[0] for word in before):
        assert value(api(*argv), "max-model-len") == str(lengths[-1])


def test_deeply_nested_json() -> None:
    """A hostile depth of keys is no crash."""
    parse(tokens("--hf-overrides." + "a." * 50_000 + "b=1", "--hf-overrides.a=" + "[" * 50_000))
