"""Follows a shell script far enough to tell which vLLM servers it starts, and with which words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from signet_lint.vllm.expand import Scope, expand_unsplit, expand_word, tokens_of
from signet_lint.vllm.expansion import MAX_LENGTH, Fragment, Passage, token_of
from signet_lint.vllm.program import Shell, find_program, server_arguments, shell_of
from signet_lint.vllm.shell import split_commands
from signet_lint.vllm.word import ShellSyntaxError, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signet_lint.vllm.expand import Field
    from signet_lint.vllm.invocation import Server, Token
    from signet_lint.vllm.word import Command, Word

    ScriptFile = Callable[[str], Token | None]

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=")
_DECLARATIONS = frozenset({"export", "declare", "typeset", "local", "readonly"})
_OPENING = frozenset({"if", "for", "while", "until", "case", "select"})
_CLOSING = frozenset({"fi", "done", "esac"})
_KEYWORDS = _OPENING | _CLOSING | {"then", "do", "else", "elif", "!", "{", "}", "time"}
_TESTS = frozenset({"[", "[[", "test"})
_MAX_NESTING = 8
_MAX_SCRIPTS = 50


class Start(Struct, frozen=True):
    """A place where a script starts vLLM; in the background, the script goes on beside it."""

    server: Server
    tokens: tuple[Token, ...]
    is_background: bool = False


class Trace(Struct):
    """What a script does that matters here."""

    starts: list[Start] = field(default_factory=list)
    files: dict[str, Token] = field(default_factory=dict)
    stray: list[Token] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    scripts: int = 0


def follow_command(
    words: Sequence[Field], environment: Mapping[str, Fragment], script_file: ScriptFile | None
) -> Trace:
    """Return what a container's command does, without running it: through wrappers, shells and the scripts they read.

    `script_file` gives the content of a script by its path in the container, None where that is not known.
    """
    trace = Trace()
    _Follower(Scope(environment), trace, script_file, 0).run(words)
    return trace


class _Follower:
    def __init__(self, scope: Scope, trace: Trace, script_file: ScriptFile | None, nesting: int) -> None:
        self.scope = scope
        self.trace = trace
        self.script_file = script_file
        self.nesting = nesting
        self.conditions = 0
        self.tested = False
        self.is_background = False

    def follow(self, passage: Passage) -> None:
        try:
            for command in split_commands(passage):
                self.is_background = command.separator == "&"
                self._follow_command(command)
                self.tested = command.separator in {"&&", "||"} and (self.tested or command.separator == "||")
        except ShellSyntaxError as error:
            self.trace.problems.append(f"the script cannot be read: {error}")

    def _follow_command(self, command: Command) -> None:
        words = self._without_keywords(command.words)
        if words and words[0].bare in _TESTS:
            # What follows `[ ... ] &&` may or may not happen.
            self.tested = True
        else:
            self._follow_words(words, command)

    def _without_keywords(self, words: Sequence[Word]) -> Sequence[Word]:
        while words and (keyword := words[0].bare) in _KEYWORDS:
            self.conditions += (keyword in _OPENING) - (keyword in _CLOSING)
            words = () if keyword in {"for", "case", "select"} else words[1:]
        return words

    def _follow_words(self, words: Sequence[Word], command: Command) -> None:
        declared = bool(words) and words[0].bare in _DECLARATIONS
        rest = list(words[1:] if declared else words)
        while rest and (declared or _is_assignment(rest[0])):
            # Before a command an assignment is for that command's environment alone.
            is_prefix = not declared and not all(map(_is_assignment, rest))
            word = rest.pop(0)
            if not is_prefix:
                self._assign(word)
        expanded = [one for word in rest for one in expand_word(word, self.scope)]
        self._note_files([token_of(one) for one in expanded], command)
        if expanded:
            self.run(expanded)

    def _assign(self, word: Word) -> None:
        assignment = _ASSIGNMENT.match(_leading_text(word))
        if not assignment:
            return
        name, appends = assignment.group(1), bool(assignment.group(2))
        value: tuple[Field, ...]
        if word.items is not None:
            value = tuple(one for item in word.items for one in expand_word(item, self.scope))
        else:
            value = (_field_after(expand_unsplit(word, self.scope), assignment.end()),)
        if appends:
            written = next(part.fragments[0] for part in word.parts if isinstance(part, Text))
            present = self.scope.value(name, written) or ((),)
            value = (*present, *value) if word.items is not None else ((*present[0], *value[0]),)
        if self.conditions > 0 or self.tested:
            value = ((Fragment(f"${name}", unknown=f"`{name}` is set under a condition"),),)
        self.scope.variables[name] = value

    def _note_files(self, tokens: Sequence[Token], command: Command) -> None:
        bodies = [redirection.body for redirection in command.redirections if redirection.body]
        targets = [redirection.target for redirection in command.redirections if redirection.operator in {">", ">|"}]
        paths = [token.text for target in targets for token in tokens_of([target], self.scope)]
        if tokens and tokens[0].text == "tee":
            paths += [token.text for token in tokens[1:] if not token.text.startswith("-")]
        if bodies and paths and tokens and tokens[0].text in {"cat", "tee"}:
            content = token_of(expand_unsplit(bodies[-1], self.scope))
            self.trace.files |= dict.fromkeys(paths, content)

    def run(self, words: Sequence[Field]) -> None:
        """Take one command, its words expanded."""
        tokens = [token_of(word) for word in words]
        name = tokens[0].text
        program = find_program(tokens)
        if name == "eval":
            self._nested(_joined(words[1:]), self.scope)
        elif name in {"set", "shift"}:
            self._change_positional(name, words, tokens)
        elif name in {"source", "."}:
            self._run_shell(Shell(tuple(tokens[1:]), is_file=True), words)
        elif found := server_arguments(program):
            self.trace.starts.append(Start(found[0], tuple(found[1]), self.is_background))
        elif shell := shell_of(program):
            self._run_shell(shell, words)
        elif name.startswith("--"):
            # The rest of a command whose line was not continued.
            self.trace.stray += tokens
        elif program and program[0].unknown:
            self.trace.problems.append(program[0].unknown)
        elif program and program[0].text.endswith(".sh"):
            self._run_shell(Shell(tuple(program), is_file=True), words)

    def _change_positional(self, name: str, words: Sequence[Field], tokens: Sequence[Token]) -> None:
        program, rest = self.scope.positional[:1] or ((),), self.scope.positional[1:]
        if name == "shift":
            self.scope.positional = (*program, *rest[1:])
        elif "--" in (texts := [token.text for token in tokens]):
            self.scope.positional = (*program, *words[texts.index("--") + 1 :])

    def _run_shell(self, shell: Shell, words: Sequence[Field]) -> None:
        if not shell.words:
            return
        # The words of the shell are the last ones of the command.
        script, *arguments = words[len(words) - len(shell.words) :]
        positional = tuple(arguments)
        if shell.is_file:
            path = shell.words[0].text
            content = self.trace.files.get(path) or (self.script_file(path) if self.script_file else None)
            if content is None:
                self.trace.problems.append(f"the script `{path}` cannot be read from here")
                return
            positional = (script, *arguments)
            script = (Fragment(content.text, content.source, content.index, content.variables, content.unknown),)
        scope = Scope(self.scope.environment, positional, dict(self.scope.variables))
        self._nested(script, scope)
        self.trace.stray += [token for token in _unread(scope) if token.text.startswith("--") and token.text != "--"]

    def _nested(self, script: Sequence[Fragment], scope: Scope) -> None:
        self.trace.scripts += 1
        if self.nesting >= _MAX_NESTING or self.trace.scripts > _MAX_SCRIPTS:
            self.trace.problems.append("its scripts are nested too deeply to follow")
            return
        if sum(len(fragment.text) for fragment in script) > MAX_LENGTH:
            self.trace.problems.append("its script is longer than an argument can be")
            return
        follower = _Follower(scope, self.trace, self.script_file, self.nesting + 1)
        follower.conditions = self.conditions
        follower.follow(Passage.of(script))


def _unread(scope: Scope) -> list[Token]:
    """Return the arguments of a shell that its script never refers to."""
    return [
        token_of(one)
        for position, one in enumerate(scope.positional)
        if str(position) not in scope.read and not (position and "@" in scope.read)
    ]


def _leading_text(word: Word) -> str:
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Text) or first.quoted:
        return ""
    return "".join(fragment.text for fragment in first.fragments)


def _is_assignment(word: Word) -> bool:
    return bool(_ASSIGNMENT.match(_leading_text(word)))


def _field_after(whole: Field, length: int) -> Field:
    """Return the field without its first characters."""
    passage = Passage.of(whole)
    return tuple(passage.slice(length, len(passage.text)))


def _joined(words: Sequence[Field]) -> list[Fragment]:
    return [fragment for word in words for fragment in (*word, Fragment(" ", substituted=True))]
