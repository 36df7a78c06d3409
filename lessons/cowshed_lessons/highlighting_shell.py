"""Colouring of a recipe's shell bodies, one line at a time, by Pygments' own bash grammar.

Pygments reads quotes and here-documents that span lines with one expression each, for which it needs the whole text.
Here they are states, so that what is open at the end of a line can be kept and taken up again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from pygments.lexer import ExtendedRegexLexer, Lexer, LexerContext, include, inherit
from pygments.lexers.shell import BashLexer
from pygments.token import Comment, Keyword, Name, Operator, Punctuation, String, Text, Whitespace, _TokenType

type Token = tuple[int, _TokenType, str]


@dataclass(frozen=True, slots=True)
class HereDocument:
    """A here-document whose body is still to come: its end word, and how its body is read."""

    word: str
    strips_tabs: bool
    literal: bool


class _ShellContext(LexerContext):
    """Pygments' lexer context, and the here-documents that the line has opened."""

    def __init__(self, text: str, stack: list[str]) -> None:
        super().__init__(text, 0, stack, len(text))
        self.documents: list[HereDocument] = []


def _open_document(_lexer: Lexer, match: re.Match[str], context: _ShellContext) -> Iterator[Token]:
    """Note a here-document (`<<END`, `<<-'END'`); its body begins on the next line."""
    operator, blank, quote, word = match.group("operator", "blank", "quote", "word")
    yield match.start(), Operator, operator
    if blank:
        yield match.start("blank"), Whitespace, blank
    yield match.start("quote"), String.Delimiter, match.group()[len(operator) + len(blank) :]
    context.documents.append(HereDocument(word, strips_tabs=operator.endswith("-"), literal=bool(quote)))
    context.pos = match.end()


class _ShellLexer(ExtendedRegexLexer, BashLexer):
    """Pygments' bash grammar with quotes and here-documents as states, for one line at a time."""

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [inherit, (r".", Text)],
        "basic": [
            (r"(?<![^\s;&|()])#.*\n", Comment.Single),
            (r"(?<![^\s;&|()])-{1,2}[A-Za-z][\w-]*", Name.Attribute),
            (r"<<<", Operator),
            (
                r"(?P<operator><<-?)(?P<blank>[ \t]*)(?P<quote>['\"\\]?)(?P<word>[\w.+-]+)(?:(?<!\\)(?P=quote))?",
                _open_document,
            ),
            (r"\\\n", String.Escape),
            inherit,
        ],
        "data": [
            (r'\$?"', String.Double, "string"),
            (r"\$'", String.Single, "escaped"),
            (r"'", String.Single, "single"),
            inherit,
        ],
        "single": [
            (r"'", String.Single, "#pop"),
            (r"[^']+", String.Single),
        ],
        "escaped": [
            (r"'", String.Single, "#pop"),
            (r"(?s)\\.", String.Escape),
            (r"[^'\\]+", String.Single),
        ],
        "string": [
            (r'"', String.Double, "#pop"),
            (r'(?s)(\\.|[^"\\$`])+', String.Double),
            (r"`", String.Backtick, "backticks"),
            include("interp"),
        ],
        "document": [
            (r"(?s)(\\.|[^\\$`])+", String.Heredoc),
            (r"`", String.Backtick, "backticks"),
            include("interp"),
        ],
        "math": [
            inherit,
            (r"[,?:!~]", Operator),
        ],
    }


_SHELL = _ShellLexer()
_BEFORE_COMMAND = frozenset(
    {"&&", "||", "|", ";", "&", "(", "{", "then", "do", "else", "elif", "if", "while", "until", "!"}
)


def lex_shell_line(line: str, stack: list[str]) -> tuple[list[Token], list[str], tuple[HereDocument, ...]]:
    """Lex one line of shell.

    Args:
        line: the line without its line break.
        stack: the open states of the grammar, `["root"]` at the beginning, `["document"]` in a here-document.

    Returns:
        The tokens, which may include the line break; the states that are open after it; the here-documents begun.
    """
    context = _ShellContext(line + "\n", stack)
    tokens = [token for token in _SHELL.get_tokens_unprocessed(context=context) if token[2]]
    return tokens, context.stack, tuple(context.documents)


def with_commands(tokens: list[Token], *, expecting: bool) -> list[Token]:
    """Give the word in command position its own token; Pygments' grammar knows the built-in commands only."""
    result: list[Token] = []
    assigning = False
    for start, kind, text in tokens:
        word = text.strip()
        if kind is Text and expecting and not assigning and word:
            kind = Name.Function
            expecting = False
        elif word in _BEFORE_COMMAND and kind in (Operator, Punctuation, Keyword, Text):
            expecting, assigning = True, False
        elif kind is Whitespace or not word:
            assigning = False
        elif kind is Operator and word in ("=", "+="):
            assigning = True
        elif kind is not Comment.Single and not (kind is Name.Variable and expecting) and not assigning:
            expecting = False
        result.append((start, kind, text))
    return result
