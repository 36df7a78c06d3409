"""What the window does about recordings: plays that of the step or any other, and records the terminal in front."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMainWindow

from cowshed_gui.shell_tab import ShellTab
from cowshed_lessons.asciicast import LARGEST_FILE, RecordingError, read_recording

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from cowshed_gui.course_session import CourseSession
    from cowshed_gui.lesson_pane import LessonPane
    from cowshed_gui.notice_line import NoticeLine
    from cowshed_gui.panes import Panes
    from cowshed_gui.recording_offer import RecordingOffer
    from cowshed_gui.target_session import TargetSession
    from cowshed_gui.terminal_panel import TerminalPanel

TERMINAL = "terminal"
RECORD, STOP = "Record this terminal…", "Stop recording this terminal"


class RecordingCommands(QMainWindow):
    """The window's commands about recordings; `MainWindow` makes the parts that they use."""

    actions_by_id: dict[str, QAction]
    lesson: LessonPane
    notice: NoticeLine
    panes: Panes
    recording_offer: RecordingOffer
    session: CourseSession
    targets: TargetSession
    terminals: TerminalPanel

    def connect_recordings(self) -> None:
        """Listen to the parts that have to do with recordings; after the page of a step is shown."""
        from cowshed_gui.recording_offer import RecordingOffer

        self.recording_offer = RecordingOffer(self.session, self.targets, self.lesson, self)
        self.recording_offer.watch.connect(self.watch_recording)
        self.recording_offer.write_here.connect(lambda: self.targets.use("local"))
        self.terminals.recording_changed.connect(self._name_recording)
        self.terminals.recording_kept.connect(self._on_kept)

    def watch_recording(self) -> None:
        """Play the recording of the step."""
        path = self.recording_offer.path
        if path is None:
            self.notice.say("info", "There is no recording of this step.")
            return
        self._play(path, self.session.step.title)

    def open_recording(self) -> None:
        """Choose a recording and play it."""
        from cowshed_gui.terminal_recorder import recordings_folder

        folder = recordings_folder()
        dialog = QFileDialog(self, "Open a recording", str(folder if folder.is_dir() else Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Recordings (*.cast)", "All files (*)"])
        dialog.fileSelected.connect(lambda name: self.play_file(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def play_file(self, path: Path) -> None:
        """Play a file."""
        self._play(path, path.stem)

    def _play(self, path: Path, title: str) -> None:
        try:
            with path.open("rb") as file:
                recording = read_recording(file.read(LARGEST_FILE + 1))
        except OSError as error:
            self.notice.say("warning", f"{path} could not be opened: {error.strerror}.")
            return
        except RecordingError as error:
            self.notice.say("warning", f"{path.name} cannot be played. {error}")
            return
        self.panes.show_pane(TERMINAL)
        tab = self.terminals.open_recording(recording, title)
        if recording.cut:
            tab.notice.say("info", "The end of this recording is missing: it was not written to its end.")

    def record_terminal(self) -> None:
        """Record the terminal in front, or end its recording."""
        tab = self.terminals.current_tab()
        if not isinstance(tab, ShellTab) or tab.over:
            self.notice.say(
                "info", "Go to the terminal that you want to record first; a new one opens with Ctrl+Shift+T."
            )
            return
        self.panes.show_pane(TERMINAL)
        if tab.recorder.running:
            tab.recorder.stop()
        else:
            tab.recorder.start()

    def _name_recording(self) -> None:
        tab = self.terminals.current_tab()
        running = isinstance(tab, ShellTab) and tab.recorder.running
        self.actions_by_id["record"].setText(STOP if running else RECORD)

    def _on_kept(self, path: Path, problem: str) -> None:
        said = f"{problem} " if problem else ""
        self.notice.say(
            "warning" if problem else "passed",
            f"{said}The recording is kept as {path}. Look at it before you share it.",
            [("Watch it", lambda: self.play_file(path)), ("Copy its path", lambda: _copy(str(path)))],
            about="recording",
        )


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
