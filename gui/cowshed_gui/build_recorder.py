"""Keeps what every build took: those of the button, typed ones, and those of a lesson's command."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cowshed_gui.background import Job
from cowshed_lessons.build_history import BuildHistory, BuildPart, BuildRecord, NewerHistoryError, keep_build
from cowshed_lessons.evidence import BuildEvidence, CommandEvidence

if TYPE_CHECKING:
    from cowshed_lab.build_times import BuildTimes

_log = logging.getLogger(__name__)


class BuildRecorder(QObject):
    """Writes builds to a file as they end, one after the other.

    Args:
        file: where they are kept.
        course: id of the course.
        parent: the usual Qt parent.

    Signals:
        kept: the `BuildHistory` with the newest build.
        failed: a sentence; said once for each reason.
    """

    kept = Signal(object)
    failed = Signal(str)

    def __init__(self, file: Path, course: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.file = file
        self.course = course
        self.step = ""  # where the learner is
        self._steps: dict[tuple[str, str], str] = {}  # command line and folder to the step where it began
        self._button_step = ""
        self._waiting: list[BuildRecord] = []
        self._writing: Job | None = None
        self._said = ""

    def command_started(self, command_line: str, folder: str) -> None:
        """A command begins in a terminal."""
        if "build" in command_line:
            self._steps[command_line, folder] = self.step

    def building_changed(self, building: bool) -> None:
        """The button's build begins or has ended."""
        if building:
            self._button_step = self.step

    def record(self, evidence: BuildEvidence | CommandEvidence, times: BuildTimes, target: str) -> None:
        """A build ended."""
        if isinstance(evidence, BuildEvidence):
            record: BuildRecord | None = self._of_button(evidence, times, target)
        else:
            step = self._steps.pop((evidence.command_line, evidence.folder), self.step)
            record = of_command(evidence, times, target, step)
        if record is not None:
            self._waiting.append(record)
            self._write()

    @property
    def idle(self) -> bool:
        """Whether every build that ended has been written, or could not be."""
        return self._writing is None and not self._waiting

    def load(self) -> BuildHistory:
        """The builds that are kept; empty where they cannot be read."""
        try:
            return BuildHistory.load(self.file, self.course)
        except (OSError, NewerHistoryError) as error:
            self._say(error)
            return BuildHistory(self.course)

    def _of_button(self, evidence: BuildEvidence, times: BuildTimes, target: str) -> BuildRecord:
        return BuildRecord(
            when=time.time() - times.seconds,
            step=self._button_step,
            target=target,
            recipe=evidence.recipe_name,
            image=evidence.image,
            exit_status=evidence.exit_status,
            seconds=times.seconds,
            cancelled=evidence.cancelled,
            parts=_parts(times),
        )

    def _write(self) -> None:
        if self._writing is not None or not self._waiting:
            return
        record = self._waiting.pop(0)
        job = self._writing = Job(asyncio.to_thread(keep_build, self.file, self.course, record), self, finish=True)
        job.done.connect(self._on_kept)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(lambda: self._on_failed(None))
        job.start()

    def _on_kept(self, history: object) -> None:
        self._writing = None
        self.kept.emit(history)
        self._write()

    def _on_failed(self, error: Exception | None) -> None:
        self._writing = None
        if error is not None:
            self._say(error)
        self._write()

    def _say(self, error: Exception) -> None:
        sentence = str(error)
        if not isinstance(error, NewerHistoryError):
            sentence = f"What this build took could not be kept ({error}). The build itself is not touched by that."
        _log.warning("%s", sentence)
        if sentence != self._said:
            self._said = sentence
            self.failed.emit(sentence)


def of_command(command: CommandEvidence, times: BuildTimes, target: str, step: str) -> BuildRecord | None:
    """The record of a build that was typed; None where the line holds none."""
    from cowshed_gui.typed_builds import stopped_by_hand
    from cowshed_lab.typed_build import read_build_command, result_of

    build = read_build_command(command.command_line)
    if build is None:
        return None
    status = command.exit_status if build.tells_of(command.exit_status) else result_of(command.output)
    return BuildRecord(
        when=time.time() - times.seconds,
        step=step,
        target=target,
        recipe=build.source,
        image=str(build.image),
        exit_status=status,
        seconds=times.seconds,
        cancelled=stopped_by_hand(command),
        typed=True,
        parts=_parts(times),
    )


def _parts(times: BuildTimes) -> tuple[BuildPart, ...]:
    return tuple(
        BuildPart(phase.name, phase.started, phase.seconds or 0.0, phase.command, phase.bytes) for phase in times.phases
    )
