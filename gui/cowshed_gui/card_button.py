"""A small button that shows an icon and says its name."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton

from cowshed_gui.theme import APPEARANCE, ICON, icon


class CardButton(QToolButton):
    """A small button of a card: an icon, a name for those who can't see it, and a tooltip."""

    def __init__(self, icon_name: str, name: str, token: str = "muted") -> None:
        super().__init__()
        self._icon_name = icon_name
        self._token = token
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        APPEARANCE.changed.connect(self._draw)
        self._draw()

    def change(self, icon_name: str, name: str, token: str = "muted") -> None:
        """Show another icon and say another name."""
        self._icon_name, self._token = icon_name, token
        self.setAccessibleName(name)
        self.setToolTip(name)
        self._draw()

    def _draw(self) -> None:
        size = round(ICON * APPEARANCE.zoom)
        self.setIcon(icon(self._icon_name, self._token))
        self.setIconSize(QSize(size, size))
