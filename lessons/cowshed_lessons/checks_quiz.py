"""Checks of questions that were answered."""

from __future__ import annotations

from .checks import PASSED, WAITING, Answer, Case, Parameter, check


@check("quiz.answered", Parameter("question", "text", required=True))
def answered(case: Case) -> Answer:
    """The right options of a question are chosen, and no others."""
    question = case.step.question(case.text("question"))
    chosen = case.evidence.answers.get(case.text("question"))
    if question is None or not chosen:
        return WAITING
    options = {place: option for place, option in enumerate(question.options) if place in chosen}
    if tuple(sorted(options)) == question.right:
        return PASSED
    for option in options.values():
        if not option.right:
            return case.fault(option.explanation)
    return case.fault(
        "What you chose is right, and there is more that is.", "Look at each of the other answers on its own."
    )
