"""Proves one step: its checks ask for what the step gathers, and the judge keeps what the course promises."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from cowshed_lessons.checks import Area, ParameterError, check_kind, validate_parameters
from cowshed_lessons.course import Mistake, Question, Solution, Step, TypedCommand
from cowshed_lessons.evidence import CommandEvidence, Evidence, RecipeEvidence
from cowshed_lessons.judgement import judge
from cowshed_lessons.verdict import Outcome, Verdict

HINT_LEVELS = 3
FEWEST_HINTS = 1
"""Enough where there is nothing to make: a quiz, a look at what the target offers."""

_MADE: tuple[Area, ...] = ("recipe", "build", "image", "terminal")


def step_problems(step: Step) -> Iterator[str]:
    """A sentence for everything that is wrong with a step; its texts aside."""
    if not step.checks:
        yield f"{step.id}: no check looks at anything."
    faulty = False
    for check in step.checks:
        try:
            validate_parameters(check.kind, check.parameters)
        except ParameterError as error:
            faulty = True
            yield f"{step.id}: check {check.id!r}: {error}"
    if faulty:
        return
    areas = {area_of(step, check.id) for check in step.checks}
    fewest = HINT_LEVELS if areas & set(_MADE) else FEWEST_HINTS
    if len(step.hints) < fewest:
        wanted = f"{fewest}, from a nudge to nearly the answer" if fewest > 1 else "one"
        yield f"{step.id}: has {len(step.hints)} hints; give {wanted}."
    yield from _evidence_problems(step, areas)
    yield from _muted_problems(step)
    yield from _recipe_problems(step, areas)
    yield from _terminal_problems(step, areas)
    for question in step.questions:
        yield from _quiz_problems(step, question)


def area_of(step: Step, check_id: str) -> Area:
    """What kind of evidence a check of the step looks at."""
    return next(check_kind(check.kind).area for check in step.checks if check.id == check_id)


def only(step: Step, *areas: Area) -> Step:
    """The step with the checks of some areas alone."""
    return replace(step, checks=tuple(check for check in step.checks if check_kind(check.kind).area in areas))


def evidence_of(commands: Sequence[TypedCommand]) -> Evidence:
    """What the judge would see of commands that end as the course says."""
    return Evidence(commands=tuple(CommandEvidence(each.line, each.exit_status, each.output) for each in commands))


def _evidence_problems(step: Step, areas: Collection[Area]) -> Iterator[str]:
    """Checks that ask for what the step never gathers, and what is gathered for nobody."""
    named = {
        "probe": {probe.name for probe in step.probes},
        "question": {question.id for question in step.questions},
    }
    used: dict[str, set[str]] = {"probe": set(), "question": set(), "image": set()}
    for check in step.checks:
        for key, value in check.parameters.items():
            where = "image" if key == "than" else key
            if where in used and isinstance(value, str) and check.kind.partition(".")[0] in ("image", "quiz"):
                used[where].add(value)
    for kind, names in named.items():
        for name in sorted(used[kind] - names):
            yield f"{step.id}: a check asks for the {kind} {name!r}, which the step does not have."
        for name in sorted(names - used[kind]):
            yield f"{step.id}: no check uses the {kind} {name!r}."
    looked_at = used["image"] | {probe.image for probe in step.probes}
    for name in sorted(looked_at - {"", step.image_name, *step.images}):
        yield f"{step.id}: a check asks for the image {name!r}; list it in 'images'."
    for name in sorted(set(step.images) - looked_at):
        yield f"{step.id}: no check or probe looks at the image {name!r}."
    for area, name in (("recipe", step.recipe_name), ("build", step.recipe_name)):
        if area in areas and not name:
            yield f"{step.id}: has a {area} check, but names no 'recipe'."
    own = [check.id for check in step.checks if check.kind.startswith("image.") and "image" not in check.parameters]
    own = [name for name in own if not _looks_elsewhere(step, name)]
    if own and not step.image_name:
        yield f"{step.id}: the check {own[0]!r} looks at the step's own image, but the step names no 'image'."
    kinds = {check.kind for check in step.checks}
    wanted = {"none": None, "succeeds": "build.succeeds", "fails": "build.fails"}[step.build]
    for kind in ("build.succeeds", "build.fails"):
        if (kind in kinds) != (kind == wanted):
            article = "a" if kind in kinds else "no"
            yield f"{step.id}: build is {step.build!r}, which does not go with {article} {kind} check."


def _looks_elsewhere(step: Step, check_id: str) -> bool:
    """Whether an image check's probe names another image than the step's own."""
    check = next(each for each in step.checks if each.id == check_id)
    return any(probe.name == check.parameters.get("probe") and probe.image for probe in step.probes)


def _muted_problems(step: Step) -> Iterator[str]:
    if not step.mute:
        return
    from cowshed_lessons.linting import RULES  # reading the rules takes longer than most steps

    for name in step.mute:
        if name not in RULES:
            yield f"{step.id}: there is no rule {name!r} to mute."


def _recipe_problems(step: Step, areas: Collection[Area]) -> Iterator[str]:
    """Whether the judge says of each recipe what the course promises."""
    if "recipe" not in areas or not step.recipe_name:
        return
    looked = only(step, "recipe")
    if judge(looked, _recipe(step.starter)).outcome is Outcome.PASSED:
        yield f"{step.id}: the starter already passes."
    for solution in step.solutions:
        verdict = judge(looked, _recipe(solution.recipe))
        if verdict.outcome is not Outcome.PASSED:
            yield f"{step.id}: the solution {solution.name!r} does not pass. {said(verdict)}"
    for mistake in step.mistakes:
        if not mistake.commands:
            yield from _mistake_problems(step, mistake, judge(looked, _recipe(mistake.recipe)))


def _recipe(text: str) -> Evidence:
    return Evidence(recipe=RecipeEvidence(text))


def _terminal_problems(step: Step, areas: Collection[Area]) -> Iterator[str]:
    """Whether the judge says of typed commands what the course promises."""
    ways: tuple[Solution | Mistake, ...] = (*step.solutions, *step.mistakes)
    typed = [each for each in ways if each.commands]
    if "terminal" not in areas:
        for each in typed:
            if isinstance(each, Mistake) or not _does_something(areas):
                yield f"{step.id}: {each.name!r} has commands, but no check looks at commands."
        return
    looked = only(step, "terminal")
    if not any(solution.commands for solution in step.solutions):
        yield f"{step.id}: looks at commands, but no solution has 'commands'."
    for solution in step.solutions:
        if solution.commands:
            verdict = judge(looked, evidence_of(solution.commands))
            if verdict.outcome is not Outcome.PASSED:
                waits = "; ".join(result.check for result in verdict.results if result.waiting)
                waiting = f" Still waiting: {waits}." if waits else ""
                yield f"{step.id}: the commands of {solution.name!r} do not pass. {said(verdict)}{waiting}"
    for mistake in step.mistakes:
        if mistake.commands:
            yield from _mistake_problems(step, mistake, judge(looked, evidence_of(mistake.commands)))


def _does_something(areas: Collection[Area]) -> bool:
    """Whether commands leave something behind that is looked at later: an image, a change of the target."""
    return bool(set(areas) & {"image", "environment", "build"})


def _mistake_problems(step: Step, mistake: Mistake, verdict: Verdict) -> Iterator[str]:
    wanted = mistake.message_contains.casefold()
    fit = any(
        finding.check == mistake.check and wanted in finding.message.casefold() for finding in verdict.findings[:1]
    )
    if verdict.outcome is Outcome.PASSED:
        yield f"{step.id}: the mistake {mistake.name!r} passes."
    elif not fit:
        promised = f"{mistake.check}: …{mistake.message_contains}…"
        yield f"{step.id}: the mistake {mistake.name!r} should first be told '{promised}'. {said(verdict)}"


def _quiz_problems(step: Step, question: Question) -> Iterator[str]:
    """Whether the right answers pass, and each wrong one is told why."""
    asked = tuple(each for each in step.checks if each.parameters.get("question") == question.id)
    if not asked:
        return  # told already
    looked = replace(step, checks=asked)
    if judge(looked, Evidence().with_answer(question.id, question.right)).outcome is not Outcome.PASSED:
        yield f"{step.id}: the right answers to {question.id!r} do not pass."
    for place, option in enumerate(question.options):
        if option.right:
            continue
        chosen = (*question.right, place) if question.several else (place,)
        verdict = judge(looked, Evidence().with_answer(question.id, chosen))
        told = any(option.explanation in finding.message for finding in verdict.findings)
        if verdict.outcome is not Outcome.NOT_YET or not told:
            yield f"{step.id}: who answers {question.id!r} with '{option.text}' is not told why that is not so."


def said(verdict: Verdict) -> str:
    """What the judge said instead."""
    findings = "; ".join(f"{finding.check}: {finding.message}" for finding in verdict.findings)
    return f"The judge says: {findings or 'nothing'}"
