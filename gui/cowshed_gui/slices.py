"""Long work of the window's own thread, done in slices between keys and pictures."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QObject, QTimer

from cowshed_lessons.parts import Parts

SLICE = 0.006  # seconds without an answer to the keyboard


class Slices[T](QObject):
    """Does a work that comes in parts, a few milliseconds of it whenever the window has nothing else to do.

    Args:
        done: is given the result.
        parent: the usual Qt parent.
    """

    def __init__(self, done: Callable[[T], object], parent: QObject) -> None:
        super().__init__(parent)
        self._done = done
        self._work: Parts[T] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether there is work."""
        return self._work is not None

    def start(self, work: Parts[T]) -> None:
        """Do this, and nothing more of what was begun before."""
        self._work = work
        self._timer.start()

    def stop(self) -> None:
        """Leave the work undone."""
        self._work = None
        self._timer.stop()

    def _go_on(self) -> None:
        end = perf_counter() + SLICE
        work = self._work
        while work is not None and work is self._work:
            try:
                next(work)
            except StopIteration as stopped:
                self.stop()
                self._done(stopped.value)
                return
            if perf_counter() > end:
                return
