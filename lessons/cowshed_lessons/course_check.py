"""Proves a course: everything resolves, starters fail, solutions pass, listed mistakes get the listed feedback.

Pure, like the judge: what is written is judged, nothing is run. Doing every step for real is for the lab, see
`course_build` there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cowshed_lessons import markup
from cowshed_lessons.course import Course, CourseError, Mistake, Solution, Step
from cowshed_lessons.course_file import CourseReader
from cowshed_lessons.course_proofs import step_problems
from cowshed_lessons.course_recordings import recording_problems
from cowshed_lessons.course_variables import PASSWORD, UNKNOWN_TARGET, fill_step, unknown_variables
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.text_lines import lines_of
from cowshed_lessons.verdict import Outcome

IGNORED_NAMES = frozenset({".DS_Store", "Thumbs.db", "__pycache__"})


def problems(course_folder: Path) -> Iterator[str]:
    """A sentence for everything that is wrong with a course; nothing where it is sound.

    What keeps the course from being read ends the list, because nothing after it could be trusted.
    """
    reader = CourseReader(course_folder)
    try:
        course = reader.read()
    except CourseError as error:
        yield str(error)
        return
    yield from _text_problems(course, reader)
    yield from _variable_problems(course, reader)
    yield from _image_problems(course)
    for unfilled in course.steps:
        step = fill_step(unfilled)
        yield from step_problems(step)
        yield from _beginning_problems(course, step)
    yield from recording_problems(course, reader.files)
    yield from _stray_files(reader)


def _text_problems(course: Course, reader: CourseReader) -> Iterator[str]:
    """What the lesson pane would leave out, and links to nowhere."""
    ids = {step.id for step in course.steps}
    terms: set[str] = set()
    for name, (file, first_line, text) in reader.pages.items():
        page = markup.read(text, first_line=first_line, folder=reader.folder, glossary=course.glossary)
        for fault in page.faults:
            yield f"{file}:{fault.line}:{fault.column}: {name}: {fault.sentence}"
        for link in page.links:
            scheme, _, rest = link.address.partition(":")
            if scheme == "step" and rest not in ids:
                yield f"{file}:{link.line}:1: {name}: There is no step '{rest}' to link to."
            elif scheme == "term":
                terms.add(rest)
        reader.files.update(block.path for block in page.blocks if isinstance(block, markup.Figure))
    for term in course.glossary:
        if term not in terms:
            yield f"{reader.folder / 'course.toml'}:1:1: No page uses the glossary's '{term}'."


def _variable_problems(course: Course, reader: CourseReader) -> Iterator[str]:
    """What looks like a fact of the target in a text, command or check, and is none."""
    known = ", ".join(f"@{name}@" for name in UNKNOWN_TARGET)
    for name, (file, first_line, text) in reader.pages.items():
        for number, line in enumerate(lines_of(text), first_line):
            for variable in unknown_variables(line):
                yield f"{file}:{number}:{line.index(variable) + 1}: {name}: {_no_fact(variable, known)}"
    for step in course.steps:
        for where, text in _machine_texts(step):
            for variable in unknown_variables(text):
                yield f"{step.id}: {where}: {_no_fact(variable, known)}"


def _no_fact(variable: str, known: str) -> str:
    return f"'{variable}' is no fact of a target; known ones are {known}."


def _machine_texts(step: Step) -> Iterator[tuple[str, str]]:
    for check in step.checks:
        yield from ((f"check {check.id!r}", text) for text in _strings(check.parameters))
    for probe in step.probes:
        yield from ((f"probe {probe.name!r}", text) for text in probe.arguments)
    ways: tuple[Solution | Mistake, ...] = (*step.solutions, *step.mistakes)
    for way in ways:
        for command in way.commands:
            typed = (text.replace(PASSWORD, "") for text in command.types)
            yield from ((f"{way.name!r}", text) for text in (command.line, command.output, *typed))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)


def _image_problems(course: Course) -> Iterator[str]:
    """Further images that no earlier step makes, nor a command of the step's own solutions."""
    made: set[str] = set()
    for step in course.steps:
        for name in step.images:
            place = name if "/" in name.removesuffix("/") else f"{step.lesson_id}/{name}"
            if place not in made and not _mentioned(step, name):
                yield f"{step.id}: no step before this one makes the image '{name}'."
        if step.image_name:
            made.add(f"{step.lesson_id}/{step.image_name}")


def _mentioned(step: Step, image: str) -> bool:
    """Whether a command that the step calls right is about an image, so that it may make it."""
    name = image.rstrip("/")
    return any(name in command.line for solution in step.solutions for command in solution.commands)


def _beginning_problems(course: Course, step: Step) -> Iterator[str]:
    """A recipe carried over from the step before must not be the answer already."""
    before = course.origin(step)
    if before is None:
        return
    for solution in before.solutions:
        if judge_recipe(step, solution.recipe).outcome is Outcome.PASSED:
            yield f"{step.id}: whoever carries over {solution.name!r} from {before.id} has nothing left to do."


def _stray_files(reader: CourseReader) -> Iterator[str]:
    used = {path.resolve() for path in reader.files}
    for path in sorted(reader.folder.rglob("*")):
        if path.is_file() and path.resolve() not in used and not IGNORED_NAMES & set(path.parts):
            yield f"{path}:1:1: Nothing in the course uses this file."
