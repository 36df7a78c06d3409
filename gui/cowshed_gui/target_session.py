"""The target in use: which ones there are, opening one, and starting and stopping the practice cluster."""

from __future__ import annotations

import logging
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cowshed_gui.background import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from cowshed_gui.background import Report
    from cowshed_lab.practice.cluster import Status
    from cowshed_lab.practice.progress import Progress
    from cowshed_lab.target import Target
    from cowshed_lab.targets import TargetDirectory, TargetEntry

_log = logging.getLogger(__name__)

PRACTICE = "practice"
_LABELS = {"local": "This computer", PRACTICE: "Practice cluster"}  # until it is known which targets there are


class TargetState(StrEnum):
    """How the target in use is, in the word that the person reads."""

    NONE = "no target"
    OPENING = "connecting"
    OPEN = "ready"
    LOST = "connection lost"
    STOPPED = "stopped"
    FAILED = "not reachable"


class PracticeState(StrEnum):
    """How the practice cluster is, in the word that the person reads."""

    UNKNOWN = "not looked at yet"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


class TargetSession(QObject):
    """Owns the open target and the practice cluster's start and stop.

    Signals:
        changed: anything that the selector or the welcome page shows.
        opened: the `Target` that is open now.
        closing: the target is about to be closed; let go of it.
        lost: the connection of the target in use broke, or its cluster was stopped: a sentence. What is open stays.
        problem: a sentence on what did not work.
        practice_progress: `Progress` of the practice cluster's start.
        practice_ready: the practice cluster runs now and was not opened: another target is being worked on.
    """

    changed = Signal()
    opened = Signal(object)
    closing = Signal()
    lost = Signal(str)
    problem = Signal(str)
    practice_progress = Signal(object)
    practice_ready = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: tuple[TargetEntry, ...] = ()
        self.default = ""
        self.reason = ""
        self.target: Target | None = None
        self.name = ""
        self.state = TargetState.NONE
        self.practice = PracticeState.UNKNOWN
        self.progress: Progress | None = None
        self._directory: TargetDirectory | None = None
        self._looking: Job | None = None
        self._opening: Job | None = None
        self._starting: Job | None = None
        self._stopping: Job | None = None
        self._watching: Job | None = None
        self._again = False  # a reconnection is wanted once the practice cluster has stopped
        self._furnished = ""  # whose recipes and terminals are open: a lost target's are, too
        self.may_leave: Callable[[], bool] = lambda: True  # asks before what runs on the target is ended
        self.at_work: Callable[[], bool] = lambda: False  # whether something runs on the target
        self._left_for_practice = ""  # what was in use when the practice cluster was asked for

    # --- what there is ---

    def entry(self, name: str) -> TargetEntry | None:
        """The entry of that name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def label(self, name: str = "") -> str:
        """A target's name for a person; of the one in use where none is given."""
        entry = self.entry(name or self.name)
        return entry.label if entry else _LABELS.get(name or self.name, name or self.name)

    @property
    def usable(self) -> bool:
        """Whether there is any target that one can build on."""
        return any(entry.available for entry in self.entries)

    @property
    def cannot_build(self) -> str:
        """Why nothing can be built on the target in use; empty where it can."""
        entry = self.entry(self.name)
        return entry.reason if entry is not None and not entry.available else ""

    def look(self) -> None:
        """Find out what targets there are and how the practice cluster is."""
        if self._looking is not None:
            return
        job = Job(self._find(), self)
        job.done.connect(self._on_found)
        job.failed.connect(self._on_not_found)
        self._looking = job
        job.start()

    async def _find(self) -> tuple[TargetDirectory, tuple[TargetEntry, ...], tuple[str, str], Status | None]:
        from cowshed_lab.targets import TargetDirectory

        directory = TargetDirectory()
        entries, default = tuple(directory.names()), directory.default()
        status = None
        if any(entry.name == PRACTICE and entry.available for entry in entries):
            from cowshed_lab.practice.cluster import PracticeCluster
            from cowshed_lab.practice.namespace import Mode
            from cowshed_lab.practice.probe import probe_async

            found = await probe_async()
            if found.mode is Mode.UNAVAILABLE:
                entries = tuple(
                    replace(entry, available=False, reason=found.text()) if entry.name == PRACTICE else entry
                    for entry in entries
                )
            else:
                status = await PracticeCluster().status()
        return directory, entries, default, status

    def _on_found(self, found: tuple[TargetDirectory, tuple[TargetEntry, ...], tuple[str, str], Status | None]) -> None:
        self._looking = None
        self._directory, self.entries, (self.default, self.reason), status = found
        if status is not None and self.practice in (PracticeState.UNKNOWN, PracticeState.STOPPED):
            running = status.state.value == "running"
            self.practice = PracticeState.RUNNING if running else PracticeState.STOPPED
        self.changed.emit()

    def _on_not_found(self, error: Exception) -> None:
        self._looking = None
        self.reason = f"Cowshed could not find out where it can build: {error}"
        self.problem.emit(self.reason)
        self.changed.emit()

    # --- opening ---

    def use(self, name: str) -> None:
        """Open a target; the practice cluster is started first where it does not run."""
        if name == self.name and self.state in (TargetState.OPEN, TargetState.OPENING):
            return
        if name == PRACTICE and self.practice is not PracticeState.RUNNING:
            self.start_practice()
            return
        if self.target is not None and not self.may_leave():
            return
        self._let_go(keep=name == self._furnished and self.is_lost)
        self.name = name
        self.state = TargetState.OPENING
        self.changed.emit()
        job = Job(self._open(name), self)
        job.done.connect(lambda target: self._on_opened(job, target))
        job.failed.connect(lambda error: self._on_failed(job, error))
        self._opening = job
        job.start()

    @property
    def is_lost(self) -> bool:
        """Whether the target in use is gone while its recipes and terminals are still shown."""
        return bool(self._furnished) and self.target is None

    def reconnect(self) -> None:
        """Open the lost target again; a practice cluster that does not run any more is started."""
        if self._stopping is not None:
            self._again = True
        elif self.is_lost and self._opening is None:
            self.use(self._furnished)

    async def _open(self, name: str) -> Target:
        from cowshed_lab.targets import TargetDirectory

        return await (self._directory or TargetDirectory()).open(name)

    def _on_opened(self, job: Job, target: Target) -> None:
        if job is not self._opening:  # it was opened before it heard that it is not wanted any more
            Job(target.close(), finish=True).start()
            return
        self._opening = None
        self.target = target
        self.state = TargetState.OPEN
        self._furnished = target.name
        from cowshed_lab.target import Losable

        if isinstance(target, Losable):
            self._watching = Job(target.lost(), self)
            self._watching.done.connect(lambda _: self._on_lost(target))
            self._watching.start()
        self.changed.emit()
        self.opened.emit(target)

    def _on_lost(self, target: Target) -> None:
        if target is not self.target:
            return  # it was closed here
        self._drop(TargetState.LOST)
        if target.name == PRACTICE:
            self.practice = PracticeState.UNKNOWN
            self.look()
        self.changed.emit()
        where = "the practice cluster" if target.name == PRACTICE else target.label
        self.lost.emit(f"The connection to {where} is lost. Lesson and recipe keep working; what you type is kept.")

    def _drop(self, state: TargetState) -> None:
        """Close what is left of the target in use; its recipes and terminals stay where they are."""
        target, self.target = self.target, None
        self._watching = None
        self.state = state
        if target is not None:
            Job(target.close(), finish=True).start()

    def _on_failed(self, job: Job, error: Exception) -> None:
        if job is not self._opening:
            return
        self._opening = None
        self.state = TargetState.FAILED
        self.changed.emit()
        self.problem.emit(str(error))

    def _let_go(self, *, keep: bool = False) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self._furnished and not keep:
            self._furnished = ""
            self.closing.emit()
        self._drop(TargetState.NONE)

    def close(self) -> None:
        """Let go of everything. A practice cluster that runs goes on: the next start finds it ready."""
        for job in (self._looking, self._starting):
            if job is not None:
                job.cancel()
        self._let_go()

    # --- the practice cluster ---

    def start_practice(self) -> None:
        """Start the practice cluster and open it."""
        if self.practice in (PracticeState.STARTING, PracticeState.STOPPING):
            return
        self.practice = PracticeState.STARTING
        self._left_for_practice = self.name
        self.progress = None
        job = Job(self._up, self)
        job.progress.connect(self._on_practice_progress)
        job.done.connect(self._on_practice_up)
        job.failed.connect(self._on_practice_failed)
        job.cancelled.connect(self._on_practice_cancelled)
        self._starting = job
        self.changed.emit()
        job.start()

    @staticmethod
    async def _up(report: Report) -> None:
        from cowshed_lab.practice.cluster import PracticeCluster

        await PracticeCluster().up(report)

    def cancel_practice(self) -> None:
        """Stop starting the practice cluster."""
        if self._starting is not None:
            self._starting.cancel()

    def stop_practice(self) -> None:
        """Stop the practice cluster; nothing of it keeps running."""
        if self.practice is not PracticeState.RUNNING:
            return
        self._again = False
        in_use = self.name == PRACTICE and self.target is not None
        if in_use and not self.may_leave():
            return
        if self.name == PRACTICE and self._opening is not None:
            self._opening.cancel()
            self._opening = None
            self._drop(TargetState.NONE)
        if in_use:
            self._drop(TargetState.STOPPED)
        self.practice = PracticeState.STOPPING
        self.changed.emit()
        if in_use:
            self.lost.emit("The practice cluster is stopped. Lesson and recipe keep working; what you type is kept.")
        job = Job(self._down(), self)
        job.done.connect(lambda _: self._on_practice_down())
        job.failed.connect(self._on_practice_failed)
        self._stopping = job
        job.start()

    @staticmethod
    async def _down() -> None:
        from cowshed_lab.practice.cluster import PracticeCluster

        await PracticeCluster().down()

    def _on_practice_down(self) -> None:
        self._stopping = None
        self._practice_is(PracticeState.STOPPED)
        if self._again:
            self.reconnect()

    def _practice_is(self, state: PracticeState) -> None:
        self.practice = state
        self.progress = None
        self.changed.emit()

    def _on_practice_progress(self, progress: Progress) -> None:
        self.progress = progress
        self.practice_progress.emit(progress)

    def _on_practice_up(self, _: object) -> None:
        self._starting = None
        self._practice_is(PracticeState.RUNNING)
        if self.name == PRACTICE and self.state is not TargetState.OPEN:
            self.name = ""
        elsewhere = self.name not in ("", PRACTICE) and (self.target is not None or self._opening is not None)
        if elsewhere and (self.name != self._left_for_practice or self.at_work()):
            self.practice_ready.emit()  # the start took minutes: nobody is torn away from what was begun meanwhile
        else:
            self.use(PRACTICE)

    def _on_practice_failed(self, error: Exception) -> None:
        self._starting = self._stopping = None
        self._practice_is(PracticeState.UNKNOWN)
        self.problem.emit(str(error))
        self.look()

    def _on_practice_cancelled(self) -> None:
        self._starting = None
        self._practice_is(PracticeState.STOPPED)
