"""Offers to make the images that a lesson needs and the practice cluster has not made yet, and makes them.

Where Docker Hub is out of reach, the practice cluster answers with stand-ins; the larger ones are made when they are
needed. Without this the learner would meet a registry's "manifest unknown".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout

from cowshed_gui.background import Job
from cowshed_gui.target_session import PRACTICE
from cowshed_gui.theme import APPEARANCE, ICON, SPACE, SPACE_SMALL, icon_pixmap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cowshed_gui.background import Report
    from cowshed_gui.course_session import CourseSession
    from cowshed_gui.target_session import TargetSession
    from cowshed_lab.practice.progress import Progress
    from cowshed_lab.practice.stand_ins import Group
    from cowshed_lessons.course import Lesson, Step

_MEGABYTES_A_MINUTE = 150
"""What a start fetches and installs in a minute, measured on four busy cores (2026-11)."""


class ImagePreparation(QFrame):
    """A card that is seen only while there is something to prepare, or while it is being prepared.

    Signals:
        prepared: the images are there: a sentence.
    """

    prepared = Signal(str)

    def __init__(self, session: CourseSession, targets: TargetSession) -> None:
        super().__init__()
        self._session = session
        self._targets = targets
        self._groups: tuple[Group, ...] = ()
        self._looking: Job | None = None
        self._making: Job | None = None
        self._began = 0.0
        self._lesson = ""
        self._refused: set[str] = set()  # groups that were put off in this lesson
        self._seen: frozenset[str] = frozenset()  # images that were missed and have been spoken of
        self.setProperty("look", "callout-note")
        self._picture = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.setAccessibleName("Preparation of the images")
        self._says = QLabel()
        self._says.setProperty("look", "small")
        self._says.setWordWrap(True)
        self.prepare_button = QPushButton("Prepare the images")
        self.prepare_button.clicked.connect(self.prepare)
        self.later_button = QPushButton("Not now")
        self.later_button.clicked.connect(self._put_off)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.cancel)
        self._lay_out()
        session.step_changed.connect(self._on_step)
        session.verdict_changed.connect(lambda _: self._look_at_faults())
        targets.opened.connect(lambda _: self._look())
        targets.lost.connect(lambda _: self._leave())
        targets.closing.connect(self._leave)
        APPEARANCE.changed.connect(self._draw)
        self._draw()
        self.hide()

    def _lay_out(self) -> None:
        says = QHBoxLayout()
        says.setSpacing(SPACE)
        says.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        says.addWidget(self._text, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for button in (self.prepare_button, self.later_button, self.cancel_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE + SPACE_SMALL, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addLayout(says)
        column.addWidget(self.bar)
        column.addWidget(self._says)
        column.addLayout(buttons)

    # --- what is missing ---

    def _on_step(self, step: Step) -> None:
        if step.lesson_id != self._lesson:
            self._lesson = step.lesson_id
            self._refused.clear()
            self._look()

    def _look(self) -> None:
        """Find out what the lesson needs and is not there."""
        from cowshed_lab.practice.needs import images_named

        lesson: Lesson = self._session.course.lesson_of(self._session.step)
        self._ask_for(images_named(lesson))

    def _look_at_faults(self) -> None:
        """A build or a pull may have asked for an image that no lesson names."""
        from cowshed_lab.practice.needs import images_missed

        known = self._session.evidence
        logs = [command.output for command in known.commands if command.exit_status]
        if known.build is not None and known.build.exit_status:
            logs.append(known.build.log)
        missed = frozenset(name for log in logs if "stand-ins.practice" in log for name in images_missed(log))
        if missed - self._seen:
            self._seen |= missed
            self._refused.clear()
            self._ask_for(missed)

    def _ask_for(self, images: Iterable[str]) -> None:
        from cowshed_lab.practice.needs import groups_to_add

        if self._making is not None:
            return
        if self._looking is not None:
            self._looking.cancel()
        if self._targets.name != PRACTICE or self._targets.target is None:
            self._offer(())
            return
        job = self._looking = Job(groups_to_add(images), self)
        job.done.connect(lambda groups: self._on_found(job, groups))
        job.start()

    def _on_found(self, job: Job, groups: Sequence[Group]) -> None:
        if job is self._looking:
            self._looking = None
            self._offer(tuple(group for group in groups if group.name not in self._refused))

    def _offer(self, groups: tuple[Group, ...], fault: str = "") -> None:
        self._groups = groups
        if not groups:
            self._show(making=False, seen=False)
            return
        megabytes = sum(group.download for group in groups)
        minutes = max(1, round(megabytes / _MEGABYTES_A_MINUTE))
        lasts = "a minute" if minutes == 1 else f"{minutes} minutes"
        needs = f"This needs images that are not prepared yet: {_listed([group.title for group in groups])}. "
        costs = f"To prepare them, about {megabytes} MB are fetched; it takes {lasts} or so, and you can read on."
        self._tell(f"{fault} {costs}" if fault else needs + costs)
        self._show(making=False, seen=True)

    # --- preparing ---

    def prepare(self) -> None:
        """Make what is missing; what is complete when it is cancelled is kept."""
        if self._making is not None or not self._groups:
            return
        self._looking = None  # whatever it finds, this comes first
        names = [group.name for group in self._groups]

        async def make(report: Report) -> None:
            from cowshed_lab.practice.cluster import PracticeCluster

            await PracticeCluster().add(names, report)

        job = self._making = Job(make, self)
        job.progress.connect(self._on_progress)
        job.done.connect(lambda _: self._on_made())
        job.failed.connect(lambda error: self._on_not_made(str(error)))
        job.cancelled.connect(lambda: self._on_not_made("The preparation was cancelled."))
        self._began = time.monotonic()
        self.bar.setValue(0)
        self._say("Beginning")
        self._tell(f"The images are being prepared: {_listed([group.title for group in self._groups])}.")
        self._show(making=True, seen=True)
        self.bar.setFocus()  # else the keyboard goes to Cancel, and the next Enter with it
        job.start()

    def cancel(self) -> None:
        """Stop preparing."""
        if self._making is not None:
            self._making.cancel()

    def _on_progress(self, progress: Progress) -> None:
        seconds = round(time.monotonic() - self._began)
        words = [progress.phase, f"{seconds // 60}:{seconds % 60:02d} elapsed"]
        if progress.downloaded:
            words.append(f"{progress.downloaded / 1e6:.0f} MB")
        self._say("  ·  ".join(words))
        self.bar.setRange(0, 0 if progress.fraction is None else 1000)
        if progress.fraction is not None:
            self.bar.setValue(round(progress.fraction * 1000))

    def _on_made(self) -> None:
        self._making = None
        self._seen = frozenset()
        self._offer(())
        self.prepared.emit("The images are there. What needed them works now; try it again if it failed before.")
        self._look()

    def _on_not_made(self, why: str) -> None:
        self._making = None
        self._offer(self._groups, why)

    def _put_off(self) -> None:
        self._refused |= {group.name for group in self._groups}
        self._offer(())

    def _leave(self) -> None:
        """Without the target there is nothing to offer; what is being made goes on, it is the cluster's."""
        if self._making is None:
            self._offer(())

    # --- how it looks ---

    def says(self) -> str:
        """What the card says; empty while it is not seen."""
        return "" if self.isHidden() else self._text.text()

    def _tell(self, words: str) -> None:
        self._text.setText(words)
        self.setAccessibleName(words)

    def _say(self, words: str) -> None:
        self._says.setText(words)

    def _show(self, *, making: bool, seen: bool) -> None:
        for widget in (self.bar, self._says, self.cancel_button):
            widget.setVisible(making)
        for widget in (self.prepare_button, self.later_button):
            widget.setVisible(not making)
        self.setVisible(seen)

    def _draw(self) -> None:
        self._picture.setPixmap(icon_pixmap("info", "info", round(ICON * APPEARANCE.zoom)))


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
