"""One side of a comparison: a read-only recipe with a row for each row of both, signs, numbers and tinted words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from cowshed_gui.recipe_highlighter import RecipeHighlighter
from cowshed_gui.recipe_stand_ins import StandIns
from cowshed_gui.recipe_text import mixed, units
from cowshed_gui.theme import SPACE, SPACE_SMALL, current_theme, fixed_font
from cowshed_lessons.comparison import Row

_WORD = re.compile(r"\s+|[\w.-]+|.")
_SIGNS = {"mine": "−", "other": "+", "changed": "~", "same": ""}
_COLOURS = {"mine": "warning", "other": "passed", "changed": "info", "same": "muted"}


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring rows that differ. Rows count from 0, `end_row` and the ends of lines are exclusive."""

    first_row: int
    end_row: int
    mine: tuple[int, int]
    other: tuple[int, int]


def changed_words(mine: str, other: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The stretches of whole words that differ, on both sides: half a word with a line under it cannot be read."""
    left, right = (_WORD.findall(line) for line in (mine, other))
    found: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for kind, left_first, left_last, right_first, right_last in matcher.get_opcodes():
        if kind != "equal":
            found[0].extend(_span(left, left_first, left_last))
            found[1].extend(_span(right, right_first, right_last))
    return found


def _span(words: list[str], first: int, last: int) -> list[tuple[int, int]]:
    start = len("".join(words[:first]))
    return [(start, start + len("".join(words[first:last])))] if first < last else []


class _Numbers(QWidget):
    """Line numbers and signs beside one text."""

    def __init__(self, text: ComparisonSide) -> None:
        super().__init__(text)
        self._text = text

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let the text paint: it knows where its rows are."""
        self._text.paint_numbers(self, event)


class ComparisonSide(QPlainTextEdit):
    """One side: a read-only text with a line for each row, empty where only the other side has one."""

    def __init__(self, name: str, *, mine: bool) -> None:
        super().__init__()
        self._mine = mine
        self._rows: Sequence[Row] = ()
        self.current: Block | None = None
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setAccessibleName(name)
        if mine:  # both scroll together; one bar is enough
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerWidget(QWidget())
        self._numbers = _Numbers(self)
        self.highlighter = RecipeHighlighter(self.document())
        self.updateRequest.connect(lambda area, _scrolled: self._numbers.update(0, area.y(), 999, area.height()))

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows."""
        self._rows = rows
        sides = [row.mine if self._mine else row.other for row in rows]
        self.setPlainText(StandIns().put("\n".join(side.text if side else "" for side in sides)))
        self.refresh()

    def refresh(self) -> None:
        """Colour again, for new rows or a new theme."""
        theme = current_theme()
        self.setFont(fixed_font())
        self.setViewportMargins(self._numbers_width(), SPACE_SMALL, 0, 0)
        shown = []
        for number, row in enumerate(self._rows):
            if row.kind == "same":
                continue
            side = row.mine if self._mine else row.other
            block = self.document().findBlockByNumber(number)
            colour = theme.colour(_COLOURS[row.kind])
            strength = 0.14 if self.current and self.current.first_row <= number < self.current.end_row else 0.07
            whole = QTextCharFormat()
            whole.setBackground(theme.sunken if side is None else mixed(theme.surface, colour, strength))
            whole.setProperty(QTextFormat.Property.FullWidthSelection, True)
            shown.append(_selection(QTextCursor(block), whole))
            for first, last in self._changed(row):
                words = QTextCharFormat()
                words.setBackground(mixed(theme.surface, colour, 0.28))
                words.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
                words.setUnderlineColor(colour)
                cursor = QTextCursor(block)
                cursor.setPosition(block.position() + units(block.text()[:first]))
                cursor.setPosition(block.position() + units(block.text()[:last]), QTextCursor.MoveMode.KeepAnchor)
                shown.append(_selection(cursor, words))
        self.setExtraSelections(shown)
        self._place_numbers()
        self._numbers.update()

    def _changed(self, row: Row) -> list[tuple[int, int]]:
        if row.mine is None or row.other is None:
            return []
        mine, other = changed_words(row.mine.text, row.other.text)
        return mine if self._mine else other

    def row_top(self, number: int) -> float:
        """Where a row begins, in the viewport."""
        block = self.document().findBlockByNumber(number)
        return self.blockBoundingGeometry(block).translated(self.contentOffset()).top()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the numbers beside the text."""
        super().resizeEvent(event)
        self._place_numbers()

    def paint_numbers(self, numbers: QWidget, event: QPaintEvent) -> None:
        """Paint sign and line number of the visible rows."""
        theme = current_theme()
        painter = QPainter(numbers)
        painter.fillRect(event.rect(), theme.surface)
        painter.setFont(self.font())
        height = self.fontMetrics().height()
        block = self.firstVisibleBlock()
        while block.isValid() and block.blockNumber() < len(self._rows):
            row = self._rows[block.blockNumber()]
            top = self.row_top(block.blockNumber())
            if top > event.rect().bottom():
                break
            side = row.mine if self._mine else row.other
            if side is not None:
                painter.setPen(theme.muted)
                place = QRectF(0, top, numbers.width() - SPACE, height)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(side.line))
                painter.setPen(theme.colour(_COLOURS[row.kind]))
                sign = "≈" if row.note else _SIGNS[row.kind]
                painter.drawText(QRectF(SPACE_SMALL, top, 20, height), Qt.AlignmentFlag.AlignVCenter, sign)
            block = block.next()

    def _numbers_width(self) -> int:
        return 20 + self.fontMetrics().horizontalAdvance("9") * max(2, len(str(len(self._rows)))) + SPACE

    def _place_numbers(self) -> None:
        area = self.contentsRect()
        self._numbers.setGeometry(
            QRect(area.left(), area.top() + SPACE_SMALL, self._numbers_width(), area.height() - SPACE_SMALL)
        )


def _selection(cursor: QTextCursor, made: QTextCharFormat) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.cursor = cursor
    selection.format = made
    return selection
