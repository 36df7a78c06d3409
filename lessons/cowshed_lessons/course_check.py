"""Proves a course: everything resolves, starters fail, solutions pass, listed mistakes get the listed feedback.

Pure, like the judge: the recipes are judged, nothing is built. Building the solutions is for the lab.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cowshed_lessons import markup
from cowshed_lessons.checks import ParameterError, validate_parameters
from cowshed_lessons.course import Course, CourseError, Step
from cowshed_lessons.course_file import CourseReader
from cowshed_lessons.judgement import judge_recipe
from cowshed_lessons.verdict import Outcome, Verdict

HINT_LEVELS = 3
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
    for step in course.steps:
        yield from _step_problems(step)
        yield from _beginning_problems(course, step)
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


def _lesson_file(reader: CourseReader, step: Step) -> Path:
    """The file that a step's checks, solutions and mistakes are listed in."""
    return reader.folder / step.lesson_id / "lesson.toml"


def _step_problems(step: Step) -> Iterator[str]:
    if not step.checks:
        yield f"{step.id}: no check looks at anything."
    if len(step.hints) < HINT_LEVELS:
        yield f"{step.id}: has {len(step.hints)} hints; give {HINT_LEVELS}, from a nudge to nearly the answer."
    faulty = False
    for check in step.checks:
        try:
            validate_parameters(check.kind, check.parameters)
        except ParameterError as error:
            faulty = True
            yield f"{step.id}: check {check.id!r}: {error}"
    yield from _evidence_problems(step)
    if not faulty:
        yield from _recipe_problems(step)


def _evidence_problems(step: Step) -> Iterator[str]:
    """Checks that ask for what the step never gathers."""
    probes = {probe.name for probe in step.probes}
    used: set[object] = set()
    for check in step.checks:
        if check.kind == "image.probe":
            used.add(check.parameters.get("probe"))
    for name in sorted(str(each) for each in used - probes):
        yield f"{step.id}: a check asks for the probe {name!r}, which the step does not have."
    for name in sorted(probes - used):
        yield f"{step.id}: no check uses the probe {name!r}."
    kinds = {check.kind for check in step.checks}
    wanted = {"none": None, "succeeds": "build.succeeds", "fails": "build.fails"}[step.build]
    for kind in ("build.succeeds", "build.fails"):
        if (kind in kinds) != (kind == wanted):
            article = "a" if kind in kinds else "no"
            yield f"{step.id}: build is {step.build!r}, which does not go with {article} {kind} check."


def _recipe_problems(step: Step) -> Iterator[str]:
    """Whether the judge says of each recipe what the course promises."""
    if not any(check.kind.startswith("recipe.") for check in step.checks):
        return
    if judge_recipe(step, step.starter).outcome is Outcome.PASSED:
        yield f"{step.id}: the starter already passes."
    for solution in step.solutions:
        verdict = judge_recipe(step, solution.recipe)
        if verdict.outcome is not Outcome.PASSED:
            yield f"{step.id}: the solution {solution.name!r} does not pass. {_said(verdict)}"
    for mistake in step.mistakes:
        verdict = judge_recipe(step, mistake.recipe)
        wanted = mistake.message_contains.casefold()
        fit = [
            finding
            for finding in verdict.findings[:1]
            if finding.check == mistake.check and wanted in finding.message.casefold()
        ]
        if verdict.outcome is Outcome.PASSED:
            yield f"{step.id}: the mistake {mistake.name!r} passes."
        elif not fit:
            promised = f"{mistake.check}: …{mistake.message_contains}…"
            yield f"{step.id}: the mistake {mistake.name!r} should first be told '{promised}'. {_said(verdict)}"


def _beginning_problems(course: Course, step: Step) -> Iterator[str]:
    """A recipe carried over from the step before must not be the answer already."""
    before = course.previous(step)
    if not step.carries_over or before is None:
        return
    for solution in before.solutions:
        if judge_recipe(step, solution.recipe).outcome is Outcome.PASSED:
            yield f"{step.id}: whoever carries over {solution.name!r} from {before.id} has nothing left to do."


def _said(verdict: Verdict) -> str:
    """What the judge said instead."""
    said = "; ".join(f"{finding.check}: {finding.message}" for finding in verdict.findings)
    return f"The judge says: {said or 'nothing'}"


def _stray_files(reader: CourseReader) -> Iterator[str]:
    used = {path.resolve() for path in reader.files}
    for path in sorted(reader.folder.rglob("*")):
        if path.is_file() and path.resolve() not in used and not IGNORED_NAMES & set(path.parts):
            yield f"{path}:1:1: Nothing in the course uses this file."
