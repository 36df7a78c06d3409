"""A calm line in the window instead of a dialog: what happened, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from cowshed_gui.card_button import CardButton
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, SPACE_WIDE, icon_pixmap

_ICONS = {"info": ("info", "info"), "warning": ("warning", "warning"), "passed": ("circle-check", "passed")}
_NARROW = 640  # pixels, at the usual zoom
_STAYS = 8_000  # milliseconds that what asks nothing stays, and some for each letter to be read
_STAYS_FOR_LETTER = 50

type Answer = tuple[str, Callable[[], object]]


class NoticeLine(QFrame):
    """Shows one notice until it is answered, closed or the next one comes.

    Args:
        home: what gets the keyboard back after an answer or Escape.
        parent: the usual Qt parent.
    """

    def __init__(self, home: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "notice")
        self.about = ""
        self._home = home
        self._kind = "info"
        self._picture = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._buttons: list[QPushButton] = []
        self.close_button = CardButton("close", "Close this notice")
        self.close_button.clicked.connect(lambda: self.clear())
        says = QHBoxLayout()
        says.setSpacing(SPACE)
        says.addWidget(self._picture)
        says.addWidget(self._text, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(SPACE)
        self._row.addStretch(1)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(SPACE)
        self._box.addLayout(says, 1)
        self._box.addLayout(self._row)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_WIDE, SPACE_SMALL + 2, SPACE, SPACE_SMALL + 2)
        layout.setSpacing(SPACE)
        layout.addLayout(self._box, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._leaves = QTimer(self, singleShot=True)
        self._leaves.timeout.connect(self._leave)
        APPEARANCE.changed.connect(self._draw)
        self.hide()

    def say(self, kind: str, text: str, answers: Sequence[Answer] = (), *, about: str = "") -> None:
        """Show a notice in place of the one before.

        Args:
            kind: info, warning or passed.
            text: plain text.
            answers: label and what happens; the notice goes when one is chosen.
            about: a word by which `clear` knows it again.
        """
        self._kind = kind if kind in _ICONS else "info"
        self.about = about
        self._drop_buttons()
        self._text.setText(text)
        self.setAccessibleName(text)
        for label, does in answers:
            button = QPushButton(label, self)
            button.clicked.connect(lambda _checked=False, does=does: self._answer(does))
            self._row.addWidget(button)
            self._buttons.append(button)
        self._draw()
        self.show()
        self._leaves.stop()
        if self.leaves:
            self._leaves.start(_STAYS + _STAYS_FOR_LETTER * len(text))
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    @property
    def leaves(self) -> bool:
        """Whether the notice goes by itself: it tells something good or indifferent and asks nothing."""
        return self._kind != "warning" and not self._buttons

    def _leave(self) -> None:
        """Go, unless it is being read or nobody is there to read it."""
        if self.underMouse() or not self.isActiveWindow():
            self._leaves.start(_STAYS)
        else:
            self.clear()

    def clear(self, *about: str) -> None:
        """Hide the notice if it is about one of these; without any, whatever it is about."""
        if self.isHidden() or (about and self.about not in about):
            return
        focus = self.window().focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.about = ""
        self._leaves.stop()
        self.hide()
        self._drop_buttons()
        if had_focus:
            self._back()

    def text(self) -> str:
        """The sentence shown; empty when there is none."""
        return "" if self.isHidden() else self._text.text()

    @property
    def buttons(self) -> dict[str, QPushButton]:
        """The answers by their label."""
        return {button.text(): button for button in self._buttons}

    def focus_answers(self) -> None:
        """Put the keyboard on the first answer."""
        if self._buttons:
            self._buttons[0].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the answers under the text where there is little room beside it."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW * APPEARANCE.zoom
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if direction != self._box.direction():
            self._box.setDirection(direction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the text; the notice stays, for it may be a question."""
        if event.key() == Qt.Key.Key_Escape and self._home is not None:
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

    def _draw(self) -> None:
        self._picture.setPixmap(icon_pixmap(*_ICONS[self._kind], round(ICON * APPEARANCE.zoom)))
