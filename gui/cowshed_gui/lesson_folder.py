"""The folder on the target that belongs to a lesson: made when it is needed, and the learner's terminal goes along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cowshed_gui.background import Job

if TYPE_CHECKING:
    from cowshed_gui.terminal_panel import TerminalPanel
    from cowshed_lab.target import Target


class LessonFolder(QObject):
    """The lesson's folder that the terminals are in, or on their way to.

    Signals:
        failed: a sentence on why the folder could not be made.
    """

    failed = Signal(str)

    def __init__(self, terminals: TerminalPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._terminals = terminals
        self._folder: PurePosixPath | None = None
        self._making: Job | None = None
        self._waiting: list[Callable[[], object]] = []

    def begin(self, target: Target, folder: PurePosixPath) -> Job:
        """Make the folder that terminals on a new target begin in; the caller starts the job."""
        self._folder = folder
        return Job(_make_folder(target, folder), self)

    def enter(self, target: Target, folder: PurePosixPath) -> None:
        """Go to another lesson's folder, where the terminals are not there yet."""
        if folder == self._folder:
            return
        self._folder = folder
        job = self._making = Job(_make_folder(target, folder), self)
        job.done.connect(lambda _: self._terminals.enter_folder(target, folder))
        job.failed.connect(lambda error: self.failed.emit(str(error)))
        for end in (job.done, job.failed, job.cancelled):
            end.connect(lambda *_: self._go_on(job))
        job.start()

    def when_there(self, does: Callable[[], object]) -> None:
        """Do something once the terminals are on their way: what is typed for a lesson belongs into its folder."""
        if self._making is None:
            does()
        else:
            self._waiting.append(does)

    def _go_on(self, job: Job) -> None:
        if self._making is not job:
            return
        self._making = None
        waiting, self._waiting = self._waiting, []
        for does in waiting:
            does()


async def _make_folder(target: Target, folder: PurePosixPath) -> None:
    from cowshed_lab.target import TargetError

    outcome = await target.run(("mkdir", "-p", str(folder)))
    if outcome.exit_status != 0:
        raise TargetError(f"The folder {folder} could not be made on {target.label}: {outcome.text.strip()}")
