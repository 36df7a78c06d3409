"""What the actions do that are for the learner's own way through the course: the pause, notes, the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from cowshed_gui.pause_sign import PauseSign

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from cowshed_gui.course_search_box import CourseSearchBox
    from cowshed_gui.course_session import CourseSession
    from cowshed_gui.image_preparation import ImagePreparation
    from cowshed_gui.lesson_pane import LessonPane
    from cowshed_gui.notes_keeper import NotesKeeper
    from cowshed_gui.notice_line import NoticeLine
    from cowshed_gui.panes import Panes
    from cowshed_gui.progress_transfer import ProgressTransfer
    from cowshed_gui.target_session import TargetSession
    from cowshed_lessons.course_search import CourseIndex, Hit

LESSON = "lesson"


class LearnerCommands(QMainWindow):
    """Commands of the window; `MainWindow` makes the parts that they use."""

    actions_by_id: dict[str, QAction]
    dialog: QWidget | None
    lesson: LessonPane
    notes: NotesKeeper
    notice: NoticeLine
    panes: Panes
    pause_sign: PauseSign
    preparation: ImagePreparation
    transfer: ProgressTransfer | None = None
    search_box: CourseSearchBox | None = None
    course_index: CourseIndex | None = None
    session: CourseSession
    targets: TargetSession

    def furnish_for_learner(self) -> None:
        """Make what these commands need, once the lesson is there."""
        from cowshed_gui.image_preparation import ImagePreparation
        from cowshed_gui.notes_keeper import NotesKeeper

        self.notes = NotesKeeper(self.session, self.lesson, self)
        self.pause_sign = PauseSign()
        self.lesson.checks.add_beside_fault(self.pause_sign)
        self.preparation = ImagePreparation(self.session, self.targets)
        self.lesson.checks.add_beside_fault(self.preparation)
        self.preparation.prepared.connect(lambda sentence: self.notice.say("passed", sentence))
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

    def search_course(self) -> None:
        """Search all lessons."""
        from cowshed_gui.course_search_box import CourseSearchBox
        from cowshed_lessons.course_search import CourseIndex

        if self.search_box is None:
            self.search_box = CourseSearchBox(self, self._show_hit)
        session = self.session
        if self.course_index is None or self.course_index.facts != session.facts:
            self.course_index = CourseIndex(session.course, session.facts)
        self.search_box.search(self.course_index)

    def _show_hit(self, hit: Hit) -> None:
        self.panes.show_pane(LESSON)
        if hit.step != self.session.step.id:
            self.session.go_to(self.session.course.step(hit.step))
        self.lesson.show_place(hit.passage, hit.words)
        self.lesson.focus_page()

    def take_home(self) -> None:
        """Take recipes, notes, results and lessons home."""
        from cowshed_gui.take_home_dialog import TakeHomeDialog

        self.notes.keep_now()
        self.open_beside(TakeHomeDialog(self.session, self))

    def open_beside(self, dialog: QWidget) -> None:
        """Show a dialog beside the window, which goes on."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog = dialog
        dialog.show()
        dialog.activateWindow()

    def export_progress(self) -> None:
        """Write the progress to a file for another computer."""
        self._transfer().choose_export()

    def import_progress(self) -> None:
        """Take in the progress of another computer."""
        self._transfer().choose_import()

    def _transfer(self) -> ProgressTransfer:
        from cowshed_gui.progress_transfer import ProgressTransfer

        self.notes.keep_now()
        if self.transfer is None:
            self.transfer = ProgressTransfer(self.session, self)
            self.transfer.notice.connect(self.notice.say)
        return self.transfer
