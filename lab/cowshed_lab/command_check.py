"""`cowshed check`: judge a recipe, and on request what comes of building it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cowshed_lab.command_line import NOT_YET, PASSED, BadInput
from cowshed_lab.recipe_bytes import read_standard_input
from cowshed_lessons.checks import area_of
from cowshed_lessons.course import CourseError, Step, UnknownStep, built_in_course, built_in_step
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.verdict import CheckResult, Outcome, Verdict

LARGEST = 1_000_000
"""Bytes; nobody writes a longer recipe, so it is another file that was named by mistake."""

_BEGINNINGS = {Outcome.PASSED: "Passed", Outcome.NOT_YET: "Not yet", Outcome.CANNOT_TELL: "Cannot tell"}


def check(step_id: str, recipe: str, as_json: bool, with_build: bool, target: str | None) -> int:
    """Judge `recipe` (a path, or `-`) for a step and print the verdict.

    Raises:
        BadInput: no such step, or a recipe that cannot be read.
    """
    if target is not None and not with_build:
        raise BadInput("--target says where to build, so it needs --build beside it.")
    try:
        step = built_in_step(step_id)
    except UnknownStep as error:
        raise BadInput(f"{error}\n{_steps_near(step_id)}") from error
    except CourseError as error:
        raise BadInput(str(error)) from error
    text = read_recipe_file(recipe)
    verdict = judge_recipe(step, text)
    if not verdict.results:
        raise BadInput(f"The step {step.id} asks for no recipe, so there is nothing to check in one.")
    if with_build and verdict.outcome is Outcome.PASSED:
        if step.build == "none":
            sys.stderr.write(f"The step {step.id} asks for no build; only the recipe was judged.\n")
        else:
            from cowshed_lab.command_build import build_and_judge

            verdict = build_and_judge(step, text, target)
    sys.stdout.write(json.dumps(verdict.as_json(), indent=2) + "\n" if as_json else describe(step, verdict))
    return PASSED if verdict.outcome is Outcome.PASSED else NOT_YET


def read_recipe_file(name: str) -> str:
    """Return a recipe's text. Raises BadInput, with line and column where a byte is not UTF-8."""
    shown = "standard input" if name == "-" else name
    try:
        content = read_standard_input(LARGEST + 1) if name == "-" else _read(Path(name))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(f"{shown}: the recipe cannot be read: {reason}.") from error
    if len(content) > LARGEST:
        raise BadInput(f"{shown}: this is larger than any recipe. Is it the image, perhaps?")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise BadInput(
            f"{shown}:{line}:{column}: this byte is not UTF-8 text. Save the recipe as UTF-8, or name another file."
        ) from error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def describe(step: Step, verdict: Verdict) -> str:
    """Return a verdict as lines for a person, the first fault first."""
    lines = [f"{_BEGINNINGS[verdict.outcome]}: {step.id} ({step.title})"]
    for result in verdict.results:
        mark = "✓" if result.outcome is Outcome.PASSED else "?" if result.outcome is Outcome.CANNOT_TELL else "○"
        lines.append(f"  {mark} {result.title}" + (_awaited(step, result) if result.waiting else ""))
        for finding in result.findings:
            place = f"line {finding.line}: " if finding.line is not None else ""
            lines.append(f"      {place}{finding.message}")
            if finding.hint:
                lines.append(f"      {finding.hint}")
    return "\n".join(lines) + "\n"


def _awaited(step: Step, result: CheckResult) -> str:
    """What has to be there before a check can say anything."""
    areas: dict[str, str] = {spec.id: area_of(spec.kind) or "" for spec in step.checks}
    return {
        "recipe": " (once Apptainer can read the recipe)",
        "build": " (once it is built)",
        "image": " (once there is an image)",
    }.get(areas.get(result.check, ""), "")


def _steps_near(step_id: str) -> str:
    """The steps of the lesson that was asked for, or of all lessons where there is no such lesson."""
    course = built_in_course()
    name = step_id.partition("/")[0]
    lessons = [lesson for lesson in course.lessons if lesson.id == name] or course.lessons
    steps = [step for lesson in lessons for step in lesson.steps]
    width = max((len(step.id) for step in steps), default=0)
    of_what = f"the lesson {name}" if len(lessons) == 1 and lessons[0].id == name else "the course"
    return "\n".join([f"The steps of {of_what} are:", *(f"  {step.id:{width}}  {step.title}" for step in steps)])
