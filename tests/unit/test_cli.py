"""The command line: what it prints, where, and how it exits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from msgspec.structs import replace

from signet_lint import __version__, pipeline, registry
from signet_lint.cli import COMMANDS, cli
from signet_lint.commands import output
from signet_lint.commands.check import FORMATS
from signet_lint.errors import EngineError, UsageError
from signet_lint.finding import Edit, Fix, NotExamined, Point
from signet_lint.source.location import Location
from tests.overlay import FIXTURE
from tests.reports import FILES, VALUES, finding, left, origin, report

LIGHT = [["--version"], ["--help"], ["rules"], ["explain", "SGL001"], ["rules", "--format", "json"]]
HEAVY = ("yaml", "rich", "jsonschema", "helm_python", "kubernetes_validate")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """No setting of the machine's own changes what is printed."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "SIGNET_LINT_DEBUG", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A folder with the files that the hand-made findings point at, as the current folder."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def found(monkeypatch):
    """Makes the pipeline come to a given report (or error); returns what it was called with."""
    calls = []

    def set_report(outcome):
        def run(root, config, *, rules, envs=(), engine, today, baseline, tree):
            assert abs((date.today() - today).days) <= 1  # midnight may pass
            assert baseline is None
            engine.close()
            calls.append({"root": root, "config": config, "rules": rules, "envs": envs})
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        monkeypatch.setattr(pipeline, "run", run)
        return calls

    return set_report


def invoke(*arguments):
    """Runs the program in this process."""
    return CliRunner().invoke(cli, list(arguments))


def process(*arguments, cwd=FIXTURE, **environment):
    """Runs the program in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment}
    command = [sys.executable, "-m", "signet_lint", *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False)


ERROR, WARNING, NOTE = finding(), finding(severity="warning"), finding(severity="note")


@pytest.mark.parametrize(
    ("outcome", "arguments", "code"),
    [
        (report(), [], 0),
        (report(ERROR), [], 1),
        (report(WARNING, NOTE), [], 0),
        (report(WARNING), ["--fail-on", "warning"], 1),
        (report(ERROR), ["--fail-on", "note"], 1),
        (report(NOTE), ["--fail-on", "warning"], 0),
        (report(NOTE), ["--fail-on", "note"], 1),
        (report(ERROR), ["--exit-zero"], 0),
        (report(incomplete=("x",)), [], 3),
        (report(ERROR, incomplete=("x",)), [], 3),
        (report(ERROR, incomplete=("x",)), ["--exit-zero"], 3),
        (report(not_examined=[left(1)]), [], 0),
        (UsageError("no environment `x`"), [], 2),
        (UsageError("no environment `x`"), ["--exit-zero"], 2),
        (EngineError("no Helm engine"), [], 3),
        (ZeroDivisionError("oops"), [], 3),
        (KeyboardInterrupt(), [], 130),
    ],
    ids=str,
)
def test_exit_codes(repository, found, outcome, arguments, code):
    """0 clean, 1 findings, 2 usage, 3 not fully analysed, which outranks 1."""
    found(outcome)
    assert invoke("check", *arguments).exit_code == code


def test_text_is_the_default_and_has_the_source_line(repository, found):
    """Without options the report is for people."""
    found(report(ERROR))
    result = invoke("check")
    assert "3 |     - --max-model-len=16384\n" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["check"], ["check", "."]], ids=str)
def test_no_arguments_check_the_current_folder(repository, found, arguments):
    """The program works with no arguments."""
    calls = found(report())
    assert invoke(*arguments).exit_code == 0
    assert calls[0]["root"] == Path()
    assert tuple(calls[0]["rules"]) == registry.rules()


def test_options_reach_the_pipeline(repository, found):
    """Environments, profile and rules; commas and repetition both work."""
    calls = found(report())
    selection = ["--select", "SGL001,sgl002", "--select", "render-failed", "--ignore", "SGL002"]
    invoke("check", "--env", "sno", "--env", "prod", "--profile", "universal", *selection)
    assert calls[0]["envs"] == ("sno", "prod")
    assert calls[0]["config"].profile == "universal"
    assert [rule.id for rule in calls[0]["rules"]] == ["SGL001", "SGL003"]


def test_the_configuration_is_read(repository, found):
    """Environments and severities of the configuration hold where the command line says nothing."""
    (repository / ".signet-lint.yaml").write_text("envs: [prod]\nseverity: {SGL001: note, SGL002: off}\n")
    calls = found(report())
    invoke("check", "--select", "SGL001,SGL002,SGL003")
    assert calls[0]["envs"] == ("prod",)
    assert [(rule.id, rule.severity) for rule in calls[0]["rules"]] == [("SGL001", "note"), ("SGL003", "error")]


def test_pairs_of_format_and_output(repository, found):
    """The nth output belongs to the nth format; what is left goes to standard output."""
    found(report(ERROR))
    formats = ["--format", "json", "--format", "concise", "--format", "text"]
    result = invoke("check", *formats, "--output", "a.json", "--output", "b.txt")
    assert json.loads((repository / "a.json").read_text())["findings"][0]["path"] == VALUES
    assert (repository / "b.txt").read_text().startswith(f"{VALUES}:3:7: error SGL602 ")
    assert result.stdout.startswith("error[SGL602]")
    assert sorted(path.name for path in repository.iterdir()) == ["a.json", "b.txt", "charts"]


def test_every_format_at_once(repository, found):
    """Each to its file, each with the same findings; the verdict is said on standard error."""
    found(report(ERROR))
    pairs = [word for name in FORMATS for word in ("--format", name, "--output", f"out.{name}")]
    result = invoke("check", *pairs)
    assert result.exit_code == 1
    assert result.stdout == ""
    texts = {name: (repository / f"out.{name}").read_text() for name in FORMATS}
    assert [name for name, text in texts.items() if "16384" not in text] == []
    assert len(set(texts.values())) == len(FORMATS)


@pytest.mark.parametrize("name", ["sarif", "gitlab", "junit", "github"])
def test_paths_from_the_top_of_the_repository(repository, found, name):
    """Where ROOT is a folder of the repository, its readers get paths from the top."""
    (repository / ".git").mkdir()
    found(report(finding(origin=origin(at=Location("llm/values.yaml", 3, 7), trail=()))))
    assert "charts/llm/values.yaml" in invoke("check", "charts", "--format", name).stdout


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_format_shows_a_secret(repository, found, name):
    """Not even where the format escapes the characters of the secret."""
    secret = 'q%<&"é:,pass\\word'  # noqa: S105 - made up
    (repository / VALUES).write_text(f"a\nb\n      {secret}\n")
    fix = Fix("take it out", "safe", (Edit(VALUES, Point(3, 7), Point(3, 8), secret),))
    told = report(finding(message=f"`{secret}` is a credential", fix=fix), not_examined=[NotExamined(secret, "w")])
    found(replace(told, secrets=(secret,)))
    shown = invoke("check", "--format", name, "--statistics").output
    assert "word" not in shown


def test_github_job_summary(repository, found, monkeypatch):
    """The Markdown report is added to the job summary, which may hold other steps' text."""
    found(report(ERROR))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    (repository / "summary.md").write_text("before\n")
    result = invoke("check", "--format", "github")
    assert result.stdout.startswith("::error file=")
    assert result.stderr == ""
    assert (repository / "summary.md").read_text().startswith("before\n## signet-lint: 1 error\n")
    (repository / "summary.md").unlink()
    invoke("check", "--format", "text")
    assert not (repository / "summary.md").exists()


def test_github_job_summary_that_is_too_long_is_cut_between_blocks(repository, found, monkeypatch):
    """GitHub drops one that is over its limit."""
    monkeypatch.setattr(output, "MAX_SUMMARY", 700)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    found(report(*[finding(fingerprint=str(number)) for number in range(50)]))
    invoke("check", "--format", "github")
    assert (repository / "summary.md").read_text().endswith("\n\nThe rest is in the log.\n")
    assert (repository / "summary.md").stat().st_size < 800


def test_github_job_summary_that_cannot_be_written_fails_nothing(repository, found, monkeypatch):
    """It is an extra."""
    found(report())
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(repository))
    result = invoke("check", "--format", "github")
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: the job summary ")


@pytest.mark.parametrize(
    ("terminal", "environment", "quiet", "expected"),
    [
        (True, {}, False, ["working"]),
        (False, {}, False, []),
        (True, {"CI": "true"}, False, []),
        (True, {"TERM": "dumb"}, False, []),
        (True, {}, True, []),
    ],
    ids=str,
)
def test_progress_is_for_terminals(monkeypatch, terminal, environment, quiet, expected):
    """No log and no pipe gets it."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    said = []
    monkeypatch.setattr(output, "_tick", lambda what, done: said.append(what))
    with output.progress("working", quiet=quiet):
        pass
    assert said == expected


@pytest.mark.parametrize(
    ("turns", "expected"), [([True], ""), ([False, False, True], "\rworking, 1 s\rworking, 2 s\r\x1b[K")]
)
def test_progress_takes_back_what_it_said(capsys, turns, expected):
    """A short run says nothing, a long one leaves nothing behind."""
    done = threading.Event()
    done.wait = lambda timeout: turns.pop(0)
    output._tick("working", done)
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "json", "--format", "text"], "several formats go to standard output"),
        (["--output", "a", "--output", "b"], "2 --output for 1 --format"),
        (["--output", "absent/a"], "--output `absent/a`: there is no folder `absent`"),
        (["--output", "charts"], "--output `charts` is a folder"),
        (["--format", "text", "--format", "json", "--output", "a", "--output", "a"], "several formats go to `a`"),
        (["--format", "xml"], "'xml' is not one of 'text', 'concise', 'json'"),
        (["--select", "SGL999"], "no rule `SGL999`"),
        (["--config", "absent.yaml"], "no configuration file `absent.yaml`"),
        (["absent"], "`absent` is not there"),
        ([VALUES], f"`{VALUES}` is a file"),
        (["--colour"], "No such option"),
    ],
    ids=str,
)
def test_bad_arguments(repository, found, arguments, message):
    """One line of error, a hint, exit code 2, and nothing is run or written."""
    calls = found(report(ERROR))
    result = invoke("check", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    first, *rest = result.stderr.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert all(line.startswith("hint: ") for line in rest)
    assert calls == []
    assert not (repository / "a").exists()


def test_every_error_has_its_line(repository, found):
    """Several mistakes are several lines."""
    found(report())
    result = invoke("check", "--select", "nonsense,SGL00l")
    assert [line.split(";")[0] for line in result.stderr.splitlines()[:2]] == [
        "error: no rule `nonsense`",
        "error: no rule `SGL00l`",
    ]


def test_json_on_standard_output_is_json_alone(repository, found):
    """Why an analysis is incomplete is said on standard error."""
    found(report(ERROR, incomplete=("rule SGL001 crashed",)))
    result = invoke("check", "--format", "json")
    assert json.loads(result.stdout)["summary"]["errors"] == 1
    assert result.stderr == "not fully analysed: rule SGL001 crashed\n"


def test_concise_says_what_was_looked_at_on_standard_error(repository, found):
    """Even where the format has no place for it, coverage is said, unless asked to be quiet."""
    found(report(not_examined=[left(1)]))
    result = invoke("check", "--format", "concise")
    assert result.stdout == ""
    assert result.stderr.endswith("110 manifests; 1 thing not examined.\n")
    assert invoke("check", "--format", "concise", "-q").output == ""


@pytest.mark.parametrize(
    ("environment", "terminal", "expected"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
    ids=str,
)
def test_colour(monkeypatch, environment, terminal, expected):
    """Colour is for terminals; NO_COLOR and FORCE_COLOR are heeded, in this order."""
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert output.wants_color() == expected


def test_files_are_never_coloured(repository, found, monkeypatch):
    """FORCE_COLOR is about the screen."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    found(report(ERROR))
    invoke("check", "--output", "a.txt")
    assert "\x1b" not in (repository / "a.txt").read_text()
    assert "\x1b[1;31m" in invoke("check").stdout


def test_snippets_never_come_from_outside_the_root(repository, found):
    """A link that leaves the repository is not shown, even where a finding points at it."""
    outside = repository.parent / "secret.txt"
    outside.write_text("a\nb\npassword\n")
    (repository / VALUES).unlink()
    (repository / VALUES).symlink_to(outside)
    found(report(ERROR))
    assert "password" not in invoke("check").output


def test_a_bug_is_one_line(repository, found):
    """An unexpected exception names itself, without a traceback."""
    found(ZeroDivisionError("oops\x1b"))
    result = invoke("check")
    assert result.stderr.splitlines() == [
        f"error: a bug in signet-lint {__version__}: ZeroDivisionError: oops\\x1b",
        "hint: please report it; `signet-lint --debug COMMAND` shows where it happened",
    ]


def test_debug_shows_the_traceback(repository, found, monkeypatch):
    """For us, on demand."""
    found(ZeroDivisionError("oops"))
    monkeypatch.setenv("SIGNET_LINT_DEBUG", "1")
    assert "Traceback" in invoke("check").stderr
    monkeypatch.delenv("SIGNET_LINT_DEBUG")
    assert "Traceback" in invoke("--debug", "check").stderr


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["chek"], "error: no command `chek`; did you mean `check`?", "hint: see `signet-lint --help`"),
        (["charts"], "error: no command `charts`", "hint: `signet-lint check charts` checks that folder"),
    ],
    ids=["misspelt", "folder"],
)
def test_unknown_commands(repository, arguments, message, hint):
    """A misspelt command and a forgotten one are told apart."""
    result = invoke(*arguments)
    assert (result.exit_code, result.stderr.splitlines()) == (2, [message, hint])


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command):
    """Each command's help fits the screen and shows how it is called."""
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert f"  signet-lint {command}" in result.stdout.split("Example")[1]
    assert all(len(line) <= 85 for line in result.stdout.splitlines())


def test_help_lists_the_commands():
    """Each with a sentence that fits its line."""
    listed = invoke("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed] == list(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") and len(line) <= 80 for line in listed)


def test_rules_in_each_format():
    """All rules, once each, in every format."""
    ids = [rule.id for rule in registry.rules()]
    assert [line.split()[0] for line in invoke("rules").stdout.splitlines()] == ids
    listed = json.loads(invoke("rules", "--format", "json").stdout)
    assert [rule["id"] for rule in listed["rules"]] == ids
    rows = invoke("rules", "--format", "markdown").stdout.splitlines()
    assert [row.split()[1] for row in rows[2:]] == ids


@pytest.mark.parametrize("name", ["SGL001", "sgl001", "yaml-syntax"])
def test_explain(name):
    """A rule by id or name."""
    assert invoke("explain", name).stdout.startswith("yaml-syntax (SGL001)\n")
    assert invoke("explain", name, "--format", "markdown").stdout.startswith("# yaml-syntax (SGL001)\n")
    assert json.loads(invoke("explain", name, "--format", "json").stdout)["rule"]["bad"]


@pytest.mark.parametrize("arguments", [[], ["list"]], ids=["nothing", "list"])
def test_explain_lists_the_rules(arguments):
    """Without a rule, the list of them."""
    assert invoke("explain", *arguments).stdout == invoke("rules").stdout


def test_explain_suggests():
    """A misspelt rule is answered with the one meant."""
    result = invoke("explain", "yaml-sintax")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: no rule `yaml-sintax`; did you mean `yaml-syntax`?\n")


def test_render_prints_what_is_deployed():
    """YAML documents, each under its environment, Application and template, filtered as asked."""
    result = invoke("render", str(FIXTURE), "--env", "prod", "--kind", "inferenceservice", "--app", "signet-llm-prod")
    assert result.exit_code == 0
    (document,) = yaml.safe_load_all(result.stdout)
    assert (document["kind"], document["metadata"]["name"]) == ("InferenceService", "signet-llm")
    comment = result.stdout.splitlines()[1]
    template = "charts/signet-llm/templates/inferenceservice.yaml"
    assert comment == f"# env: prod, application: signet-llm-prod, template: {template}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--env", "prood"], "error: no environment `prood`; did you mean `prod`?"),
        (["--app", "signet-lm-prod"], "error: no Application `signet-lm-prod`; did you mean `signet-llm-prod`"),
        (["--kind", "InferenceServise"], "error: no manifest of kind `InferenceServise`; did you mean `InferenceS"),
    ],
    ids=["env", "app", "kind"],
)
def test_render_suggests(arguments, message):
    """Names that nothing has are answered with those meant."""
    result = invoke("render", str(FIXTURE), *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)


def test_render_of_nothing(tmp_path):
    """A folder without Applications is not rendered in silence."""
    result = invoke("render", str(tmp_path))
    assert result.exit_code == 3
    assert "nothing to render" in result.stderr


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_light_commands_import_nothing_heavy(arguments):
    """The commands that look at no repository start fast."""
    code = (
        "import sys\nfrom signet_lint.cli import cli\n"
        f"try:\n    cli.main({arguments!r})\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == "[]\n"


def test_the_program_as_a_process():
    """The real thing: the fixture is clean, in plain text, and nothing is written."""
    before = sorted(FIXTURE.rglob("*"))
    done = process("check", "--select", "SGL001,SGL002")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("No findings in ")
    assert sorted(FIXTURE.rglob("*")) == before


def test_a_closed_pipe_is_quiet():
    """`signet-lint render | head -1` ends without a word."""
    command = f"'{sys.executable}' -m signet_lint render | head -1; echo ${{PIPESTATUS[0]}}"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        ["bash", "-c", command], cwd=FIXTURE, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("---\n0\n", "")


def test_control_c():
    """An interrupt ends the process with 130 and no traceback."""
    code = (
        "import time\nfrom signet_lint import pipeline\nfrom signet_lint.cli import main\nimport sys\n"
        "def run(*a, **k):\n    print('ready', flush=True)\n    time.sleep(30)\n"
        "pipeline.run = run\nsys.argv[1:] = ['check']\nmain()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=FIXTURE, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=30)
    assert (child.returncode, errors.strip()) == (130, "")


def test_a_terminal_of_few_characters():
    """Where a character cannot be encoded its code is printed."""
    done = process("explain", "SGL001", PYTHONIOENCODING="iso8859_5")
    assert done.returncode == 0
    assert "\\xb7" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_has_a_script(shell):
    """Each shell that the documentation names gets its own."""
    environment = {**os.environ, "_SIGNET_LINT_COMPLETE": f"{shell}_source"}
    command = [sys.executable, "-c", "from signet_lint.cli import main; main()"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"_SIGNET_LINT_COMPLETE={shell}_complete" in run.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("signet-lint ba", {"baseline"}),
        ("signet-lint check --format sa", {"sarif"}),
        ("signet-lint check --base", {"--baseline"}),
        ("signet-lint diff --format m", {"markdown"}),
    ],
)
def test_completion_knows_commands_options_and_choices(words, expected):
    """What click is asked by the shell's script."""
    environment = {
        **os.environ,
        "_SIGNET_LINT_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    command = [sys.executable, "-c", "from signet_lint.cli import main; main()"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert {line.partition(",")[2] for line in run.stdout.splitlines()} == expected
