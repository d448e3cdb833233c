"""A container's command, arguments and environment give the arguments of vLLM; real shells are the measure."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from signet_lint.vllm import Argv, Container, Token, Variable, read_invocation, server_argv

if TYPE_CHECKING:
    from pathlib import Path


def items(name: str, *texts: str) -> list[Token]:
    return [Token(text, (name, index)) for index, text in enumerate(texts)]


def container(command: list[str], args: list[str] = (), **env: str | None) -> Container:
    variables = [Variable(name, value, ("env", name)) for name, value in env.items()]
    return Container(items("command", *command), items("args", *args), variables)


def argv(command: list[str], args: list[str] = (), **env: str | None) -> Argv:
    found = server_argv(container(command, args, **env))
    assert found is not None
    return found


def words(found: Argv) -> list[str]:
    return [token.text for token in found.tokens]


PROGRAMS = {
    "serve": (["vllm", "serve", "m"], "vllm-serve", ["m"]),
    "path": (["/opt/app/bin/vllm", "serve", "m"], "vllm-serve", ["m"]),
    "module": (["python", "-m", "vllm.entrypoints.openai.api_server", "--port=1"], "api-server", ["--port=1"]),
    "python-options": (
        ["/usr/bin/python3.12", "-u", "-X", "dev", "-m", "vllm.entrypoints.openai.api_server"],
        "api-server",
        [],
    ),
    "cli": (["python3", "-m", "vllm.entrypoints.cli.main", "serve", "m"], "vllm-serve", ["m"]),
    "tini": (["/usr/bin/tini", "-g", "--", "vllm", "serve", "m"], "vllm-serve", ["m"]),
    "env": (["env", "-u", "A", "B=c", "vllm", "serve", "m"], "vllm-serve", ["m"]),
    "uv": (["uv", "run", "vllm", "serve", "m"], "vllm-serve", ["m"]),
    "numactl": (["numactl", "-N", "0", "python3", "-m", "vllm.entrypoints.openai.api_server"], "api-server", []),
}


@pytest.mark.parametrize(("command", "server", "expected"), PROGRAMS.values(), ids=PROGRAMS)
def test_program(command: list[str], server: str, expected: list[str]) -> None:
    """The ways to start a server are recognised."""
    found = argv(command)
    assert (found.server, words(found), found.unresolved) == (server, expected, "")


@pytest.mark.parametrize(
    "command",
    [
        ["nginx"],
        ["python3", "app.py", "vllm", "serve"],
        ["python", "-m", "vllm_tgis_adapter"],
        ["vllm", "bench", "serve"],
        ["text-generation-launcher", "--model-id=m"],
        ["sh", "-c", "echo vllm serve m"],
        ["sh", "-c", "# vllm serve m"],
        ["sleep", "infinity"],
        [""],
    ],
    ids=str,
)
def test_other_program(command: list[str]) -> None:
    """What starts something else is no vLLM server."""
    assert server_argv(container(command)) is None


def test_entrypoint_of_the_image() -> None:
    """Without a command the image's server gets the arguments; with no known server there is nothing to say."""
    args = items("args", "--model=m")
    assert server_argv(Container(args=args)) == Argv("api-server", tuple(args))
    assert server_argv(Container(args=args, entrypoint="vllm-serve")) == Argv("vllm-serve", tuple(args))
    assert server_argv(Container(args=args, entrypoint=None)) is None


def test_runtime_and_service() -> None:
    """The service's arguments follow the runtime's, and the service's setting points at the service."""
    runtime = [Token("--max-model-len=32768", "runtime"), Token("--model=/mnt/models", "runtime")]
    service = [Token("--max-model-len", "service"), Token("8192", "service", 1)]
    invocation = read_invocation(Container(args=[runtime, service]))
    assert invocation is not None
    setting = invocation.get("max-model-len")
    assert setting is not None
    assert (setting.value, setting.value_source) == ("8192", "service")
    assert invocation.model is not None


SHELL_SCRIPTS = {
    "plain": "vllm serve m --max-model-len 8192",
    "exec": "exec vllm serve m --port=1",
    "and": "cd / && true && vllm serve m --port 1",
    "semicolon": "true; vllm serve m; false",
    "pipe": "vllm serve m --port 1 2>&1 | cat",
    "background": "vllm serve m --seed 1 & wait",
    "continuation": "vllm serve m \\\n  --max-model-len 8192 \\\n  --port 1\n",
    "continuation-inside": "vllm serve m --max-\\\nmodel-len=8192",
    "comment": "# vllm serve x\nvllm serve m --a #--b\n",
    "comment-breaks-continuation": "vllm serve m \\\n  --a 1 \\\n  # --b 2 \\\n  --c 3 2>/dev/null\ntrue",
    "hash-in-word": "vllm serve m#1 --a=#2",
    "single-quotes": "vllm serve 'a b' --x='$HOME \\n'",
    "double-quotes": 'vllm serve "a  b" --x="1 \\"2\\" \\$3 \\\\ \\n" ""',
    "mixed-quotes": "vllm serve a'b'\"c\"d\\ e",
    "json": "vllm serve m --limit-mm-per-prompt '{\"image\": 2}'",
    "environment": "vllm serve $MODEL --max-model-len=${LEN} --x '$LEN' \"$LEN\"",
    "split": "vllm serve m $ARGS",
    "no-split": 'vllm serve m "$ARGS" x$ARGS-y',
    "default": "vllm serve ${NOPE:-org/m} --x=${EMPTY:-1} --y=${EMPTY-2}z ${NOPE-a b}",
    "default-quoted": 'vllm serve "${NOPE:-a b}" ${NOPE:-"c d"} ${NOPE:-$LEN}',
    "alternative": "vllm serve m ${LEN:+--len} ${NOPE:+--nope} ${EMPTY:+--empty}",
    "empty-quotes": 'vllm serve ""$ARGS \'\'"$EMPTY" $EMPTY x',
    "quotes-in-default": 'vllm serve "${EMPTY:-"f g"}h"',
    "assign-default": ": ${N:=5}; vllm serve m --n ${N:=6}",
    "assignment": "L=9\nM='a b'\nvllm serve $M \"$M\" --l=$L",
    "export": "export L=9 M=m; vllm serve $M --l $L",
    "append": "A='--a 1'\nA=\"$A --b 2\"\nA+=' --c'\nvllm serve m $A",
    "array": "A=(--a 'x y')\nA+=(--b\n # no\n 2)\nvllm serve m \"${A[@]}\"",
    "empty-array": 'A=()\nvllm serve m "${A[@]}" --b',
    "prefix": "L=9 OTHER='x y' vllm serve m --l=$LEN",
    "positional": 'vllm serve "$@"',
    "positional-unquoted": "vllm serve m $1 ${2} $@",
    "zero": 'vllm serve "$0"',
    "shift": 'shift; vllm serve m "$@"',
    "set": 'set -- a "b c"; vllm serve m "$@"',
    "set-options": 'set -euo pipefail\nvllm serve m "$@"',
    "eval": "eval \"vllm serve m ${ARGS} --q 'x y'\"",
    "nested": "bash -c 'vllm serve m $0 \"$@\"' zero one 'two three'",
    "nested-options": "exec bash -euo pipefail -c \"vllm serve $MODEL --x '\\$LEN'\"",
    "loop": "for i in 1 2; do true; done\nwhile false; do echo; done\nvllm serve m",
    "group": "{ vllm serve m --a; }",
    "subshell": "(vllm serve m --a)",
    "if": "if true; then vllm serve m; fi",
    "not": "if ! vllm serve m; then true; fi",
    "redirections": "vllm serve m >/dev/null 2>&1 --a </dev/null --b",
    "process-substitution": "vllm serve m --a > >(cat) 2>&1",
    "heredoc": "cat <<EOF >/dev/null\nvllm serve x\n'\nEOF\nvllm serve m",
    "heredoc-same-line": "cat <<'EOF' >/dev/null && vllm serve m\n$(nothing) \" here\nEOF\n",
    "heredoc-tabs": "cat <<-EOF >/dev/null\n\tvllm serve x\n\tEOF\nvllm serve m",
    "command-substitution-elsewhere": 'X=$(echo ")" | cat)\nvllm serve m',
    "backquotes-elsewhere": "X=`date`; vllm serve m",
    "arithmetic-elsewhere": "X=$((1 + 2)); vllm serve m",
    "python": "python3 -m vllm.entrypoints.openai.api_server --model m --x=$LEN",
    "case": "case a in a) true;; *) false;; esac; vllm serve m",
    "test-elsewhere": '[ -n "$NOPE" ] && echo no\n[[ $LEN == 8192 ]] || echo no\nvllm serve m',
    "dollar": "vllm serve m --x=$ --y=a$ '$'",
}
ENVIRONMENT = {"MODEL": "org/m", "LEN": "8192", "ARGS": " --a 1  --b=2 ", "EMPTY": ""}
RECORDER = '#!/bin/sh\nif [ "${0##*/}" = python3 ]; then shift; fi\nshift\nprintf "%s\\0" "$@" > "$RECORD"\n'


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize("script", SHELL_SCRIPTS.values(), ids=SHELL_SCRIPTS)
def test_script_against_bash(script: str, tmp_path: Path) -> None:
    """Bash hands the same words to vLLM."""
    for name in ("vllm", "python3"):
        program = tmp_path / name
        program.write_text(RECORDER, encoding="utf-8")
        program.chmod(0o755)
    record = tmp_path / "record"
    arguments = ["--zero", "--one", "two three"]
    subprocess.run(
        ["bash", "-c", script, *arguments],
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "RECORD": str(record), **ENVIRONMENT},
        check=False,
        capture_output=True,
        timeout=20,
    )
    expected = record.read_text(encoding="utf-8").split("\0")[:-1] if record.stat().st_size else []
    found = argv(["bash", "-c", script], arguments, **ENVIRONMENT)
    assert (words(found), found.unresolved) == (expected, "")


UNRESOLVED = {
    "quote": ("vllm serve 'm", "quote is not closed"),
    "double-quote": ('vllm serve "m', "double quote is not closed"),
    "parenthesis": ("vllm serve $(m", "`(` is not closed"),
    "substitution": ("vllm serve m $(cat /etc/args)", "$(cat /etc/args)"),
    "backquotes": ("vllm serve m `cat /etc/args`", "running shell"),
    "undefined": ("vllm serve m $NOPE", "`NOPE` has no value"),
    "secret": ("vllm serve m $SECRET", "`SECRET` is not in the pod spec"),
    "condition": ('A=1\nif [ "$B" ]; then A="--x"; fi\nvllm serve m $A', "`A` is set under a condition"),
    "test": ('A=1\n[ "$B" ] && A=2\nvllm serve m $A', "`A` is set under a condition"),
    "two-servers": ("if true; then vllm serve a; else vllm serve b; fi", "more than one place"),
    "script-file": ("exec /opt/start.sh --port=1", "`/opt/start.sh` cannot be read"),
    "sourced": (". /opt/start.sh", "`/opt/start.sh` cannot be read"),
    "unknown-program": ("$LAUNCH serve m", "`LAUNCH` has no value"),
    "config": ("vllm serve m --config $CONFIG", "`CONFIG` has no value"),
}


@pytest.mark.parametrize(("script", "reason"), UNRESOLVED.values(), ids=UNRESOLVED)
def test_unresolved_script(script: str, reason: str) -> None:
    """What only the running pod can tell is said to be so."""
    invocation = read_invocation(container(["sh", "-c", script], SECRET=None))
    assert invocation is not None
    assert reason in invocation.unresolved


@pytest.mark.parametrize(
    "script", ["vllm serve m --port $NOPE", "vllm serve m --port=$(cat p) -tp 2", "vllm serve $NOPE"]
)
def test_unknown_value_spoils_only_its_setting(script: str) -> None:
    """A value nobody knows leaves the other settings known."""
    invocation = read_invocation(container(["sh", "-c", f"{script} --max-model-len=1"]))
    assert invocation is not None
    assert invocation.unresolved == ""
    settings = [*invocation.settings.values(), *([invocation.model] if invocation.model else [])]
    assert [bool(setting.unknown) for setting in settings if setting.option in {"port", "max-model-len"}][-1] is False
    assert any(setting.unknown for setting in settings)


@pytest.mark.parametrize(
    ("script", "dropped"),
    [
        ("vllm serve m", ["--max-model-len=1", "--port=2"]),
        ('vllm serve m "$@"', ["--max-model-len=1"]),
        ('vllm serve m "$0" "$@"', []),
        ("vllm serve m $1", ["--max-model-len=1"]),
    ],
    ids=str,
)
def test_arguments_a_script_never_reads(script: str, dropped: list[str]) -> None:
    """Arguments after a script that does not refer to them are lost, the first one even with `"$@"`."""
    invocation = read_invocation(container(["sh", "-c", script], ["--max-model-len=1", "--port=2"]))
    assert invocation is not None
    assert [token.text for token in invocation.ineffective] == dropped


def test_line_without_continuation() -> None:
    """The options on a line of their own are lost, and reported."""
    invocation = read_invocation(container(["sh", "-c", "vllm serve m --port 1\n  --max-model-len 8192\n"]))
    assert invocation is not None
    assert invocation.get("max-model-len") is None
    assert [token.text for token in invocation.ineffective] == ["--max-model-len", "8192"]


def test_words_of_a_script_know_their_place() -> None:
    """The index of a word is its offset in the script as written, before any expansion."""
    script = "PRE='--port 1'\nvllm serve $(MODEL) \\\n  $PRE --seed=$LEN --max-model-len 8192\n"
    found = argv(["sh", "-c"], [script], MODEL="a-very-long-model-name", LEN="5")
    places = {token.text: (token.source, token.index, token.variables) for token in found.tokens}
    source = ("args", 0)
    assert places == {
        "a-very-long-model-name": (source, script.index("$(MODEL)"), (("env", "MODEL"),)),
        "--port": (source, script.index("--port"), ()),
        "1": (source, script.index("1'"), ()),
        "--seed=5": (source, script.index("--seed"), (("env", "LEN"),)),
        "--max-model-len": (source, script.index("--max-model-len"), ()),
        "8192": (source, script.index("8192"), ()),
    }


KUBELET = {
    "value": ("--x=$(LEN)", "--x=8192"),
    "twice": ("$(LEN)$(LEN)", "81928192"),
    "undefined": ("--x=$(NOPE)", "--x=$(NOPE)"),
    "escaped": ("--x=$$(LEN)", "--x=$(LEN)"),
    "double-escaped": ("$$$(LEN)", "$8192"),
    "shell-form": ("--x=$LEN ${LEN}", "--x=$LEN ${LEN}"),
    "open": ("--x=$(LEN", "--x=$(LEN"),
    "lone": ("a$", "a$"),
    "of-variable": ("$(TWICE)", "8192-8192"),
    "of-later-variable": ("$(EARLY)", "$(LATE)"),
}


@pytest.mark.parametrize(("text", "expected"), KUBELET.values(), ids=KUBELET)
def test_kubelet_expansion(text: str, expected: str) -> None:
    """`$(VAR)` is the kubelet's, everything else is left to the program."""
    found = argv(["vllm", "serve"], [text], LEN="8192", TWICE="$(LEN)-$(LEN)", EARLY="$(LATE)", LATE="1")
    assert words(found) == [expected]


def test_variable_is_named() -> None:
    """A setting through two variables points at the one that holds the text."""
    invocation = read_invocation(container(["vllm", "serve", "m", "--max-model-len=$(B)"], A="16384", B="$(A)"))
    assert invocation is not None
    setting = invocation.get("max-model-len")
    assert setting is not None
    assert (setting.value, setting.token.source, setting.value_source) == ("16384", ("command", 3), ("env", "A"))


def test_env_from_may_define_more() -> None:
    """With `envFrom` an undefined reference is unknown, and without it stays as written."""
    command = items("command", "vllm", "serve", "m", "--max-model-len=$(LEN)")
    open_ended = read_invocation(Container(command, has_env_from=True))
    assert open_ended is not None
    setting = open_ended.get("max-model-len")
    assert setting is not None
    assert "envFrom" in setting.unknown
    closed = read_invocation(Container(command))
    assert closed is not None
    assert closed.settings["max-model-len"].value == "$(LEN)"
    assert closed.settings["max-model-len"].unknown == ""


@pytest.mark.parametrize(
    "script",
    [
        "cat > /tmp/c.yaml <<EOF\nmax-model-len: ${LEN}\nEOF\nexec vllm serve m --config /tmp/c.yaml",
        "cat <<'EOF' > /tmp/c.yaml\nmax_model_len: 8192\nEOF\nvllm serve m --config /tmp/c.yaml --seed 1",
        "tee /tmp/c.yaml >/dev/null <<EOF\nmax-model-len: $LEN\nEOF\nC=/tmp/c.yaml\nvllm serve m --config $C",
    ],
)
def test_config_file_from_the_script(script: str) -> None:
    """A config file that the script writes itself is read."""
    invocation = read_invocation(container(["bash", "-c", script], LEN="8192"), load_yaml=yaml.safe_load)
    assert invocation is not None
    assert (invocation.unresolved, invocation.settings["max-model-len"].value) == ("", "8192")


def test_script_file() -> None:
    """A script from a ConfigMap is followed, with the arguments after it."""
    content = Token('#!/bin/bash\nexec vllm serve m --max-model-len 1 "$@"\n', "configmap")
    for command in (
        ["/mnt/start.sh", "--port=2"],
        ["bash", "/mnt/start.sh", "--port=2"],
        ["sh", "-c", "/mnt/start.sh --port=2"],
    ):
        invocation = read_invocation(container(command), script_file={"/mnt/start.sh": content}.get)
        assert invocation is not None
        assert invocation.settings["max-model-len"].value_source == "configmap"
        assert invocation.settings["port"].value == "2"
        assert invocation.ineffective == ()


def test_extra_args() -> None:
    """The words of `VLLM_ADDITIONAL_ARGS` follow the arguments, quotes read as a shell does, and know their place."""
    value = "--max-model-len 8192 --chat-template '{a b}'"
    variable = Variable("VLLM_ADDITIONAL_ARGS", value, "env")
    names = ("VLLM_ADDITIONAL_ARGS",)
    invocation = read_invocation(Container(env=[variable], entrypoint="vllm-serve", extra_args=names))
    assert invocation is not None
    setting = invocation.settings["max-model-len"]
    assert (setting.value, setting.value_source, setting.value_token.index) == ("8192", "env", value.index("8192"))
    assert invocation.settings["chat-template"].value == "{a b}"
    secret = read_invocation(Container(env=[Variable("VLLM_ADDITIONAL_ARGS", None)], extra_args=names))
    assert secret is not None
    assert "VLLM_ADDITIONAL_ARGS" in secret.unresolved


SHELL_TEXT = st.lists(
    st.sampled_from(
        [*"'\"$`\\(){}<>|&;# \n\t=", "vllm serve m ", "$(", "${", "<<E\n", "E\n", "A=(", "$@", "if ", "fi", "\x0b", "é"]
    ),
    max_size=25,
).map("".join)


@given(SHELL_TEXT, st.text(max_size=10))
def test_any_script_is_read(script: str, value: str) -> None:
    """Any script gives arguments or a reason, never an exception or a hang."""
    read_invocation(container(["sh", "-c", script + "$(A)" + script], ["--x"], A=value, B=None))


@given(st.lists(st.text(min_size=0, max_size=12).filter(lambda text: "\0" not in text), max_size=4))
def test_quoted_words_survive(texts: list[str]) -> None:
    """Words in single quotes arrive as they are."""
    quoted = " ".join("'" + text.replace("'", "'\\''") + "'" for text in texts)
    assert words(argv(["sh", "-c", f"vllm serve {quoted}".replace("$", "$$")])) == texts


def test_deep_nesting_is_refused() -> None:
    """A hostile depth of nesting is a reason, not a crash."""
    deep = "${A:-" * 3000 + "}" * 3000
    assert "nested" in argv(["sh", "-c", f"vllm serve {deep}"]).unresolved
    looping = Token('"/s.sh" "$@"', "configmap")
    found = server_argv(container(["/s.sh", "x"]), script_file=lambda _: looping)
    assert found is not None
    assert "nested" in found.unresolved


HOSTILE = {
    "doubling": "A=xx\n" + "A=$A$A\n" * 60 + "vllm serve $A",
    "many-words": "A='x x x x'\n" + 'A="$A $A"\n' * 10 + "vllm serve m" + " $A" * 30_000,
    "arrays": "A=(a b)\n" + 'A=("${A[@]}" "${A[@]}")\n' * 60 + "vllm serve $A",
    "long": "vllm serve m " + "x " * 100_000,
    "nested-shells": "bash -c " * 5000 + "x",
    "quotes": '"$(' * 5000,
    "here-documents": "cat <<E <<F\n" * 10_000,
    "self-calling": "/s.sh;" * 1000,
    "scripts": "sh -c 'sh -c x';" * 5000,
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_hostile_script(script: str) -> None:
    """A script made to exhaust the reader ends soon, with or without a reason."""
    read_invocation(container(["sh", "-c", script]), script_file=lambda _: Token(script, "configmap"))


def test_hostile_environment() -> None:
    """Variables that double each other do not fill the memory."""
    names = [f"A{index}" for index in range(60)]
    env = {name: f"$({before})$({before})" for before, name in itertools.pairwise(names)}
    invocation = read_invocation(container(["vllm", "serve", "m", "--port=$(A59)"], **({"A0": "xxxxxxxx"} | env)))
    assert invocation is not None
    assert "longer" in invocation.settings["port"].unknown


def test_import_needs_no_yaml() -> None:
    """The package imports no YAML library, to keep `--version` fast."""
    code = "import sys, json, signet_lint.vllm; print(json.dumps('yaml' in sys.modules))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(output.stdout) is False
