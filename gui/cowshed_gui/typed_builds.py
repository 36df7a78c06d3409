"""Builds typed into a terminal: they count as the Build button does, with the recipe as it was at their start."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cowshed_gui.background import Job
from cowshed_lessons.evidence import BuildEvidence, CommandEvidence

if TYPE_CHECKING:
    from cowshed_lab.build import BuildCommand
    from cowshed_lab.target import Target
    from cowshed_lessons.course import Step

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class TypedBuild:
    """A build in the step where it began; `recipe` is the text as it was then, once it was read."""

    step: Step
    command: BuildCommand
    folder: PurePosixPath
    recipe: str | None = None
    was_read: bool = False
    ended: CommandEvidence | None = None


class TypedBuilds(QObject):
    """The builds that run in the learner's terminals.

    Signals:
        began: the `Step` in which one was typed.
        ended: its `BuildEvidence`, the folder it ran in, and the `Step` in which it was typed.
    """

    began = Signal(object)
    ended = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.running: dict[tuple[str, str], TypedBuild] = {}  # by command line and folder

    def command_started(self, step: Step, target: Target, home: PurePosixPath, command_line: str, folder: str) -> None:
        """A command begins. The recipe of an `apptainer build …` is read now: it may change.

        Args:
            step: where the learner is.
            target: where the terminal is.
            home: the folder that a terminal begins in, where its own is unknown.
            command_line: what was typed.
            folder: the terminal's folder, empty where unknown.
        """
        from cowshed_lab.build import read_build_command

        command = read_build_command(command_line)
        if command is None or command.recipe is None or not command.folder_known:
            return  # made from an address or another image: no recipe, so nothing that a step could judge
        # Lines of a pasted text run one after the other and are told as one command that grows.
        running = self.running
        grown = next((key for key in running if key[1] == folder and command_line.startswith(f"{key[0]}\n")), None)
        before = running.pop(grown) if grown is not None else None
        if before is not None and before.command == command:
            before.command = command  # of the lines behind it the exit status may be
            running[command_line, folder] = before
            return
        place = PurePosixPath(folder) if folder else home
        if command.folder is not None:
            place /= command.folder  # `cd there && apptainer build …`
        typed = running[command_line, folder] = TypedBuild(step, command, place)
        self.began.emit(step)
        _log.info("A build was typed: %s from %s", command.image, command.recipe)
        job = Job(target.read(place / command.recipe), self)
        job.done.connect(lambda content: self._on_recipe_read(typed, content.decode(errors="replace")))
        job.failed.connect(lambda _error: self._on_recipe_read(typed, None))  # Apptainer itself says why
        job.start()

    def runs(self, command: CommandEvidence) -> bool:
        """Whether a command is a build whose start was seen."""
        return (command.command_line, command.folder) in self.running

    def command_finished(self, command: CommandEvidence) -> None:
        """A command ended; where it was a build, that is told once its recipe was read."""
        typed = self.running.pop((command.command_line, command.folder), None)
        if typed is not None:
            typed.ended = command
            self._settle(typed)

    def _on_recipe_read(self, typed: TypedBuild, text: str | None) -> None:
        typed.recipe, typed.was_read = text, True
        self._settle(typed)

    def _settle(self, typed: TypedBuild) -> None:
        if typed.ended is None or not typed.was_read:
            return
        from cowshed_lab.typed_build import UNTOLD, result_of

        status, log = typed.ended.exit_status, typed.ended.output
        if not typed.command.tells_of(status) and (status := result_of(log)) is None:
            log = f"{log}\n{UNTOLD}\n"
        evidence = BuildEvidence(
            image=str(typed.command.image),
            exit_status=status,
            log=log,
            recipe=typed.recipe,
            recipe_name=typed.command.recipe.name if typed.command.recipe else "",
            cancelled=stopped_by_hand(typed.ended),
        )
        self.ended.emit(evidence, typed.folder, typed.step)


def stopped_by_hand(command: CommandEvidence) -> bool:
    """Whether Ctrl+C ended a command: its status says so, or it failed where the terminal echoed the key.

    Apptainer 1.4.5 ends with 255 then, as it does after any other failure.
    """
    return command.exit_status == 130 or (command.exit_status != 0 and "^C" in command.output)
