"""Keeps an open recipe's unsaved text in the journal, within a second of each key and without holding the window."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import PurePosixPath

from PySide6.QtCore import QObject, QTimer, Signal

from cowshed_gui.background import Job
from cowshed_lab.journal import Journal

_log = logging.getLogger(__name__)

DELAY = 300  # milliseconds from a key to the journal; with the writing it stays well under a second

type Unsaved = tuple[str, str | None]
"""Unsaved text, and the digest of the file it began with."""


class RecipeKeeper(QObject):
    """Writes the journal of one open recipe, one write at a time, the latest text last.

    Args:
        journal: where to.
        target: name of the recipe's target.
        path: the recipe there.
        unsaved: what is unsaved now, None where nothing is.
        parent: the usual Qt parent.

    Signals:
        kept: the journal is as it should be.
        failed: it could not be written.
    """

    kept = Signal()
    failed = Signal(Exception)

    def __init__(
        self,
        journal: Journal,
        target: str,
        path: PurePosixPath,
        unsaved: Callable[[], Unsaved | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._key = (target, path)
        self._unsaved = unsaved
        self._due = False
        self._job: Job | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self._keep)

    def touch(self) -> None:
        """The text changed, or was saved: bring the journal up to date soon."""
        self._due = True
        # The timer is not started anew by each key: whoever types without a pause is written down too.
        if not self._timer.isActive() and self._job is None:
            self._timer.start()

    def keep_now(self, *, leaving: bool = False) -> bool:
        """Write unsaved text down before returning; False where that was not possible.

        Args:
            leaving: Cowshed is being closed in good order.
        """
        self._timer.stop()
        self._due = False
        unsaved = self._unsaved()
        try:
            if unsaved is None:
                self._journal.remove(*self._key)
            else:
                self._journal.write(*self._key, unsaved[0], base=unsaved[1], leaving=leaving)
        except OSError as error:
            _log.error("The journal of %s could not be brought up to date: %s", self._key[1], error)
            return unsaved is None
        return True

    def forget(self) -> None:
        """Forget the text: it was given up."""
        self._timer.stop()
        self._due = False
        self._journal.remove(*self._key)  # what is being written just now was asked for earlier and cannot undo it

    def _keep(self) -> None:
        self._due = False
        unsaved, key, journal = self._unsaved(), self._key, self._journal
        turn = journal.turn()
        if unsaved is None:
            job = Job(asyncio.to_thread(journal.remove, *key, turn=turn), self)
        else:
            job = Job(asyncio.to_thread(journal.write, *key, unsaved[0], base=unsaved[1], turn=turn), self)
        job.done.connect(self._on_done)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_ended)
        self._job = job
        job.start()

    def _on_ended(self) -> None:
        self._job = None
        if self._due:
            self.touch()

    def _on_done(self, _: object) -> None:
        self._on_ended()
        self.kept.emit()

    def _on_failed(self, error: Exception) -> None:
        self._on_ended()
        _log.warning("The journal of %s cannot be written: %s", self._key[1], error)
        self.failed.emit(error)
