"""Addresses in a terminal: links that a program marked (OSC 8), and plain ones in its text. Only those of the web."""

from __future__ import annotations

import re

from cowshed_gui.terminal_selection import RowSource
from cowshed_lab.screen import Row
from cowshed_lab.screen_text import cells, row_cells

_ADDRESS = re.compile(r"https?://[^\s\x00-\x1f<>\"'`{}|\\^│]+", re.IGNORECASE)
_WEB = ("http://", "https://")
_AFTER_A_SENTENCE = ".,;:!?"
_PAIRS = {")": "(", "]": "["}
_MOST_ROWS = 20
"""Rows of one wrapped line that are looked through in each direction."""


def address_at(line: int, column: int, rows: RowSource) -> str | None:
    """Return the web address at a cell, None where there is none.

    Args:
        line: absolute line.
        column: of the cell.
        rows: gives the rows that are in memory.
    """
    row = rows(line)
    if row is None:
        return None
    marked = _marked(row, column)
    if marked:
        return marked if marked.lower().startswith(_WEB) else None
    first = line
    while line - first < _MOST_ROWS and (above := rows(first - 1)) is not None and above.wrapped:
        first -= 1
    columns: list[str] = []
    place = column
    for number in range(first, line + _MOST_ROWS):
        part = rows(number)
        if part is None:
            break
        if number == line:
            place += len(columns)
        columns += row_cells(part)
        if not part.wrapped:
            break
    if place >= len(columns):
        return None
    wanted = len("".join(columns[:place]))
    for match in _ADDRESS.finditer("".join(columns)):
        address = _without_the_sentence(match.group())
        if match.start() <= wanted < match.start() + len(address):
            return address
    return None


def _marked(row: Row, column: int) -> str:
    start = 0
    for run in row.runs:
        width = sum(columns for _, columns in cells(run))
        if start <= column < start + width:
            return run.style.link
        start += width
    return ""


def _without_the_sentence(address: str) -> str:
    """Leave out what ends the sentence around an address, and a bracket that was opened before it."""
    while address:
        last = address[-1]
        opened = _PAIRS.get(last)
        if last in _AFTER_A_SENTENCE or (opened is not None and address.count(last) > address.count(opened)):
            address = address[:-1]
        else:
            break
    return address
