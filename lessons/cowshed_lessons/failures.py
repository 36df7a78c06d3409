"""Why a build failed: its log, explained.

The known causes stand in `causes_…`, by what they lie with; see `failure_causes` on how to add one.
"""

from __future__ import annotations

import re

from .causes_computer import COMPUTER, ENDED, WRITING
from .causes_packages import PACKAGES
from .causes_registry import REGISTRY
from .causes_script import LAST, SCRIPT
from .failure_causes import Cause, Explanation, FaultOf

__all__ = ["CAUSES", "Cause", "Explanation", "FaultOf", "explain", "plain_log"]

_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\))")

CAUSES: tuple[Cause, ...] = (*COMPUTER, *REGISTRY, *ENDED, *PACKAGES, *SCRIPT, *WRITING, *LAST)
"""All known causes; the first that fits a log is its explanation."""


_UNFINISHED = Explanation(
    "unfinished",
    "The build did not come to an end",
    "The connection was lost, the target stopped, or something ended the build by force.",
    "Build again. If it stops at the same place every time, ask for more memory (in Slurm: `--mem`).",
    "environment",
)


_OWN_WORDS = re.compile(r"^cowshed: (?P<said>[^\n]+)\s*\Z", re.MULTILINE)
"""What Cowshed itself wrote at the end of a log because it did not see the build's own end."""


def plain_log(log: str) -> str:
    """A log without colours and cursor movements, its lines ended by line feeds."""
    return re.sub(r"\r+\n|\r", "\n", _ESCAPE.sub("", log))


def explain(log: str, exit_status: int | None) -> Explanation | None:
    """Explain a failed build, or None where it did not fail or nothing is known about it.

    Args:
        log: All that the build printed.
        exit_status: Its exit status; None or a negative number where it was ended by force.
    """
    if exit_status == 0:
        return None
    text = plain_log(log)
    if exit_status is None and (own := _OWN_WORDS.search(text)):
        # It comes first: what a dying target prints, such as "signal: killed", is not why the build ended.
        return Explanation("not-seen", "The build's end was not seen", own["said"], "Then build again.", "environment")
    for cause in CAUSES:
        match = cause.pattern.search(text)
        if match is not None and (cause.unless is None or cause.unless.search(text) is None):
            return cause.explanation(match)
    if exit_status is None:
        return _UNFINISHED
    if exit_status < 0 or exit_status == 137:
        return next(cause for cause in CAUSES if cause.id == "killed").explanation()
    return None
