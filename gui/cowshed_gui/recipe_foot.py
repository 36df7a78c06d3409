"""The two lines under a recipe: what is at fault where the cursor is, and where that is.

They are there whether or not there is something to say: the text above them never moves.
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from cowshed_gui.coded_text import coded
from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.recipe_marks import Mark
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, current_theme

_LINES = 2


class RecipeFoot(QFrame):
    """Follows the cursor of an editor."""

    def __init__(self, editor: RecipeEditor) -> None:
        super().__init__()
        self._editor = editor
        self.setProperty("look", "foot")
        self.fault = QLabel()
        self.fault.setWordWrap(True)
        self.fault.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.fault.setTextFormat(Qt.TextFormat.RichText)
        self.place = QLabel()
        self.place.setProperty("look", "muted")
        self.place.setMinimumWidth(self.place.fontMetrics().horizontalAdvance("99999 : 999"))
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE_SMALL)
        row.addWidget(self.fault, 1)
        row.addWidget(self.place)
        editor.cursorPositionChanged.connect(self.draw)
        editor.marks_changed.connect(self.draw)
        APPEARANCE.changed.connect(self.draw)
        self.draw()

    def draw(self) -> None:
        """Say what is at the cursor: it moved, or the faults changed."""
        cursor = self._editor.textCursor()
        self.place.setText(f"{cursor.blockNumber() + 1} : {cursor.positionInBlock() + 1}")
        self.place.setAccessibleName(f"Line {cursor.blockNumber() + 1}, column {cursor.positionInBlock() + 1}")
        mark = self._mark()
        self.fault.setAccessibleName(mark.sentence() if mark else "")
        self.fault.setFixedHeight(_LINES * self.fault.fontMetrics().lineSpacing() + 2)
        said, whole = self._fitting(mark) if mark else ("", "")
        self.fault.setText(said)
        self.fault.setToolTip(whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for now."""
        super().resizeEvent(event)
        self.draw()

    def _fitting(self, mark: Mark) -> tuple[str, str]:
        """What is said in two lines; and all of it, for the pointer, where that is more."""
        sentence = mark.sentence()
        whole = _said(mark, sentence)
        if self._fits(whole):
            return whole, ""
        low, high = 0, len(sentence)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._fits(_said(mark, f"{sentence[:middle]}…")) else (low, middle - 1)
        short = sentence[:low].rsplit(" ", 1)[0] if " " in sentence[:low] else sentence[:low]
        return _said(mark, f"{short}…"), whole

    def _fits(self, said: str) -> bool:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(self.fault.font())
        document.setHtml(said)
        document.setTextWidth(max(self.fault.width(), 1))
        return document.size().height() <= self.fault.height() or not self.fault.isVisible()

    def _mark(self) -> Mark | None:
        """The fault that the cursor is in, or else the gravest of its line."""
        cursor = self._editor.textCursor()
        marks = self._editor.marks_in_line(cursor.blockNumber())
        here = cursor.position()
        inside = (each for each in marks if each.cursor.selectionStart() <= here <= each.cursor.selectionEnd())
        return next(inside, marks[0] if marks else None)


def _said(mark: Mark, sentence: str) -> str:
    theme = current_theme()
    sign = f"<span style='color:{theme.colour(mark.severity.token).name()}'>{mark.severity.sign}</span>"
    more = [escape(mark.rule)] if mark.rule else []
    more += ["Ctrl+. fixes"] if mark.mendable else []
    tail = f" <span style='color:{theme.muted.name()}'>&nbsp;{' · '.join(more)}</span>" if more else ""
    return f"{sign} {coded(sentence)}{tail}"
