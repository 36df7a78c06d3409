"""What a learner takes home from a course: their recipes, notes and results, with the lessons' texts.

`take_home_page` makes a page of it and `take_home_zip` an archive; whoever has a target reads the recipes there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from cowshed_lessons.course import Course, Step
from cowshed_lessons.progress import Progress, StepState

WORDS: Mapping[StepState, str] = {
    StepState.OPEN: "open",
    StepState.PASSED: "passed",
    StepState.SKIPPED: "skipped",
    StepState.FORCED: "marked as done",
}


@dataclass(frozen=True, slots=True)
class OwnRecipe:
    """A recipe of the learner's: the lesson whose folder it is in, its name there, and its bytes."""

    lesson: str
    name: str
    content: bytes

    @property
    def text(self) -> str:
        """The recipe as text, for reading."""
        return self.content.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """What was found on a target.

    Attributes:
        place: what the target is called; empty where there was none.
        recipes: every recipe in the lessons' folders.
        sizes: bytes of each image, by `lesson/name`.
        problems: sentences on what could not be read.
    """

    place: str = ""
    recipes: tuple[OwnRecipe, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How a step came out, in words. `when` is a date or empty, `size` the image's bytes where known."""

    step: Step
    number: str
    state: StepState
    when: str
    attempts: int
    size: int | None


@dataclass(frozen=True, slots=True)
class TakeHome:
    """All of it.

    Attributes:
        course: the course, its variables filled in.
        progress: the learner's.
        made: when this is taken home.
        files: what was found on the target.
    """

    course: Course
    progress: Progress
    made: datetime
    files: OwnFiles = field(default_factory=OwnFiles)

    def recipe(self, step: Step) -> OwnRecipe | None:
        """The learner's recipe of a step, as it is on the target."""
        wanted = (step.lesson_id, step.recipe_name)
        return next((each for each in self.files.recipes if (each.lesson, each.name) == wanted), None)

    def results(self) -> tuple[Result, ...]:
        """Each step of the course."""
        found = []
        for lesson in self.course.lessons:
            for step in lesson.steps:
                known = self.progress.of(step.id)
                when = (known.when or "")[:10] if known.state is not StepState.OPEN else ""
                image = step.image_name if "/" in step.image_name else f"{step.lesson_id}/{step.image_name}"
                done = step.image_name and known.state is not StepState.OPEN  # steps share an image's name
                size = self.files.sizes.get(image) if done else None
                number = f"{lesson.title} {lesson.number(step)}"
                found.append(Result(step, number, known.state, when, known.attempts, size))
        return tuple(found)

    def missing(self) -> tuple[Step, ...]:
        """Steps that were worked on and whose recipe was not found."""
        return tuple(
            step
            for step in self.course.steps
            if step.recipe_name and self.progress.of(step.id) != self.progress.of("") and self.recipe(step) is None
        )

    def remarks(self) -> tuple[str, ...]:
        """What whoever reads this must know about what is not in it."""
        said = list(self.files.problems)
        missing = self.missing()
        if missing and not self.files.place:
            said.append("No target was open, so recipes are shown as they were when their step was passed.")
        elif missing:
            names = ", ".join(dict.fromkeys(f"{step.lesson_id}/{step.recipe_name}" for step in missing))
            said.append(
                f"Not found on {self.files.place}: {names}. Where such a step was passed, that recipe is shown."
            )
        return tuple(said)


def folders(course: Course) -> Mapping[str, PurePosixPath]:
    """The learner's folder of each lesson that has recipes or images, from the home folder on a target."""
    lessons = (lesson for lesson in course.lessons if any(step.recipe_name or step.image_name for step in lesson.steps))
    return {lesson.id: PurePosixPath("cowshed") / lesson.id for lesson in lessons}


def wants(course: Course, lesson: str, names: Sequence[str]) -> list[str]:
    """Which of the names in a lesson's folder are recipes: those of the steps and all others that look like one."""
    own = {step.recipe_name for step in course.steps if step.lesson_id == lesson}
    return [name for name in names if name in own or re.fullmatch(r"[^/]+\.def", name)]


def size_words(size: int | None) -> str:
    """A size for people."""
    if size is None:
        return ""
    megabytes = size / 1_000_000
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.1f} MB"
