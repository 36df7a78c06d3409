"""Places in a text as an editor counts them over the Language Server Protocol, and as recipes count them.

The protocol counts lines and columns from 0, columns in code units of an encoding that was agreed on (UTF-16 if nothing
was), and lines end at LF, CRLF and a lone CR. Recipes count from 1, columns in characters, and lines end at LF only, as
Apptainer has it. Both are turned into offsets in between.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from lsprotocol import types

from cowshed_lessons.linting import Range
from cowshed_lessons.verdict import Position

_LINE_END = re.compile(r"\r\n|\n|\r")
_BEYOND_UTF_16 = re.compile("[\U00010000-\U0010ffff]")


class Positions:
    """One text's places. Nothing here raises, wherever a place is said to be: it is moved to the nearest that exists.

    Args:
        text: The text.
        encoding: What columns of the protocol count: UTF-8, UTF-16 or UTF-32 code units.
    """

    def __init__(self, text: str, encoding: types.PositionEncodingKind | str) -> None:
        self._text = text
        self._encoding = types.PositionEncodingKind(encoding)
        self._plain = text.isascii() or self._encoding is types.PositionEncodingKind.Utf32

    @cached_property
    def _client_lines(self) -> list[tuple[int, int]]:
        """Where each line of the protocol begins and where its end mark does."""
        lines = []
        start = 0
        for end in _LINE_END.finditer(self._text):
            lines.append((start, end.start()))
            start = end.end()
        return [*lines, (start, len(self._text))]

    @cached_property
    def _recipe_lines(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self._text))]

    def offset(self, position: types.Position) -> int:
        """Return how many characters stand before a place of the protocol."""
        if position.line < 0:
            return 0
        if position.line >= len(self._client_lines):
            return len(self._text)
        start, end = self._client_lines[position.line]
        return start + self._characters(start, end, max(0, position.character))

    def _characters(self, start: int, end: int, units: int) -> int:
        """How many characters of a line fit into so many code units."""
        if self._plain:
            return min(units, end - start)
        line = self._text[start : min(end, start + units)]  # a character takes at least one unit
        if self._encoding is types.PositionEncodingKind.Utf16 and not _BEYOND_UTF_16.search(line):
            return len(line)
        taken = 0
        for number, character in enumerate(line):
            taken += self._units(character)
            if taken > units:
                return number
        return len(line)

    def _units(self, text: str) -> int:
        match self._encoding:
            case types.PositionEncodingKind.Utf8:
                return len(text.encode("utf-8", "surrogatepass"))
            case types.PositionEncodingKind.Utf16:
                return len(text) + sum(character > "\uffff" for character in text)
            case _:
                return len(text)

    def client(self, offset: int) -> types.Position:
        """Return the protocol's place before which so many characters stand."""
        offset = max(0, min(offset, len(self._text)))
        line = bisect_right(self._client_lines, offset, key=lambda bounds: bounds[0]) - 1
        start, end = self._client_lines[line]
        offset = min(offset, end)  # between CR and LF there is no place
        units = offset - start if self._plain else self._units(self._text[start:offset])
        return types.Position(line, units)

    def from_client(self, position: types.Position) -> Position:
        """Return the recipe's place for one of the protocol."""
        offset = self.offset(position)
        line = bisect_right(self._recipe_lines, offset)
        return Position(line, offset - self._recipe_lines[line - 1] + 1)

    def to_client(self, position: Position) -> types.Position:
        """Return the protocol's place for one of the recipe."""
        return self.client(self._recipe_offset(position))

    def line_to_client(self, line: int) -> int:
        """Return the protocol's number of a recipe's line: of the part where it begins, if a lone CR divides it."""
        return self.to_client(Position(line, 1)).line

    def _recipe_offset(self, position: Position) -> int:
        if position.line < 1:
            return 0
        if position.line > len(self._recipe_lines):
            return len(self._text)
        start = self._recipe_lines[position.line - 1]
        last = self._recipe_lines[position.line] - 1 if position.line < len(self._recipe_lines) else len(self._text)
        return min(start + max(0, position.column - 1), last)

    def range_from_client(self, given: types.Range) -> Range:
        """Return the recipe's range for one of the protocol."""
        return Range(self.from_client(given.start), self.from_client(given.end))

    def range_to_client(self, given: Range) -> types.Range:
        """Return the protocol's range for one of the recipe."""
        start, end = self._recipe_offset(given.start), self._recipe_offset(given.end)
        return types.Range(self.client(start), self.client(max(start, end)))

    def change(self, given: types.Range, new: str) -> str:
        """Return the text with what stands in a range of the protocol replaced."""
        start, end = sorted((self.offset(given.start), self.offset(given.end)))
        return self._text[:start] + new + self._text[end:]
