"""Colouring of recipes: a Pygments lexer that knows definition files as Apptainer 1.4.5 reads them.

The lexer works line by line. What it must remember from one line to the next is one small `LineState`, so an editor
can colour a changed line without reading the thousands before it. Shell bodies are lexed by Pygments' own bash
grammar; only its constructs that span lines (quotes, here-documents) are turned into states.

Text that Apptainer would reject in the frame of the recipe (an unknown section, an unknown header key) gets the Error
token; nothing in an accepted recipe does. `{{ V }}` that is spread over several lines is legal and not coloured.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from pygments.lexer import Lexer
from pygments.token import (
    Comment,
    Error,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
    _TokenType,
)

from cowshed_lessons.apptainer_versions import AGENTS_SINCE, VERSIONS
from cowshed_lessons.checks_recipe import AGENTS
from cowshed_lessons.header import known_key
from cowshed_lessons.highlighting_shell import HereDocument, Token, lex_shell_line, with_commands
from cowshed_lessons.sections import APP_SECTIONS, SECTIONS, SHELL_SECTIONS
from cowshed_lessons.templating import variables_in

_LISTED = {
    "help": "help",
    "apphelp": "help",
    "files": "files",
    "appfiles": "files",
    "labels": "pairs",
    "applabels": "pairs",
    "arguments": "arguments",
}
BODIES = {name: "shell" if name in SHELL_SECTIONS else _LISTED[name] for name in SECTIONS}
APP_BODIES = {name: "shell" if name in SHELL_SECTIONS else _LISTED[name] for name in APP_SECTIONS}

_LONGEST = 65_536
"""Letters of a line; no section of more bytes is read by Apptainer, so a longer line has no colours."""

_BOOTSTRAP = re.compile(r"bootstrap:", re.IGNORECASE)
_BEGINNING = re.compile(
    rf"(bootstrap[ \t]*:|%({'|'.join(sorted((*SECTIONS, *APP_SECTIONS), key=len, reverse=True))})(?![\w-]))",
    re.IGNORECASE,
)
_SECTION_LINE = re.compile(r"(\s*)(%+)([^ ]*)(.*)$", re.DOTALL)
_WORD = re.compile(r'\s+|"[^"]*"|(?:[^\s"]|"(?![^"]*"))+')
_ARGUMENT = re.compile(r"(\s*)([^=\s]*)(\s*)(=?)(.*)$", re.DOTALL)
_APP = re.compile(r"(\s*)(\S*)(.*)$", re.DOTALL)
_PAIR = re.compile(r"(\s*)(\S*)(\s*)(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class LineState:
    """All that the lexer remembers at the end of a line.

    `body` is "start" (nothing read yet), "header", "shell", "help", "files", "pairs", "arguments" or "unknown";
    `stack` holds the states of the shell grammar that are still open, `continued` says that the line ended in a
    backslash.
    """

    body: str = "start"
    stack: tuple[str, ...] = ("root",)
    continued: bool = False
    documents: tuple[HereDocument, ...] = ()


START = LineState()


def lex_line(line: str, state: LineState = START) -> tuple[list[Token], LineState]:
    """Lex one line of a recipe (without its line break).

    Returns:
        The tokens as (column from 0, token type, text), together the whole line, and the state for the next line.
    """
    ending = "\r" if line.endswith("\r") else ""
    line = line.removesuffix("\r")
    tokens, after = _lex(line, state)
    if ending:
        tokens.append((len(line), Whitespace, ending))
    return tokens, after


def _lex(line: str, state: LineState) -> tuple[list[Token], LineState]:
    if len(line) > _LONGEST:
        return [(0, Text, line)], state
    if _BOOTSTRAP.match(line):
        return _lex_header(line, LineState("header"))
    section = _SECTION_LINE.match(line)
    if section and section[2] and line.lstrip()[:1] == "%":
        return _lex_section_line(section, state)
    if not line:
        return [], replace(state, continued=False)
    return _BODY_LEXERS[state.body](line, state)


def _lex_section_line(section: re.Match[str], state: LineState) -> tuple[list[Token], LineState]:
    blank, _percent, name, rest = section.groups()
    # Apptainer trims the first token of a stage only: anywhere else an indented section has no name.
    indented = bool(blank) and state.body != "start"
    app_body = APP_BODIES.get(name)
    body = app_body or BODIES.get(name.lower())
    if indented or body is None:
        body = None
    pieces: list[tuple[_TokenType, str]] = [(Whitespace, blank)]
    known = body is not None
    pieces.append((Keyword.Namespace if known else Error, section[2] + name))
    if app_body and known:
        gap, app, further = _groups(_APP, rest)
        pieces += [(Whitespace, gap), (Name.Class, app), (Comment, further)]
    elif known:
        pieces += _section_arguments(name.lower(), rest)
    else:
        pieces.append((Text, rest))
    return _with_templates(_place(pieces)), LineState(body or "unknown")


def _section_arguments(name: str, rest: str) -> list[tuple[_TokenType, str]]:
    words, hash_sign, comment = rest.partition("#")
    pieces: list[tuple[_TokenType, str]] = []
    for number, word in enumerate(re.findall(r"\s+|\S+", words)):
        if word.isspace():
            pieces.append((Whitespace, word))
        elif name == "files":
            pieces.append((Keyword if number <= 1 else Name.Label, word))
        else:
            pieces.append((Name.Attribute if word.startswith("-") else String, word))
    pieces.append((Comment.Single, hash_sign + comment))
    return pieces


def _lex_header(line: str, state: LineState) -> tuple[list[Token], LineState]:
    if not line.strip():
        return [(0, Whitespace, line)], state
    if line.lstrip().startswith("#"):
        return _place([(Comment.Single, line)]), state
    after = LineState("header", continued=line.endswith("\\"))
    if state.continued:
        return _with_templates(_place([(String, line)])), after
    code, hash_sign, comment = line.partition("#")
    before, colon, behind = code.partition(":")
    if not colon:
        return _place([(Error, line)]), after
    blank, key, gap = _trimmed(before)
    space, value, trail = _trimmed(behind)
    known = known_key(key.lower(), VERSIONS[-1])
    pieces = [
        (Whitespace, blank), (Keyword if known else Error, key), (Whitespace, gap), (Punctuation, colon),
        (Whitespace, space), *_header_value(key.lower(), value), (Whitespace, trail),
        (Comment.Single, hash_sign + comment),
    ]  # fmt: skip
    return _with_templates(_place(pieces)), after


def _trimmed(text: str) -> tuple[str, str, str]:
    """The blanks before a text, the text, and the blanks behind it."""
    bare = text.lstrip()
    start = len(text) - len(bare)
    bare = bare.rstrip()
    return text[:start], bare, text[start + len(bare) :]


def _header_value(key: str, value: str) -> list[tuple[_TokenType, str]]:
    if key == "bootstrap":
        return [(Keyword.Constant if value in AGENTS or value in AGENTS_SINCE else String, value)]
    if key == "stage":
        return [(Name.Label, value)]
    if key == "from" and "{{" not in value:
        name, mark, tag = value, "", ""
        if "@" in value:
            name, mark, tag = value.partition("@")
        elif ":" in value.rpartition("/")[2]:
            name, mark, tag = value.rpartition(":")
        return [(String, name), (Punctuation, mark), (Number, tag)]
    return [(String, value)]


def _lex_text(line: str, state: LineState) -> tuple[list[Token], LineState]:
    # %help shows its comments to the reader: they are text like the rest.
    return _with_templates(_place([(String.Doc, line)])), state


def _lex_unknown(line: str, state: LineState) -> tuple[list[Token], LineState]:
    return _place([(Comment.Single if line.lstrip().startswith("#") else Text, line)]), state


def _lex_files(line: str, state: LineState) -> tuple[list[Token], LineState]:
    if line.lstrip().startswith("#"):
        return _place([(Comment.Single, line)]), state
    kinds = iter((String, Name.Constant))
    pieces: list[tuple[_TokenType, str]] = [
        (Whitespace, word) if word.isspace() else (next(kinds, Comment), word) for word in _WORD.findall(line)
    ]
    return _with_templates(_place(pieces)), state


def _lex_pairs(line: str, state: LineState) -> tuple[list[Token], LineState]:
    if line.lstrip().startswith("#"):
        return _place([(Comment.Single, line)]), state
    blank, key, gap, value = _groups(_PAIR, line)
    return _with_templates(
        _place([(Whitespace, blank), (Name.Attribute, key), (Whitespace, gap), (String, value)])
    ), state


def _lex_arguments(line: str, state: LineState) -> tuple[list[Token], LineState]:
    if line.lstrip().startswith("#"):
        return _place([(Comment.Single, line)]), state
    blank, key, gap, equals, value = _groups(_ARGUMENT, line)
    pieces = [(Whitespace, blank), (Name.Variable, key), (Whitespace, gap), (Operator, equals), (String, value)]
    return _with_templates(_place(pieces)), state


def _lex_shell(line: str, state: LineState) -> tuple[list[Token], LineState]:
    templates = _templates(line)
    masked = _masked(line, templates)
    stack = list(state.stack)
    if state.documents and len(stack) == 1:
        document = state.documents[0]
        body = line.lstrip("\t") if document.strips_tabs else line
        if body == document.word:
            return _place([(Whitespace, line[: len(line) - len(body)]), (String.Delimiter, body)]), replace(
                state, documents=state.documents[1:]
            )
        if document.literal:
            return _overlay(_place([(String.Heredoc, line)]), line, templates), state
        stack = ["document"]
    elif state.documents:
        stack = ["document", *stack[1:]]
    # the lexer changes the list of states it is given
    in_document = stack[0] == "document"
    tokens, stack, opened = lex_shell_line(masked, stack)
    tokens = _clip(tokens, line)
    left = ("root", *stack[1:])
    if not in_document:
        tokens = with_commands(tokens, expecting=not state.continued and state.stack == ("root",))
    after = replace(
        state,
        stack=left[:12],  # a runaway nesting must not make every following line slower
        continued=line.endswith("\\"),
        documents=state.documents + opened,
    )
    return _overlay(tokens, line, templates), after


def _clip(tokens: list[Token], line: str) -> list[Token]:
    """Put the line's own text back into tokens of a masked line, and take off the line break."""
    return [(start, kind, line[start : start + len(text)]) for start, kind, text in tokens if start < len(line)]


def _groups(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    match = pattern.match(text)
    assert match is not None, "these patterns match any line"
    return match.groups()


def _place(pieces: list[tuple[_TokenType, str]]) -> list[Token]:
    """Give pieces that follow each other their columns; empty ones go."""
    tokens: list[Token] = []
    column = 0
    for kind, text in pieces:
        if text:
            tokens.append((column, kind, text))
            column += len(text)
    return tokens


def _templates(line: str) -> list[tuple[int, int]]:
    """Where Apptainer fills in `{{ V }}`, if all have values."""
    return [match.span() for match in variables_in(line)] if "{{" in line else []


def _masked(line: str, templates: list[tuple[int, int]]) -> str:
    """The line with letters in the place of templates, as long as before."""
    pieces: list[str] = []
    column = 0
    for start, end in templates:
        pieces += (line[column:start], "V" * (end - start))
        column = end
    return "".join((*pieces, line[column:]))


def _with_templates(tokens: list[Token]) -> list[Token]:
    line = "".join(text for _start, _kind, text in tokens)
    return _overlay(tokens, line, _templates(line))


def _overlay(tokens: list[Token], line: str, templates: list[tuple[int, int]]) -> list[Token]:
    """Lay the template variables over the tokens of a line."""
    if not templates:
        return tokens
    result: list[Token] = []
    following = 0  # the first template that ends behind what is done
    for start, kind, text in tokens:
        column, end = start, start + len(text)
        while following < len(templates) and templates[following][0] < end:
            first, last = templates[following]
            if column < first:
                result.append((column, kind, line[column:first]))
            if first >= start:
                result.append((first, Name.Variable.Magic, line[first:last]))
            column = max(column, min(last, end))
            if last > end:
                break  # it goes on in the next token
            following += 1
        if column < end:
            result.append((column, kind, line[column:end]))
    return result


def _lex_start(line: str, state: LineState) -> tuple[list[Token], LineState]:
    tokens, after = _lex_header(line, state)
    blank_so_far = not line.strip() or line.lstrip().startswith("#")
    return tokens, state if blank_so_far else after


_BODY_LEXERS: dict[str, Callable[[str, LineState], tuple[list[Token], LineState]]] = {
    "start": _lex_start,
    "header": _lex_header,
    "shell": _lex_shell,
    "help": _lex_text,
    "files": _lex_files,
    "pairs": _lex_pairs,
    "arguments": _lex_arguments,
    "unknown": _lex_unknown,
}


class RecipeLexer(Lexer):
    """Pygments' way in to `lex_line`: `pygmentize -l cowshed-apptainer lolcow.def`."""

    name = "Apptainer recipe"
    aliases: ClassVar[list[str]] = ["cowshed-apptainer"]
    filenames: ClassVar[list[str]] = ["*.def", "Apptainer", "Apptainer.*", "Singularity", "Singularity.*"]
    mimetypes: ClassVar[list[str]] = ["text/x-apptainer-recipe"]
    url = "https://apptainer.org/docs/user/latest/definition_files.html"
    version_added = ""
    priority = 0.3
    """Pygments' own lexer for these files has 0."""

    @staticmethod
    def analyse_text(text: str) -> float:
        """How sure it is that a text is a recipe: where its first word is that of one, quite."""
        for line in text.split("\n", 200)[:200]:
            bare = line.strip()
            if bare and not bare.startswith("#"):
                return 1.0 if _BEGINNING.match(bare) else 0.0
        return 0.0

    def get_tokens_unprocessed(self, text: str) -> Iterator[Token]:
        """Yield (position, token type, text) for a whole recipe."""
        state = START
        position = 0
        for line in text.split("\n"):
            tokens, state = lex_line(line, state)
            for start, kind, piece in tokens:
                yield position + start, kind, piece
            position += len(line)
            if position < len(text):
                yield position, Whitespace, "\n"
            position += 1
