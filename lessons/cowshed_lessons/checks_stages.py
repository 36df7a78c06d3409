"""Checks of a recipe's stages: how many there are, what one copies from another, which base it starts from."""

from __future__ import annotations

from .checks import PASSED, Answer, Case, Parameter, check
from .checks_parts import copied
from .checks_recipe import BASE_PARAMETERS, base
from .recipe_faults import shown
from .verdict import Position


@check("recipe.stages", Parameter("at_least", "number"), Parameter("copies_from", "truth"))
def stages(case: Case) -> Answer:
    """The recipe has several stages, and the last one takes something from an earlier one."""
    wanted, found = int(case.number("at_least") or 2), len(case.recipe.stages)
    if found < wanted:
        return case.fault(
            f"The recipe has {found} {'stage' if found == 1 else 'stages'}; this step asks for {wanted}.",
            "Every stage begins with a header of its own: `Bootstrap`, `From`, and a name in `Stage`.",
            Position(case.recipe.stages[-1].start_line, 1) if case.recipe.stages else None,
        )
    if not case.truth("copies_from"):
        return PASSED
    last = case.recipe.stages[-1]
    names = {stage.name for stage in case.recipe.stages[:-1]} - {""}
    if any(item.stage in names for item in copied(last)):
        return PASSED
    at = Position(last.start_line, 1)
    if not names:
        return case.fault(
            "No earlier stage has a name, so the last one cannot copy anything from it.",
            "Add a line such as `Stage: build` to the first header.",
            Position(case.recipe.stages[0].start_line, 1),
        )
    name = sorted(names)[0]
    section = next(iter(last.named("files")), None)
    if section is not None and "from" not in section.arguments.split():
        return case.fault(
            f"`%files` on line {section.start_line} copies from your own folder, not from the stage `{shown(name)}`.",
            f"Write `%files from {shown(name)}`.",
            section.position,
        )
    if section is not None:
        return case.fault(
            f"`%files` on line {section.start_line} names nothing to copy yet.",
            "Below it, each line names a source in that stage and its place in the image.",
            section.position,
        )
    return case.fault(
        "The last stage takes nothing from the ones above it, so what they made is lost.",
        f"Add `%files from {shown(name)}`, and below it what to copy.",
        at,
    )


@check("recipe.base-any", Parameter("bases", "tables", required=True, fields=BASE_PARAMETERS))
def base_any(case: Case) -> Answer:
    """The recipe starts from one of several images."""
    answers = []
    for table in case.tables("bases"):
        answer = base(table)
        if answer.outcome == PASSED.outcome:
            return PASSED
        answers.append((table, answer))
    stage = case.recipe.last_stage
    source = stage.header.get("from") if stage else None
    meant = source.value.partition("@")[0].rpartition(":")[0] or source.value if source else ""
    name = meant.rpartition("/")[2]
    # What is said of the image that comes nearest helps most.
    for table, answer in answers:
        if table.text("image").rpartition("/")[2] == name:
            return _in_own_words(case, answer)
    first = answers[0][1]
    if len(answers) > 1 and source is not None and first.findings and first.findings[0].line == source.line:
        names = ", ".join(f"`{_example(table)}`" for table, _ in answers)
        return case.fault(
            f"`{shown(source.value)}` is not one of the images that this step can start from.",
            f"Take one of {names}.",
            Position(source.line, source.column),
            Position(source.line, source.end_column),
        )
    return _in_own_words(case, first)


def _example(table: Case) -> str:
    namespace = table.text("namespace")
    image = f"{namespace}/{table.text('image')}" if namespace not in ("", "library") else table.text("image")
    return f"{image}:{table.texts('tags')[0]}"


def _in_own_words(case: Case, answer: Answer) -> Answer:
    finding = answer.findings[0]
    at = Position(finding.line, finding.column or 1) if finding.line else None
    end = Position(finding.end_line, finding.end_column or 1) if finding.end_line else None
    return case.fault(finding.message, finding.hint, at, end)
