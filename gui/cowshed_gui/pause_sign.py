"""The calm sign among the checks that says that commands in the terminal are left out for now."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon_pixmap

PAUSED = "Paused: what you type in the terminal is not looked at."


class PauseSign(QFrame):
    """Is seen during the pause. `go_on` ends it."""

    go_on = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "callout-note")
        self.setAccessibleName(PAUSED)
        self._picture = QLabel()
        text = QLabel(PAUSED)
        text.setWordWrap(True)
        self.button = QPushButton("Go on")
        self.button.setToolTip("Look at what is typed from now on (Ctrl+Shift+J)")
        self.button.setAccessibleDescription("Look at what is typed in the terminal from now on")
        self.button.clicked.connect(self.go_on)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self._picture)
        row.addWidget(text, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        APPEARANCE.changed.connect(self._draw)
        self._draw()
        self.hide()

    def _draw(self) -> None:
        self._picture.setPixmap(icon_pixmap("pause", "info", round(ICON * APPEARANCE.zoom)))
