"""What the actions do that keep and find the learner's own: the pause, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

from cowshed_gui.pause_sign import PauseSign

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from cowshed_gui.course_session import CourseSession
    from cowshed_gui.lesson_pane import LessonPane
    from cowshed_gui.notes_keeper import NotesKeeper
    from cowshed_gui.notice_line import NoticeLine
    from cowshed_gui.panes import Panes

LESSON = "lesson"


class LearnerCommands(QMainWindow):
    """Commands of the window; `MainWindow` makes the parts that they use."""

    actions_by_id: dict[str, QAction]
    lesson: LessonPane
    notes: NotesKeeper
    notice: NoticeLine
    panes: Panes
    pause_sign: PauseSign
    session: CourseSession

    def furnish_for_learner(self) -> None:
        """Make what these commands need, once the lesson is there."""
        from cowshed_gui.notes_keeper import NotesKeeper

        self.notes = NotesKeeper(self.session, self.lesson, self)
        self.pause_sign = PauseSign()
        self.lesson.checks.add_beside_fault(self.pause_sign)
        self.pause_sign.go_on.connect(lambda: self.session.pause(paused=False))
        self.session.paused_changed.connect(self._on_paused)

    def pause_judging(self) -> None:
        """Leave the terminal's commands out of the judging, or go on with it."""
        self.panes.show_pane(LESSON)
        self.session.pause(paused=not self.session.paused)

    def _on_paused(self, paused: bool) -> None:
        had_keyboard = self.pause_sign.button.hasFocus()
        self.pause_sign.setVisible(paused)
        title = "Go on looking at the terminal" if paused else "Pause looking at the terminal"
        self.actions_by_id["pause"].setText(title)
        if had_keyboard:
            self.lesson.focus_checks()

    def write_notes(self) -> None:
        """Write notes on the step."""
        self.panes.show_pane(LESSON)
        self.notes.write()
