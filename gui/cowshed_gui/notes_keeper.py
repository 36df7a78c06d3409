"""Keeps the learner's notes on the steps in the progress, within a second of each key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from cowshed_gui.course_session import CourseSession
    from cowshed_gui.lesson_pane import LessonPane
    from cowshed_gui.notes_box import NotesBox
    from cowshed_lessons.course import Step

PAUSE = 300  # milliseconds without a key after which notes are kept
LONGEST = 800  # milliseconds after which they are kept although there was no pause


@dataclass(slots=True)
class _Left:
    """How the field of a step was left: the page may be made anew under somebody who writes."""

    step: str = ""
    unfolded: bool = False
    writing: bool = False
    place: int = 0


class NotesKeeper(QObject):
    """Joins the field on the lesson's page with the progress."""

    def __init__(self, session: CourseSession, lesson: LessonPane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._lesson = lesson
        self._step = ""  # whose notes are in the field
        self._left = _Left()
        self._due = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._limit = QTimer(self, singleShot=True, interval=LONGEST)
        for timer in (self._pause, self._limit):
            timer.timeout.connect(self.keep_now)

    @property
    def _box(self) -> NotesBox:
        return self._lesson.notes

    def leave(self) -> None:
        """The page is about to be made anew, for this step or another."""
        if not self._step:
            return
        self.keep_now()
        field = self._box.field
        self._left = _Left(self._step, self._box.unfolded, field.hasFocus(), field.textCursor().position())

    def show(self, step: Step) -> None:
        """The page of a step is there: put its notes in."""
        self._step = step.id
        notes = self._session.progress.of(step.id).notes
        box, left = self._box, self._left
        box.show_notes(notes)
        same = left.step == step.id
        box.unfold(unfolded=left.unfolded if same else bool(notes))
        if same and left.writing:
            box.focus_field(left.place)
        box.changed.connect(self._on_changed)

    def write(self) -> None:
        """Put the keyboard into the field."""
        self._box.focus_field()

    def keep_now(self) -> None:
        """Keep what was written before returning."""
        self._pause.stop()
        self._limit.stop()
        if not self._due:
            return
        session, text = self._session, self._box.text()
        session.progress.note(self._step, text)
        self._due = not session.keeper.save()  # which says why; it is tried again with the next key and at the end
        self._box.show_notes(session.progress.of(self._step).notes)  # another window may have written some, too

    def _on_changed(self) -> None:
        self._due = True
        self._pause.start()
        if not self._limit.isActive():
            self._limit.start()
