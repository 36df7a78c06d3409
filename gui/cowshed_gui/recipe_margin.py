"""The strip left of a recipe: signs of faults, line numbers, triangles that fold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from cowshed_gui.recipe_marks import Severity, paint_sign
from cowshed_gui.theme import SPACE_SMALL, current_theme, icon_pixmap

if TYPE_CHECKING:
    from cowshed_gui.recipe_editor import RecipeEditor

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Margin(QWidget):
    """Paints beside the lines of an editor that are in sight."""

    def __init__(self, editor: RecipeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.setAccessibleName("Line numbers")

    def wanted_width(self) -> int:
        """In pixels: a sign, the longest line number, a triangle."""
        digits = max(2, len(str(self._editor.blockCount())))
        numbers = self._editor.fontMetrics().horizontalAdvance("9") * digits
        return self._sign_width() + numbers + SPACE_SMALL + self._fold_width()

    def _sign_width(self) -> int:
        return round(self._editor.fontMetrics().height() * 0.9)

    def _fold_width(self) -> int:
        return self._editor.fontMetrics().height()

    def fold_column(self) -> tuple[int, int]:
        """The left and the right edge of where the triangles are."""
        return self.width() - self._fold_width(), self.width()

    def sizeHint(self) -> QSize:
        """As wide as the largest line number wants."""
        return QSize(self.wanted_width(), 0)

    def event(self, event: QEvent) -> bool:
        """Show hover texts in the margin too."""
        if isinstance(event, QHelpEvent):
            self._editor.hovers.show_at(QPoint(0, event.pos().y()))
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a sign goes to its line and offers what can be done there."""
        line = self._editor.cursorForPosition(QPoint(0, round(event.position().y()))).blockNumber()
        marks = self._editor.marks_in_line(line)
        if event.position().x() < self._sign_width() and event.button() == Qt.MouseButton.LeftButton and marks:
            self._editor.setTextCursor(QTextCursor(self._editor.document().findBlockByNumber(line)))
            self._editor.setFocus()
            self._editor.fixes.open_menu()
        event.accept()  # nothing behind the margin is meant

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line numbers, signs and triangles of the lines in sight."""
        editor, folding, theme = self._editor, self._editor.folding, current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), theme.surface)
        painter.setFont(editor.font())
        height = editor.fontMetrics().height()
        here = editor.textCursor().blockNumber()
        folded, begins = folding.folded(), folding.begins()
        signs = self._signs(folded)
        column, _ = self.fold_column()
        for block, place in editor.lines_in_sight():
            if place.top() > event.rect().bottom():
                break
            if place.bottom() < event.rect().top():
                continue
            number = block.blockNumber()
            painter.setPen(theme.ink if number == here else theme.muted)
            painter.drawText(QRectF(0, place.top(), column - SPACE_SMALL, height), _RIGHT, str(number + 1))
            if number == here and any(mark.mendable for mark in editor.marks_in_line(number)):
                size = min(round(self._sign_width()) - 2, height)
                bulb = icon_pixmap("hint", signs[number].token, size)
                painter.drawPixmap(QPointF((self._sign_width() - size) / 2, place.top() + (height - size) / 2), bulb)
            elif number in signs:
                paint_sign(painter, signs[number], QRectF(0, place.top(), self._sign_width(), height), theme)
            if number in folded or number in begins:
                triangle = QRectF(column, place.top(), self._fold_width(), height)
                folding.paint_triangle(painter, triangle, folded=number in folded)

    def _signs(self, folded: dict[int, int]) -> dict[int, Severity]:
        """The gravest sign of each line; a line that is folded away has it at the first line of the fold."""
        signs: dict[int, Severity] = {}
        for mark in self._editor.marks:
            line = mark.line
            lines = [line, *(first for first, hides in folded.items() if first < line <= first + hides)]
            for each in lines:
                if each not in signs or signs[each].rank < mark.severity.rank:
                    signs[each] = mark.severity
        return signs
