"""Recording a terminal: into which file, and the calm sign that it is being done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from cowshed_gui.background import Job
from cowshed_gui.phases_bar import seconds_text
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon_pixmap
from cowshed_gui.user_files import data_folder

if TYPE_CHECKING:
    from cowshed_gui.terminal_session import TerminalSession
    from cowshed_lab.recorder import Recorder

_SAYS = "What this terminal shows is being recorded; keys that it does not show are not."


def recordings_folder() -> Path:
    """Where the person's recordings are kept."""
    return data_folder() / "recordings"


class TerminalRecorder(QObject):
    """Records one terminal at a time.

    Signals:
        changed: it has begun or ended.
        kept: the path of a recording that is written to its end, and why it ended by itself (empty where asked to).
        failed: a sentence: nothing is recorded.

    Args:
        session: gives the session to record; it may be another each time.
        title: gives what the recording is called.
        parent: the usual Qt parent.
    """

    changed = Signal()
    kept = Signal(object, str)
    failed = Signal(str)

    def __init__(
        self, session: Callable[[], TerminalSession], title: Callable[[], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._title = title
        self._recorder: Recorder | None = None
        self.sign = RecordingSign()
        self.sign.stop_button.clicked.connect(self.stop)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        """Whether a recording is being made."""
        return self._recorder is not None

    def start(self) -> None:
        """Begin a recording."""
        if self.running:
            return
        try:
            path = _new_path(recordings_folder())
        except OSError as error:
            self._on_failed(error)
            return
        job = Job(self._session().record(path, self._title()), self)
        job.done.connect(self._on_begun)
        job.failed.connect(self._on_failed)
        job.start()

    def stop(self) -> None:
        """End the recording; `kept` follows."""
        recorder = self._recorder
        if recorder is None:
            return
        self._recorder = None
        self._clock.stop()
        had_keyboard = self.sign.stop_button.hasFocus()
        self.sign.hide()
        job = Job(self._session().stop_recording(), self)
        for end in (job.done, job.failed):
            end.connect(lambda *_: self.kept.emit(recorder.path, recorder.problem))
        job.start()
        self.changed.emit()
        parent = self.parent()
        if had_keyboard and parent is not None and (view := getattr(parent, "view", None)) is not None:
            view.setFocus()

    def leave(self) -> None:
        """The terminal is about to be closed, which ends its recording: say where it is."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            self._clock.stop()
            self.kept.emit(recorder.path, recorder.problem)
            self.changed.emit()

    def _on_begun(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.sign.show_seconds(recorder.seconds)
        self.sign.show()
        self._clock.start()
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self.failed.emit(f"Nothing is recorded: no file could be made in {recordings_folder()} ({reason}).")

    def _tick(self) -> None:
        if self._recorder is not None:
            self.sign.show_seconds(self._recorder.seconds)
            if self._recorder.problem:
                self.stop()


class RecordingSign(QFrame):
    """The line below a terminal that is being recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "foot")
        self.setAccessibleName(_SAYS)
        self._picture = QLabel()
        self._time = QLabel("00:00")
        self._time.setProperty("look", "strong")
        says = QLabel(_SAYS)
        says.setProperty("look", "muted")
        says.setWordWrap(True)
        self.stop_button = QPushButton("Stop")
        self.stop_button.setToolTip("End the recording and keep it")
        self.stop_button.setAccessibleDescription("End the recording and keep it")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE_SMALL, SPACE, SPACE_SMALL)
        row.setSpacing(SPACE)
        row.addWidget(self._picture)
        row.addWidget(self._time)
        row.addWidget(says, 1)
        row.addWidget(self.stop_button)
        APPEARANCE.changed.connect(self._draw)
        self._draw()
        self.hide()

    def show_seconds(self, seconds: float) -> None:
        """Show how long it records."""
        self._time.setText(seconds_text(seconds))

    def _draw(self) -> None:
        self._picture.setPixmap(icon_pixmap("record", "error", round(ICON * APPEARANCE.zoom)))


def _new_path(folder: Path) -> Path:
    """A name that is free, by the time. Raises OSError where the folder cannot be made."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    return next(
        path
        for number in range(1, 1000)
        if not (path := folder / (f"{name}.cast" if number == 1 else f"{name}-{number}.cast")).exists()
    )
