"""What is selected in a terminal: places by absolute line, so that new output does not move them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from cowshed_lab.screen import Row
from cowshed_lab.screen_text import row_cells

_WORD_MARKS = frozenset("_-./~:@%+=?&#,")
"""Besides letters and digits, what belongs to a word for a double click: paths, addresses and options stay whole."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A gap between two cells: absolute line, and the column to its right."""

    line: int
    column: int


class Unit(Enum):
    """What a selection grows by."""

    CHARACTER = 1
    WORD = 2
    LINE = 3


type RowSource = Callable[[int], Row | None]


@dataclass(frozen=True, slots=True)
class Selection:
    """Text from `first` up to `last`."""

    first: Place
    last: Place

    @classmethod
    def between(cls, anchor: Place, head: Place, unit: Unit, rows: RowSource) -> Selection:
        """Select from `anchor` to `head`, in either direction, whole words or lines where asked."""
        first, last = min(anchor, head), max(anchor, head)
        if unit is Unit.WORD:
            return cls(_word_at(first, rows)[0], _word_at(last, rows)[1])
        if unit is Unit.LINE:
            return cls(_line_begin(first, rows), _line_end(last, rows))
        return cls(first, last)

    @property
    def empty(self) -> bool:
        """Whether nothing is selected."""
        return self.first >= self.last

    def columns(self, line: int, width: int) -> tuple[int, int] | None:
        """Return the first and last (exclusive) selected column of a line, None where it has none."""
        if self.empty or not self.first.line <= line <= self.last.line:
            return None
        begin = self.first.column if line == self.first.line else 0
        end = self.last.column if line == self.last.line else width
        return (begin, end) if end > begin else None

    def text(self, rows: Iterable[tuple[int, Row]]) -> str:
        """Return the selected text: wrapped rows joined, blanks at the ends of lines left out."""
        parts: list[str] = []
        open_line = ""
        for line, row in rows:
            if not self.first.line <= line <= self.last.line:
                continue
            cells = row_cells(row)
            begin = self.first.column if line == self.first.line else 0
            end = self.last.column if line == self.last.line else len(cells)
            open_line += "".join(cells[begin:end])
            if not row.wrapped or line == self.last.line:
                parts.append(open_line.rstrip(" "))
                open_line = ""
        return "\n".join(parts)


def _is_word(cell: str) -> bool:
    return bool(cell) and (cell[0].isalnum() or cell[0] in _WORD_MARKS)


def _word_at(place: Place, rows: RowSource) -> tuple[Place, Place]:
    row = rows(place.line)
    cells = row_cells(row) if row is not None else []
    if place.column >= len(cells):
        return place, place
    begin = place.column
    while begin > 0 and not cells[begin]:
        begin -= 1
    end = begin + 1
    if _is_word(cells[begin]):
        while begin > 0 and (_is_word(cells[begin - 1]) or not cells[begin - 1]):
            begin -= 1
        while end < len(cells) and (_is_word(cells[end]) or not cells[end]):
            end += 1
    else:
        while end < len(cells) and not cells[end]:
            end += 1
    return Place(place.line, begin), Place(place.line, end)


def _line_begin(place: Place, rows: RowSource) -> Place:
    line = place.line
    while (above := rows(line - 1)) is not None and above.wrapped:
        line -= 1
    return Place(line, 0)


def _line_end(place: Place, rows: RowSource) -> Place:
    line = place.line
    while (row := rows(line)) is not None and row.wrapped and rows(line + 1) is not None:
        line += 1
    row = rows(line)
    return Place(line, max(len(row_cells(row)) if row is not None else 0, place.column + 1))
