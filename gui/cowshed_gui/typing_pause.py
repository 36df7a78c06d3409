"""Work that follows the typing: at once where the recipe is short, else when the typing pauses."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from cowshed_gui.slices import Slices
from cowshed_lessons.parts import Parts

PAUSE = 250  # milliseconds without a key

LONG = 1_000
"""Lines from which on what reads the whole recipe would be felt in every key."""


class TypingPause(QObject):
    """Calls something after changes, once for those that come in quick succession.

    Args:
        does: what reads the text.
        parent: the usual Qt parent.
        long: lines from which on it waits for a pause.
        pause: milliseconds without a key. Works that wait for different ones do not add up to one long silence.
        prepares: what can be done of it in slices beforehand, where it waits for a pause.
    """

    def __init__(
        self,
        does: Callable[[], object],
        parent: QObject,
        *,
        long: int = LONG,
        pause: int = PAUSE,
        prepares: Callable[[], Parts[None]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._does = does
        self._long = long
        self._prepares = prepares
        self._slices = Slices[None](lambda _: does(), self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(pause)
        self._timer.timeout.connect(self._begin)

    @property
    def waits(self) -> bool:
        """Whether there is something left to do."""
        return self._timer.isActive() or self._slices.busy

    def changed(self, lines: int) -> None:
        """A text of so many lines was changed."""
        self._stop()
        if lines >= self._long:
            self._timer.start()
        else:
            self._does()

    def catch_up(self) -> None:
        """Do now what waits."""
        if self.waits:
            self._stop()
            self._does()

    def _begin(self) -> None:
        if self._prepares is None:
            self._does()
        else:
            self._slices.start(self._prepares())

    def _stop(self) -> None:
        self._timer.stop()
        self._slices.stop()
