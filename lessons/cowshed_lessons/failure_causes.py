"""What a known cause of a failed build is made of.

To add one: a `Cause` in the module that its subject names (`causes_…`), at its place (the first that fits is taken),
and a recorded log in `tests/lessons/build_logs`. `recorded` is False where no real log was at hand when the entry was
written; its pattern then comes from the program's source or its issues, as `source` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

FaultOf = Literal["recipe", "environment"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failed build in plain words. `fault` says whose: an environment fault is never the learner's mistake."""

    id: str
    title: str
    meaning: str
    advice: str
    fault: FaultOf


@dataclass(frozen=True, slots=True)
class Cause:
    """A known cause: its explanation, and the pattern that shows it in a log."""

    id: str
    title: str
    meaning: str
    advice: str
    fault: FaultOf
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    recorded: bool = True
    source: str = ""

    def explanation(self, match: re.Match[str] | None = None) -> Explanation:
        """The explanation, with what the pattern named `what` filled in."""
        what = next((text for text in match.groupdict().values() if text), "") if match else ""
        meaning = self.meaning.replace("{what}", what.strip()[:80])
        return Explanation(self.id, self.title, meaning, self.advice, self.fault)


def pattern(text: str) -> re.Pattern[str]:
    """A pattern that is looked for in every line."""
    return re.compile(text, re.MULTILINE)
