"""The text of terminal rows: which characters share a cell, and where a searched text stands.

Adapters promise that a run never mixes narrow and wide characters and that a cell of several code points (an accent
put on a letter, an emoji sequence) is a run of its own, so that a run's cells can be told from its text and width.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from cowshed_lab.screen import Match, Row, Run

_JOINER = "\u200d"
_SELECTORS = frozenset("\ufe0e\ufe0f\u20e3")


def cells(run: Run) -> Iterator[tuple[str, int]]:
    """Yield the run's cells from left to right: the characters that share a cell, and how many columns it takes."""
    text = run.text
    if len(text) == run.columns and (text.isascii() or not _is_one_cluster(text)):
        for character in text:
            yield character, 1
    elif len(text) * 2 == run.columns:
        for character in text:
            yield character, 2
    else:
        yield text, run.columns


def _is_one_cluster(text: str) -> bool:
    """Tell whether `text` can only be one cell: it holds a character that never stands in a cell of its own."""
    if len(text) != 2:
        return False
    second = text[1]
    return (
        second == _JOINER
        or second in _SELECTORS
        or unicodedata.combining(second) != 0
        or 0x1F1E6 <= ord(second) <= 0x1F1FF
        or 0x1F3FB <= ord(second) <= 0x1F3FF
    )


def row_cells(row: Row) -> list[str]:
    """Return one string a column; the second column of a wide character is empty."""
    columns: list[str] = []
    for run in row.runs:
        for text, width in cells(run):
            columns.append(text)
            columns.extend([""] * (width - 1))
    return columns


def find_matches(
    rows: Iterable[tuple[int, Row]],
    text: str,
    *,
    case_sensitive: bool = False,
    regular_expression: bool = False,
) -> list[Match]:
    """Find `text` in numbered rows, also where it goes on in the next row; a match's place is where it begins.

    Raises:
        ValueError: `text` is not a regular expression.
    """
    if not text:
        return []
    try:
        pattern = re.compile(
            text if regular_expression else re.escape(text), re.NOFLAG if case_sensitive else re.IGNORECASE
        )
    except re.error as error:
        raise ValueError(f"The search pattern cannot be read: {error}.") from error
    matches: list[Match] = []
    places: list[tuple[int, int]] = []
    line_text: list[str] = []
    for number, row in rows:
        for column, cell in enumerate(row_cells(row)):
            line_text.append(cell)
            places.extend([(number, column)] * len(cell))
        if not row.wrapped:
            matches.extend(_matches_in("".join(line_text), places, pattern))
            places, line_text = [], []
    matches.extend(_matches_in("".join(line_text), places, pattern))
    return matches


def _matches_in(text: str, places: list[tuple[int, int]], pattern: re.Pattern[str]) -> Iterator[Match]:
    for found in pattern.finditer(text):
        if found.end() > found.start():
            line, column = places[found.start()]
            last_line, last_column = places[found.end() - 1]
            columns = last_column - column + 1 if last_line == line else len(found.group())
            yield Match(line, column, columns)
