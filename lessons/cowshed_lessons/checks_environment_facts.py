"""Checks of what the target offers. A target that lacks something is never the learner's mistake."""

from __future__ import annotations

from .checks import PASSED, WAITING, Answer, Case, Parameter, check
from .checks_output import cannot_tell


@check("environment.fact", Parameter("fact", "text", required=True), Parameter("states", "texts"))
def fact(case: Case) -> Answer:
    """The preflight found something out about the target, and it is in one of the states that the step asks for."""
    environment = case.evidence.environment
    if environment is None:
        return WAITING
    if environment.problem:
        return cannot_tell(
            case, f"The target could not be looked at: {environment.problem}", "Connect again, then run the preflight."
        )
    found = environment.facts.get(case.text("fact"))
    if found is None or found.state == "unknown":
        said = f" {found.detail}" if found is not None and found.detail else ""
        return cannot_tell(
            case, f"The preflight could not find this out here.{said}", "Run it again, or choose another target."
        )
    states = case.texts("states")
    if not states or found.state in states:
        return PASSED
    return cannot_tell(
        case,
        found.detail or f"This target says `{found.value}` here.",
        "Nothing that you did is at fault: choose another target, or ask the people who run this one.",
    )
