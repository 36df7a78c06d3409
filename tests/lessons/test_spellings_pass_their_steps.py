"""Unusual spellings, done for real: built on the practice cluster, looked at, and judged by all checks of their step.

R's and Python's need base images that take minutes to make: COWSHED_ALL_BASES=1 tries those too.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace

import pytest

from cowshed_lab.course_build import CourseBuild
from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.targets import TargetDirectory
from cowshed_lessons.course import Course, Solution, Step, TypedCommand, built_in_course
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.verdict import Outcome
from lessons import test_best_practices_spellings as best
from lessons import test_going_further_spellings as further
from lessons import test_python_spellings as python
from lessons import test_r_spellings as r
from practice_fixture import PRACTICE_HOME

SMALL = {
    "best-practices/clean-up": best.RIGHT["best-practices/clean-up"]["at the end of the script"],
    "best-practices/no-recommends": best.RIGHT["best-practices/no-recommends"]["setting with printf"],
    "sandbox/write-it-down": best.RIGHT["sandbox/write-it-down"]["another tag"],
    "multistage/two-stages": further.RIGHT["multistage/two-stages"]["three stages"],
    "going-further/test-section": further.RIGHT["going-further/test-section"]["brackets"],
    "going-further/arguments": further.RIGHT["going-further/arguments"]["through the environment"],
    "going-further/apps": further.RIGHT["going-further/apps"]["environments"],
}
LARGE = {
    "python/recipe": python.RIGHT["python/recipe"]["activated"],
    "r/recipe": r.RIGHT["r/recipe"]["R's loop"],
}


# What a learner has made before the step: here any image that is larger will do to be compared with.
BEFORE = {"multistage/two-stages": (TypedCommand("apptainer build --force one-stage.sif docker://ubuntu:22.04"),)}


def course_with(recipes: Mapping[str, str]) -> Course:
    """The course in which each of these steps has one solution: the recipe, and the commands that the step wants."""
    course = built_in_course()

    def other(step: Step) -> Step:
        if step.id not in recipes:
            return step
        commands = BEFORE.get(step.id) or next((each.commands for each in step.solutions if each.commands), ())
        return replace(step, solutions=(Solution("spelling", recipes[step.id], commands=commands),))

    lessons = (replace(lesson, steps=tuple(other(step) for step in lesson.steps)) for lesson in course.lessons)
    return replace(course, lessons=tuple(lessons))


async def done_for_real(recipes: Mapping[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Build the recipes and what their steps need of earlier ones, type, look, judge: each step's result and why."""
    course = course_with(recipes)
    target = await TargetDirectory().open("practice")
    try:
        reports = await CourseBuild(target, course).run([course.step(step) for step in recipes], lambda _: None)
    finally:
        await target.close()
    return {report.step: (report.result, report.reasons) for report in reports}


@pytest.mark.parametrize(("step", "recipe"), [*SMALL.items(), *LARGE.items()], ids=[*SMALL, *LARGE])
def test_on_paper_they_pass(step: str, recipe: str) -> None:
    assert judge_recipe(built_in_course().step(step), recipe).outcome is Outcome.PASSED


@pytest.mark.practice
@pytest.mark.timeout(1800)  # a dozen builds, of half a minute each where the computer has nothing else to do
def test_unusual_spellings_pass_their_steps(practice: PracticeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    assert practice.folder.home == PRACTICE_HOME
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(PRACTICE_HOME))
    assert asyncio.run(done_for_real(SMALL)) == dict.fromkeys(SMALL, ("passed", ()))


@pytest.mark.practice
@pytest.mark.skipif(os.environ.get("COWSHED_ALL_BASES") != "1", reason="makes large bases: COWSHED_ALL_BASES=1 runs it")
@pytest.mark.parametrize("step", LARGE)
def test_unusual_spellings_pass_the_case_studies(
    practice: PracticeCluster, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setenv("COWSHED_PRACTICE_HOME", str(PRACTICE_HOME))
    asyncio.run(practice.add([step.partition("/")[0]]))
    assert asyncio.run(done_for_real({step: LARGE[step]})) == {step: ("passed", ())}
