"""Checks of builds: that one succeeds, or fails for the reason that a step is about."""

from __future__ import annotations

from .checks import PASSED, WAITING, Answer, Case, Parameter, check
from .checks_output import cannot_tell
from .evidence import BuildEvidence
from .failures import Explanation, explain
from .recipe_faults import shown
from .verdict import Outcome


def _again(case: Case, message: str) -> Answer:
    """Evidence that does not count: what is missing is a new build."""
    return Answer(Outcome.NOT_YET, (case.of({}).finding(message, "Build again."),), waiting=True)


def _unfit_build(case: Case) -> Answer | None:
    """Why there is no build that counts, or None if there is one."""
    build = case.evidence.build
    if build is None:
        return WAITING
    if build.cancelled:
        return _again(case, "The last build was stopped before its end.")
    if not case.recipe_passed:
        return _again(case, "The last build was of another recipe, or the recipe has changed since.")
    return None


def _environment(case: Case, known: Explanation | None) -> Answer | None:
    if known is not None and known.fault == "environment":
        return cannot_tell(case, f"{known.title}: {known.meaning}", known.advice)
    return None


def _last_words(build: BuildEvidence) -> str:
    lines = [line.strip() for line in build.log.splitlines() if line.strip()]
    return f" Its last line: `{shown(lines[-1])}`" if lines else ""


@check("build.succeeds")
def succeeds(case: Case) -> Answer:
    """A build of this recipe ended well."""
    unfit, build = _unfit_build(case), case.evidence.build
    if unfit is not None or build is None:
        return unfit or WAITING
    if build.exit_status == 0:
        return PASSED
    known = explain(build.log, build.exit_status)
    answer = _environment(case, known)
    if answer is not None:
        return answer
    if known is None:
        return case.fault(
            f"The build stopped with exit status {build.exit_status}.{_last_words(build)}", "Read the log upwards."
        )
    return case.fault(f"The build stopped. {known.title}: {known.meaning}", known.advice)


@check("build.fails", Parameter("causes", "texts", required=True))
def fails(case: Case) -> Answer:
    """A build of this recipe failed for a certain reason: that is what the step is about."""
    unfit, build = _unfit_build(case), case.evidence.build
    if unfit is not None or build is None:
        return unfit or WAITING
    if build.exit_status == 0:
        return case.fault(
            "The build succeeded, while this step is about how it fails.",
            "Compare your recipe with the text above: something is already better than it should be here.",
        )
    known = explain(build.log, build.exit_status)
    if known is not None and known.id in case.texts("causes"):
        return PASSED
    answer = _environment(case, known)
    if answer is not None:
        return answer
    if known is None:
        return case.fault(f"The build failed, but for another reason than this step is about.{_last_words(build)}")
    return case.fault(
        f"The build failed, but for another reason than this step is about. {known.title}: {known.meaning}",
        known.advice,
    )
