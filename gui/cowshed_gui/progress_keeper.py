"""Keeps the learner's progress in its file, and says so where that is not possible."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cowshed_lessons.progress import NewerProgress, Progress

_log = logging.getLogger(__name__)


class ProgressKeeper(QObject):
    """The progress of one learner in one course, and its file.

    Signals:
        notice: kind (`info`, `warning`) and a sentence for the person.

    Attributes:
        progress: what is known; the same object as long as the window is open.
        unreadable: a sentence on why progress is kept in memory only, empty where it is kept.
    """

    notice = Signal(str, str)

    def __init__(self, file: Path, course: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.file = file
        self.unreadable = ""
        self._problem = ""
        self.progress = self._load(course)

    def _load(self, course: str) -> Progress:
        """The progress as it was kept. A file that may not be read is left alone: it is not ours to overwrite."""
        try:
            return Progress.load(self.file, course)
        except OSError as error:
            _log.warning("Going on without the progress file: %s", error)
            self.unreadable = (
                f"Your progress could not be read ({error}). The course works all the same, but what you pass now is "
                f"forgotten when you quit. Make {self.file} a file that you may read and write, then start again."
            )
            return Progress(course)

    def save(self) -> bool:
        """Write the file; False where that was not possible, which is told once."""
        if self.unreadable:
            return False
        told = self.progress.notice
        try:
            self.progress.save(self.file)
        except (OSError, NewerProgress) as error:
            problem = str(error) if isinstance(error, NewerProgress) else f"Your progress could not be kept: {error}"
            if problem != self._problem:
                self.notice.emit("warning", problem)
            self._problem = problem
            return False
        self._problem = ""
        if self.progress.notice != told:
            self.notice.emit("warning", self.progress.notice)
        return True
