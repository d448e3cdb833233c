"""Splits a shell script into commands and words, keeping quotes and expansions apart (POSIX shell and Bash)."""

from __future__ import annotations

import re

from msgspec.structs import replace

from signet_lint.vllm.bracket import end_of_brackets, end_of_double_quotes, end_of_quote
from signet_lint.vllm.expansion import Fragment, Passage
from signet_lint.vllm.word import Command, Parameter, Redirection, ShellSyntaxError, Text, Unknowable, Word

_BLANKS = re.compile(r"(?:[ \t\r]|\\\n)+")
_PLAIN = re.compile(r"[^ \t\r\n;&|()<>\\'\"$`]+")
_QUOTED_PLAIN = re.compile(r"[^\\\"$`]+")
_HEREDOC_PLAIN = re.compile(r"[^\\$`]+")
_SEPARATOR = re.compile(r"&&|\|\||;;|\|&|[;&|()\n]")
_REDIRECTION = re.compile(r"(?:\d*(<<<|<<-|<<|<>|<&|<|>>|>&|>\||>))|(&>>?)")
_ARRAY = re.compile(r"[A-Za-z_]\w*\+?=\(")
_SIMPLE_PARAMETER = re.compile(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])")
_BRACED_PARAMETER = re.compile(r"\$\{([A-Za-z_]\w*|\d+|[@*#?$!-])(?:\[[@*]\])?(:?[-=+?]|(?=\}))")
_MAX_DEPTH = 30


def split_commands(passage: Passage) -> list[Command]:
    """Return the simple commands of a script in order, those inside loops and conditions among them.

    Raises ShellSyntaxError for an unmatched quote, parenthesis or brace.
    """
    try:
        return _Scanner(passage, 0).commands()
    except RecursionError:
        raise ShellSyntaxError("its brackets are nested too deeply to follow") from None


def split_words(passage: Passage) -> list[Word]:
    """Return the words of all commands of a text, as `eval` would see them; raises ShellSyntaxError."""
    return [word for command in split_commands(passage) for word in command.words]


class _Scanner:
    def __init__(self, passage: Passage, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise ShellSyntaxError("its expansions are nested too deeply to follow")
        self.passage = passage
        self.text = passage.text
        self.position = 0
        self.depth = depth
        self.words: list[Word] = []
        self.redirections: list[Redirection] = []
        self.awaited: list[tuple[list[Redirection], int]] = []

    def commands(self) -> list[Command]:
        found: list[tuple[list[Word], list[Redirection], str]] = []
        while self._skip(_BLANKS) < len(self.text):
            if self.text[self.position] == "#":
                self._to_line_end()
            elif match := _REDIRECTION.match(self.text, self.position):
                self._read_redirection(match)
            elif match := _SEPARATOR.match(self.text, self.position):
                self.position = match.end()
                found.append((self.words, self.redirections, match.group()))
                self.words, self.redirections = [], []
                if match.group() == "\n":
                    self._read_here_documents()
            else:
                self.words.append(self._word())
        found.append((self.words, self.redirections, "\n"))
        return [Command(tuple(words), tuple(redirections), separator) for words, redirections, separator in found]

    def _skip(self, pattern: re.Pattern[str]) -> int:
        if match := pattern.match(self.text, self.position):
            self.position = match.end()
        return self.position

    def _to_line_end(self) -> None:
        end = self.text.find("\n", self.position)
        self.position = end if end >= 0 else len(self.text)

    def _read_redirection(self, match: re.Match[str]) -> None:
        operator = match.group(1) or match.group(2)
        self.position = match.end()
        if self.text.startswith("(", self.position):
            self.position = end_of_brackets(self.text, self.position)
            self.words.append(Word((self._unknowable(match.start()),)))
            return
        self._skip(_BLANKS)
        if self.text.startswith(("<(", ">("), self.position):
            self.position = end_of_brackets(self.text, self.position + 1)
            return
        if operator in {"<<", "<<-"}:
            self.awaited.append((self.redirections, len(self.redirections)))
        self.redirections.append(Redirection(operator, self._word()))

    def _read_here_documents(self) -> None:
        for redirections, index in self.awaited:
            redirection = redirections[index]
            target = redirection.target
            delimiter = "".join(f.text for part in target.parts if isinstance(part, Text) for f in part.fragments)
            body = self._here_document(delimiter, strip_tabs=redirection.operator == "<<-")
            if target.quoted_anywhere:
                parsed = Word((Text(tuple(body.fragments), quoted=True),))
            else:
                parsed = _Scanner(body, self.depth + 1).quoted_text(_HEREDOC_PLAIN)
            redirections[index] = replace(redirection, body=parsed)
        self.awaited = []

    def _here_document(self, delimiter: str, *, strip_tabs: bool) -> Passage:
        fragments: list[Fragment] = []
        while self.position < len(self.text):
            end = self.text.find("\n", self.position) + 1 or len(self.text) + 1
            line = self.text[self.position : end - 1]
            start, self.position = self.position, min(end, len(self.text))
            stripped = line.lstrip("\t") if strip_tabs else line
            if stripped == delimiter:
                break
            fragments += self.passage.slice(start + len(line) - len(stripped), self.position)
        return Passage.of(fragments)

    def _word(self) -> Word:
        if match := _ARRAY.match(self.text, self.position):
            return self._array(match)
        parts: list[Text | Parameter | Unknowable] = []
        while self.position < len(self.text):
            start = self.position
            self._read_part(parts)
            if self.position == start:
                break
        return Word(tuple(parts))

    def _array(self, match: re.Match[str]) -> Word:
        name = Text(tuple(self.passage.slice(match.start(), match.end() - 1)), quoted=False)
        self.position = match.end() - 1
        inner = _Scanner(self._bracketed(), self.depth + 1)
        return Word((name,), tuple(word for command in inner.commands() for word in command.words))

    def _read_part(self, parts: list[Text | Parameter | Unknowable]) -> None:
        character = self.text[self.position]
        start = self.position
        if end := self.passage.unknown_end(start):
            self.position = end
            parts.append(self._unknowable(start))
        elif match := _PLAIN.match(self.text, start):
            self.position = self._before_unknown(start, match.end())
            parts.append(self._text(start, self.position, quoted=False))
        elif character == "\\":
            self._read_escape(parts)
        elif character == "'":
            self.position = end_of_quote(self.text, start + 1, "'")
            parts.append(self._text(start + 1, self.position - 1, quoted=True))
        elif character == '"':
            self._read_double_quotes(parts)
        elif character in "$`":
            parts.append(self._expansion(quoted=False))

    def _before_unknown(self, start: int, end: int) -> int:
        """Return the end of the known text from `start`, at most `end`."""
        for offset in range(start, end):
            if self.passage.unknown_end(offset):
                return offset
        return end

    def _read_escape(self, parts: list[Text | Parameter | Unknowable]) -> None:
        start = self.position
        self.position = min(start + 2, len(self.text))
        if self.text[start + 1 : start + 2] != "\n":
            parts.append(self._text(start + 1, self.position, quoted=True))

    def _read_double_quotes(self, parts: list[Text | Parameter | Unknowable]) -> None:
        start = self.position + 1
        end = end_of_double_quotes(self.text, start)
        inner = _Scanner(Passage.of(self.passage.slice(start, end)), self.depth + 1)
        # The empty text makes "" a word of its own.
        parts += (self._text(start, start, quoted=True), *inner.quoted_text(_QUOTED_PLAIN).parts)
        self.position = end + 1

    def quoted_text(self, plain: re.Pattern[str]) -> Word:
        """Read all the text as between double quotes (or as a here-document, by what `plain` admits)."""
        parts: list[Text | Parameter | Unknowable] = []
        while self.position < len(self.text):
            start = self.position
            if end := self.passage.unknown_end(start):
                self.position = end
                parts.append(self._unknowable(start))
            elif match := plain.match(self.text, start):
                self.position = self._before_unknown(start, match.end())
                parts.append(self._text(start, self.position, quoted=True))
            elif self.text[start] == "\\":
                following = self.text[start + 1 : start + 2]
                self.position = start + 1 + len(following)
                if following != "\n":
                    kept = start + 1 if following and following in '$`"\\' else start
                    parts.append(self._text(kept, self.position, quoted=True))
            elif self.text[start] in "$`":
                parts.append(self._expansion(quoted=True))
            else:
                # A double quote inside "${NAME:-...}", which the shell takes away.
                self.position += 1
        return Word(tuple(parts))

    def _expansion(self, *, quoted: bool) -> Text | Parameter | Unknowable:
        start = self.position
        if self.text[start] == "`":
            self.position = end_of_quote(self.text, start + 1, "`")
            return self._unknowable(start)
        following = self.text[start + 1 : start + 2]
        if following == "(":
            self.position = end_of_brackets(self.text, start + 1)
            return self._unknowable(start)
        if following == "{":
            return self._braced(quoted=quoted)
        if match := _SIMPLE_PARAMETER.match(self.text, start):
            self.position = match.end()
            return Parameter(match.group(1), self._written(start), quoted)
        # A lone dollar sign, and that of $'...' whose escapes are not decoded.
        self.position = start + 1
        dollar_quote = following in {"'", '"'} and not quoted
        return self._text(start, start if dollar_quote else start + 1, quoted=quoted)

    def _braced(self, *, quoted: bool) -> Parameter | Unknowable:
        start = self.position
        self.position = start + 1
        inside = self._bracketed()
        match = _BRACED_PARAMETER.match(self.text, start)
        if not match:
            return self._unknowable(start)
        operator = match.group(2)
        scanner = _Scanner(Passage.of(inside.slice(match.end() - start - 2, len(inside.text))), self.depth + 1)
        default = scanner.default_text(quoted=quoted) if operator else None
        return Parameter(match.group(1), self._written(start), quoted, operator, default)

    def default_text(self, *, quoted: bool) -> Word:
        """Read the word after `:-`: blanks stand for themselves there."""
        if quoted:
            return self.quoted_text(_QUOTED_PLAIN)
        parts: list[Text | Parameter | Unknowable] = []
        while self.position < len(self.text):
            start = self.position
            self._read_part(parts)
            if self.position == start:
                self.position += 1
                parts.append(self._text(start, self.position, quoted=False))
        return Word(tuple(parts))

    def _bracketed(self) -> Passage:
        """Pass over the bracket at this place and return what is inside."""
        start = self.position
        self.position = end_of_brackets(self.text, start)
        return Passage.of(self.passage.slice(start + 1, self.position - 1))

    def _text(self, start: int, end: int, *, quoted: bool) -> Text:
        return Text(tuple(self.passage.slice(start, end)), quoted)

    def _written(self, start: int) -> Fragment:
        first = self.passage.slice(start, start + 1)[0]
        return replace(first, text=self.text[start : self.position])

    def _unknowable(self, start: int) -> Unknowable:
        written = self._written(start)
        return Unknowable(written, written.unknown or f"`{written.text}` is known only to the running shell")
