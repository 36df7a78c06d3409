"""The learner's way through the course: which step it is, what is known of the work on it, and what the judge says.

Widgets tell the session what happened (`recipe_changed`, `command_finished`, `build_finished`) and listen to what it
says. It knows no widget, writes no file but the progress, and looks at images through the target that it was given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from cowshed_gui.background import Job
from cowshed_gui.judging_pause import JudgingPause
from cowshed_gui.progress_keeper import ProgressKeeper
from cowshed_gui.step_looks import StepLooks, may_touch_images, wants_images, wants_target
from cowshed_gui.typed_builds import TypedBuilds
from cowshed_lessons.course import Course, Step
from cowshed_lessons.course_variables import fill_step
from cowshed_lessons.evidence import (
    BuildEvidence,
    CommandEvidence,
    EnvironmentEvidence,
    Evidence,
    ImageEvidence,
    RecipeEvidence,
)
from cowshed_lessons.progress import StepState
from cowshed_lessons.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from cowshed_lab.target import Target
    from cowshed_lessons.progress import Progress

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
        environment_changed: what was found on the target, for the current step.
        paused_changed: whether commands in the terminal are left out of the judging.
        notice: kind (`info`, `warning`) and a sentence for the person.
    """

    step_changed = Signal(object)
    verdict_changed = Signal(object)
    progress_changed = Signal()
    step_passed = Signal(object)
    looking_changed = Signal(bool)
    environment_changed = Signal(object)
    paused_changed = Signal(bool)
    notice = Signal(str, str)

    def __init__(self, course: Course, progress_file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.course = course
        self.keeper = ProgressKeeper(progress_file, course.id, self)
        self.keeper.notice.connect(self.notice)
        self.progress = self.keeper.progress
        self.step = self.progress.place(course)
        self.target: Target | None = None
        self.verdict: Verdict | None = None
        self._said: tuple[Verdict, bool, bool] | None = None  # the newest verdict, and how it was to be told
        self._evidence: dict[str, Evidence] = {}
        self._pause = JudgingPause()
        self.facts: Mapping[str, str] = {}  # of the target, for the variables of texts and checks
        self.typed_builds = TypedBuilds(self)
        self.typed_builds.began.connect(self.build_started)
        self.typed_builds.ended.connect(self._on_typed_build)
        self._looks = StepLooks(self)
        self._looks.images_seen.connect(self._on_images)
        self._looks.target_seen.connect(self._on_environment)
        self._looks.changed.connect(self.looking_changed)

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
        if not self.step.recipe_name:
            return not known.commands and not known.answers
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
        return self._looks.busy

    def begin(self) -> None:
        """Announce the step that the progress remembers; tell what loading it had to say."""
        if self.progress.notice:
            self.notice.emit("warning", self.progress.notice)
        self.go_to(self.step)
        if self.keeper.unreadable:
            self.notice.emit("warning", self.keeper.unreadable)

    def go_to(self, step: Step) -> None:
        """Enter a step."""
        self.step = step = fill_step(step, self.facts)
        self.verdict = self._said = None
        self.progress.go_to(step.id)
        self.keeper.save()
        if step.id not in self._evidence:
            answers = {question.id: chosen for question in step.questions if (chosen := self._answered(question.id))}
            self._evidence[step.id] = Evidence(answers=answers)
        self.step_changed.emit(step)
        self._begin_looking()
        self._judge()

    def _answered(self, question: str) -> tuple[int, ...]:
        return self.progress.of(self.step.id).answers.get(question, ())

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
        self.keeper.save()
        self.progress_changed.emit()

    def force(self) -> None:
        """Mark the step as done by the learner's own word."""
        self.progress.mark_forced(self.step.id)
        self.keeper.save()
        self.progress_changed.emit()

    def reset(self) -> str:
        """Forget the evidence, open the step again, and return the recipe that it begins with.

        The caller keeps a copy of the learner's text first.
        """
        self._evidence.pop(self.step.id, None)
        self.progress.reopen(self.step.id)
        self.keeper.save()
        self.progress_changed.emit()
        self._judge()
        return self.beginning()

    def beginning(self) -> str:
        """The recipe that the current step begins with: carried over from the step before, or its starter."""
        return self.progress.beginning(self.course, self.step)

    def take_in(self, other: Progress) -> bool:
        """Add the progress of another computer and go to the place of whoever did something last; False if not kept."""
        self.progress.take_in(other)
        for step, known in self._evidence.items():
            mine = self.progress.of(step)
            answers = {**known.answers, **mine.answers}
            self._evidence[step] = replace(known, answers=answers, passed=mine.state is StepState.PASSED)
        kept = self.keeper.save()
        self.go_to(self.progress.place(self.course))
        return kept

    # --- what happened ---

    @Slot(object, str)
    def recipe_changed(self, path: PurePosixPath, text: str) -> None:
        """The learner's text is another one now; only the current step's own file counts."""
        if PurePosixPath(path) != recipe_path(self.step):
            return
        self._take(self.step, lambda known: known.with_recipe(RecipeEvidence(text, self.step.recipe_name)))

    @Slot(str, str)
    def command_started(self, command_line: str, folder: str) -> None:
        """A command begins in the terminal."""
        if self._pause.begins(command_line, folder) and self.target is not None:
            self.typed_builds.command_started(self.step, self.target, work_folder(self.step), command_line, folder)

    @Slot(object)
    def command_finished(self, command: CommandEvidence) -> None:
        """A command ended in the terminal. `apptainer build …` counts as the Build button does."""
        if not self._pause.counts(command, began=self.typed_builds.runs(command)):
            return
        if not self.typed_builds.runs(command):
            self.command_started(command.command_line, command.folder)
        self._take(self.step, lambda known: known.with_command(command))
        if self.typed_builds.runs(command):
            self.typed_builds.command_finished(command)
        elif wants_images(self.step) and may_touch_images(command):
            self.look_at_images()

    @property
    def paused(self) -> bool:
        """Whether commands in the terminal are left out of the judging."""
        return self._pause.on

    def pause(self, *, paused: bool) -> None:
        """Leave the terminal's commands out of the judging for a while, or go on with it."""
        self._pause.on = paused
        self.paused_changed.emit(paused)

    def answer(self, question: str, chosen: Sequence[int]) -> None:
        """A question of the current step was answered."""
        self._take(self.step, lambda known: known.with_answer(question, chosen))
        self.progress.answer(self.step.id, question, tuple(chosen))
        self.keeper.save()

    def build_started(self, step: Step) -> None:
        """A build of a step begins: what the one before came to is no longer how things are."""
        self._looks.stop_images(step)
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
        self.keeper.save()
        self._take(step, lambda known: known.with_build(build))
        if build.exit_status != 0 or build.cancelled or self.target is None:
            return
        if step.build == "succeeds" or wants_images(step):
            home = work_folder(step)
            self._looks.look_at_images(step, self.target, home, (folder or home) / build.image)

    def _on_typed_build(self, build: BuildEvidence, folder: PurePosixPath, step: Step) -> None:
        if build.cancelled:
            self.notice.emit("info", "You stopped this build. It does not count; build again when you like.")
        self.build_finished(build, folder, step)

    # --- looking ---

    def look_at_images(self) -> None:
        """Look at the images of the current step, where it judges any."""
        if self.target is not None and wants_images(self.step):
            self._looks.look_at_images(self.step, self.target, work_folder(self.step))

    def look_at_target(self) -> None:
        """Find out what the target offers, where the current step judges that."""
        if self.target is not None and wants_target(self.step):
            self._looks.look_at_target(self.step, self.target)

    def _on_images(self, step: Step, own: ImageEvidence | None, further: Mapping[str, ImageEvidence]) -> None:
        def change(known: Evidence) -> Evidence:
            return (known.with_image(own) if own is not None else known).with_images(further)

        self._take(step, change)

    def _on_environment(self, step: Step, found: EnvironmentEvidence) -> None:
        self._take(step, lambda known: known.with_environment(found))
        self.environment_changed.emit(found)

    def use_target(self, target: Target | None) -> None:
        """Work on a target from now on, None for none; texts and checks speak of what it has."""
        self.target = target
        if target is None:
            return
        from cowshed_lab.preflight import facts_of

        job = Job(facts_of(target), self)
        job.done.connect(lambda facts: self._use_facts(facts) if self.target is target else None)
        job.failed.connect(lambda error: _log.info("The target's facts are not known: %s", error))
        job.start()
        self._begin_looking()

    def _begin_looking(self) -> None:
        """What can be seen without an event is looked at when a step is entered, and when a target is there."""
        if self.step.build == "none" or self.step.images:
            self.look_at_images()
        self.look_at_target()

    def _use_facts(self, facts: Mapping[str, str]) -> None:
        self.facts = facts
        filled = fill_step(self.course.step(self.step.id), facts)
        if filled != self.step:
            self.go_to(filled)

    # --- judging ---

    def _take(self, step: Step, change: Callable[[Evidence], Evidence]) -> None:
        known = change(self._evidence.get(step.id, Evidence()))
        self._evidence[step.id] = replace(known, passed=self.progress.of(step.id).state is StepState.PASSED)
        if step.id == self.step.id:
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
        self.keeper.save()
        self.progress_changed.emit()
        self.notice.emit("info", f"“{step.title}” is passed: its build turned out right.")

    def _judge(self) -> None:
        from cowshed_lessons.judgement import judge, steps_after

        verdict = judge(self.step, self.evidence, later=steps_after(self.course, self.step))
        said = (verdict, self.untouched, self.attempted)
        if said == self._said:
            return
        self._said = said
        self.verdict = verdict
        newly = verdict.outcome is Outcome.PASSED and self.state is not StepState.PASSED
        if newly:
            recipe = self.evidence.recipe
            self.progress.mark_passed(self.step.id, recipe.text if recipe else None)
            self.keeper.save()
        self.verdict_changed.emit(verdict)
        if newly:
            self.progress_changed.emit()
            self.step_passed.emit(self.step)
