"""Variables of lesson texts, commands and checks that stand for a fact of the learner's target: `@registry@` and so on.

A course that says `apptainer push lolcow.sif oras://@registry@/@account@/lolcow:1` is right on every target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from cowshed_lessons.course import CheckSpec, Course, Mistake, Option, Probe, Question, Solution, Step, TypedCommand

UNKNOWN_TARGET: Mapping[str, str] = {
    "registry": "docker.io",
    "github-registry": "ghcr.io",
    "account": "myname",
    "scratch": "/scratch/$USER",
}
"""All variables, with what stands for them as long as nothing is known of a target."""

PASSWORD = "@password@"
"""What stands in a solution's `types` for the practice registry's password.

It is no fact: no text shows it, `fill` leaves it alone, and only who does a course for real puts something in its
place.
"""

_VARIABLE = re.compile(r"(?<![\w@.])@([a-z]+(?:-[a-z]+)*)@(?![\w@])")


def fill(text: str, facts: Mapping[str, str] | None = None) -> str:
    """A text with the target's facts in place of its variables; what is no variable of ours stays as it is."""
    known = {**UNKNOWN_TARGET, **(facts or {})}
    return _VARIABLE.sub(lambda found: known.get(found[1], found[0]), text) if "@" in text else text


def unknown_variables(text: str) -> Iterator[str]:
    """What looks like a variable and is none, as it is written."""
    for found in _VARIABLE.finditer(text):
        if found[1] not in UNKNOWN_TARGET:
            yield found[0]


def fill_step(step: Step, facts: Mapping[str, str] | None = None) -> Step:
    """A step with the target's facts in all that people read and that is judged; recipes are left as they are.

    In the patterns of checks the facts are escaped where the parameter is a regular expression (`output_matches`).
    """

    def put(text: str) -> str:
        return fill(text, facts)

    def commands(typed: tuple[TypedCommand, ...]) -> tuple[TypedCommand, ...]:
        return tuple(
            TypedCommand(put(each.line), each.exit_status, put(each.output), tuple(map(put, each.types)))
            for each in typed
        )

    def solution(each: Solution) -> Solution:
        return replace(each, note=put(each.note), commands=commands(each.commands))

    def mistake(each: Mistake) -> Mistake:
        return replace(each, message_contains=put(each.message_contains), commands=commands(each.commands))

    def question(each: Question) -> Question:
        options = tuple(Option(put(one.text), one.right, put(one.explanation)) for one in each.options)
        return replace(each, text=put(each.text), options=options)

    def check(each: CheckSpec) -> CheckSpec:
        parameters = {name: _filled(value, facts, name) for name, value in each.parameters.items()}
        return replace(each, title=put(each.title), learned=put(each.learned), parameters=parameters)

    def probe(each: Probe) -> Probe:
        return replace(each, arguments=tuple(map(put, each.arguments)))

    return replace(
        step,
        title=put(step.title),
        text=put(step.text),
        hints=tuple(map(put, step.hints)),
        solutions=tuple(map(solution, step.solutions)),
        mistakes=tuple(map(mistake, step.mistakes)),
        checks=tuple(map(check, step.checks)),
        probes=tuple(map(probe, step.probes)),
        questions=tuple(map(question, step.questions)),
        summary_when_passed=put(step.summary_when_passed),
        instructor_note=put(step.instructor_note),
        answer=put(step.answer),
    )


def fill_course(course: Course, facts: Mapping[str, str] | None = None) -> Course:
    """A course with every step filled."""
    lessons = tuple(
        replace(lesson, steps=tuple(fill_step(step, facts) for step in lesson.steps)) for lesson in course.lessons
    )
    return replace(course, lessons=lessons)


def _filled(value: object, facts: Mapping[str, str] | None, name: str) -> object:
    if isinstance(value, str):
        if name.endswith("_matches"):
            known = {**UNKNOWN_TARGET, **(facts or {})}
            return fill(value, {variable: re.escape(fact) for variable, fact in known.items()})
        return fill(value, facts)
    if isinstance(value, list | tuple):
        return [_filled(each, facts, name) for each in value]
    if isinstance(value, Mapping):
        return {key: _filled(each, facts, key) for key, each in value.items()}
    return value
