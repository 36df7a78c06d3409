"""The course that comes with the program keeps its promises."""

from __future__ import annotations

import pytest

from cowshed_lessons import markup
from cowshed_lessons.course import Step, built_in_course, built_in_course_folder
from cowshed_lessons.course_check import problems

IDS = {
    "introduction": ("why-containers", "first-look"),
    "setup": ("preflight", "cache"),
    "definition-file": ("header", "sections"),
    "lolcow": ("base-image", "install", "update-lists", "assume-yes", "environment", "runscript"),
    "best-practices": ("clean-up", "no-recommends", "compare-sizes"),
    "sandbox": ("make-sandbox", "alpine", "pipes", "write-it-down"),
    "registry": ("log-in", "push", "github", "sign"),
    "python": ("examine-base", "recipe"),
    "r": ("examine-base", "recipe"),
    "multistage": ("two-stages",),
    "going-further": ("test-section", "arguments", "apps", "bind-and-isolation", "gpu", "slurm-job"),
}
ANYBODYS = ("apt-get update", "Bootstrap: docker", "conda clean --all --yes")
"""Lines that look the same in every recipe."""

STEPS = built_in_course().steps
LOLCOW = tuple(step for step in STEPS if step.lesson_id == "lolcow")


def test_the_course_proves_itself() -> None:
    assert list(problems(built_in_course_folder())) == []


def test_the_step_ids_are_those_that_progress_and_tests_rely_on() -> None:
    found = {lesson.id: tuple(step.id for step in lesson.steps) for lesson in built_in_course().lessons}
    assert found == {lesson: tuple(f"{lesson}/{name}" for name in names) for lesson, names in IDS.items()}
    assert list(found) == list(IDS)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.id)
def test_every_step_is_furnished(step: Step) -> None:
    only_questions = all(check.kind.startswith("quiz.") for check in step.checks)
    assert len(step.hints) >= (1 if only_questions else 3)
    assert all(solution.note for solution in step.solutions)
    assert step.solutions or step.answer
    assert all(check.learned for check in step.checks)
    assert step.summary_when_passed.endswith(".")
    assert step.instructor_note
    assert step.minutes <= 25


@pytest.mark.parametrize("step", [step for step in STEPS if step.recipe_name], ids=lambda step: step.id)
def test_every_recipe_has_mistakes_with_their_feedback(step: Step) -> None:
    assert len(step.mistakes) >= (6 if step in LOLCOW else 2)


@pytest.mark.parametrize("step", LOLCOW, ids=lambda step: step.id)
def test_the_commands_of_a_page_name_its_own_files(step: Step) -> None:
    commands = [block.command for block in markup.blocks(step.text) if isinstance(block, markup.Command)]
    builds = [command for command in commands if " build " in command]
    assert all(command.endswith(f" {step.image_name} {step.recipe_name}") for command in builds)
    assert bool(builds) == (step.build != "none")
    assert all(step.image_name in command for command in commands)


@pytest.mark.parametrize("step", [step for step in STEPS if step.recipe_name], ids=lambda step: step.id)
def test_no_page_gives_its_answer_away(step: Step) -> None:
    """The recipe to write is for the learner; a page shows how with other programs."""
    lines = {line.strip() for solution in step.solutions for line in solution.recipe.splitlines()}
    known = {line.strip() for line in step.starter.splitlines()}
    new = {line for line in lines - known if " " in line and line not in ANYBODYS}
    shown = [block.text for block in markup.blocks(step.text) if isinstance(block, markup.Snippet)]
    given = {line for line in new for text in shown if line in text and f"+ {line}" not in text}
    assert given == set()


@pytest.mark.parametrize("name", ["install", "update-lists"])
def test_builds_that_are_meant_to_fail_say_so(name: str) -> None:
    step = built_in_course().step(f"lolcow/{name}")
    assert step.build == "fails"
    assert "build is meant to fail" in step.text.partition("## ")[2].partition("## ")[0]


def test_pages_read_without_a_fault() -> None:
    course = built_in_course()
    for step in course.steps:
        for text in (step.text, step.instructor_note, *step.hints, *(solution.note for solution in step.solutions)):
            assert markup.read(text, folder=course.folder, glossary=course.glossary).faults == ()
