"""A calm line in the window instead of a dialog: what happened, and at most one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from cowshed_gui.card_button import CardButton
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, SPACE_WIDE, icon_pixmap

_ICONS = {"info": ("info", "info"), "warning": ("warning", "warning"), "passed": ("circle-check", "passed")}


class NoticeLine(QFrame):
    """Shows one notice until it is closed or the next one comes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "notice")
        self._kind = "info"
        self._does: Callable[[], object] | None = None
        self._picture = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton()
        self.button.clicked.connect(self._on_button)
        self.close_button = CardButton("close", "Close this notice")
        self.close_button.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_WIDE, SPACE_SMALL + 2, SPACE, SPACE_SMALL + 2)
        layout.setSpacing(SPACE)
        layout.addWidget(self._picture)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.close_button)
        APPEARANCE.changed.connect(self._draw)
        self.hide()

    def say(self, kind: str, sentence: str, button: str = "", does: Callable[[], object] | None = None) -> None:
        """Show a sentence; `kind` is info, warning or passed. The button does one thing and closes the line."""
        self._kind = kind if kind in _ICONS else "info"
        self._does = does
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self._draw()
        self.show()

    def text(self) -> str:
        """The sentence shown; empty when there is none."""
        return "" if self.isHidden() else self._text.text()

    def _on_button(self) -> None:
        self.hide()
        if self._does is not None:
            self._does()

    def _draw(self) -> None:
        self._picture.setPixmap(icon_pixmap(*_ICONS[self._kind], round(ICON * APPEARANCE.zoom)))
