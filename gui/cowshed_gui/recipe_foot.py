"""The line under a recipe: what is at fault where the cursor is, and where that is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from cowshed_gui.coded_text import coded
from cowshed_gui.recipe_editor import RecipeEditor
from cowshed_gui.theme import APPEARANCE, SPACE, SPACE_SMALL, current_theme


class RecipeFoot(QFrame):
    """Follows the cursor of an editor."""

    def __init__(self, editor: RecipeEditor) -> None:
        super().__init__()
        self._editor = editor
        self.setProperty("look", "foot")
        self.fault = QLabel()
        self.fault.setWordWrap(True)
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
        APPEARANCE.changed.connect(self.draw)
        self.draw()

    def draw(self) -> None:
        """Say what is at the cursor: it moved, or the faults changed."""
        cursor = self._editor.textCursor()
        self.place.setText(f"{cursor.blockNumber() + 1} : {cursor.positionInBlock() + 1}")
        self.place.setAccessibleName(f"Line {cursor.blockNumber() + 1}, column {cursor.positionInBlock() + 1}")
        marks = self._editor.marks_in_line(cursor.blockNumber())
        self.fault.setAccessibleName(marks[0].sentence() if marks else "")
        colour = current_theme().colour(marks[0].severity.value).name() if marks else ""
        self.fault.setText(
            f"<span style='color:{colour}'>{marks[0].severity.sign}</span> {coded(marks[0].sentence())}"
            if marks
            else ""
        )
