"""Takes progress from one computer to another: a file to choose, one to write, and what came of it in a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from cowshed_gui.background import Job
from cowshed_lessons.file_writing import write_whole
from cowshed_lessons.progress import Progress
from cowshed_lessons.progress_exchange import LARGEST, NotTakenIn, changed_steps, read_for

if TYPE_CHECKING:
    from cowshed_gui.course_session import CourseSession

_KINDS = "Progress of Cowshed (*.json)"


class ProgressTransfer(QObject):
    """Exports and imports.

    Signals:
        notice: kind (`info`, `warning`, `passed`) and a sentence.
        ended: a file was written or read, or it could not be.
    """

    notice = Signal(str, str)
    ended = Signal()

    def __init__(self, session: CourseSession, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window

    def choose_export(self) -> QFileDialog:
        """Ask where the progress is to be written."""
        dialog = self._dialog("Export your progress", self.export)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile(f"cowshed-{self._session.course.id}-progress.json")
        dialog.open()
        return dialog

    def choose_import(self) -> QFileDialog:
        """Ask which file is to be read."""
        dialog = self._dialog("Import progress from another computer", self.take_in)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.open()
        return dialog

    def _dialog(self, title: str, does: Callable[[Path], object]) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(Path.home()), _KINDS)
        dialog.fileSelected.connect(lambda name: does(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def export(self, file: Path) -> None:
        """Write the progress to a file."""
        content = self._session.progress.as_bytes()
        job = Job(asyncio.to_thread(write_whole, file, content), self)
        job.done.connect(
            lambda _: self._end(
                "passed",
                f"Your progress is in {file}. Copy it to the other computer and choose “Import progress…” there.",
            )
        )
        job.failed.connect(
            lambda error: self._end("warning", f"Your progress was not written to {file}: {_why(error)}")
        )
        job.start()

    def take_in(self, file: Path) -> None:
        """Add the progress in a file to what is here."""
        job = Job(asyncio.to_thread(_read, file), self)
        job.done.connect(lambda content: self._on_read(file, content))
        job.failed.connect(lambda error: self._end("warning", f"{file} could not be read: {_why(error)}"))
        job.start()

    def _on_read(self, file: Path, content: bytes) -> None:
        session = self._session
        try:
            found = read_for(content, session.course, file.name)
        except NotTakenIn as refusal:
            self._end("warning", str(refusal))
            return
        before = replace(session.progress, steps=dict(session.progress.steps))
        kept = session.take_in(found)
        if kept:
            self._end("passed", _outcome(file, before, session.progress))
        else:
            self.ended.emit()  # why it could not be kept was told

    def _end(self, kind: str, sentence: str) -> None:
        self.notice.emit(kind, sentence)
        self.ended.emit()


def _outcome(file: Path, before: Progress, after: Progress) -> str:
    number = changed_steps(before, after)
    if not number:
        return f"There was nothing in {file.name} that is not known here."
    return f"{file.name} is taken in: {number} step{'s' * (number > 1)} changed. What you did here is kept."


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST + 1)


def _why(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{reason}. Choose another place, or look at the folder's permissions."
