"""A one-line question above the recipe: a line to go to, a file to open. Enter answers, Escape leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from cowshed_gui.theme import SPACE, SPACE_SMALL


class Prompt(QFrame):
    """The question.

    Signals:
        left: it was answered or given up; the focus belongs back in the text.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self._does: Callable[[str], object] | None = None
        self.label = QLabel()
        self.field = QLineEdit()
        self.field.returnPressed.connect(self._on_answer)
        self._offers = QStringListModel(self)
        completer = QCompleter(self._offers, self)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(completer)
        self.button = QPushButton()
        self.button.clicked.connect(self._on_answer)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE_SMALL)
        row.setSpacing(SPACE)
        row.addWidget(self.label)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        self.hide()

    def ask(self, question: str, button: str, does: Callable[[str], object], *, hint: str = "") -> None:
        """Ask; `does` gets the answer, unless it is empty or the person leaves."""
        self._does = does
        self._offers.setStringList([])
        self.label.setText(question)
        self.field.setAccessibleName(question)
        self.field.setPlaceholderText(hint)
        self.field.clear()
        self.button.setText(button)
        self.show()
        self.field.setFocus()

    def offer(self, answers: Sequence[str]) -> None:
        """Offer answers while the person types."""
        self._offers.setStringList(list(answers))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            return
        super().keyPressEvent(event)

    def _on_answer(self) -> None:
        answer, does = self.field.text().strip(), self._does
        if self.isHidden():
            return
        self._leave()
        if answer and does is not None:
            does(answer)

    def _leave(self) -> None:
        self.hide()
        self.left.emit()
