"""The learner's way through the course: which step it is, what is known of the work on it, and what the judge says.

Widgets tell the session what happened (`recipe_changed`, `command_finished`, `build_finished`) and listen to what it
says. It knows no widget, writes no file but the progress, and looks at images through the target that it was given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from cowshed_gui.background import Job
from cowshed_lessons.course import Course, Step
from cowshed_lessons.evidence import BuildEvidence, CommandEvidence, Evidence, ImageEvidence, RecipeEvidence
from cowshed_lessons.progress import NewerProgress, Progress, StepState
from cowshed_lessons.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from cowshed_lab.build import BuildCommand
    from cowshed_lab.target import Target

_log = logging.getLogger(__name__)

WORK = PurePosixPath("cowshed")  # folder of all recipes, in the learner's home on the target


def work_folder(step: Step) -> PurePosixPath:
    """Where the recipes and images of a step's lesson are, from the home folder on the target."""
    return WORK / step.lesson_id


def recipe_path(step: Step) -> PurePosixPath:
    """The file that the learner edits in a step."""
    return work_folder(step) / step.recipe_name


class CourseSession(QObject):
    """One learner in one course.

    Signals:
        step_changed: a `Step` was entered.
        verdict_changed: the judge's newest `Verdict` on the current step.
        progress_changed: a step was passed, skipped, forced or reopened.
        step_passed: the current `Step` was passed just now, for the first time.
        looking_changed: whether an image is being looked at.
        notice: kind (`info`, `warning`) and a sentence for the person.
    """

    step_changed = Signal(object)
    verdict_changed = Signal(object)
    progress_changed = Signal()
    step_passed = Signal(object)
    looking_changed = Signal(bool)
    notice = Signal(str, str)

    def __init__(self, course: Course, progress_file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.course = course
        self._file = progress_file
        self._save_problem = ""
        self.progress = Progress.load(progress_file, course.id)
        self.step = self.progress.place(course)
        self.target: Target | None = None
        self.verdict: Verdict | None = None
        self._evidence: dict[str, Evidence] = {}
        self._look: Job | None = None

    # --- moving ---

    @property
    def evidence(self) -> Evidence:
        """What is known of the work on the current step."""
        return self._evidence.get(self.step.id, Evidence())

    @property
    def state(self) -> StepState:
        """How the current step stands."""
        return self.progress.of(self.step.id).state

    @property
    def looking(self) -> bool:
        """Whether an image is being looked at."""
        return self._look is not None

    def begin(self) -> None:
        """Announce the step that the progress remembers; tell what loading it had to say."""
        if self.progress.notice:
            self.notice.emit("warning", self.progress.notice)
        self.go_to(self.step)

    def go_to(self, step: Step) -> None:
        """Enter a step."""
        self.step = step
        self.verdict = None
        self.progress.go_to(step.id)
        self._save()
        self.step_changed.emit(step)
        self._judge()

    @Slot()
    def next(self) -> bool:
        """Enter the step after this one; False at the end of the course."""
        return self._go(self.course.next(self.step))

    @Slot()
    def previous(self) -> bool:
        """Enter the step before this one; False at the beginning of the course."""
        return self._go(self.course.previous(self.step))

    def _go(self, step: Step | None) -> bool:
        if step is None:
            return False
        self.go_to(step)
        return True

    def skip(self) -> None:
        """Leave the step as skipped. The window shows an answer."""
        self.progress.mark_skipped(self.step.id)
        self._save()
        self.progress_changed.emit()

    def force(self) -> None:
        """Mark the step as done by the learner's own word."""
        self.progress.mark_forced(self.step.id)
        self._save()
        self.progress_changed.emit()

    def reset(self) -> str:
        """Forget the evidence, open the step again, and return the recipe that it begins with.

        The caller keeps a copy of the learner's text first.
        """
        self._evidence.pop(self.step.id, None)
        self.progress.reopen(self.step.id)
        self._save()
        self.progress_changed.emit()
        self._judge()
        return self.beginning()

    def beginning(self) -> str:
        """The recipe that the current step begins with: carried over from the step before, or its starter."""
        return self.progress.beginning(self.course, self.step)

    # --- what happened ---

    @Slot(object, str)
    def recipe_changed(self, path: PurePosixPath, text: str) -> None:
        """The learner's text is another one now; only the current step's own file counts."""
        if PurePosixPath(path) != recipe_path(self.step):
            return
        self._take(self.step, lambda known: known.with_recipe(RecipeEvidence(text, self.step.recipe_name)))

    @Slot(object)
    def command_finished(self, command: CommandEvidence) -> None:
        """A command ended in the terminal. `apptainer build …` counts as the Build button does."""
        from cowshed_lab.build import read_build_command

        self._take(self.step, lambda known: known.with_command(command))
        typed = read_build_command(command.command_line)
        if typed is None:
            return
        _log.info("A build was typed: %s from %s", typed.image, typed.recipe)
        self._read_built_recipe(command, typed)

    @Slot(object)
    def build_finished(self, build: BuildEvidence, folder: PurePosixPath | None = None) -> None:
        """A build ended, by button or by hand; where it made an image, that is looked at."""
        step = self.step
        self.progress.attempt(step.id)
        self._save()
        self._take(step, lambda known: known.with_build(build))
        if build.exit_status == 0 and not build.cancelled and (step.build == "succeeds" or step.probes):
            self._look_at(step, folder or work_folder(step), PurePosixPath(build.image))

    def _read_built_recipe(self, command: CommandEvidence, typed: BuildCommand) -> None:
        target = self.target
        if target is None:
            return
        folder = PurePosixPath(command.folder) if command.folder else work_folder(self.step)
        if typed.folder is not None:
            folder /= typed.folder  # `cd there && apptainer build …`
        path = typed.recipe
        if path is None:  # made from an address or another image: no recipe, so nothing that a step could judge
            return

        def ended(text: str | None) -> None:
            evidence = BuildEvidence(
                image=str(typed.image),
                exit_status=command.exit_status,
                log=command.output,
                recipe=text,
                recipe_name=path.name,
                cancelled=command.exit_status == 130,
            )
            self.build_finished(evidence, folder)

        job = Job(target.read(folder / path), self)
        job.done.connect(lambda content: ended(content.decode(errors="replace")))
        job.failed.connect(lambda _error: ended(None))  # Apptainer itself said that the file cannot be read
        job.start()

    def _look_at(self, step: Step, folder: PurePosixPath, image: PurePosixPath) -> None:
        from cowshed_lab.image import look_at_image

        if self.target is None:
            return
        if self._look is not None:
            self._look.cancel()
        job = Job(look_at_image(self.target, folder, image, step.probes), self)

        def seen(found: ImageEvidence) -> None:
            if self._look is job:
                self._end_look()
                self._take(step, lambda known: known.with_image(found))

        def failed(error: Exception) -> None:
            seen(ImageEvidence(str(image), problem=str(error)))

        job.done.connect(seen)
        job.failed.connect(failed)
        job.cancelled.connect(lambda: self._end_look() if self._look is job else None)
        self._look = job
        self.looking_changed.emit(True)
        job.start()

    def _end_look(self) -> None:
        self._look = None
        self.looking_changed.emit(False)

    # --- judging ---

    def _take(self, step: Step, change: Callable[[Evidence], Evidence]) -> None:
        self._evidence[step.id] = change(self._evidence.get(step.id, Evidence()))
        if step is self.step:
            self._judge()

    def _judge(self) -> None:
        from cowshed_lessons.judgement import judge

        verdict = judge(self.step, self.evidence)
        if verdict == self.verdict:
            return
        self.verdict = verdict
        newly = verdict.outcome is Outcome.PASSED and self.state is not StepState.PASSED
        if newly:
            recipe = self.evidence.recipe
            self.progress.mark_passed(self.step.id, recipe.text if recipe else None)
            self._save()
        self.verdict_changed.emit(verdict)
        if newly:
            self.progress_changed.emit()
            self.step_passed.emit(self.step)

    def _save(self) -> None:
        try:
            self.progress.save(self._file)
        except (OSError, NewerProgress) as error:
            problem = str(error) if isinstance(error, NewerProgress) else f"Your progress could not be kept: {error}"
            if problem != self._save_problem:
                self.notice.emit("warning", problem)
            self._save_problem = problem
        else:
            self._save_problem = ""
