"""The learner's way through the course: which step it is, what is known of the work on it, and what the judge says.

Widgets tell the session what happened (`recipe_changed`, `command_finished`, `build_finished`) and listen to what it
says. It knows no widget, writes no file but the progress, and looks at images through the target that it was given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
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


def _stopped_by_hand(command: CommandEvidence) -> bool:
    """Whether Ctrl+C ended a command: its status says so, or it failed where the terminal echoed the key.

    Apptainer 1.4.5 ends with 255 then, as it does after any other failure.
    """
    return command.exit_status == 130 or (command.exit_status != 0 and "^C" in command.output)


@dataclass(slots=True)
class _TypedBuild:
    """A build that was typed, in the step where it began; `recipe` is the text as it was then, once it was read."""

    step: Step
    command: BuildCommand
    folder: PurePosixPath
    recipe: str | None = None
    was_read: bool = False
    ended: CommandEvidence | None = None


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
        self._unreadable = ""  # a sentence on why progress is kept in memory only
        self.progress = self._load()
        self.step = self.progress.place(course)
        self.target: Target | None = None
        self.verdict: Verdict | None = None
        self._said: tuple[Verdict, bool, bool] | None = None  # the newest verdict, and how it was to be told
        self._evidence: dict[str, Evidence] = {}
        self._looks: dict[str, Job] = {}
        self._typed: dict[tuple[str, str], _TypedBuild] = {}  # by command line and folder, while they run

    # --- moving ---

    @property
    def evidence(self) -> Evidence:
        """What is known of the work on the current step."""
        return self._evidence.get(self.step.id, Evidence())

    @property
    def state(self) -> StepState:
        """How the current step stands."""
        return self.progress.of(self.step.id).state

    def has_passed(self, step: Step) -> bool:
        """Whether the work on a step, as it is known now, is what the step wants."""
        from cowshed_lessons.judgement import judge

        return judge(step, self._evidence.get(step.id, Evidence())).outcome is Outcome.PASSED

    @property
    def attempted(self) -> bool:
        """Whether the current step was built at least once."""
        return self.progress.of(self.step.id).attempts > 0

    @property
    def untouched(self) -> bool:
        """Whether nothing was done on the current step yet.

        Its recipe is still as it was brought along, and nothing was built. To name a fault now would give the answer
        away before a line of the lesson is read.
        """
        known = self.evidence
        if self.state is not StepState.OPEN or known.build is not None:
            return False
        return known.recipe is None or known.recipe.text.strip() in self._brought_along()

    def _brought_along(self) -> set[str]:
        """The recipes that the learner may come to the current step with."""
        texts = {self.beginning()}
        step = self.course.previous(self.step)
        while step is not None:
            texts |= {step.starter, self.progress.of(step.id).passed_recipe or ""}
            texts.update(solution.recipe for solution in step.solutions)
            step = self.course.previous(step)
        return {text.strip() for text in texts}

    @property
    def looking(self) -> bool:
        """Whether an image is being looked at."""
        return bool(self._looks)

    def begin(self) -> None:
        """Announce the step that the progress remembers; tell what loading it had to say."""
        if self.progress.notice:
            self.notice.emit("warning", self.progress.notice)
        self.go_to(self.step)
        if self._unreadable:
            self.notice.emit("warning", self._unreadable)

    def _load(self) -> Progress:
        """The progress as it was kept. A file that may not be read is left alone: it is not ours to overwrite."""
        try:
            return Progress.load(self._file, self.course.id)
        except OSError as error:
            _log.warning("Going on without the progress file: %s", error)
            self._unreadable = (
                f"Your progress could not be read ({error}). The course works all the same, but what you pass now is "
                f"forgotten when you quit. Make {self._file} a file that you may read and write, then start again."
            )
            return Progress(self.course.id)

    def go_to(self, step: Step) -> None:
        """Enter a step."""
        self.step = step
        self.verdict = self._said = None
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

    @Slot(str, str)
    def command_started(self, command_line: str, folder: str) -> None:
        """A command begins in the terminal. The recipe of an `apptainer build …` is read now: it may change."""
        from cowshed_lab.build import read_build_command

        command = read_build_command(command_line)
        if command is None or command.recipe is None or self.target is None:
            return  # made from an address or another image: no recipe, so nothing that a step could judge
        if not command.folder_known:
            return
        # Lines of a pasted text run one after the other and are told as one command that grows.
        grown = next((key for key in self._typed if key[1] == folder and command_line.startswith(f"{key[0]}\n")), None)
        before = self._typed.pop(grown) if grown is not None else None
        if before is not None and before.command == command:
            before.command = command  # of the lines behind it the exit status may be
            self._typed[command_line, folder] = before
            return
        place = PurePosixPath(folder) if folder else work_folder(self.step)
        if command.folder is not None:
            place /= command.folder  # `cd there && apptainer build …`
        typed = self._typed[command_line, folder] = _TypedBuild(self.step, command, place)
        self.build_started(self.step)
        _log.info("A build was typed: %s from %s", command.image, command.recipe)
        job = Job(self.target.read(place / command.recipe), self)
        job.done.connect(lambda content: self._on_recipe_read(typed, content.decode(errors="replace")))
        job.failed.connect(lambda _error: self._on_recipe_read(typed, None))  # Apptainer itself says why
        job.start()

    @Slot(object)
    def command_finished(self, command: CommandEvidence) -> None:
        """A command ended in the terminal. `apptainer build …` counts as the Build button does."""
        self._take(self.step, lambda known: known.with_command(command))
        key = (command.command_line, command.folder)
        if key not in self._typed:
            self.command_started(*key)
        typed = self._typed.pop(key, None)
        if typed is not None:
            typed.ended = command
            self._settle_typed(typed)

    def build_started(self, step: Step) -> None:
        """A build of a step begins: what the one before came to is no longer how things are."""
        if (look := self._looks.get(step.id)) is not None:
            look.cancel()
        known = self._evidence.get(step.id)
        if known is not None and (known.build is not None or known.image is not None):
            self._take(step, lambda known: replace(known, build=None, image=None))

    @Slot(object)
    def build_finished(
        self, build: BuildEvidence, folder: PurePosixPath | None = None, step: Step | None = None
    ) -> None:
        """A build ended, by button or by hand; where it made an image, that is looked at.

        It counts for `step`, where it began: the learner may be at another one by now.
        """
        step = step or self.step
        self.progress.attempt(step.id)
        self._save()
        self._take(step, lambda known: known.with_build(build))
        if build.exit_status == 0 and not build.cancelled and (step.build == "succeeds" or step.probes):
            self._look_at(step, folder or work_folder(step), PurePosixPath(build.image))

    def _on_recipe_read(self, typed: _TypedBuild, text: str | None) -> None:
        typed.recipe, typed.was_read = text, True
        self._settle_typed(typed)

    def _settle_typed(self, typed: _TypedBuild) -> None:
        """Tell of a typed build once it has ended and its recipe was read."""
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
            cancelled=_stopped_by_hand(typed.ended),
        )
        if evidence.cancelled:
            self.notice.emit("info", "You stopped this build. It does not count; build again when you like.")
        self.build_finished(evidence, typed.folder, typed.step)

    def _look_at(self, step: Step, folder: PurePosixPath, image: PurePosixPath) -> None:
        from cowshed_lab.image import look_at_image

        if self.target is None:
            return
        if (earlier := self._looks.get(step.id)) is not None:
            earlier.cancel()
        job = Job(look_at_image(self.target, folder, image, step.probes), self)

        def seen(found: ImageEvidence) -> None:
            if self._looks.get(step.id) is job:
                self._end_look(step)
                self._take(step, lambda known: known.with_image(found))

        def failed(error: Exception) -> None:
            seen(ImageEvidence(str(image), problem=str(error)))

        job.done.connect(seen)
        job.failed.connect(failed)
        job.cancelled.connect(lambda: self._end_look(step) if self._looks.get(step.id) is job else None)
        self._looks[step.id] = job
        self.looking_changed.emit(True)
        job.start()

    def _end_look(self, step: Step) -> None:
        del self._looks[step.id]
        if not self._looks:
            self.looking_changed.emit(False)

    # --- judging ---

    def _take(self, step: Step, change: Callable[[Evidence], Evidence]) -> None:
        self._evidence[step.id] = change(self._evidence.get(step.id, Evidence()))
        if step is self.step:
            self._judge()
        else:
            self._judge_other(step)

    def _judge_other(self, step: Step) -> None:
        """What began in a step that the learner has left may still pass it."""
        from cowshed_lessons.judgement import judge

        known = self._evidence[step.id]
        if self.progress.of(step.id).state is StepState.PASSED or judge(step, known).outcome is not Outcome.PASSED:
            return
        self.progress.mark_passed(step.id, known.recipe.text if known.recipe else None)
        self._save()
        self.progress_changed.emit()
        self.notice.emit("info", f"“{step.title}” is passed: its build turned out right.")

    def _judge(self) -> None:
        from cowshed_lessons.judgement import judge

        verdict = judge(self.step, self.evidence)
        said = (verdict, self.untouched, self.attempted)
        if said == self._said:
            return
        self._said = said
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
        if self._unreadable:
            return
        told = self.progress.notice
        try:
            self.progress.save(self._file)
        except (OSError, NewerProgress) as error:
            problem = str(error) if isinstance(error, NewerProgress) else f"Your progress could not be kept: {error}"
            if problem != self._save_problem:
                self.notice.emit("warning", problem)
            self._save_problem = problem
        else:
            self._save_problem = ""
            if self.progress.notice != told:
                self.notice.emit("warning", self.progress.notice)
