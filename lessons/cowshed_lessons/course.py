"""What a course is made of: lessons, steps, hints, solutions, known mistakes, checks and probes.

These are plain facts, read from a course folder by `course_file`; nothing here opens a file or judges anything.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

BuildKind = Literal["none", "succeeds", "fails"]
ProbeAction = Literal["exec", "run", "inspect", "test"]


class CourseError(Exception):
    """A course folder that cannot be used: the file, where in it, and a sentence that says what to change.

    `line` and `column` count from 1; they are 1 where the whole file is meant (it is missing, say).
    """

    def __init__(self, file: Path, line: int, column: int, sentence: str) -> None:
        super().__init__(f"{file}:{line}:{column}: {sentence}")
        self.file = file
        self.line = line
        self.column = column
        self.sentence = sentence


class UnknownStep(LookupError):  # noqa: N818  (the name is part of the contract between the packages)
    """No step of the course has that id; `close` holds the ids that look most like it, best first."""

    def __init__(self, step: str, close: tuple[str, ...]) -> None:
        self.step = step
        self.close = close
        asked = f" Did you mean {' or '.join(close)}?" if close else ""
        super().__init__(f"There is no step called {step!r}.{asked}")

    def __str__(self) -> str:
        """The sentence for a person (`LookupError` would print its arguments)."""
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command as a learner might type it, with what it ends with and prints where a check looks at that.

    `types` are lines that are typed into the program while it runs: at the prompts of `apptainer shell`, say.
    """

    line: str
    exit_status: int = 0
    output: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """One right answer: a short name, the recipe or the commands, and a note (Markdown) on why one may do it so.

    A step with a recipe has `recipe`; a step that is done in the terminal has `commands`, in their order.
    """

    name: str
    recipe: str = ""
    note: str = ""
    commands: tuple[TypedCommand, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """What learners do write, the check that must object, and words that its message must contain.

    It is a recipe, or commands in the terminal. The words are compared without regard to capitals.
    """

    name: str
    recipe: str
    check: str
    message_contains: str
    commands: tuple[TypedCommand, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One check of a step.

    `kind` names an entry of the judge's registry and `parameters` what it asks for; `title` is what the learner sees in
    the checks panel, `learned` the sentence shown once it has passed.
    """

    id: str
    kind: str
    title: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    learned: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """A look at an image: `apptainer exec|run|inspect|test IMAGE ARGUMENTS…`, found again by its name.

    `image` is the step's own where it is empty, else one of the step's `images`.
    """

    name: str
    action: ProbeAction
    arguments: tuple[str, ...] = ()
    image: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question: its text (Markdown), whether it is right, and why (shown once it was answered)."""

    text: str
    right: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a quiz. `several`: more than one option may be chosen, so the right ones are found together."""

    id: str
    text: str
    options: tuple[Option, ...]
    several: bool = False

    @property
    def right(self) -> tuple[int, ...]:
        """The places of the right options, counted from 0."""
        return tuple(place for place, option in enumerate(self.options) if option.right)


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a lesson and what is asked of the learner there.

    Attributes:
        id: Lesson and step, as in ``lolcow/base-image``; never changes once published, saved progress uses it.
        text: The page, in Markdown as `markup` reads it.
        recipe_name: The file the learner edits; empty where the step has none.
        image_name: The file the build writes, or a sandbox folder with a slash at its end; empty where there is none.
        starter: The recipe that the step begins with where there is none of the learner's own to carry over.
        hints: Markdown, from a nudge to nearly the answer.
        build: Whether the step wants a build, and whether that build is meant to succeed or to fail.
        carries_over: The learner's passed recipe of the step before is the beginning of this one.
        summary_when_passed: One sentence on what was learned, shown when the step is passed.
        minutes: How long a newcomer should plan for, builds included.
        instructor_note: Markdown for the person in front of the class.
        questions: The quiz of this step.
        images: Further images that are looked at: `lolcow_0.sif` in the learner's folder of this lesson,
            `lolcow/lolcow_0.sif` in that of another, `lolcow-box/` for a sandbox folder.
        carries_from: The step whose passed recipe is the beginning of this one, where that is not the step before.
        answer: Markdown that Skip shows where the step has no solutions.
        mute: Rules of the linter that would spoil the exercise, those of the lesson among them.
    """

    id: str
    title: str
    text: str
    recipe_name: str = ""
    image_name: str = ""
    starter: str = ""
    hints: tuple[str, ...] = ()
    solutions: tuple[Solution, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    checks: tuple[CheckSpec, ...] = ()
    probes: tuple[Probe, ...] = ()
    build: BuildKind = "none"
    carries_over: bool = False
    summary_when_passed: str = ""
    minutes: int = 5
    instructor_note: str = ""
    questions: tuple[Question, ...] = ()
    images: tuple[str, ...] = ()
    carries_from: str = ""
    answer: str = ""
    mute: tuple[str, ...] = ()

    @property
    def lesson_id(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

    def question(self, question_id: str) -> Question | None:
        """The question with that id, None where the step has none of that name."""
        return next((question for question in self.questions if question.id == question_id), None)


@dataclass(frozen=True, slots=True)
class Lesson:
    """Steps that belong together, in order."""

    id: str
    title: str
    summary: str
    steps: tuple[Step, ...]

    def number(self, step: Step) -> int:
        """The place of a step, counted from 1; its id decides, for the variables in it may have been filled in.

        Raises:
            ValueError: The step is not of this lesson.
        """
        return [each.id for each in self.steps].index(step.id) + 1


@dataclass(frozen=True, slots=True)
class Course:
    """Lessons in order, the words explained in tooltips, and the folder that pictures may come from."""

    id: str
    title: str
    lessons: tuple[Lesson, ...]
    summary: str = ""
    glossary: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step of every lesson, in the order they are taught."""
        return tuple(self._steps())

    def _steps(self) -> Iterator[Step]:
        for lesson in self.lessons:
            yield from lesson.steps

    def step(self, step_id: str) -> Step:
        """The step with that id.

        Raises:
            UnknownStep: No step has it; the closest ids are offered.
        """
        for step in self._steps():
            if step.id == step_id:
                return step
        raise UnknownStep(step_id, self._close(step_id))

    def _close(self, step_id: str) -> tuple[str, ...]:
        """Ids that look like the one asked for; half an id (`base-image`, `lolcow`) counts too."""
        ids = [step.id for step in self._steps()]
        halves = [each for each in ids if step_id in each.split("/")]
        return tuple(dict.fromkeys([*halves, *difflib.get_close_matches(step_id, ids, n=3, cutoff=0.5)]))[:3]

    def lesson_of(self, step: Step) -> Lesson:
        """The lesson that holds the step.

        Raises:
            UnknownStep: The step is not of this course.
        """
        for lesson in self.lessons:
            if any(each.id == step.id for each in lesson.steps):
                return lesson
        raise UnknownStep(step.id, self._close(step.id))

    def origin(self, step: Step) -> Step | None:
        """The step whose passed recipe is this one's beginning; None where it begins with a starter of its own."""
        if step.carries_from:
            return next((each for each in self._steps() if each.id == step.carries_from), None)
        return self.previous(step) if step.carries_over else None

    def next(self, step: Step) -> Step | None:
        """The step taught after this one, None after the last."""
        return self._neighbour(step, 1)

    def previous(self, step: Step) -> Step | None:
        """The step taught before this one, None before the first."""
        return self._neighbour(step, -1)

    def _neighbour(self, step: Step, distance: int) -> Step | None:
        steps = self.steps
        ids = [each.id for each in steps]
        if step.id not in ids:
            raise UnknownStep(step.id, self._close(step.id))
        place = ids.index(step.id) + distance
        return steps[place] if 0 <= place < len(steps) else None


def built_in_course_folder() -> Path:
    """Where the course that comes with the program lies: in the installed package, else in the checkout."""
    packaged = Path(__file__).parent / "courses" / "apptainer"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "courses" / "apptainer"


@lru_cache(maxsize=1)
def built_in_course() -> Course:
    """The course that comes with the program, read once.

    Raises:
        CourseError: The installation is damaged.
    """
    return load_course(built_in_course_folder())


def built_in_step(step_id: str) -> Step:
    """A step of the course that comes with the program; only its lesson is read, which takes the same in any course.

    Raises:
        UnknownStep: No step has that id; the closest ids are offered.
        CourseError: The installation is damaged.
    """
    try:
        return load_course(built_in_course_folder(), lesson=step_id.partition("/")[0], whole=False).step(step_id)
    except UnknownStep:
        return built_in_course().step(step_id)  # which knows the ids that are close


def load_course(folder: Path, *, lesson: str | None = None, whole: bool = True) -> Course:
    """The course in a folder; see `course_file` for its files.

    Args:
        folder: the course's folder.
        lesson: read only the lesson with this id; the course has no lessons where it is none of its own.
        whole: read the listed mistakes, too. Learners need none of them, and they are most of a course's files.

    Raises:
        CourseError: At the first fault, with its place.
    """
    from cowshed_lessons.course_file import read_course  # course_file builds on this module

    return read_course(folder, lesson, whole=whole)
