"""Work that follows the typing: at once where the recipe is short, else when the typing pauses."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

PAUSE = 250  # milliseconds without a key

LONG = 1_000
"""Lines from which on what reads the whole recipe would be felt in every key."""


class TypingPause(QObject):
    """Calls something after changes, once for those that come in quick succession.

    Args:
        does: what reads the text.
        parent: the usual Qt parent.
        long: lines from which on it waits for a pause.
    """

    def __init__(self, does: Callable[[], object], parent: QObject, *, long: int = LONG) -> None:
        super().__init__(parent)
        self._does = does
        self._long = long
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(does)

    @property
    def waits(self) -> bool:
        """Whether there is something left to do."""
        return self._timer.isActive()

    def changed(self, lines: int) -> None:
        """A text of so many lines was changed."""
        self._timer.stop()
        if lines >= self._long:
            self._timer.start()
        else:
            self._does()

    def catch_up(self) -> None:
        """Do now what waits."""
        if self._timer.isActive():
            self._timer.stop()
            self._does()
