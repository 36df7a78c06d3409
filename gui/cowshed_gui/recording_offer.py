"""Offers the recording of a step where nothing can be built: in a calm card of the page, and from the menu always.

A recording is shown, never judged: it comes into no evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from cowshed_gui.background import Job
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon_pixmap
from cowshed_lessons.course_recordings import recording_of
from cowshed_lessons.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from cowshed_gui.course_session import CourseSession
    from cowshed_gui.lesson_pane import LessonPane
    from cowshed_gui.target_session import TargetSession
    from cowshed_lab.target import Target

WATCH = "Watch a recording of it"
NO_TARGET = "There is no place to build on yet."
NO_APPTAINER = "There is no Apptainer on {target}, so nothing can be built there."
IN_THE_WAY = "Something on {target} is in the way of building, and it is no fault of yours."

_FIND = "command -v apptainer || command -v singularity"


class RecordingCard(QFrame):
    """Says why, and offers what can be done all the same.

    Signals:
        watch: the recording is to be played.
        write_here: the recipe is to be written on this computer, where it is checked though it cannot be built.
    """

    watch = Signal()
    write_here = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "callout-note")
        self._picture = QLabel()
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.aside = QLabel()
        self.aside.setProperty("look", "muted")
        self.aside.setWordWrap(True)
        self.button = QPushButton(WATCH)
        self.button.setToolTip("It opens beside the terminals")
        self.button.clicked.connect(self.watch)
        text = QVBoxLayout()
        text.setSpacing(SPACE_SMALL)
        text.addWidget(self.reason)
        self.here_button = QPushButton("Write it on this computer")
        self.here_button.setProperty("look", "link")
        self.here_button.setToolTip("The recipe is checked as you write, and can be built somewhere else later")
        self.here_button.clicked.connect(self.write_here)
        text.addWidget(self.aside)
        text.addSpacing(SPACE_SMALL)
        for button in (self.button, self.here_button):  # below each other: the page may be narrow
            text.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        column = QVBoxLayout()
        column.addWidget(self._picture)
        column.addStretch(1)
        row.addLayout(column)
        row.addLayout(text, 1)
        APPEARANCE.changed.connect(self._draw)
        self._draw()
        self.hide()

    def show_reason(self, reason: str, *, recipe: bool) -> None:
        """Show why, or nothing where there is no reason; `recipe` tells whether the step has one to write."""
        self.reason.setText(reason)
        nowhere = reason == NO_TARGET
        self.here_button.setVisible(nowhere and recipe)
        checked = " What you write in the recipe is checked as ever." if recipe and not nowhere else ""
        self.aside.setText(f"You can see how it goes all the same. It does not count as done.{checked}")
        self.setAccessibleName(reason)
        self.setVisible(bool(reason))

    def _draw(self) -> None:
        self._picture.setPixmap(icon_pixmap("record", "info", round(ICON * APPEARANCE.zoom)))


class RecordingOffer(QObject):
    """Keeps the card of the current step right.

    Signals:
        watch: the current step's recording is asked for.
        write_here: this computer is to be the target.
        changed: whether there is one may be another.
    """

    watch = Signal()
    write_here = Signal()
    changed = Signal()

    def __init__(
        self, session: CourseSession, targets: TargetSession, lesson: LessonPane, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._lesson = lesson
        self._card: RecordingCard | None = None
        self._lacks: Target | None = None  # the target, where it has no Apptainer
        session.step_changed.connect(lambda _step: self._on_step())
        session.verdict_changed.connect(lambda _verdict: self._show())
        targets.opened.connect(self._on_target)
        targets.closing.connect(lambda: self._show(closing=True))
        targets.lost.connect(lambda _sentence: self._show(closing=True))

    @property
    def path(self) -> Path | None:
        """The recording of the current step, None where it has none."""
        return recording_of(self._session.course, self._session.step)

    def reason(self) -> str:
        """Why the step's recording is offered; empty where it can be built, or where there is no recording."""
        session = self._session
        if self.path is None:
            return ""
        if session.target is None:
            return NO_TARGET
        if self._lacks is session.target:
            return NO_APPTAINER.format(target=session.target.label)
        if session.step.build != "none" and self._cannot_tell():
            return IN_THE_WAY.format(target=session.target.label)
        return ""

    def _cannot_tell(self) -> bool:
        """Whether a build, or a look at its image, was kept from telling anything, whatever the recipe is like."""
        verdict = self._session.verdict
        results = verdict.results if verdict is not None else ()
        unsure = {result.check for result in results if result.outcome is Outcome.CANNOT_TELL}
        checks = self._session.step.checks
        return any(check.id in unsure and check.kind.startswith(("build.", "image.")) for check in checks)

    def _on_step(self) -> None:
        self._card = None
        if self.path is not None:
            self._card = RecordingCard()
            self._card.watch.connect(self.watch)
            self._card.write_here.connect(self.write_here)
            self._lesson.add_card(self._card)
        self._show()
        self.changed.emit()

    def _show(self, *, closing: bool = False) -> None:
        if self._card is not None:
            reason = NO_TARGET if closing else self.reason()
            self._card.show_reason(reason, recipe=bool(self._session.step.recipe_name))

    def _on_target(self, target: Target) -> None:
        job = Job(_has_apptainer(target), self)
        job.done.connect(lambda found: self._on_looked(target, has=bool(found)))
        job.start()  # where the connection broke, the target says so itself
        self._show()

    def _on_looked(self, target: Target, *, has: bool) -> None:
        self._lacks = None if has else target
        self._show()


async def _has_apptainer(target: Target) -> bool:
    """Whether a login shell there finds Apptainer; only such a shell knows modules that are loaded for everybody."""
    return (await target.run(["bash", "-l", "-c", _FIND])).exit_status == 0
