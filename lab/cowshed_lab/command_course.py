"""`cowshed course …`: prove a course, begin a new one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cowshed_lab.command_line import NOT_YET, PASSED, BadInput
from cowshed_lessons.course import Course, CourseError, Step, UnknownStep, built_in_course_folder, load_course
from cowshed_lessons.course_check import problems

if TYPE_CHECKING:
    from cowshed_lab.course_build import StepReport

PRACTICE = "practice"

_SIGNS = {"passed": "✓", "failed": "✗", "untried": "?"}


def check(arguments: argparse.Namespace) -> int:
    """Prove a course and return the exit status.

    Raises:
        BadInput: there is no such course, lesson or step, or options do not go together.
        TargetError: the target cannot be reached.
    """
    folder: Path = arguments.folder or built_in_course_folder()
    if not arguments.build:
        for name in ("target", "lesson", "step"):
            if getattr(arguments, name) is not None:
                raise BadInput(f"--{name} is about doing the steps for real, so it needs --build beside it.")
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder. Name the folder in which course.toml is.")
    found = list(problems(folder))
    if not arguments.json:
        for problem in found:
            sys.stdout.write(f"{problem}\n")
        if not found:
            sys.stdout.write(f"{folder}: sound.\n")
        sys.stdout.flush()
    reports: Sequence[StepReport] = ()
    if arguments.build:
        reports = _build(folder, arguments)
    if arguments.json:
        content = {"course": str(folder), "problems": found, "steps": [asdict(report) for report in reports]}
        sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    bad = {"failed"} if arguments.allow_untried else {"failed", "untried"}
    return NOT_YET if found or any(report.result in bad for report in reports) else PASSED


def new(folder: Path) -> int:
    """Write a small course and return the exit status. Raises BadInput where something is there already."""
    from cowshed_lab.course_new import write_course

    try:
        write_course(folder)
    except OSError as error:
        raise BadInput(f"{folder}: no course can be written there: {error.strerror or error}.") from error
    sys.stdout.write(
        f"{folder}: a small course, ready to be changed.\n"
        f"See it:   cowshed course preview {folder}\nProve it: cowshed course check {folder}\n"
    )
    return PASSED


def kinds() -> int:
    """Print the kinds of checks and return the exit status."""
    from cowshed_lessons.course_kinds import kinds_as_markdown

    sys.stdout.write(kinds_as_markdown())
    return PASSED


def _build(folder: Path, arguments: argparse.Namespace) -> list[StepReport]:
    """Do the steps for real, with a line for each as it ends."""
    from cowshed_lab.command_build import until_interrupted
    from cowshed_lab.course_build import CourseBuild
    from cowshed_lab.log_file import set_up_log
    from cowshed_lab.targets import TargetDirectory

    set_up_log()
    try:
        course = load_course(folder)
    except CourseError as error:
        raise BadInput(f"{error} So no step can be done.") from error
    steps = _chosen(course, arguments.lesson, arguments.step)
    reports: list[StepReport] = []
    stream = sys.stderr if arguments.json else sys.stdout

    def show(report: StepReport) -> None:
        stream.write(f"{_SIGNS[report.result]} {report.step:<40} {report.seconds:7.1f} s\n")
        for reason in report.reasons:
            lead = "could not be tried: " if report.result == "untried" else ""
            stream.write(f"      {lead}{reason}\n")
        stream.flush()

    async def work() -> int:
        target = await TargetDirectory().open(arguments.target or PRACTICE)
        try:
            reports.extend(await CourseBuild(target, course).run(steps, show))
        finally:
            await target.close()
        return 0

    if until_interrupted(work()) != 0:
        raise KeyboardInterrupt
    return reports


def _chosen(course: Course, lesson: str | None, step: str | None) -> list[Step]:
    if lesson is not None and all(each.id != lesson for each in course.lessons):
        raise BadInput(
            f"There is no lesson {lesson!r}; this course has {', '.join(each.id for each in course.lessons)}."
        )
    try:
        chosen = [course.step(step)] if step is not None else list(course.steps)
    except UnknownStep as error:
        raise BadInput(str(error)) from error
    chosen = [each for each in chosen if lesson is None or each.lesson_id == lesson]
    if not chosen:
        raise BadInput(f"The step {step} is not in the lesson {lesson}.")
    return chosen
