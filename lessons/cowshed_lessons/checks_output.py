"""What a check may ask of a command's end: its exit status, and what it printed."""

from __future__ import annotations

import re

from .checks import Answer, Case, Parameter
from .recipe_faults import shown
from .verdict import Outcome

OUTPUT = (
    Parameter("exit_status", "statuses"),
    Parameter("output_contains", "texts"),
    Parameter("output_lacks", "texts"),
    Parameter("output_matches", "pattern"),
)
"""The parameters of such a check."""


def asks_for_nothing(case: Case) -> bool:
    """Whether a check leaves out all of them."""
    return not any(parameter.name in case.spec.parameters for parameter in OUTPUT)


def unmet(case: Case, exit_status: int | None, output: str) -> str:
    """What is not as asked, as the end of a sentence ("printed nothing like …"); empty if all is."""
    wanted = case.spec.parameters.get("exit_status")
    if wanted == "nonzero":
        if exit_status == 0:
            return "ended with exit status 0, as if all were well"
    elif wanted is not None:
        allowed = wanted if isinstance(wanted, list | tuple) else [wanted]
        if exit_status not in allowed:
            return f"ended with exit status {exit_status}"
    for text in case.texts("output_contains"):
        if text not in output:
            return f"printed nothing like `{shown(text)}`"
    for text in case.texts("output_lacks"):
        if text in output:
            return f"printed `{shown(text)}`"
    pattern = case.text("output_matches")
    if pattern and re.search(pattern, output) is None:
        return f"printed something else than it should: `{shown(output) or 'nothing'}`"
    return ""


def cannot_tell(case: Case, message: str, hint: str) -> Answer:
    """The environment is in the way. The course's own words are about the learner's work, so they are not taken."""
    finding = case.of({}).finding(message, hint)
    return Answer(Outcome.CANNOT_TELL, (finding,))
