"""The lesson's page at a width that reads well."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from cowshed_gui.lesson_text import measure
from cowshed_gui.theme import APPEARANCE, SPACE_PAGE


class MeasuredPage(QWidget):
    """Holds the page at a readable width, at the left of whatever room there is."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self._page = page
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page, 100)
        layout.addStretch(1)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self._page.setMaximumWidth(measure() + 2 * SPACE_PAGE)
