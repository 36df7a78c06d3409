"""Shell text as a syntax tree, parsed once for all who ask: the judge and the linter look at the same scripts.

The grammar reads a script of a recipe in a millisecond, but for some texts that are no scripts (a thousand brackets
that close nothing, a pipeline of a thousand commands) it takes time by the square of their length. They are not read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from time import thread_time

from tree_sitter import Language, Parser, Query, Tree

MOST_BYTES = 200_000
"""A longer text is not read: Apptainer itself reads no section beyond 65,535 bytes."""

MOST_SECONDS = 0.3
"""Of the processor's time, for one text; a hundred times what a script of Apptainer's largest size takes."""

_MOST_BRACKETS = 200
_MOST_OF_A_SIGN = 600
_SMALL = 2_000
_LARGE = 20_000
_MOST_KEPT = 70_000
_BRACKET = re.compile(rb"[(\[{]|([)\]}])")


@lru_cache(maxsize=1)
def language() -> Language:
    """The grammar; it is loaded when the first script is read."""
    import tree_sitter_bash

    return Language(tree_sitter_bash.language())


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(language())


@lru_cache(maxsize=4)
def query(text: str) -> Query:
    """A query of the grammar, compiled once."""
    return Query(language(), text)


def parse(source: bytes) -> Tree | None:
    """The syntax tree of a script, None where the grammar would take too long.

    The last few trees are kept, for a keystroke changes one script and not the others. A script is always read from
    its beginning: a tree made out of the one before it may differ where there are mistakes, and what is said of a text
    must not hang on the way there.
    """
    return _kept(source) if len(source) <= _MOST_KEPT else _kept_large(source)


@lru_cache(maxsize=8)
def _kept(source: bytes) -> Tree | None:
    return _parsed(source)


@lru_cache(maxsize=2)
def _kept_large(source: bytes) -> Tree | None:
    return _parsed(source)


def _parsed(source: bytes) -> Tree | None:
    if len(source) > MOST_BYTES or _nests_too_deeply(source):
        return None
    return _watched(source) if _is_suspicious(source) else _parser().parse(source)


def _is_suspicious(source: bytes) -> bool:
    """Whether to look at the clock: doing so takes as long as reading a script of ordinary size does."""
    return len(source) > _LARGE or (len(source) > _SMALL and max(map(source.count, b")}|<>;&'")) > _MOST_OF_A_SIGN)


def _watched(source: bytes) -> Tree | None:
    parser = _parser()
    end = thread_time() + MOST_SECONDS

    def is_late(_offset: int, _has_error: bool) -> bool:
        return thread_time() > end

    try:
        return parser.parse(lambda offset, _point: source[offset : offset + _LARGE], progress_callback=is_late)
    except ValueError:  # told to stop
        parser.reset()
        return None


def _nests_too_deeply(source: bytes) -> bool:
    """Whether brackets stand in one another too deep for the grammar: quotes and comments are not looked at."""
    if sum(map(source.count, (b"(", b"[", b"{"))) <= _MOST_BRACKETS:
        return False
    depth = 0
    for match in _BRACKET.finditer(source):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _MOST_BRACKETS:
            return True
    return False
