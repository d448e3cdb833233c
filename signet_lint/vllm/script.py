"""Follows a shell script far enough to tell which vLLM servers it starts, and with which words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from signet_lint.vllm.expand import Field, Scope, expand_unsplit, expand_word, tokens_of
from signet_lint.vllm.expansion import Fragment, Passage, token_of
from signet_lint.vllm.program import Shell, find_program, server_arguments, shell_of
from signet_lint.vllm.shell import split_commands
from signet_lint.vllm.word import Command, ShellSyntaxError, Text, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from signet_lint.vllm.invocation import Server, Token

    ScriptFile = Callable[[str], Token | None]

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=")
_DECLARATIONS = frozenset({"export", "declare", "typeset", "local", "readonly"})
_OPENING = frozenset({"if", "for", "while", "until", "case", "select"})
_CLOSING = frozenset({"fi", "done", "esac"})
_KEYWORDS = _OPENING | _CLOSING | {"then", "do", "else", "elif", "!", "{", "}", "time"}
_TESTS = frozenset({"[", "[[", "test"})
_MAX_NESTING = 8


@dataclass(frozen=True, slots=True)
class Start:
    """A place where a script starts vLLM."""

    server: Server
    tokens: tuple[Token, ...]


@dataclass(slots=True)
class Trace:
    """What a script does that matters here."""

    starts: list[Start] = field(default_factory=list)
    files: dict[str, Token] = field(default_factory=dict)
    stray: list[Token] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def follow_script(passage: Passage, scope: Scope, trace: Trace, *, script_file: ScriptFile | None) -> None:
    """Run through a script without running it: assignments, here-documents, nested shells; adds to `trace`."""
    _Follower(scope, trace, script_file, 0).follow(passage)


class _Follower:
    def __init__(self, scope: Scope, trace: Trace, script_file: ScriptFile | None, nesting: int) -> None:
        self.scope = scope
        self.trace = trace
        self.script_file = script_file
        self.nesting = nesting
        self.conditions = 0
        self.tested = False

    def follow(self, passage: Passage) -> None:
        if self.nesting > _MAX_NESTING:
            self.trace.problems.append("the script is nested too deeply to follow")
            return
        try:
            commands = split_commands(passage)
        except ShellSyntaxError as error:
            self.trace.problems.append(f"the shell cannot read the script: {error}")
            return
        for command in commands:
            self._follow_command(command)
            self.tested = command.separator in {"&&", "||"} and (self.tested or command.separator == "||")

    def _follow_command(self, command: Command) -> None:
        words = self._without_keywords(command.words)
        if words and words[0].bare in _TESTS:
            # What follows `[ ... ] &&` may or may not happen.
            self.conditions += 1
            self._follow_words((), command)
            self.conditions -= 1
            self.tested = True
            return
        self._follow_words(words, command)

    def _without_keywords(self, words: Sequence[Word]) -> Sequence[Word]:
        while words and (keyword := words[0].bare) in _KEYWORDS:
            self.conditions += (keyword in _OPENING) - (keyword in _CLOSING)
            words = () if keyword in {"for", "case", "select"} else words[1:]
        return words

    def _follow_words(self, words: Sequence[Word], command: Command) -> None:
        declared = bool(words) and words[0].bare in _DECLARATIONS
        rest = list(words[1:] if declared else words)
        while rest and (declared or _assigned_name(rest[0])):
            self._assign(rest.pop(0), prefix=not declared and len(rest) > 0 and not _assigned_name(rest[-1]))
        tokens = tokens_of(rest, self.scope)
        self._note_files(tokens, command)
        if tokens:
            self._run(tokens, rest)

    def _assign(self, word: Word, *, prefix: bool) -> None:
        assignment = _ASSIGNMENT.match(_leading_text(word))
        if not assignment or prefix:
            return
        name, appends = assignment.group(1), bool(assignment.group(2))
        value: tuple[Field, ...]
        if word.items is not None:
            value = tuple(one for item in word.items for one in expand_word(item, self.scope))
        else:
            value = (_field_after(expand_unsplit(word, self.scope), assignment.end()),)
        if appends:
            value = self._appended(name, value, is_array=word.items is not None)
        if self.conditions > 0 or self.tested:
            value = ((Fragment(f"${name}", unknown=f"`{name}` is set under a condition"),),)
        self.scope.variables[name] = value

    def _appended(self, name: str, value: tuple[Field, ...], *, is_array: bool) -> tuple[Field, ...]:
        present = self.scope.value(name, Fragment(f"${name}")) or ()
        if is_array:
            return (*present, *value)
        return ((*(fragment for one in present for fragment in one), *value[0]),)

    def _note_files(self, tokens: Sequence[Token], command: Command) -> None:
        bodies = [redirection.body for redirection in command.redirections if redirection.body]
        targets = [redirection.target for redirection in command.redirections if redirection.operator in {">", ">|"}]
        paths = [token.text for target in targets for token in tokens_of([target], self.scope)]
        if tokens and tokens[0].text == "tee":
            paths += [token.text for token in tokens[1:] if not token.text.startswith("-")]
        if bodies and paths and tokens and tokens[0].text in {"cat", "tee"}:
            content = token_of(expand_unsplit(bodies[-1], self.scope))
            self.trace.files |= dict.fromkeys(paths, content)

    def _run(self, tokens: Sequence[Token], words: Sequence[Word]) -> None:
        name = tokens[0].text
        program = find_program(tokens)
        if name == "eval":
            self._nested(Passage.of(_joined(words[1:], self.scope)), self.scope)
        elif name == "set" and "--" in [token.text for token in tokens]:
            position = [token.text for token in tokens].index("--")
            self.scope.positional = (*(self.scope.positional[:1] or ((),)), *map(_field, tokens[position + 1 :]))
        elif name == "shift" and len(tokens) == 1:
            self.scope.positional = (*self.scope.positional[:1], *self.scope.positional[2:])
        elif found := server_arguments(program):
            self.trace.starts.append(Start(found[0], tuple(found[1])))
        elif shell := shell_of(program):
            self._run_shell(shell)
        elif name.startswith("--"):
            # The rest of a command whose line was not continued.
            self.trace.stray += tokens
        elif program and program[0].unknown:
            self.trace.problems.append(program[0].unknown)
        elif program and program[0].text.endswith(".sh"):
            self._run_shell(Shell(program[0], tuple(program[1:]), is_file=True))

    def _run_shell(self, shell: Shell) -> None:
        script = shell.script
        if shell.is_file and script.text not in self.trace.files:
            content = self.script_file(script.text) if self.script_file else None
        else:
            content = self.trace.files[script.text] if shell.is_file else script
        if content is None:
            self.trace.problems.append(f"the script `{script.text}` cannot be read from here")
            return
        positional = shell.arguments if not shell.is_file else (script, *shell.arguments)
        scope = Scope(self.scope.environment, tuple(map(_field, positional)), dict(self.scope.variables))
        self._nested(Passage.of(_field(content)), scope)

    def _nested(self, passage: Passage, scope: Scope) -> None:
        follower = _Follower(scope, self.trace, self.script_file, self.nesting + 1)
        follower.conditions = self.conditions
        follower.follow(passage)


def _leading_text(word: Word) -> str:
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Text) or first.quoted:
        return ""
    return "".join(fragment.text for fragment in first.fragments)


def _assigned_name(word: Word) -> bool:
    return bool(_ASSIGNMENT.match(_leading_text(word)))


def _field(token: Token) -> Field:
    return (Fragment(token.text, token.source, token.index, token.variables, token.unknown),)


def _field_after(whole: Field, length: int) -> Field:
    """Return the field without its first characters."""
    passage = Passage.of(whole)
    return tuple(passage.slice(length, len(passage.text)))


def _joined(words: Sequence[Word], scope: Scope) -> list[Fragment]:
    fragments: list[Fragment] = []
    for word in words:
        for one in expand_word(word, scope):
            fragments += (*one, Fragment(" ", substituted=True))
    return [replace(fragment) for fragment in fragments]
