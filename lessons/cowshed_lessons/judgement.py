"""The judge: a step, the evidence, a verdict. Pure and fast; it looks at nothing but what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .checks import WAITING, Answer, Case, CheckKind, area_of, check_kind
from .checks_recipe import parse_faults
from .evidence import BuildEvidence, Evidence, RecipeEvidence
from .recipe_scripts import scripts_of
from .verdict import CheckResult, Outcome, Verdict

if TYPE_CHECKING:
    from .course import CheckSpec, Course, Step

__all__ = ["judge", "judge_recipe", "steps_after"]

_UNSURE = "A script of this recipe is nested too deeply, or is too long, to be followed to its end."
_UNSURE_HINT = "Write its commands below one another, with fewer brackets and blocks inside one another."


def judge(step: Step, evidence: Evidence, *, later: Sequence[Step] = ()) -> Verdict:
    """Judge a learner's work on a step.

    The verdict is passed when all checks are; can't tell when the only thing in the way is the environment; else not
    yet. A check whose evidence is not there yet is waiting: no fault, but not passed either. A recipe check can't tell
    of a script that cannot be followed to its end, whatever it found in the part that was. A build counts if the
    recipe that was built passes the step's recipe checks, so a comment added since does no harm.

    Who comes back to a step with the recipe of a later one is not told to take things out again: the verdict's
    `beyond` names that step, and no fault is found with the recipe. If the step was passed before, it stays so.

    Args:
        step: The step.
        evidence: All that is known.
        later: Steps that come after it and go on with the same recipe, see `steps_after`.

    Raises:
        ParameterError: The step asks for a kind of check that does not exist.
    """
    kinds = [(spec, check_kind(spec.kind)) for spec in step.checks]
    fits = _build_counts(step, kinds, evidence)
    results = []
    reported = False
    for spec, kind in kinds:
        answer, reported = _answer(step, spec, kind, evidence, fits=fits, reported=reported)
        results.append(_result(spec, answer))
    beyond = _beyond(step, results, evidence, later)
    if beyond:
        results = [_without_faults(item, spec, passed=evidence.passed)
                   for item, spec in zip(results, step.checks, strict=True)]  # fmt: skip
    return Verdict(step.id, _outcome(results), tuple(results), beyond)


def steps_after(course: Course, step: Step) -> tuple[Step, ...]:
    """The steps of the same lesson that come after a step and edit the same recipe, or one carried over from it."""
    found: list[Step] = []
    reached = False
    for other in course.lesson_of(step).steps:
        if reached and (other.recipe_name == step.recipe_name or other.carries_over):
            found.append(other)
        reached = reached or other.id == step.id
    return tuple(found)


def _beyond(step: Step, results: Sequence[CheckResult], evidence: Evidence, later: Sequence[Step]) -> str:
    """The later step whose recipe this is, empty where nothing is held against the recipe or it is none of those."""
    if evidence.recipe is None or not later:
        return ""
    areas = [area_of(spec.kind) for spec in step.checks]
    if not any(area == "recipe" and item.findings for area, item in zip(areas, results, strict=True)):
        return ""
    for other in reversed(later):
        kinds = [area_of(spec.kind) for spec in other.checks]
        if "recipe" in kinds and judge_recipe(other, evidence.recipe.text).outcome is Outcome.PASSED:
            return other.id
    return ""


def _without_faults(result: CheckResult, spec: CheckSpec, *, passed: bool) -> CheckResult:
    """A check's result for a recipe that is further than the step."""
    if passed and result.outcome is Outcome.NOT_YET:
        return replace(result, outcome=Outcome.PASSED, findings=(), waiting=False)
    if area_of(spec.kind) == "recipe" and result.outcome is Outcome.NOT_YET:
        return replace(result, findings=(), waiting=True)
    return result


def judge_recipe(step: Step, text: str) -> Verdict:
    """Judge a recipe alone: only the step's recipe checks."""
    recipe_checks = tuple(spec for spec in step.checks if area_of(spec.kind) == "recipe")
    return judge(replace(step, checks=recipe_checks), Evidence(recipe=RecipeEvidence(text)))


def _build_counts(step: Step, kinds: list[tuple[CheckSpec, CheckKind]], evidence: Evidence) -> bool:
    """Whether the newest build is one of a recipe that this step wants."""
    build = evidence.build
    if build is None:
        return True
    built = _text_of(build, evidence)
    if built is None:
        return not build.recipe_name or _base(build.recipe_name) == step.recipe_name
    if not any(kind.area == "recipe" for _, kind in kinds):
        return evidence.recipe is None or built == evidence.recipe.text
    return judge_recipe(step, built).outcome is not Outcome.NOT_YET


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _text_of(build: BuildEvidence, evidence: Evidence) -> str | None:
    if build.recipe is not None:
        return build.recipe
    same = not build.recipe_name or (evidence.recipe and _base(build.recipe_name) == _base(evidence.recipe.name))
    return evidence.recipe.text if evidence.recipe and same else None


def _answer(
    step: Step, spec: CheckSpec, kind: CheckKind, evidence: Evidence, *, fits: bool, reported: bool
) -> tuple[Answer, bool]:
    """One check's answer, and whether what Apptainer rejects has been reported (once is enough)."""
    text = evidence.recipe.text if evidence.recipe else ""
    case = Case(spec, step, evidence, scripts_of(text), fits)
    if kind.area == "recipe":
        if evidence.recipe is None:
            return WAITING, reported
        if not case.recipe.accepted or (case.recipe.faults and kind.name == "recipe.parses"):
            if reported or (kind.name != "recipe.parses" and _has_parse_check(step)):
                return WAITING, reported
            return Answer(Outcome.NOT_YET, parse_faults(case)), True
    case.scripts.unsure = False
    answer = kind.judge(case)
    if kind.area == "recipe" and case.scripts.unsure:
        return Answer(Outcome.CANNOT_TELL, (case.finding(_UNSURE, _UNSURE_HINT),)), reported
    return answer, reported


def _has_parse_check(step: Step) -> bool:
    return any(spec.kind == "recipe.parses" for spec in step.checks)


def _result(spec: CheckSpec, answer: Answer) -> CheckResult:
    return CheckResult(spec.id, spec.title, answer.outcome, answer.findings, answer.waiting, spec.learned)


def _outcome(results: list[CheckResult]) -> Outcome:
    faults = [item for item in results if item.outcome is Outcome.NOT_YET and not item.waiting]
    if faults:
        return Outcome.NOT_YET
    if any(item.outcome is Outcome.CANNOT_TELL for item in results):
        return Outcome.CANNOT_TELL
    return Outcome.NOT_YET if any(item.waiting for item in results) else Outcome.PASSED
