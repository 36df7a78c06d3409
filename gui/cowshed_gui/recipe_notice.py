"""A calm line above a recipe: something to know, or a question with its answers, in the window and never in the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from cowshed_gui.theme import SPACE, SPACE_SMALL, SPACE_WIDE

_NARROW = 640  # pixels

type Answer = tuple[str, Callable[[], object]]


class Notice(QFrame):
    """The line. It shows one notice at a time; a new one takes the place of the one before.

    Args:
        home: what gets the focus back after an answer or Escape.
        parent: the usual Qt parent.
    """

    def __init__(self, home: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = ""
        self._home = home
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._buttons: list[QPushButton] = []
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(SPACE_WIDE, SPACE_SMALL, SPACE, SPACE_SMALL)
        self._box.setSpacing(SPACE)
        self._box.addWidget(self._text, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(SPACE)
        self._row.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._box.addLayout(self._row)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now, empty while hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def buttons(self) -> dict[str, QPushButton]:
        """The answers by their label."""
        return {button.text(): button for button in self._buttons}

    def say(self, kind: str, text: str, answers: Sequence[Answer] = (), *, look: str = "note") -> None:
        """Show a notice.

        Args:
            kind: a word by which `clear` knows it again.
            text: plain text.
            answers: label and what happens; the notice goes when one is chosen.
            look: note, warning, error.
        """
        self._drop_buttons()
        self.kind = kind
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setProperty("look", f"callout-{look}")
        self.style().unpolish(self)
        self.style().polish(self)
        for label, does in answers:
            button = QPushButton(label, self)
            button.clicked.connect(lambda _checked=False, does=does: self._answer(does))
            self._row.addWidget(button)
            self._buttons.append(button)
        self.show()
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self, *kinds: str) -> None:
        """Hide the notice if it is of one of these kinds; without any, whatever it is."""
        if not kinds or self.kind in kinds:
            had_focus = self.isAncestorOf(focus) if (focus := self.window().focusWidget()) else False
            self.kind = ""
            self.hide()
            self._drop_buttons()
            if had_focus:
                self._back()

    def focus_answers(self) -> None:
        """Put the focus on the first answer."""
        if self._buttons:
            self._buttons[0].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the answers under the text where there is little room beside it."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction.TopToBottom if self.width() < _NARROW else QBoxLayout.Direction.LeftToRight
        if direction != self._box.direction():
            self._box.setDirection(direction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the text; the notice stays, for it may be a question."""
        if event.key() == Qt.Key.Key_Escape:
            self._back()
            return
        super().keyPressEvent(event)

    def _back(self) -> None:
        if self._home is not None:
            self._home.setFocus()

    def _answer(self, does: Callable[[], object]) -> None:
        self.clear()
        does()

    def _drop_buttons(self) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
